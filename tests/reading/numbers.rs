//! Numbers that are no scores.

use fkbayes::data::{Collector, Data, FkStats, ForeignKey, InputProblem, Sample};

use crate::support::{FORMATS, encode, long, read_one, refusal, summary};

fn score(text: &str) -> InputProblem {
    let (place, problem) = refusal(read_one(format!("fk,score\na,1\nb,{text}\n")));
    assert_eq!(place.line, Some(3));
    assert_eq!(
        (place.column.as_deref(), place.fk.as_deref()),
        (Some("score"), Some("b"))
    );
    problem
}

#[test]
fn what_is_no_number_is_refused() {
    for text in ["abc", "1.5x", "--1", "1_000", "0x10", "1e", "NA", "\"0,5\""] {
        assert!(
            matches!(score(text), InputProblem::NotANumber { .. }),
            "{text}"
        );
    }
    assert!(score("\"0,5\"").to_string().contains("decimal point"));
    for text in ["", "  ", "\"\""] {
        assert!(matches!(score(text), InputProblem::Blank), "{text:?}");
    }
}

#[test]
fn what_is_not_finite_is_refused() {
    for text in ["NaN", "nan", "-nan", "inf", "-inf", "+Infinity", "INF"] {
        assert!(
            matches!(score(text), InputProblem::NotFinite { .. }),
            "{text}"
        );
    }
    for (value, format) in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY]
        .into_iter()
        .zip(FORMATS)
    {
        let (place, problem) = refusal(read_one(encode(
            format,
            &[long(&[("a", 1.0), ("b", value)])],
        )));
        assert!(matches!(problem, InputProblem::NotFinite { .. }));
        assert_eq!((place.line, place.fk.as_deref()), (Some(2), Some("b")));
    }
}

#[test]
fn what_leaves_the_range_of_double_precision_is_refused() {
    for text in [
        "1e400", "-1e400", "1.1e150", "-1e151", "9e-151", "-1e-200", "1e-400", "0.1e-999",
    ] {
        let problem = score(text);
        assert!(matches!(problem, InputProblem::OutOfRange { .. }), "{text}");
        assert!(problem.to_string().contains(text) && problem.to_string().contains("rescale"));
    }
    for value in [1.1e150, -9e-151] {
        let (_, problem) = refusal(read_one(encode(FORMATS[0], &[long(&[("a", value)])])));
        assert!(matches!(problem, InputProblem::OutOfRange { .. }));
    }
}

#[test]
fn the_ends_of_the_range_and_zero_are_accepted() {
    for text in [
        "1e150", "-1e150", "1e-150", "-1e-150", "0", "-0", "0e999", "+1", ".5", "5.", " 1e-3 ",
    ] {
        let data = read_one(format!("fk,score\na,{text}\n")).unwrap();
        let mean = summary(&data)[0].2.unwrap();
        assert_eq!(mean, text.trim().parse::<f64>().unwrap());
    }
}

#[test]
fn a_sum_of_squares_out_of_range_is_refused() {
    let rows = "a,9007199254740992,0,1e150\n";
    let (place, problem) = refusal(read_one(format!("fk,n,mean,sd\n{rows}")));
    assert!(matches!(problem, InputProblem::Overflow));
    assert_eq!(place.fk.as_deref(), Some("a"));
}

#[test]
fn data_are_checked_however_they_are_made() {
    let fk = |name: &str, sample| ForeignKey {
        name: name.into(),
        sample,
    };
    let scores = Sample::Scores(FkStats::from_summary(3, 1.0, 1.0));
    let estimate = |se| Sample::Estimate {
        n: None,
        mean: 1.0,
        se,
    };
    let problem = |fks: Vec<ForeignKey>| refusal(Data::new(fks)).1;
    assert!(matches!(problem(vec![]), InputProblem::NoFks));
    assert!(matches!(
        problem(vec![fk(" ", scores)]),
        InputProblem::BlankFk
    ));
    assert!(matches!(
        problem(vec![fk("a", scores), fk("a", scores)]),
        InputProblem::SharedName
    ));
    assert!(matches!(
        problem(vec![fk("a", estimate(0.0))]),
        InputProblem::NonPositiveSe { .. }
    ));
    assert!(matches!(
        problem(vec![fk("a", estimate(f64::NAN))]),
        InputProblem::NotFinite { .. }
    ));
    let overflow = Sample::Scores(FkStats::from_parts(3, 1.0, f64::INFINITY));
    assert!(matches!(
        problem(vec![fk("a", overflow)]),
        InputProblem::Overflow
    ));
    let mixed = problem(vec![fk("a", scores), fk("b", estimate(1.0))]);
    assert!(
        matches!(mixed, InputProblem::MixedKinds { estimate, scores } if estimate == "b" && scores == "a")
    );
    let none = Sample::Scores(FkStats::default());
    assert!(Data::new(vec![fk("a", none), fk("b", estimate(1.0))]).is_ok());
}

#[test]
fn the_collector_refuses_what_the_reader_refuses() {
    let mut collector = Collector::default();
    assert!(collector.observe("a", f64::NAN).is_err());
    assert!(collector.observe("", 1.0).is_err());
    collector.observe("b", 1.0).unwrap();
    let estimate = Sample::Estimate {
        n: None,
        mean: 0.0,
        se: 1.0,
    };
    assert!(
        collector
            .insert(&ForeignKey {
                name: "b".into(),
                sample: estimate
            })
            .is_err()
    );
}
