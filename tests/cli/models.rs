//! A flag beats the model file, the model file beats the default; the shipped files run.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::support::{Sandbox, TWO_FKS, parse, shipped, stderr};

const MODEL: &str = "hyperprior = \"ig=3,2\"\nnoise = \"known=5\"\n[sampler]\nchains = 3\n\
                     warmup = 7\ndraws = 11\nthin = 2\ninterweave = false\nkind = \"gibbs\"\n";

/// A fit of two FKs under a model file and flags.
fn fit(model: &str, flags: &[&str]) -> Value {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    sandbox.write("model.toml", model);
    let always = ["fit", "in.csv", "--json", "--model", "model.toml"];
    let output = sandbox.run(&[&always, flags].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    parse(&output)
}

/// Few to many FKs with importances of variance near 1 and noise of variance near 100.
fn scores(fks: usize) -> String {
    let mut text = "fk,score\n".to_owned();
    for k in 0..fks {
        for i in 0..60 {
            let noise = if i % 2 == 0 { 10.0 } else { -10.0 };
            writeln!(text, "fk{k},{}", 0.4 * k as f64 - 1.0 + noise).unwrap();
        }
    }
    text
}

#[test]
fn a_model_file_beats_the_default() {
    let json = fit(MODEL, &["--seed=1"]);
    assert_eq!(json["model"]["hyperprior"], "ig=3,2");
    assert_eq!(json["model"]["noise"], "known=5");
    let mut sampler = json["sampler"].clone();
    sampler["seconds"].take();
    assert_eq!(
        sampler,
        json!({
            "kind": "gibbs", "chains": 3, "warmup": 7, "draws": 11, "thin": 2, "seed": 1,
            "interweave": false, "seconds": null
        })
    );
}

#[test]
fn a_flag_beats_the_model_file() {
    let flags = [
        "--prior=ig=2,1",
        "--noise=sampled",
        "--chains=2",
        "--warmup=8",
        "--draws=12",
        "--thin=1",
        "--sampler=exact",
    ];
    let json = fit(MODEL, &flags);
    assert_eq!(json["model"]["hyperprior"], "ig=2,1");
    assert_eq!(json["model"]["noise"], "sampled");
    let sampler = &json["sampler"];
    for (key, value) in [("chains", 2), ("warmup", 8), ("draws", 12), ("thin", 1)] {
        assert_eq!(sampler[key], value, "{key}");
    }
    assert_eq!(sampler["kind"], "exact");
    let json = fit(MODEL, &["--a0=4", "--b0=0.5"]);
    assert_eq!(json["model"]["hyperprior"], "ig=4,0.5");
    let json = fit("", &["--no-interweave", "--draws=5"]);
    assert_eq!(json["sampler"]["interweave"], false);
}

#[test]
fn what_neither_says_has_its_default() {
    let json = fit("", &["--seed=1"]);
    assert_eq!(json["noise_choice"]["chosen"], "pooled");
    let sampler = &json["sampler"];
    for (key, value) in [
        ("chains", 4),
        ("warmup", 1000),
        ("draws", 2500),
        ("thin", 1),
    ] {
        assert_eq!(sampler[key], value, "{key}");
    }
    assert_eq!(sampler["kind"], "gibbs");
    assert_eq!(sampler["interweave"], true);
}

#[test]
fn the_effective_model_is_a_model_file_for_the_same_run() {
    let first = fit("", &["--seed=1", "--draws=50"]);
    let model = &first["model"];
    let file: String = ["hyperprior", "noise", "importance", "location"]
        .iter()
        .map(|key| format!("{key} = {}\n", model[key]))
        .collect();
    let again = fit(&file, &["--seed=1", "--draws=50"]);
    assert_eq!(again["model"], first["model"]);
    assert_eq!(again["parameters"], first["parameters"]);
}

#[test]
fn the_default_model_file_changes_nothing() {
    let sandbox = Sandbox::with("in.csv", scores(6));
    let without = sandbox.fit_json(&["in.csv"]);
    let with = sandbox.fit_json(&["in.csv", "--model", &shipped("models/default.toml")]);
    assert_eq!(with["model"], without["model"]);
    assert_eq!(with["parameters"], without["parameters"]);
}

#[test]
fn shipped_models_run() {
    for (file, fks, noise, draws) in [
        ("default", 6, "pooled", 2500),
        ("f1", 9, "known=101", 2500),
        ("heavy_tails", 6, "per-fk", 2500),
        ("small_k", 4, "sampled", 10_000),
    ] {
        let sandbox = Sandbox::with("in.csv", scores(fks));
        let model = shipped(&format!("models/{file}.toml"));
        let output = sandbox.run(&["fit", "in.csv", "--model", &model, "--seed=1", "--json"]);
        assert!(output.status.success(), "{file}: {}", stderr(&output));
        let json = parse(&output);
        assert_eq!(json["model"]["noise"], noise, "{file}");
        assert_eq!(json["sampler"]["draws"], draws, "{file}");
        assert_eq!(
            json["diagnostics"]["ok"],
            true,
            "{file}: {}",
            stderr(&output)
        );
    }
}
