//! Statistics do not depend on how the scores came.

use fkbayes::data::{Collector, Data, FkStats, ReadOptions, Sample, Source, read};
use proptest::prelude::*;
use tempfile::TempDir;

/// Rounding errors grow with the number of scores and with their size beside their spread.
const TOLERANCE: f64 = 1e-10;

fn scores() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-1e3..1e3_f64).prop_map(|x| x / 7.0), 0..60)
}

fn rows() -> impl Strategy<Value = Vec<(String, f64)>> {
    prop::collection::vec(("[a-e]", -1e3..1e3_f64), 1..80)
}

fn stats(scores: &[f64]) -> FkStats {
    let mut stats = FkStats::default();
    scores.iter().for_each(|&score| stats.observe(score));
    stats
}

fn merged(mut left: FkStats, right: &FkStats) -> FkStats {
    left.merge(right);
    left
}

/// Equal to rounding, for scores of a size up to a thousand.
fn close(left: &FkStats, right: &FkStats) -> bool {
    let near = |x: f64, y: f64, scale: f64| (x - y).abs() <= TOLERANCE * (scale + x.abs());
    left.n() == right.n()
        && near(left.mean().unwrap_or(0.0), right.mean().unwrap_or(0.0), 1e3)
        && near(left.sum_sq(), right.sum_sq(), 1e6)
}

fn collect(rows: &[(String, f64)]) -> Data {
    let mut collector = Collector::default();
    rows.iter()
        .for_each(|(fk, score)| collector.observe(fk, *score).unwrap());
    collector.finish().unwrap()
}

/// Each FK's statistics, by name.
fn by_name(data: &Data) -> Vec<(String, FkStats)> {
    let mut fks: Vec<(String, FkStats)> = data
        .fks()
        .iter()
        .map(|fk| match fk.sample {
            Sample::Scores(stats) => (fk.name.to_string(), stats),
            Sample::Estimate { .. } => panic!("scores gave an estimate"),
        })
        .collect();
    fks.sort_by(|a, b| a.0.cmp(&b.0));
    fks
}

fn same(left: &Data, right: &Data) -> bool {
    let (left, right) = (by_name(left), by_name(right));
    left.len() == right.len()
        && left
            .iter()
            .zip(&right)
            .all(|(l, r)| l.0 == r.0 && close(&l.1, &r.1))
}

fn csv(rows: &[(String, f64)]) -> String {
    let lines: String = rows
        .iter()
        .map(|(fk, score)| format!("{fk},{score}\n"))
        .collect();
    format!("fk,score\n{lines}")
}

proptest! {
    #[test]
    fn merge_is_commutative(a in scores(), b in scores()) {
        let (a, b) = (stats(&a), stats(&b));
        prop_assert!(close(&merged(a, &b), &merged(b, &a)));
    }

    #[test]
    fn merge_is_associative(a in scores(), b in scores(), c in scores()) {
        let (a, b, c) = (stats(&a), stats(&b), stats(&c));
        prop_assert!(close(&merged(merged(a, &b), &c), &merged(a, &merged(b, &c))));
    }

    #[test]
    fn merging_parts_equals_observing_all(a in scores(), b in scores()) {
        let all = stats(&[a.clone(), b.clone()].concat());
        prop_assert!(close(&merged(stats(&a), &stats(&b)), &all));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        (rows, shuffled) in rows().prop_flat_map(|r| (Just(r.clone()), Just(r).prop_shuffle()))
    ) {
        prop_assert!(same(&collect(&rows), &collect(&shuffled)));
    }

    #[test]
    fn the_reader_gives_what_was_written(rows in rows(), cut in any::<prop::sample::Index>()) {
        let dir = TempDir::new().unwrap();
        let cut = cut.index(rows.len());
        let parts: Vec<Source> = [(0, &rows[..cut]), (1, &rows[cut..])]
            .into_iter()
            .filter(|(_, part)| !part.is_empty())
            .map(|(i, part)| {
                let path = dir.path().join(format!("{i}.csv"));
                std::fs::write(&path, csv(part)).unwrap();
                Source::from(path)
            })
            .collect();
        let read = read(&parts, &ReadOptions::default()).unwrap();
        // Split between files or not, the very same numbers: one pass through all.
        prop_assert_eq!(read, collect(&rows));
    }
}
