//! `fit --keep`: some of the parameters stored, the figures of all.

use crate::support::{Sandbox, assert_says, parse, stderr};
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_ipc::reader::FileReader;
use serde_json::{Value, json};
use std::fs::File;

/// Names with all that could confuse a list of names.
const FKS: &str = "\
fk,n,mean,sd
a,5,1,0.5
\"b,c\",9,0.4,0.6
d[e],8,-0.3,0.6
\"f],g\",12,0.1,0.4
h,0,,
";

fn columns(sandbox: &Sandbox, name: &str) -> Vec<(String, Vec<f64>)> {
    let reader = FileReader::try_new(File::open(sandbox.path(name)).unwrap(), None).unwrap();
    let fields = reader.schema().fields().clone();
    let names = fields.iter().skip(2).map(|field| field.name().clone());
    let mut columns: Vec<(String, Vec<f64>)> = names.map(|name| (name, Vec::new())).collect();
    for batch in reader.map(Result::unwrap) {
        for (i, (_, values)) in columns.iter_mut().enumerate() {
            let array = batch.column(i + 2).as_primitive::<Float64Type>();
            values.extend_from_slice(array.values());
        }
    }
    columns
}

fn names(sandbox: &Sandbox, name: &str) -> Vec<String> {
    columns(sandbox, name).into_iter().map(|(n, _)| n).collect()
}

fn by_name<'a>(rows: &'a Value, key: &str, name: &str) -> &'a Value {
    let rows = rows.as_array().unwrap();
    rows.iter().find(|row| row[key] == name).unwrap()
}

#[test]
fn only_what_is_named_is_stored_besides_what_all_share() {
    for (keep, expected) in [
        (&["sigma2_fk"][..], &["sigma2_fk", "lambda"][..]),
        (&["log_density"], &["sigma2_fk", "lambda", "log_density"]),
        (&["alpha[a]"], &["sigma2_fk", "lambda", "alpha[a]"]),
        (
            &["alpha[d[e]], alpha[b,c],lambda"],
            &["sigma2_fk", "lambda", "alpha[b,c]", "alpha[d[e]]"],
        ),
        (
            &["alpha[f],g]", "alpha[h],alpha[h]"],
            &["sigma2_fk", "lambda", "alpha[f],g]", "alpha[h]"],
        ),
    ] {
        for sampler in ["gibbs", "exact"] {
            let sandbox = Sandbox::with("in.csv", FKS);
            let keep: Vec<&str> = keep.iter().flat_map(|name| ["--keep", name]).collect();
            let settings = ["in.csv", "--noise=known=1", "--sampler", sampler];
            let fit = sandbox.fit_json(&[&settings[..], &keep].concat());
            assert_eq!(names(&sandbox, "draws.arrow"), expected);
            // Every foreign key has its figures all the same.
            assert_eq!(
                fit["parameters"].as_array().unwrap().len(),
                2 + expected_others(expected)
            );
            for fk in ["a", "b,c", "d[e]", "f],g", "h"] {
                let name = format!("alpha[{fk}]");
                let parameter = by_name(&fit["parameters"], "name", &name);
                assert!(parameter["q50"].is_number(), "{parameter}");
                let stored = expected.contains(&name.as_str());
                assert_eq!(parameter["r_hat"].is_number(), stored, "{parameter}");
                assert!(by_name(&fit["variance"], "fk", fk)["full"].is_number());
                assert!(by_name(&fit["ranking"], "fk", fk)["p_best"].is_number());
            }
        }
    }
}

/// Parameters that the answer has besides `sigma2_fk` and `lambda`: five importances, and the density
/// where it is stored.
fn expected_others(stored: &[&str]) -> usize {
    5 + usize::from(stored.contains(&"log_density"))
}

