//! Scores aggregated elsewhere, one row per FK.

use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array};
use fkbayes::data::{FkStats, InputProblem, ReadOptions, Sample, Source, read};

use crate::support::{
    FORMATS, batch, encode, example, read_all, read_one, refusal, strings, summary,
};

fn sample(text: &str) -> Sample {
    read_one(text).unwrap().fks()[0].sample
}

#[test]
fn sd_and_var_are_sample_values() {
    let expected = Sample::Scores(FkStats::from_parts(5, 0.5, 16.0));
    assert_eq!(sample("fk,n,mean,sd\na,5,0.5,2\n"), expected);
    assert_eq!(sample("fk,n,mean,var\na,5,0.5,4\n"), expected);
    assert_eq!(sample("fk,n,mean,var\na,5.0,0.5,4\n"), expected);
}

#[test]
fn a_real_table_is_recognised_by_its_columns() {
    let data = read(
        &[Source::from(example("f1_truth.csv"))],
        &ReadOptions::default(),
    )
    .unwrap();
    assert_eq!(data.fks().len(), 11);
    assert!(summary(&data).iter().all(|(_, n, _)| *n == 4000));
}

#[test]
fn few_scores_need_no_spread() {
    let data = read_one("fk,n,mean,sd\na,0,,\nb,1,2,\nc,1,2,0\n").unwrap();
    let one = Sample::Scores(FkStats::from_parts(1, 2.0, 0.0));
    let samples: Vec<Sample> = data.fks().iter().map(|fk| fk.sample).collect();
    assert_eq!(samples, [Sample::Scores(FkStats::default()), one, one]);
}

#[test]
fn standard_errors_make_estimates() {
    let estimate = |n| Sample::Estimate {
        n,
        mean: 0.5,
        se: 2.0,
    };
    assert_eq!(sample("fk,mean,se\na,0.5,2\n"), estimate(None));
    assert_eq!(sample("fk,n,mean,se\na,7,0.5,2\n"), estimate(Some(7)));
    assert_eq!(sample("fk,n,mean,se\na,,0.5,2\n"), estimate(None));
    assert_eq!(
        sample("fk,n,mean,se\na,0,,\n"),
        Sample::Scores(FkStats::default())
    );
}

#[test]
fn columns_that_contradict_each_other_are_refused() {
    for (header, first, second) in [
        ("fk,n,mean,sd,var", "sd", "var"),
        ("fk,n,mean,sd,se", "se", "sd"),
        ("fk,n,mean,se,var", "se", "var"),
    ] {
        let (_, problem) = refusal(read_one(format!("{header}\na,2,1,1,1\n")));
        assert!(
            matches!(&problem, InputProblem::ConflictingColumns { first: f, second: s } if f == first && s == second)
        );
    }
}

#[test]
fn an_fk_twice_in_one_table_is_told_with_both_lines() {
    let (place, problem) = refusal(read_one("fk,n,mean,sd\na,2,1,1\nb,2,1,1\na,2,1,1\n"));
    assert_eq!((place.line, place.fk.as_deref()), (Some(4), Some("a")));
    assert!(problem.to_string().contains("line 2"));
}

#[test]
fn tables_merge_with_each_other_and_with_scores() {
    let inputs: [&[u8]; 3] = [
        b"fk,n,mean,sd\na,2,2,1.4142135623730951\n",
        b"fk,n,mean,var\na,1,4,\n",
        b"fk,score\na,6\n",
    ];
    let data = read_all(&inputs, &ReadOptions::default()).unwrap();
    let Sample::Scores(stats) = data.fks()[0].sample else {
        panic!()
    };
    // 1, 3, 4, 6
    assert_eq!((stats.n(), stats.mean()), (4, Some(3.5)));
    approx::assert_relative_eq!(stats.sum_sq(), 13.0, max_relative = 1e-14);
}

