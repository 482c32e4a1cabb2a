//! `compare`: the plug-in beside the full posterior, by chain and quadrature or by quadrature alone.

use crate::support::{Sandbox, assert_says, f1, parse, stderr, stdout};
use serde_json::Value;

/// Few FKs, weak data: the plug-in's estimate is 0.
const BOUNDARY: &str = "fk,n,mean,sd\na,5,1,2\nb,0,,\nc,8,-0.3,2.6\nd,40,0.2,1.9\n";
/// Few FKs that differ: the plug-in has an interval, and it is too short.
const FEW: &str = "fk,n,mean,sd\na,5,3,2\nb,8,-1.4,2.6\nc,12,0.2,1.9\n";

fn compare(input: &str, flags: &[&str]) -> Value {
    let sandbox = Sandbox::with("in.csv", input);
    let output = sandbox.run(&[&["compare", "in.csv", "--json", "--seed=1"], flags].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(sandbox.files(), ["in.csv"], "compare writes nothing");
    parse(&output)
}

fn rows(comparison: &Value) -> &Vec<Value> {
    comparison["variance"].as_array().unwrap()
}

#[test]
fn the_promised_keys_are_there() {
    for flags in [&[][..], &["--no-mcmc"]] {
        let comparison = compare(FEW, flags);
        assert_eq!(comparison["schema"], "fkbayes.compare/1");
        for key in [
            "model", "data", "plugin", "variance", "exact", "verdict", "borrowed",
        ] {
            assert!(!comparison[key].is_null(), "{key} with {flags:?}");
        }
        assert!(comparison["verdict"].is_string());
    }
}

/// What stands on a chain is null, what quadrature gives is what the chain estimates.
#[test]
fn without_a_chain_the_exact_posterior_answers() {
    let (chain, exact) = (compare(FEW, &[]), compare(FEW, &["--no-mcmc"]));
    assert!(exact["sampler"].is_null() && exact["diagnostics"].is_null());
    for (by_chain, exactly) in rows(&chain).iter().zip(rows(&exact)) {
        assert!(exactly["full"].is_null() && exactly["full_mcse"].is_null());
        let figure = |row: &Value, key: &str| row[key].as_f64().unwrap();
        for key in [
            "exact",
            "plugin",
            "corrected",
            "no_pooling",
            "plugin_coverage",
        ] {
            assert_eq!(figure(by_chain, key), figure(exactly, key), "{key}");
        }
        let parts = figure(exactly, "expected_conditional") + figure(exactly, "variance_of_mean");
        assert!((parts / figure(exactly, "exact") - 1.0).abs() < 1e-12);
        let ratio = figure(exactly, "exact") / figure(exactly, "plugin");
        assert!((figure(exactly, "ratio") / ratio - 1.0).abs() < 1e-12);
        // A right chain is farther off once in a million rows.
        let z =
            (figure(by_chain, "full") - figure(by_chain, "exact")) / figure(by_chain, "full_mcse");
        assert!(z.abs() < 4.9, "z = {z}");
        let width = figure(by_chain, "width_full") / figure(exactly, "width_full");
        assert!((width - 1.0).abs() < 0.05, "width {width}");
    }
}

#[test]
fn a_short_interval_is_told_from_a_good_one() {
    let misled = compare(FEW, &["--no-mcmc"]);
    let verdict = misled["verdict"].as_str().unwrap();
    assert!(verdict.starts_with("not for"), "{verdict}");
    assert!(
        rows(&misled)
            .iter()
            .any(|row| row["plugin_coverage"].as_f64().unwrap() < 0.85)
    );
    let file = f1();
    let output = Sandbox::new().run(&["compare", &file, "--noise=pooled", "--no-mcmc", "--json"]);
    let fine = parse(&output)["verdict"].as_str().unwrap().to_owned();
    assert!(fine.starts_with("may be used"), "{fine}");
}

#[test]
fn at_the_boundary_there_is_no_ratio() {
    let comparison = compare(BOUNDARY, &["--no-mcmc"]);
    assert_eq!(comparison["plugin"]["at_boundary"], true);
    for row in rows(&comparison) {
        assert!(row["ratio"].is_null());
        assert_eq!(row["plugin_coverage"], 0.0);
    }
    assert!(comparison["verdict"].as_str().unwrap().starts_with("no:"));
}

/// n s/V permutations alone would give the variance V that pooling gives with n.
#[test]
fn what_pooling_is_worth_is_told_for_sparse_fks() {
    let comparison = compare(BOUNDARY, &["--no-mcmc"]);
    let borrowed = comparison["borrowed"].as_array().unwrap();
    assert_eq!(borrowed[0]["fk"], "b");
    assert!(borrowed[0]["worth"].is_null() && borrowed[0]["sd_alone"].is_null());
    let row = rows(&comparison)
        .iter()
        .find(|row| row["fk"] == "a")
        .unwrap();
    let gain = borrowed.iter().find(|gain| gain["fk"] == "a").unwrap();
    let alone = row["no_pooling"].as_f64().unwrap() / row["exact"].as_f64().unwrap();
    let worth = gain["worth"].as_f64().unwrap();
    assert!((worth - 5.0 * (alone - 1.0)).abs() < 1e-9);
    let sandbox = Sandbox::with("in.csv", BOUNDARY);
    let text = stdout(&sandbox.run(&["compare", "in.csv", "--no-mcmc"]));
    assert_says(
        &text,
        &[
            "'b' has no scores",
            "'a' gains what 9 permutations beside its 5",
        ],
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn a_draws_file_is_compared_as_it_stands() {
    let sandbox = Sandbox::with("in.csv", FEW);
    let fit = sandbox.fit_json(&["in.csv"]);
    let from_draws = parse(&sandbox.run(&["compare", "draws.arrow", "--json"]));
    assert_eq!(from_draws["variance"], fit["variance"]);
    let exactly = parse(&sandbox.run(&["compare", "draws.arrow", "--no-mcmc", "--json"]));
    assert_eq!(exactly["exact"], fit["exact"]);
    let refused = sandbox.run(&["compare", "draws.arrow", "--noise=sampled"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_says(&stderr(&refused), &["the model", "draws.arrow", "scores"]);
}

#[test]
fn no_mcmc_needs_the_exact_posterior() {
    let sandbox = Sandbox::with("in.csv", FEW);
    let flags = ["--no-mcmc", "--noise=per-fk", "--location=flat"];
    let output = sandbox.run(&[&["compare", "in.csv"], &flags[..]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert_says(&stderr(&output), &["--no-mcmc", "not available"]);
    let both = sandbox.run(&["compare", "in.csv", "--no-mcmc", "--no-exact"]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn strict_counts_the_chains() {
    let sandbox = Sandbox::with("in.csv", FEW);
    let short = [
        "compare",
        "in.csv",
        "--draws=20",
        "--warmup=5",
        "--seed=1",
        "--strict",
    ];
    assert_eq!(sandbox.run(&short).status.code(), Some(3));
    let without = ["compare", "in.csv", "--no-mcmc", "--strict"];
    assert_eq!(sandbox.run(&without).status.code(), Some(0));
}
