//! `lambda`: every estimate side by side, held-out scores, checks, and the inversion.

use crate::support::{Sandbox, assert_says, batch, f1, parquet_bytes, parse, stderr, stdout};
use arrow_array::{Float64Array, StringArray};
use serde_json::Value;
use std::sync::Arc;

/// Four FKs with twelve scores each, in no order that a generator would have made.
const SCORES: [(&str, [f64; 12]); 4] = [
    (
        "a",
        [0.9, 1.4, 1.1, 0.7, 1.3, 0.8, 1.2, 1.0, 1.5, 0.6, 1.1, 0.9],
    ),
    (
        "b",
        [
            -0.2, 0.3, 0.1, -0.4, 0.2, -0.1, 0.0, 0.4, -0.3, 0.1, -0.2, 0.2,
        ],
    ),
    (
        "c",
        [
            -1.0, -0.6, -0.8, -1.2, -0.5, -0.9, -0.7, -1.1, -0.8, -0.6, -1.0, -0.7,
        ],
    ),
    (
        "d",
        [0.5, 0.1, 0.4, 0.7, 0.2, 0.6, 0.3, 0.5, 0.0, 0.6, 0.4, 0.3],
    ),
];
const STATS: &str =
    "fk,n,mean,sd\na,12,1.04,0.28\nb,12,0.008,0.24\nc,12,-0.825,0.21\nd,9,0.4,0.2\n";

/// Row by row, so that FKs alternate.
fn long() -> String {
    let rows = (0..12).flat_map(|i| SCORES.map(|(fk, scores)| format!("{fk},{}\n", scores[i])));
    format!("fk,score\n{}", rows.collect::<String>())
}

fn wide() -> String {
    let rows = (0..12).map(|i| {
        let row = SCORES.map(|(_, scores)| scores[i].to_string());
        row.join(",") + "\n"
    });
    format!("a,b,c,d\n{}", rows.collect::<String>())
}

fn parquet() -> Vec<u8> {
    let rows = || (0..12).flat_map(|i| SCORES.map(|(fk, scores)| (fk, scores[i])));
    let fks: StringArray = rows().map(|row| Some(row.0)).collect();
    let scores: Float64Array = rows().map(|row| Some(row.1)).collect();
    parquet_bytes(&batch(vec![
        ("fk", Arc::new(fks)),
        ("score", Arc::new(scores)),
    ]))
}

fn lambda(name: &str, content: impl AsRef<[u8]>, flags: &[&str]) -> Value {
    let sandbox = Sandbox::with(name, content);
    let output = sandbox.run(&[&["lambda", name, "--json", "--seed=1"], flags].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(sandbox.files(), [name], "lambda writes nothing");
    parse(&output)
}

/// One line on stderr, exit code 2, nothing on stdout.
fn refused(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = sandbox.run(&[&["lambda"], arguments].concat());
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed an answer");
    message
}

fn estimate<'a>(found: &'a Value, method: &str) -> &'a Value {
    let mut estimates = found["estimates"].as_array().unwrap().iter();
    estimates.find(|e| e["method"] == method).unwrap()
}