#[test]
fn estimates_merge_with_nothing() {
    let problem = |inputs: &[&[u8]]| refusal(read_all(inputs, &ReadOptions::default()));
    let estimate: &[u8] = b"fk,mean,se\na,1,1\n";
    for other in [estimate, b"fk,score\na,6\n", b"fk,n,mean,sd\na,2,1,1\n"] {
        for pair in [[estimate, other], [other, estimate]] {
            let (place, problem) = problem(&pair);
            assert!(matches!(problem, InputProblem::NotMergeable), "{problem}");
            assert_eq!((place.line, place.fk.as_deref()), (Some(2), Some("a")));
        }
    }
    let (_, mixed) = problem(&[estimate, b"fk,score\nb,6\n"]);
    assert!(mixed.to_string().contains("'a'") && mixed.to_string().contains("'b'"));
    let none = b"fk,n,mean,sd\nb,0,,\na,0,,\n";
    assert!(read_all(&[none, estimate], &ReadOptions::default()).is_ok());
    assert!(read_all(&[estimate, none], &ReadOptions::default()).is_ok());
}

#[test]
fn impossible_numbers_are_refused() {
    let problem = |row: &str, column: &str| {
        let (place, problem) = refusal(read_one(format!("fk,n,mean,sd\na,{row}\n")));
        assert_eq!(
            (place.line, place.column.as_deref()),
            (Some(2), Some(column)),
            "{row}"
        );
        problem
    };
    for n in ["-1", "1.5"] {
        assert!(matches!(
            problem(&format!("{n},1,1"), "n"),
            InputProblem::NotACount { .. }
        ));
    }
    for n in ["9007199254740993", "1e16", "99999999999999999999"] {
        assert!(matches!(
            problem(&format!("{n},1,1"), "n"),
            InputProblem::CountTooLarge { .. }
        ));
    }
    assert!(matches!(
        problem("x,1,1", "n"),
        InputProblem::NotANumber { .. }
    ));
    assert!(matches!(problem(",1,1", "n"), InputProblem::Blank));
    assert!(matches!(problem("2,,1", "mean"), InputProblem::Blank));
    assert!(matches!(problem("2,1,", "sd"), InputProblem::Blank));
    assert!(matches!(
        problem("2,NaN,1", "mean"),
        InputProblem::NotFinite { .. }
    ));
    assert!(matches!(
        problem("2,1,-1", "sd"),
        InputProblem::NegativeSpread { .. }
    ));
    assert!(matches!(
        problem("2,1,1e200", "sd"),
        InputProblem::OutOfRange { .. }
    ));
    assert!(matches!(
        problem("0,1,", "mean"),
        InputProblem::TooFewScores { .. }
    ));
    assert!(matches!(
        problem("1,1,2", "sd"),
        InputProblem::TooFewScores { .. }
    ));
    assert!(read_one("fk,n,mean,sd\na,9007199254740992,1,1\n").is_ok());
    assert!(read_one("fk,n,mean,var\na,9,1,1e300\nb,9,1,1e-300\n").is_ok());
    for se in ["0", "-1"] {
        let (_, problem) = refusal(read_one(format!("fk,mean,se\na,1,{se}\n")));
        assert!(matches!(problem, InputProblem::NonPositiveSe { .. }));
    }
}

#[test]
fn every_format_gives_the_same() {
    let csv =
        read_one("fk,n,mean,sd\na,4000,0.1,0.0014762781551451237\nb,1,2.5,\nc,0,,\n").unwrap();
    let table = batch(vec![
        ("fk", strings(&["a", "b", "c"])),
        ("n", Arc::new(Int64Array::from(vec![4000, 1, 0]))),
        (
            "mean",
            Arc::new(Float64Array::from(vec![Some(0.1), Some(2.5), None])),
        ),
        (
            "sd",
            Arc::new(Float64Array::from(vec![
                Some(0.0014762781551451237),
                None,
                None,
            ])),
        ),
    ]);
    for format in FORMATS {
        let bytes = encode(format, std::slice::from_ref(&table));
        assert_eq!(read_one(bytes).unwrap(), csv, "{format:?}");
        let twice = encode(format, &[table.clone(), table.clone()]);
        let (place, problem) = refusal(read_one(twice));
        assert_eq!(place.line, Some(4));
        assert!(problem.to_string().contains("row 1"));
    }
}
