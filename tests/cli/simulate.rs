//! `simulate`: scores drawn from a model, the truth beside them.

use crate::support::{Sandbox, assert_says, parse, stderr, stdout};
use serde_json::Value;

/// A model that says everything: σ²_FK and σ²_obs are drawn.
const MODEL: [&str; 4] = ["--a0=2", "--b0=1", "--noise=sampled=3,20", "--seed=7"];
/// FKs with few scores, none, many and one.
const SIZES: [&str; 2] = ["--k=12", "--n=5,0,80,1"];
pub const FORMATS: [&str; 3] = ["csv", "parquet", "arrow"];

pub fn simulate(sandbox: &Sandbox, flags: &[&str]) -> Value {
    let output = sandbox.run(&[&["simulate", "--json"], flags].concat());
    assert!(output.status.success(), "{flags:?}: {}", stderr(&output));
    parse(&output)
}

fn close(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        _ => a == b,
    }
}

/// What `fit` finds in a file is what was simulated.
fn assert_read_back(sandbox: &Sandbox, simulated: &Value, layout: &str) {
    let file = simulated["files"]["scores"].as_str().unwrap();
    let wide: &[&str] = if layout == "wide" { &["--wide"] } else { &[] };
    let fit = sandbox.fit_json(&[&[file, "--no-draws"], wide].concat());
    let found = fit["data"]["fks"].as_array().unwrap();
    let drawn = simulated["data"]["fks"].as_array().unwrap();
    // A long table has no row for an FK without scores.
    let drawn: Vec<&Value> = drawn
        .iter()
        .filter(|fk| layout != "long" || fk["n"] != 0)
        .collect();
    assert_eq!(found.len(), drawn.len(), "{file}");
    for (found, drawn) in found.iter().zip(drawn) {
        assert_eq!(found["fk"], drawn["fk"], "{file}");
        assert_eq!(found["n"], drawn["n"], "{file}");
        for key in ["mean", "sd"] {
            assert!(
                close(&found[key], &drawn[key]),
                "{file}: {found} and {drawn}"
            );
        }
    }
}