#[test]
fn where_the_sweep_is_the_same_so_are_the_draws() {
    // Sampled noise reads every importance.
    let sandbox = Sandbox::with("in.csv", FKS);
    sandbox.fit(&["in.csv", "--noise=sampled", "--out=all.arrow"]);
    sandbox.fit(&["in.csv", "--noise=sampled", "--keep=alpha[a],alpha[h]"]);
    let all = columns(&sandbox, "all.arrow");
    let kept = columns(&sandbox, "draws.arrow");
    assert_eq!(kept.len(), 5);
    for column in kept {
        assert!(all.contains(&column), "{}", column.0);
    }
}

/// Mean and quantiles of an importance in two fits, of which the first stored it, and P(α > 0) to within
/// `p_positive`.
fn assert_alike(fits: [&Value; 2], fk: &str, p_positive: f64) {
    let name = format!("alpha[{fk}]");
    let parameters = fits.map(|fit| by_name(&fit["parameters"], "name", &name));
    let error = parameters[0]["mcse_mean"].as_f64().unwrap();
    // Five errors: 30 comparisons go wrong once in 50,000 runs. The quantiles' own errors are at
    // most three times the mean's, and 256 normals stand for 10,000.
    for (key, errors) in [("mean", 5.0), ("q5", 20.0), ("q50", 10.0), ("q95", 20.0)] {
        let [x, y] = parameters.map(|p| p[key].as_f64().unwrap());
        assert!(
            (x - y).abs() < errors * error,
            "{fk} {key}: {x} {y} ({error})"
        );
    }
    let [x, y] = fits.map(|fit| {
        by_name(&fit["ranking"], "fk", fk)["p_positive"]
            .as_f64()
            .unwrap()
    });
    assert!((x - y).abs() < p_positive, "{fk}: P(> 0) {x} {y}");
}

#[test]
fn figures_without_draws_are_those_with_draws() {
    for location in ["zero", "flat"] {
        let sandbox = Sandbox::with("in.csv", FKS);
        let settings = [
            "fit",
            "in.csv",
            "--noise=sampled",
            "--location",
            location,
            "--seed=1",
            "--draws=2500",
            "--warmup=500",
            "--chains=4",
            "--json",
        ];
        let all = parse(&sandbox.run(&settings));
        let kept = parse(&sandbox.run(&[&settings[..], &["--keep=lambda"]].concat()));
        for fk in ["a", "b,c", "d[e]", "f],g", "h"] {
            let rows = [&all, &kept].map(|fit| by_name(&fit["variance"], "fk", fk));
            // The same averages over the same draws.
            for key in [
                "shrinkage",
                "full",
                "expected_conditional",
                "variance_of_mean",
                "exact",
            ] {
                let [x, y] = rows.map(|row| row[key].as_f64());
                let (Some(x), Some(y)) = (x, y) else {
                    assert_eq!(x, y, "{fk} {key}");
                    continue;
                };
                let scale = rows[0]["full"].as_f64().unwrap();
                assert!(
                    (x - y).abs() <= 1e-9 * scale.max(x.abs()),
                    "{fk} {key}: {x} {y}"
                );
            }
            assert_alike([&all, &kept], fk, 0.01);
        }
    }
}

#[test]
fn the_file_says_what_it_holds_and_is_summarised_as_it_was_fitted() {
    let sandbox = Sandbox::with("in.csv", FKS);
    for out in ["draws.arrow", "draws.parquet"] {
        let fit = sandbox.fit_json(&[
            "in.csv",
            "--noise=known=1",
            "--keep=alpha[b,c]",
            "--out",
            out,
        ]);
        let summary = parse(&sandbox.run(&["summary", out, "--json"]));
        for key in ["parameters", "variance", "ranking", "diagnostics", "exact"] {
            assert_eq!(fit[key], summary[key], "{out}: {key}");
        }
    }
    let file = File::open(sandbox.path("draws.arrow")).unwrap();
    let schema = FileReader::try_new(file, None).unwrap().schema();
    let metadata: Value = serde_json::from_str(&schema.metadata()["fkbayes"]).unwrap();
    assert_eq!(metadata["keep"], json!(["alpha[b,c]"]));
    let compared = sandbox.run(&["compare", "draws.arrow"]);
    assert!(compared.status.success(), "{}", stderr(&compared));
    let planned = sandbox.run(&["plan", "draws.arrow", "--delta=5"]);
    assert!(planned.status.success(), "{}", stderr(&planned));
    // Pictures need the draws themselves.
    for command in [
        &["report", "draws.arrow"][..],
        &["plot", "forest", "draws.arrow"],
    ] {
        let refused = sandbox.run(command);
        assert_eq!(refused.status.code(), Some(2));
        assert_says(
            &stderr(&refused),
            &["some of the parameters only", "--keep"],
        );
    }
}

