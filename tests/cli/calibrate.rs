//! `calibrate`: simulation-based calibration of the sampler.

use crate::support::{Sandbox, assert_says, parse, stderr, stdout};
use serde_json::Value;

const PRIORS: [&str; 3] = ["--a0=2", "--b0=1", "--noise=sampled=3,20"];
const SMALL: [&str; 5] = [
    "--k=3",
    "--n=5,0,20",
    "--replicates=100",
    "--seed=7",
    "--quiet",
];

fn calibrate(flags: &[&str]) -> Value {
    let output = Sandbox::new().run(&[&["calibrate", "--json"], &SMALL[..], flags].concat());
    assert!(output.status.success(), "{flags:?}: {}", stderr(&output));
    parse(&output)
}

fn names(calibration: &Value) -> Vec<&str> {
    let quantities = calibration["quantities"].as_array().unwrap();
    quantities
        .iter()
        .map(|quantity| quantity["name"].as_str().unwrap())
        .collect()
}

#[test]
fn the_promised_keys_are_there() {
    let calibration = calibrate(&PRIORS);
    assert_eq!(calibration["schema"], "fkbayes.calibrate/1");
    assert_eq!(calibration["model"]["hyperprior"], "ig=2,1");
    assert_eq!(calibration["data"]["k"], 3);
    assert_eq!(calibration["data"]["n_total"], 25);
    assert_eq!(calibration["sampler"]["seed"], 7);
    assert_eq!(calibration["replicates"], 100);
    assert_eq!(calibration["ok"], true);
    for quantity in calibration["quantities"].as_array().unwrap() {
        let ranks = quantity["ranks"].as_array().unwrap();
        assert_eq!(ranks.len(), 20);
        let total: u64 = ranks.iter().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(total, 100);
        assert!((0.0..=1.0).contains(&quantity["p_value"].as_f64().unwrap()));
        assert_eq!(quantity["ok"], true);
    }
}

#[test]
fn every_parameter_of_the_model_is_ranked() {
    let common = [
        "sigma2_fk",
        "lambda",
        "sigma2_obs",
        "alpha[fk_1]",
        "alpha[fk_3]",
        "log_density",
    ];
    assert_eq!(names(&calibrate(&PRIORS)), common);
    let own = calibrate(&[
        "--prior=half-t=4,1",
        "--noise=per-fk=2",
        "--d0=3,0.3",
        "--location=flat",
        "--importance=student-t=4",
    ]);
    let expected = [
        "sigma2_fk",
        "sigma2_obs[fk_1]",
        "d0",
        "location",
        "alpha[fk_1]",
        "alpha[fk_3]",
        "log_density",
    ];
    assert_eq!(names(&own), expected);
    assert_eq!(own["data"]["d0"], serde_json::json!([3.0, 0.3]));
}

#[test]
fn the_same_seed_gives_the_same_answer_on_any_number_of_threads() {
    let one = calibrate(&[&PRIORS[..], &["--threads=1"]].concat());
    assert_eq!(one, calibrate(&[&PRIORS[..], &["--threads=3"]].concat()));
    let exact = calibrate(&[&PRIORS[..2], &["--noise=known=10", "--sampler=exact"]].concat());
    assert_eq!(exact["sampler"]["kind"], "exact");
    assert_eq!(exact["sampler"]["thin"], 1);
}

#[test]
fn a_model_file_says_the_same_as_flags() {
    let sandbox = Sandbox::with(
        "m.toml",
        "hyperprior = \"ig=2,1\"\nnoise = \"sampled=3,20\"\n",
    );
    let output = sandbox.run(&[&["calibrate", "--json", "--model=m.toml"], &SMALL[..]].concat());
    assert_eq!(parse(&output), calibrate(&PRIORS));
    assert_eq!(sandbox.files(), ["m.toml"]);
}

#[test]
fn people_get_a_row_per_quantity() {
    let output = Sandbox::new().run(&[&["calibrate"], &SMALL[..], &PRIORS].concat());
    let text = stdout(&output);
    assert_says(
        &text,
        &[
            "100 replicates",
            "3 foreign keys",
            "alpha[fk_3]",
            "p-value",
            "verdict   ok:",
            "seed 7",
        ],
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

/// The bare alternation hardly moves where σ²_FK is far below the noise: where a chain starts is where
/// it stays.
#[test]
fn what_mixes_too_badly_fails_and_says_why() {
    let flags = [
        "calibrate",
        "--k=200",
        "--n=1",
        "--prior=half-cauchy=1e-20",
        "--noise=known=10",
        "--no-interweave",
        "--replicates=40",
        "--draws=19",
        "--seed=1",
        "--strict",
    ];
    let output = Sandbox::new().run(&flags);
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    assert_says(&stdout(&output), &["FAILS", "warning", "--no-interweave"]);
    assert_says(&stderr(&output), &["warning:", "--no-interweave"]);
}

#[test]
fn what_cannot_be_drawn_is_refused_with_the_remedy() {
    let base = ["--k=3", "--n=5"];
    let ig = ["--a0=2", "--b0=1"];
    let known = ["--a0=2", "--b0=1", "--noise=known=1"];
    let cases: &[(&[&str], &[&str], &[&str])] = &[
        (&[], &["--noise=known=1"], &["hyperprior", "proper", "--a0"]),
        (
            &[],
            &["--noise=known=1", "--prior=flat"],
            &["'flat'", "proper", "half-t"],
        ),
        (&ig, &[], &["noise 'auto'", "known=V", "--d0 G,R"]),
        (&ig, &["--noise=pooled"], &["noise 'pooled'", "known=V"]),
        (
            &ig,
            &["--noise=sampled"],
            &["noise 'sampled'", "improper", "sampled=C0,D0"],
        ),
        (
            &ig,
            &["--noise=per-fk"],
            &["noise 'per-fk'", "improper", "--d0 G,R"],
        ),
        (&ig, &["--noise=per-fk=fixed"], &["per-fk=fixed", "known=V"]),
        (
            &ig,
            &["--noise=per-fk", "--d0=3"],
            &["--d0 '3'", "--d0 3,0.3"],
        ),
        (
            &ig,
            &["--noise=per-fk", "--d0=3,0"],
            &["--d0 3,0", "positive"],
        ),
        (&known, &["--d0=3,1"], &["--d0", "per-FK", "leave it out"]),
        (&known, &["--bins=7"], &["--bins 7", "100 possible ranks"]),
        (&known, &["--bins=0"], &["--bins 0"]),
        (&known, &["--draws=0"], &["--draws 0"]),
        (&known, &["--draws=4294967295"], &["--draws 4294967295"]),
        (&known, &["--replicates=3"], &["--replicates 3", "20 to"]),
        (&known, &["--sampler=hmc"], &["'hmc'", "gibbs nor exact"]),
        (
            &ig,
            &[
                "--noise=per-fk",
                "--d0=3,1",
                "--location=flat",
                "--sampler=exact",
            ],
            &["--sampler gibbs"],
        ),
    ];
    let sandbox = Sandbox::new();
    for (model, flags, parts) in cases {
        let output = sandbox.run(&[&["calibrate"], &base[..], model, flags].concat());
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {message}");
        assert!(output.stdout.is_empty());
        assert_says(&message, parts);
    }
    for sizes in [
        ["--k=0", "--n=5"],
        ["--k=3", "--n=0"],
        ["--k=2", "--n=1,2,3"],
    ] {
        let output = sandbox.run(&[&["calibrate"], &sizes[..], &known].concat());
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    }
}