#[test]
fn the_promised_keys_are_there() {
    let found = lambda("in.csv", long(), &[]);
    assert_eq!(found["schema"], "fkbayes.lambda/1");
    assert!(found["inverted"].is_null());
    assert_eq!(found["model"]["noise"], "pooled");
    assert_eq!(found["data"]["k"], 4);
    let methods: Vec<&str> = found["estimates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["method"].as_str().unwrap())
        .collect();
    assert_eq!(
        methods,
        ["marginal-ml", "moments", "anova", "reml", "posterior"]
    );
    for e in found["estimates"].as_array().unwrap() {
        let [low, lambda, high] = ["q5", "lambda", "q95"].map(|key| e[key].as_f64().unwrap());
        assert!(0.0 < low && low <= lambda && lambda <= high, "{e}");
        let noise = found["data"]["sigma2_obs"].as_f64().unwrap();
        let t = e["sigma2_fk"].as_f64().unwrap();
        assert!((lambda * t / noise - 1.0).abs() < 1e-9, "{e}");
    }
    let row = &found["validation"][0];
    assert_eq!((&row["n"], &row["fks"]), (&5.into(), &4.into()));
    for key in [
        "predicted_reduction",
        "observed_reduction",
        "coverage",
        "formula",
    ] {
        assert!(
            (0.0..=1.0).contains(&row[key].as_f64().unwrap()),
            "{key}: {row}"
        );
    }
    let checks: Vec<&Value> = found["checks"].as_array().unwrap().iter().collect();
    let names: Vec<&str> = checks
        .iter()
        .map(|c| c["check"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["noise", "drift", "autocorrelation"]);
    for check in checks {
        assert!((0.0..=1.0).contains(&check["p_value"].as_f64().unwrap()));
        assert!(check["worst"]["fk"].is_string() && check["worst"]["p_value"].is_number());
    }
    assert!(found["verdict"].is_string() && found["splits"]["seed"] == 1);
}

/// Layout, format and the way in make no difference, to the last digit.
#[test]
fn wide_parquet_and_standard_input_give_the_same_as_long() {
    let expected = lambda("in.csv", long(), &[]);
    assert_eq!(lambda("in.csv", wide(), &["--wide"]), expected);
    assert_eq!(lambda("in.parquet", parquet(), &[]), expected);
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["lambda", "-", "--json", "--seed=1"]);
    let output = command.write_stdin(long()).output().unwrap();
    assert_eq!(parse(&output), expected);
    // Two inputs count as one.
    let text = long();
    let (first, second) = text.split_at(text.find("b,-0.4").unwrap());
    sandbox.write("1.csv", first);
    sandbox.write("2.csv", format!("fk,score\n{second}"));
    let output = sandbox.run(&["lambda", "1.csv", "2.csv", "--json", "--seed=1"]);
    assert_eq!(parse(&output), expected);
}

/// Δ/R - n - Δ, as printed for the F1 experiment.
#[test]
fn an_observed_reduction_is_inverted_without_input() {
    let sandbox = Sandbox::new();
    let inversion = ["lambda", "--observed-reduction", "0.845", "--delta", "551"];
    let found = parse(&sandbox.run(&[&inversion[..], &["--json"]].concat()));
    let inverted = found["inverted"].as_f64().unwrap();
    assert!((inverted - (551.0 / 0.845 - 551.0)).abs() < 1e-9);
    assert_eq!(found["schema"], "fkbayes.lambda/1");
    assert!(found["model"].is_null() && found["data"].is_null());
    for key in ["estimates", "validation", "checks", "fks"] {
        assert_eq!(found[key].as_array().unwrap().len(), 0, "{key}");
    }
    let text = stdout(&sandbox.run(&inversion));
    assert_says(&text, &["lambda = 101.07", "551 scores after 0", "84.5 %"]);
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn with_input_both_are_shown() {
    let flags = ["--observed-reduction=0.4", "--delta=10", "--n=12"];
    let found = lambda("in.csv", long(), &flags);
    assert!((found["inverted"].as_f64().unwrap() - 3.0).abs() < 1e-12);
    assert_eq!(found["estimates"].as_array().unwrap().len(), 5);
    let sandbox = Sandbox::with("in.csv", long());
    let text = stdout(&sandbox.run(&[&["lambda", "in.csv"], &flags[..]].concat()));
    assert_says(&text, &["lambda = 3.0000", "marginal-ml"]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let sandbox = Sandbox::with("in.csv", long());
    for reduction in ["0", "1", "-0.2", "0.5", "nan"] {
        let flag = format!("--observed-reduction={reduction}");
        let line = refused(&sandbox, &[&flag, "--delta=10", "--n=10"]);
        assert_says(&line, &["observed reduction", "less than 0.5"]);
        assert_eq!(line.lines().count(), 1, "{line}");
        // With scores too, before anything is computed.
        refused(&sandbox, &["in.csv", &flag, "--delta=10", "--n=10"]);
    }
    let nothing = refused(&sandbox, &[]);
    assert_says(&nothing, &["INPUT", "--observed-reduction", "--delta"]);
    assert_eq!(nothing.lines().count(), 1);
    assert_says(
        &refused(&sandbox, &["--observed-reduction=0.5"]),
        &["--delta"],
    );
    assert_says(
        &refused(&sandbox, &["--delta=5"]),
        &["--observed-reduction"],
    );
    assert_says(
        &refused(&sandbox, &["in.csv", "--n=5"]),
        &["--observed-reduction"],
    );
    let zero = ["--observed-reduction=0.5", "--delta=0"];
    assert_says(&refused(&sandbox, &zero), &["--delta", "from 1"]);
    let fraction = ["--observed-reduction=0.5", "--delta=2.5"];
    assert_says(&refused(&sandbox, &fraction), &["--delta", "whole number"]);
    assert_says(&refused(&sandbox, &["absent.csv"]), &["absent.csv"]);
    assert_eq!(sandbox.files(), ["in.csv"]);
}

/// Aggregated scores have estimates, and words where scores would be needed.
#[test]
fn without_raw_scores_there_is_no_validation() {
    let found = lambda("in.csv", STATS, &[]);
    assert!(estimate(&found, "marginal-ml")["lambda"].is_number());
    for (list, why) in [
        ("validation", "validation_unavailable"),
        ("checks", "checks_unavailable"),
    ] {
        assert_eq!(found[list].as_array().unwrap().len(), 0);
        assert!(found[why].as_str().unwrap().contains("came aggregated"));
    }
    let sandbox = Sandbox::with("in.csv", STATS);
    let text = stdout(&sandbox.run(&["lambda", "in.csv", "--seed=1"]));
    assert_says(&text, &["held out", "came aggregated", "not judged"]);
}

#[test]
fn too_few_scores_are_said_to_be_too_few() {
    let found = lambda("in.csv", "fk,score\na,1\na,2\nb,3\nb,5\n", &[]);
    assert_says(
        found["validation_unavailable"].as_str().unwrap(),
        &["too few"],
    );
    assert_says(found["checks_unavailable"].as_str().unwrap(), &["too few"]);
}

/// There is no one λ then: every FK has its own, and what one for all would be is told with what speaks
/// against it.
#[test]
fn where_noise_differs_every_fk_has_its_own_lambda() {
    let f1 = f1();
    let sandbox = Sandbox::new();
    let short = ["--seed=1", "--draws=300", "--warmup=200"];
    let run = |flags: &[&str]| sandbox.run(&[&["lambda", f1.as_str()], &short[..], flags].concat());
    let found = parse(&run(&["--json"]));
    for e in found["estimates"].as_array().unwrap() {
        assert!(e["lambda"].is_null() && e["q5"].is_null() && e["q95"].is_null());
        assert!(e["sigma2_fk"].is_number() && e["sigma2_fk_q95"].is_number());
    }
    let ml = estimate(&found, "marginal-ml")["sigma2_fk"]
        .as_f64()
        .unwrap();
    let fks = found["fks"].as_array().unwrap();
    assert_eq!(fks.len(), 11);
    for fk in fks {
        let [low, median, high] = ["q5", "q50", "q95"].map(|key| fk[key].as_f64().unwrap());
        assert!(0.0 < low && low < median && median < high);
        let lambda = fk["sigma2_obs"].as_f64().unwrap() / ml;
        assert!((fk["lambda"].as_f64().unwrap() / lambda - 1.0).abs() < 1e-12);
        assert!(low < lambda && lambda < high, "{fk}");
    }
    assert!(found["common"]["lambda"].is_number());
    assert!(found["common"]["log_bayes_factor"].as_f64().unwrap() > 1000.0);
    assert_eq!(found["sampler"]["draws"], 300);
    assert!(
        found["verdict"]
            .as_str()
            .unwrap()
            .starts_with("noise differs")
    );
    let text = stdout(&run(&[]));
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    assert!(text.lines().count() <= 40, "{text}");
    assert_says(
        &text,
        &["one lambda for all would be", "held out", "formula"],
    );
}

#[test]
fn student_t_importances_leave_out_what_rests_on_variances() {
    let found = lambda("in.csv", long(), &["--importance=student-t=4"]);
    let methods: Vec<&Value> = found["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|out| &out["method"])
        .collect();
    assert_eq!(methods, ["moments", "anova", "reml"]);
    assert!(estimate(&found, "marginal-ml")["q5"].is_number());
    assert_eq!(estimate(&found, "posterior")["interval"], "exact posterior");
}

/// σ̂²_FK = 0 has no λ, and the table says so in words.
#[test]
fn at_the_boundary_the_words_say_so() {
    let tiny = "fk,n,mean,sd\na,50,0.001,1\nb,50,-0.002,1.1\nc,50,0.0005,0.9\n";
    let found = lambda("in.csv", tiny, &[]);
    let ml = estimate(&found, "marginal-ml");
    assert!(ml["lambda"].is_null() && ml["q95"].is_null());
    assert_eq!(
        (&ml["at_boundary"], &ml["sigma2_fk"]),
        (&true.into(), &0.0.into())
    );
    assert!(estimate(&found, "posterior")["lambda"].is_number());
    let sandbox = Sandbox::with("in.csv", tiny);
    let text = stdout(&sandbox.run(&["lambda", "in.csv", "--seed=1"]));
    assert_says(
        &text,
        &["no finite lambda", "inf", "Use the full posterior"],
    );
}

/// The chain's λ and quadrature's are the same, where both can be had.
#[test]
fn draws_and_quadrature_agree() {
    let exactly = lambda("in.csv", long(), &["--noise=sampled"]);
    let drawn = lambda("in.csv", long(), &["--noise=sampled", "--no-exact"]);
    let (exactly, drawn) = (
        estimate(&exactly, "posterior"),
        estimate(&drawn, "posterior"),
    );
    assert_eq!(
        (&exactly["interval"], &drawn["interval"]),
        (&"exact posterior".into(), &"draws".into())
    );
    for key in ["lambda", "q5", "q95", "mean", "sigma2_fk"] {
        let ratio = drawn[key].as_f64().unwrap() / exactly[key].as_f64().unwrap();
        // 10,000 draws: about 3 % at three standard errors for the tails.
        assert!((ratio - 1.0).abs() < 0.05, "{key}: {ratio}");
    }
}

/// Constant scores have no λ, and take no part in checks or splits.
#[test]
fn an_fk_that_never_varies_is_left_out() {
    let constant: String = (0..12).map(|_| "e,0\n".to_owned()).collect();
    let found = lambda("in.csv", long() + &constant, &[]);
    let expected = lambda("in.csv", long(), &[]);
    assert_eq!(found["estimates"], expected["estimates"]);
    assert_eq!(found["validation"], expected["validation"]);
    assert_eq!(found["checks"], expected["checks"]);
    assert_says(&found["warnings"].to_string(), &["set aside", "'e'"]);
}