#[test]
fn kept_draws_do_not_depend_on_the_number_of_threads() {
    let bytes = |threads: &str| {
        let sandbox = Sandbox::with("in.csv", FKS);
        let settings = [
            "in.csv",
            "--noise=known=1",
            "--keep=alpha[a]",
            "--threads",
            threads,
        ];
        sandbox.fit(&settings);
        sandbox.read("draws.arrow")
    };
    assert!(bytes("1") == bytes("2"));
}

#[test]
fn an_unknown_name_is_one_clear_error() {
    let sandbox = Sandbox::with("in.csv", FKS);
    for (keep, parts) in [
        (
            "alpha[b;c]",
            &["alpha[b;c]", "did you mean alpha[b,c]?"][..],
        ),
        ("sigma2_fk,alpha[x],lambda", &["'alpha[x]'", "did you mean"]),
        ("tau", &["'tau'", "sigma2_fk", "alpha[NAME]"]),
        (
            "sigma2_obs",
            &["'sigma2_obs'", "no parameter of this model"],
        ),
        ("", &["''"]),
    ] {
        let message = sandbox.refused(&["in.csv", "--noise=known=1", "--keep", keep]);
        assert_says(&message, parts);
    }
    for (keep, parts) in [
        ("sigma2_obs[x]", &["did you mean sigma2_obs["][..]),
        ("lambda", &["'lambda'", "d0", "sigma2_obs[NAME]"]),
    ] {
        let message = sandbox.refused(&["in.csv", "--noise=per-fk", "--keep", keep]);
        assert_says(&message, parts);
    }
}

#[test]
fn an_importance_is_stored_with_the_noise_of_its_foreign_key() {
    for (keep, expected, written) in [
        ("d0", &["sigma2_fk", "d0"][..], json!([])),
        (
            "alpha[b,c],alpha[h]",
            &[
                "sigma2_fk",
                "sigma2_obs[b,c]",
                "d0",
                "alpha[b,c]",
                "alpha[h]",
            ],
            json!(["alpha[b,c]", "alpha[h]"]),
        ),
        (
            "sigma2_obs[d[e]],alpha[a]",
            &[
                "sigma2_fk",
                "sigma2_obs[a]",
                "sigma2_obs[d[e]]",
                "d0",
                "alpha[a]",
            ],
            json!(["alpha[a]", "sigma2_obs[d[e]]"]),
        ),
        (
            "sigma2_obs",
            &[
                "sigma2_fk",
                "sigma2_obs[a]",
                "sigma2_obs[b,c]",
                "sigma2_obs[d[e]]",
                "sigma2_obs[f],g]",
                "d0",
            ],
            json!(["sigma2_obs"]),
        ),
    ] {
        let sandbox = Sandbox::with("in.csv", FKS);
        let all = sandbox.fit_json(&["in.csv", "--noise=per-fk", "--out=all.arrow"]);
        let kept = sandbox.fit_json(&["in.csv", "--noise=per-fk", "--keep", keep]);
        assert_eq!(names(&sandbox, "draws.arrow"), expected);
        let everything = columns(&sandbox, "all.arrow");
        for column in columns(&sandbox, "draws.arrow") {
            assert!(everything.contains(&column), "{}", column.0);
        }
        // What is stored is judged as if all were.
        for name in expected {
            let rows = [&all, &kept].map(|fit| by_name(&fit["parameters"], "name", name));
            assert_eq!(rows[0], rows[1], "{name}");
        }
        let summary = parse(&sandbox.run(&["summary", "draws.arrow", "--json"]));
        assert_eq!(summary["variance"], kept["variance"]);
        let reader = FileReader::try_new(File::open(sandbox.path("draws.arrow")).unwrap(), None);
        let text = reader.unwrap().schema().metadata()["fkbayes"].clone();
        let metadata: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(metadata["keep"], written);
    }
}

