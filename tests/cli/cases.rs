//! Fits of every kind that the contract speaks of.

use serde_json::Value;

use crate::support::{Sandbox, f1, parse, shipped, stderr};

pub const EIGHT_SCHOOLS: &str = "fk,mean,se\nA,28,15\nB,8,10\nC,-3,16\nD,7,11\nE,-1,9\nF,1,11\n\
                                 G,18,10\nH,12,18\n";
const ONE_WITHOUT_SCORES: &str = "fk,n,mean,sd\na,5,1,0.5\nb,0,,\nc,8,-0.3,0.6\n";
const SINGLE_SCORES: &str = "fk,n,mean,sd\na,1,0.4,\nb,9,1,0.1\nc,12,-0.3,2\nd,0,,\ne,6,0.2,9\n";
const TINY_MEANS: &str = "fk,n,mean,sd\na,50,0.001,1\nb,50,-0.002,1.1\nc,50,0.0005,0.9\n";

/// A fit, its JSON, and the JSON of `summary` from its draws.
pub struct Case {
    pub name: &'static str,
    pub fit: Value,
    pub summary: Value,
    pub fit_text: String,
    pub fit_warnings: String,
    pub summary_warnings: String,
}

/// Every case, run anew.
pub fn all() -> Vec<Case> {
    matching(|_| true)
}

/// The case of this name.
pub fn named(name: &str) -> Case {
    matching(|candidate| candidate == name).remove(0)
}

fn matching(wanted: impl Fn(&str) -> bool) -> Vec<Case> {
    let timesplit = shipped("examples/data/f1_timesplit.csv");
    let (f1, timesplit) = (f1(), timesplit.as_str());
    [
        ("auto", "", &[f1.as_str()][..]),
        ("pooled", "", &[&f1, "--noise", "pooled"]),
        ("per FK", SINGLE_SCORES, &["in.csv", "--noise", "per-fk=2"]),
        ("student-t", "", &[&f1, "--importance", "student-t=4"]),
        (
            "student-t, common noise",
            "",
            &[&f1, "--importance", "student-t=4", "--noise", "sampled"],
        ),
        (
            "student-t without scores",
            ONE_WITHOUT_SCORES,
            &["in.csv", "--importance=student-t=1.5", "--noise=pooled"],
        ),
        (
            "location, per FK",
            "",
            &[&f1, "--location", "flat", "--prior", "half-cauchy=0.01"],
        ),
        (
            "location, student-t",
            "",
            &[
                &f1,
                "--location",
                "flat",
                "--importance",
                "student-t=4",
                "--noise",
                "pooled",
            ],
        ),
        ("half-t", "", &[&f1, "--prior", "half-t=4,0.01"]),
        ("flat", "", &[&f1, "--prior", "flat", "--noise", "pooled"]),
        ("sampled", "", &[&f1, "--noise", "sampled"]),
        (
            "sampled with a prior",
            "",
            &[&f1, "--noise", "sampled=3,0.001"],
        ),
        (
            "known",
            "",
            &[&f1, "--noise", "known=0.0001", "--a0", "2", "--b0", "0.001"],
        ),
        ("own noise", "", &[&f1, "--noise", "per-fk=fixed"]),
        ("standard errors", EIGHT_SCHOOLS, &["in.csv"]),
        ("without scores", ONE_WITHOUT_SCORES, &["in.csv"]),
        ("boundary", TINY_MEANS, &["in.csv"]),
        ("set aside", "", &[timesplit]),
        ("no exact", "", &[&f1, "--no-exact"]),
        ("exact sampler", "", &[&f1, "--sampler", "exact"]),
        ("bare alternation", "", &[&f1, "--no-interweave"]),
        ("list layout", "", &[&f1, "--layout", "list"]),
        ("parquet", "", &[&f1, "--format", "parquet"]),
        (
            "one chain, few draws",
            "",
            &[&f1, "--chains=1", "--draws=3"],
        ),
    ]
    .into_iter()
    .filter(|(name, ..)| wanted(name))
    .map(|(name, input, arguments)| case(name, input, arguments))
    .collect()
}

fn case(name: &'static str, input: &str, arguments: &[&str]) -> Case {
    let sandbox = Sandbox::with("in.csv", input);
    let short = ["--seed=1", "--warmup=100", "--json"];
    let mut arguments = [&["fit"], arguments, &short].concat();
    if !arguments.contains(&"--chains=1") {
        arguments.extend(["--chains=2", "--draws=200"]);
    }
    let fit = sandbox.run(&arguments);
    assert!(fit.status.success(), "{name}: {}", stderr(&fit));
    let summary = sandbox.run(&["summary", "draws.arrow", "--json"]);
    assert!(summary.status.success(), "{name}: {}", stderr(&summary));
    Case {
        name,
        fit: parse(&fit),
        summary: parse(&summary),
        fit_text: crate::support::stdout(&fit),
        fit_warnings: stderr(&fit),
        summary_warnings: stderr(&summary),
    }
}