#[test]
fn every_layout_in_every_format_is_read_back() {
    let sandbox = Sandbox::new();
    let mut all = Vec::new();
    for layout in ["long", "wide", "stats"] {
        for format in FORMATS {
            let name = format!("{layout}.{format}");
            let flags = ["--layout", layout, "--out", &name];
            let simulated = simulate(&sandbox, &[&SIZES[..], &MODEL, &flags].concat());
            assert_read_back(&sandbox, &simulated, layout);
            all.push(simulated);
        }
    }
    // The same seed gives the same scores whatever the layout and format.
    assert!(
        all.windows(2)
            .all(|pair| pair[0]["data"] == pair[1]["data"])
    );
    assert!(
        all.windows(2)
            .all(|pair| pair[0]["truth"] == pair[1]["truth"])
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for format in FORMATS {
        let (scores, truth) = (format!("scores.{format}"), format!("scores.truth.{format}"));
        let flags = [&SIZES[..], &MODEL, &["--out", &scores]].concat();
        let (first, second) = (Sandbox::new(), Sandbox::new());
        simulate(&first, &flags);
        simulate(&second, &flags);
        for name in [&scores, &truth] {
            assert_eq!(first.read(name), second.read(name), "{name}");
        }
        let other = [&flags[..], &["--seed=8"]].concat();
        assert_eq!(
            first
                .run(&[&["simulate"], &other[..]].concat())
                .status
                .code(),
            Some(2)
        );
        let other: Vec<&str> = flags
            .iter()
            .map(|&flag| if flag == "--seed=7" { "--seed=8" } else { flag })
            .collect();
        simulate(&first, &other);
        assert_ne!(first.read(&scores), second.read(&scores));
    }
}

#[test]
fn the_truth_stands_beside_the_scores() {
    let sandbox = Sandbox::new();
    let simulated = simulate(&sandbox, &[&SIZES[..], &MODEL].concat());
    assert_eq!(simulated["schema"], "fkbayes.simulate/1");
    assert_eq!(simulated["seed"], 7);
    assert_eq!(sandbox.files(), ["scores.csv", "scores.truth.csv"]);
    let text = String::from_utf8(sandbox.read("scores.truth.csv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("fk,n,alpha,sigma2_obs,sigma2_fk,location,d0")
    );
    let truth = &simulated["truth"];
    let sizes = ["5", "0", "80", "1"];
    for (i, line) in lines.enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| cells[i].parse::<f64>().ok();
        assert_eq!(cells[0], format!("fk_{:02}", i + 1));
        assert_eq!(cells[1], sizes[i % 4]);
        assert_eq!(number(2), truth["alpha"][i]["alpha"].as_f64());
        assert_eq!(number(3), truth["sigma2_obs"].as_f64());
        assert_eq!(number(4), truth["sigma2_fk"].as_f64());
        assert_eq!(cells[5..], ["0", ""]);
    }
    let lambda = truth["sigma2_obs"].as_f64().unwrap() / truth["sigma2_fk"].as_f64().unwrap();
    assert_eq!(truth["lambda"], lambda);
    assert_eq!(simulated["model"]["noise"], "sampled=3,20");
}

#[test]
fn lambda_and_the_variances_settle_each_other() {
    let sandbox = Sandbox::new();
    let truth = |flags: &[&str]| {
        let all = [&["--k=3", "--n=4", "--seed=1"], flags].concat();
        let truth = &simulate(&sandbox, &all)["truth"];
        ["sigma2_fk", "sigma2_obs", "lambda"].map(|key| truth[key].as_f64())
    };
    let expected = [Some(2.0), Some(20.0), Some(10.0)];
    for flags in [
        &["--sigma2-fk=2", "--lambda=10"][..],
        &["--sigma2-obs=20", "--lambda=10"],
        &["--sigma2-obs=20", "--sigma2-fk=2"],
        &["--noise=known=20", "--lambda=10"],
        &["--noise=sampled", "--sigma2-fk=2", "--lambda=10"],
    ] {
        assert_eq!(truth(flags), expected, "{flags:?}");
    }
    let [fk, obs, lambda] = truth(&["--prior=half-t=4,1", "--lambda=10"]);
    assert!((obs.unwrap() / fk.unwrap() / lambda.unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn effects_are_the_truth() {
    let sandbox = Sandbox::new();
    let flags = [
        "--effects=0.5,0,-0.1",
        "--sigma2-obs=4",
        "--n=9",
        "--seed=1",
    ];
    let simulated = simulate(&sandbox, &flags);
    let alpha = simulated["truth"]["alpha"].as_array().unwrap();
    let alpha: Vec<f64> = alpha
        .iter()
        .map(|fk| fk["alpha"].as_f64().unwrap())
        .collect();
    assert_eq!(alpha, [0.5, 0.0, -0.1]);
    assert!(simulated["truth"]["sigma2_fk"].is_null());
    assert!(simulated["truth"]["lambda"].is_null());
    assert_eq!(simulated["model"]["noise"], "known=4");
}

#[test]
fn per_fk_noise_has_a_typical_variance_or_its_scale() {
    let sandbox = Sandbox::new();
    let d0 = |flags: &[&str]| {
        let base = ["--k=4", "--n=9", "--seed=1", "--noise=per-fk=2"];
        let simulated = simulate(&sandbox, &[&base[..], flags].concat());
        assert!(simulated["truth"]["sigma2_obs"].is_null());
        let alpha = simulated["truth"]["alpha"].as_array().unwrap();
        let first = &alpha[0]["sigma2_obs"];
        assert!(alpha[1..].iter().all(|fk| &fk["sigma2_obs"] != first));
        simulated["truth"]["d0"].as_f64()
    };
    assert_eq!(d0(&["--d0=8", "--sigma2-fk=1"]), Some(8.0));
    assert_eq!(d0(&["--sigma2-obs=4", "--sigma2-fk=1"]), Some(8.0));
    assert_eq!(d0(&["--lambda=4", "--sigma2-fk=1"]), Some(8.0));
    assert_eq!(d0(&["--lambda=4", "--d0=8"]), Some(8.0));
}

#[test]
fn people_get_the_answer_on_a_few_lines() {
    let sandbox = Sandbox::new();
    let flags = [
        "simulate",
        "--k=8",
        "--n=poisson:20",
        "--sigma2-fk=1",
        "--lambda=10",
    ];
    let output = sandbox.run(&flags);
    let text = stdout(&output);
    assert_says(
        &text,
        &[
            "8 foreign keys",
            "sigma2_fk = 1.00",
            "lambda = 10.0",
            "largest importance",
            "seed",
            "scores.truth.csv",
        ],
    );
    assert!(
        text.lines()
            .all(|line| line.len() <= 80 && !line.is_empty())
    );
    // The seed that it told gives the same scores again.
    let seed = text
        .lines()
        .find_map(|line| line.strip_prefix("seed"))
        .unwrap();
    let first = sandbox.read("scores.csv");
    sandbox.run(&[&flags[..], &["--seed", seed.trim()]].concat());
    assert_eq!(sandbox.read("scores.csv"), first);
}