/// Where FKs have scales of their own, both runs have the same draws of what is shared; scales are drawn in
/// the one and integrated out in the other.
#[test]
fn figures_without_draws_are_those_with_draws_where_scales_are_ones_own() {
    for model in [
        &["--noise=per-fk"][..],
        &["--noise=per-fk", "--location=flat"],
        &["--noise=known=1", "--importance=student-t=5"],
        &["--noise=per-fk=fixed", "--importance=student-t=5"],
        &["--noise=per-fk", "--importance=student-t=5"],
    ] {
        let sandbox = Sandbox::with("in.csv", FKS);
        let settings = [
            "fit",
            "in.csv",
            "--prior=ig=4,2",
            "--seed=1",
            "--draws=2500",
            "--warmup=500",
            "--chains=4",
            "--json",
        ];
        let settings = [&settings[..], model].concat();
        let all = parse(&sandbox.run(&settings));
        let kept = parse(&sandbox.run(&[&settings[..], &["--keep=sigma2_fk"]].concat()));
        for fk in ["a", "b,c", "d[e]", "f],g", "h"] {
            let rows = [&all, &kept].map(|fit| by_name(&fit["variance"], "fk", fk));
            let error = rows[0]["full_mcse"].as_f64().unwrap();
            for key in ["full", "expected_conditional", "variance_of_mean"] {
                let [x, y] = rows.map(|row| row[key].as_f64().unwrap());
                assert!(
                    (x - y).abs() < 5.0 * error,
                    "{model:?} {fk} {key}: {x} {y} ± {error}"
                );
            }
            assert_alike([&all, &kept], fk, 0.02);
        }
    }
}

/// So many foreign keys, their names after `start`.
fn many(start: &str, fks: usize) -> String {
    let rows = (0..fks).map(|k| format!("{start}{k},9,{},1\n", k % 7));
    format!("fk,n,mean,sd\n{}", rows.collect::<String>())
}

#[test]
fn ranks_of_few_draws_are_told() {
    let sandbox = Sandbox::new();
    let warnings = |fks: usize| {
        sandbox.write("in.csv", many("f", fks));
        let fit = parse(&sandbox.run(&[
            "fit",
            "in.csv",
            "--noise=known=1",
            "--sampler=exact",
            "--keep=sigma2_fk",
            "--chains=2",
            "--draws=60",
            "--seed=1",
            "--json",
        ]));
        fit["diagnostics"]["warnings"].to_string()
    };
    assert!(!warnings(10).contains("to rank"));
    assert_says(&warnings(25_000), &["room to rank 83 of the draws only"]);
}

/// As of a million foreign keys, whose names and scores fill a hundred megabytes.
#[test]
fn draws_that_say_much_of_themselves_are_read_back() {
    let sandbox = Sandbox::with("in.csv", many(&"x".repeat(4000), 17_000));
    let settings = ["--noise=known=1", "--sampler=exact", "--keep=sigma2_fk"];
    let fit = sandbox.fit_json(&[&["in.csv"][..], &settings].concat());
    assert!(
        std::fs::metadata(sandbox.path("draws.arrow"))
            .unwrap()
            .len()
            > 1 << 27
    );
    let summary = parse(&sandbox.run(&["summary", "draws.arrow", "--json"]));
    assert_eq!(summary["variance"], fit["variance"]);
}
