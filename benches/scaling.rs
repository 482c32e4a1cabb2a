//! How the cost of sampling grows, as exponents of log-log lines (1 is a straight line through the
//! origin), and what a second thread gives.

#![allow(dead_code, clippy::unwrap_used)]

mod support;

use fkbayes::Error;
use fkbayes::data::{ReadOptions, Source, read};
use fkbayes::model::{Hierarchy, Noise};
use fkbayes::sampler::{self, ChainSink, Run, SamplerSettings};
use std::fmt::Write as _;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

/// Every size is timed once per round, so that a busy machine slows all of them.
const ROUNDS: usize = 9;

fn main() {
    let thousand = [1_000, 10_000, 100_000, 1_000_000];
    let sizes = [100, 1_000, 10_000, 100_000, 1_000_000];
    let uneven = |k: u64| support::simulated(&support::uneven(k as usize, k as usize)).unwrap();
    growth("K, all n distinct, one sweep", &sizes, uneven, sweeps);
    let even = |k: u64| support::simulated(&vec![10; k as usize]).unwrap();
    growth("K, n = 10, one sweep", &sizes, even, sweeps);
    // A second thread reads from the second block on: that would be a step in the line.
    let one_thread = ReadOptions {
        threads: 1,
        ..ReadOptions::default()
    };
    let scores_of = [10_000, 100_000, 1_000_000, 10_000_000];
    growth("scores, K = 10", &scores_of, scores, |csv, _| {
        read(&[Source::from(csv.path().to_path_buf())], &one_thread).unwrap();
        1.0
    });
    let f1 = |_| support::f1_hierarchy(Noise::Pooled).unwrap();
    growth("sweeps, f1", &thousand, f1, |hierarchy, sweeps| {
        let warmup = sweeps.min(2000) / 2;
        sample(hierarchy, 1, (sweeps - warmup) as u32, 1);
        1.0
    });
    let chains = [1, 4, 16, 64, 256];
    growth("chains, f1", &chains, f1, |hierarchy, chains| {
        sample(hierarchy, chains as usize, 2_500, 1);
        1.0
    });
    println!("\n4 chains, sampling phase, one thread over two");
    threads("f1, 4 x 2,500", &f1(0), 2_500);
    threads("K = 50, n = 10, 4 x 25,000", &even(50), 25_000);
    threads("K = 1000, distinct n, 4 x 2,500", &uneven(1000), 2_500);
}

/// So many importances are drawn of each size at least, in as many sweeps as that takes: a few sweeps of few
/// importances would take less than starting a thread.
const IMPORTANCES: u64 = 10_000_000;

/// Half of them warm-up, up to a thousand; how many.
fn sweeps(hierarchy: &Hierarchy, k: u64) -> f64 {
    let draws = (IMPORTANCES / k / 2).max(10) as u32;
    sample(hierarchy, 1, draws, 1);
    f64::from(draws + draws.min(1000))
}

/// Prints times, whole and per unit of size, and the slope of the least-squares line of log time on log size; `run`
/// says how many times it did what is timed.
fn growth<T>(label: &str, sizes: &[u64], prepare: impl Fn(u64) -> T, run: impl Fn(&T, u64) -> f64) {
    let prepared: Vec<T> = sizes.iter().map(|&size| prepare(size)).collect();
    let mut seconds = vec![Vec::new(); sizes.len()];
    for _ in 0..ROUNDS {
        for ((size, input), seconds) in sizes.iter().zip(&prepared).zip(&mut seconds) {
            let mut times = 1.0;
            let all = timed(|| times = run(input, *size));
            seconds.push(all / times);
        }
    }
    let seconds: Vec<f64> = seconds.into_iter().map(median).collect();
    let points: Vec<(f64, f64)> = sizes
        .iter()
        .zip(&seconds)
        .map(|(&size, seconds)| ((size as f64).ln(), seconds.ln()))
        .collect();
    println!("\n{label}: exponent {:.3}", slope(&points));
    for (size, seconds) in sizes.iter().zip(seconds) {
        let each = 1e9 * seconds / *size as f64;
        println!("{size:>10}{:>12.4} ms{each:>12.2} ns each", 1e3 * seconds);
    }
}

fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let x = points.iter().map(|p| p.0).sum::<f64>() / count;
    let y = points.iter().map(|p| p.1).sum::<f64>() / count;
    let products: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    products / points.iter().map(|p| (p.0 - x) * (p.0 - x)).sum::<f64>()
}

/// Median ratio of interleaved runs.
fn threads(label: &str, hierarchy: &Hierarchy, draws: u32) {
    let ratio = |_| {
        let one = timed(|| sample(hierarchy, 4, draws, 1));
        one / timed(|| sample(hierarchy, 4, draws, 2))
    };
    let ratios: Vec<f64> = (0..3 * ROUNDS).map(ratio).collect();
    println!("{label:34}{:>6.2}", median(ratios));
}

/// As many warm-up sweeps as draws, a thousand at most.
fn sample(hierarchy: &Hierarchy, chains: usize, draws: u32, threads: usize) {
    let settings = SamplerSettings {
        draws,
        warmup: draws.min(1000),
        ..SamplerSettings::default()
    };
    let run = Run {
        hierarchy,
        exact: None,
        settings: &settings,
        kept: None,
        threads,
        progress: &AtomicU64::new(0),
    };
    sampler::run(run, &mut vec![Discard; chains]).unwrap();
}

/// Looks at a draw and forgets it.
#[derive(Clone)]
struct Discard;

impl ChainSink for Discard {
    fn record(&mut self, row: &[f64]) -> Result<(), Error> {
        std::hint::black_box(row);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// So many scores of ten FKs, one a line.
fn scores(count: u64) -> tempfile::NamedTempFile {
    let mut text = String::from("fk,score\n");
    for i in 0..count {
        let score = (i * 7919 % 10_007) as f64 / 1e4;
        writeln!(text, "fk_{},{score}", i % 10).unwrap();
    }
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn timed(f: impl FnOnce()) -> f64 {
    let started = Instant::now();
    f();
    started.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
