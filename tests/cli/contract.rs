//! `--json`: one object, every promised key with its type, the same from `fit` and `summary`.

use serde_json::{Map, Value, json};

use crate::cases::{self, Case};

/// A test of one value.
type Kind = fn(&Value) -> bool;

const TEXT: Kind = Value::is_string;
const FLAG: Kind = Value::is_boolean;
const COUNT: Kind = Value::is_u64;
const NUMBER: Kind = Value::is_number;
const OBJECT: Kind = Value::is_object;
const LIST: Kind = Value::is_array;
const TEXT_OR_NULL: Kind = |value| value.is_string() || value.is_null();
const COUNT_OR_NULL: Kind = |value| value.is_u64() || value.is_null();
const NUMBER_OR_NULL: Kind = |value| value.is_number() || value.is_null();
const OBJECT_OR_NULL: Kind = |value| value.is_object() || value.is_null();

/// The object has exactly these keys, each of its kind.
fn assert_shape(case: &str, object: &Value, shape: &[(&str, Kind)]) {
    let object: &Map<String, Value> = object.as_object().unwrap();
    for (key, kind) in shape {
        let value = object.get(*key);
        let value = value.unwrap_or_else(|| panic!("{case}: no '{key}' in {object:?}"));
        assert!(kind(value), "{case}: {key} is {value}");
    }
    assert_eq!(object.len(), shape.len(), "{case}: more keys than promised");
}

fn assert_shapes(case: &str, list: &Value, shape: &[(&str, Kind)]) {
    let list = list.as_array().unwrap();
    assert!(!list.is_empty(), "{case}");
    list.iter().for_each(|item| assert_shape(case, item, shape));
}

fn assert_top_level(case: &str, object: &Value) {
    let mut shape = vec![
        ("schema", TEXT),
        ("model", OBJECT),
        ("data", OBJECT),
        ("sampler", OBJECT),
        ("parameters", LIST),
        ("plugin", OBJECT),
        ("variance", LIST),
        ("ranking", LIST),
        ("diagnostics", OBJECT),
        ("exact", OBJECT_OR_NULL),
        ("next_step", TEXT_OR_NULL),
        ("draws_file", TEXT_OR_NULL),
    ];
    if object.get("noise_choice").is_some() {
        shape.push(("noise_choice", OBJECT));
    }
    if object["exact"].is_null() {
        shape.push(("exact_unavailable", TEXT));
    }
    assert_shape(case, object, &shape);
}

fn assert_model_and_data(case: &str, object: &Value) {
    assert_shape(
        case,
        &object["model"],
        &[
            ("hyperprior", TEXT),
            ("noise", TEXT),
            ("importance", TEXT),
            ("location", TEXT),
        ],
    );
    if let Some(choice) = object.get("noise_choice") {
        assert_shape(
            case,
            choice,
            &[
                ("chosen", TEXT),
                ("log_bayes_factor", NUMBER_OR_NULL),
                ("sd_ratio", NUMBER_OR_NULL),
                ("reason", TEXT),
            ],
        );
    }
    let data = &object["data"];
    assert_shape(
        case,
        data,
        &[
            ("k", COUNT),
            ("n_total", COUNT_OR_NULL),
            ("sigma2_obs", NUMBER_OR_NULL),
            ("fks", LIST),
        ],
    );
    assert_shapes(
        case,
        &data["fks"],
        &[
            ("fk", TEXT),
            ("n", COUNT_OR_NULL),
            ("mean", NUMBER_OR_NULL),
            ("sd", NUMBER_OR_NULL),
        ],
    );
    assert_eq!(data["k"], data["fks"].as_array().unwrap().len());
}

fn assert_sampler_and_parameters(case: &str, object: &Value) {
    assert_shape(
        case,
        &object["sampler"],
        &[
            ("kind", TEXT),
            ("chains", COUNT),
            ("warmup", COUNT),
            ("draws", COUNT),
            ("thin", COUNT),
            ("seed", COUNT),
            ("interweave", FLAG),
            ("seconds", NUMBER_OR_NULL),
        ],
    );
    assert_shapes(
        case,
        &object["parameters"],
        &[
            ("name", TEXT),
            ("mean", NUMBER_OR_NULL),
            ("sd", NUMBER_OR_NULL),
            ("q5", NUMBER),
            ("q50", NUMBER),
            ("q95", NUMBER),
            ("mcse_mean", NUMBER_OR_NULL),
            ("mcse_sd", NUMBER_OR_NULL),
            ("ess_bulk", NUMBER_OR_NULL),
            ("ess_tail", NUMBER_OR_NULL),
            ("r_hat", NUMBER_OR_NULL),
        ],
    );
}

fn assert_variances_and_ranks(case: &str, object: &Value) {
    assert_shape(
        case,
        &object["plugin"],
        &[
            ("sigma2_fk", NUMBER),
            ("se", NUMBER_OR_NULL),
            ("lambda", NUMBER_OR_NULL),
            ("method", TEXT),
            ("at_boundary", FLAG),
        ],
    );
    let figures = [
        "mean",
        "shrinkage",
        "no_pooling",
        "full",
        "full_mcse",
        "expected_conditional",
        "variance_of_mean",
        "plugin",
        "corrected",
        "exact",
        "ratio",
        "width_full",
        "width_plugin",
        "plugin_coverage",
    ];
    let mut row = vec![("fk", TEXT), ("n", COUNT_OR_NULL)];
    row.extend(figures.map(|name| (name, NUMBER_OR_NULL)));
    assert_shapes(case, &object["variance"], &row);
    assert_shapes(
        case,
        &object["ranking"],
        &[
            ("fk", TEXT),
            ("p_best", NUMBER),
            ("expected_rank", NUMBER),
            ("rank_q5", NUMBER),
            ("rank_q95", NUMBER),
            ("p_positive", NUMBER),
        ],
    );
}

fn assert_diagnostics_and_exact(case: &str, object: &Value) {
    let diagnostics = &object["diagnostics"];
    assert_shape(
        case,
        diagnostics,
        &[
            ("ok", FLAG),
            ("max_r_hat", NUMBER_OR_NULL),
            ("min_ess_bulk", NUMBER_OR_NULL),
            ("min_ess_tail", NUMBER_OR_NULL),
            ("exact_check", OBJECT_OR_NULL),
            ("warnings", LIST),
        ],
    );
    if diagnostics["exact_check"].is_object() {
        let check = &diagnostics["exact_check"];
        assert_shape(case, check, &[("max_abs_z", NUMBER), ("parameters", COUNT)]);
    }
    assert!(diagnostics["warnings"].as_array().unwrap().iter().all(TEXT));
    if object["exact"].is_object() {
        let exact = &object["exact"];
        assert_shape(case, exact, &[("sigma2_fk", OBJECT), ("alpha", LIST)]);
        assert_shape(
            case,
            &exact["sigma2_fk"],
            &[
                ("mean", NUMBER_OR_NULL),
                ("sd", NUMBER_OR_NULL),
                ("q5", NUMBER),
                ("q50", NUMBER),
                ("q95", NUMBER),
            ],
        );
        assert_shapes(
            case,
            &exact["alpha"],
            &[
                ("fk", TEXT),
                ("mean", NUMBER_OR_NULL),
                ("sd", NUMBER_OR_NULL),
            ],
        );
    }
}

/// Every list over the FKs names them in input order.
fn assert_same_order(case: &str, object: &Value) {
    let names = |list: &Value| -> Vec<Value> {
        let list = list.as_array().unwrap();
        list.iter().map(|item| item["fk"].clone()).collect()
    };
    let fks = names(&object["data"]["fks"]);
    assert_eq!(names(&object["variance"]), fks, "{case}");
    assert_eq!(names(&object["ranking"]), fks, "{case}");
    if object["exact"].is_object() {
        assert_eq!(names(&object["exact"]["alpha"]), fks, "{case}");
    }
    let parameters = object["parameters"].as_array().unwrap();
    let alphas = &parameters[parameters.len() - fks.len()..];
    for (parameter, fk) in alphas.iter().zip(&fks) {
        let name = format!("alpha[{}]", fk.as_str().unwrap());
        assert_eq!(parameter["name"], name, "{case}");
    }
}

#[test]
fn every_promised_key_is_there_with_its_type() {
    for Case {
        name, fit, summary, ..
    } in cases::all()
    {
        for object in [&fit, &summary] {
            assert_top_level(name, object);
            assert_model_and_data(name, object);
            assert_sampler_and_parameters(name, object);
            assert_variances_and_ranks(name, object);
            assert_diagnostics_and_exact(name, object);
            assert_same_order(name, object);
        }
    }
}

#[test]
fn the_schema_comes_first() {
    for case in cases::all() {
        let start = "{\n  \"schema\": \"fkbayes.fit/1\",";
        assert!(case.fit_text.starts_with(start), "{}", case.name);
        assert_eq!(case.summary["schema"], "fkbayes.summary/1");
    }
}

#[test]
fn summary_tells_what_fit_told() {
    for mut case in cases::all() {
        assert!(case.fit["sampler"]["seconds"].is_number(), "{}", case.name);
        assert!(
            case.summary["sampler"]["seconds"].is_null(),
            "{}",
            case.name
        );
        for object in [&mut case.fit, &mut case.summary] {
            object["schema"].take();
            object["draws_file"].take();
            object["sampler"]["seconds"].take();
        }
        assert_eq!(case.fit, case.summary, "{}", case.name);
        assert_eq!(case.fit_warnings, case.summary_warnings, "{}", case.name);
    }
}

#[test]
fn the_model_is_the_one_in_force() {
    let noise = |name: &str| cases::named(name).fit["model"]["noise"].clone();
    assert_eq!(noise("auto"), "per-fk");
    assert_eq!(noise("pooled"), "pooled");
    assert_eq!(noise("per FK"), "per-fk=2");
    assert_eq!(
        cases::named("student-t").fit["model"]["importance"],
        "student-t=4"
    );
    assert_eq!(noise("sampled"), "sampled");
    assert_eq!(noise("sampled with a prior"), "sampled=3,0.001");
    assert_eq!(noise("standard errors"), "per-fk=fixed");
    let known = cases::named("known").fit;
    assert_eq!(
        known["model"],
        json!({"hyperprior": "ig=2,0.001", "noise": "known=0.0001", "importance": "normal", "location": "zero"})
    );
    assert_eq!(known["data"]["sigma2_obs"], 0.0001);
    assert!(known.get("noise_choice").is_none());
}

#[test]
fn sampled_noise_is_a_parameter_and_no_figure_of_the_data() {
    let fit = cases::named("sampled").fit;
    assert!(fit["data"]["sigma2_obs"].is_null());
    let names = fit["parameters"].as_array().unwrap()[..4].iter();
    let names: Vec<&str> = names.map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["sigma2_fk", "sigma2_obs", "lambda", "log_density"]);
}

/// Without scores there is no noise to speak of; with a single one it is borrowed.
#[test]
fn every_foreign_key_with_scores_has_its_noise() {
    let fit = cases::named("per FK").fit;
    assert!(fit["data"]["sigma2_obs"].is_null() && fit["plugin"]["lambda"].is_null());
    let names: Vec<&str> = fit["parameters"].as_array().unwrap()[..7]
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    let own = ["a", "b", "c", "e"].map(|fk| format!("sigma2_obs[{fk}]"));
    assert_eq!(names[1..5], own);
    assert_eq!(
        [names[0], names[5], names[6]],
        ["sigma2_fk", "d0", "log_density"]
    );
}

#[test]
fn auto_tells_its_figures() {
    let choice = cases::named("auto").fit["noise_choice"].clone();
    assert_eq!(choice["chosen"], "per-fk");
    assert!(choice["log_bayes_factor"].as_f64().unwrap() > 1000.0);
    let ratio = choice["sd_ratio"].as_f64().unwrap();
    assert!((27.0..29.0).contains(&ratio), "{ratio}");
    let reason = choice["reason"].as_str().unwrap();
    assert!(reason.contains("--noise pooled"), "{reason}");
    assert!(cases::named("per FK").fit.get("noise_choice").is_none());
}

/// With ν = 1.5 an importance without scores has a mean and no variance.
#[test]
fn heavy_tails_have_the_moments_they_have() {
    let fit = cases::named("student-t without scores").fit;
    let unobserved = &fit["variance"][1];
    assert!(unobserved["full"].is_null() && unobserved["plugin"].is_null());
    assert!(fit["variance"][0]["full"].as_f64().unwrap() > 0.0);
    assert!(fit["variance"][0]["corrected"].is_null());
    let alpha = fit["parameters"].as_array().unwrap();
    let alpha = alpha.iter().find(|p| p["name"] == "alpha[b]").unwrap();
    assert!(alpha["sd"].is_null() && alpha["mcse_mean"].is_null());
}

#[test]
fn standard_errors_have_no_count_and_no_lambda() {
    let fit = cases::named("standard errors").fit;
    assert_eq!(fit["noise_choice"]["chosen"], "per-fk=fixed");
    assert!(fit["data"]["n_total"].is_null());
    assert!(fit["data"]["sigma2_obs"].is_null());
    assert!(fit["data"]["fks"][0]["n"].is_null());
    assert!(fit["plugin"]["lambda"].is_null());
    let parameters = fit["parameters"].as_array().unwrap();
    assert!(parameters.iter().all(|p| p["name"] != "lambda"));
    assert_eq!(fit["variance"][0]["no_pooling"], 225.0);
}

#[test]
fn a_foreign_key_without_scores_has_the_prior() {
    let fit = cases::named("without scores").fit;
    assert_eq!(
        fit["data"]["fks"][1],
        json!({"fk": "b", "n": 0, "mean": null, "sd": null})
    );
    let row = &fit["variance"][1];
    assert!(row["mean"].is_null() && row["no_pooling"].is_null());
    assert_eq!(row["shrinkage"], 0.0);
    assert_eq!(fit["ranking"][1]["p_positive"], 0.5);
    assert_eq!(fit["exact"]["alpha"][1]["mean"], 0.0);
}

#[test]
fn at_the_boundary_there_is_no_ratio() {
    let fit = cases::named("boundary").fit;
    assert_eq!(fit["plugin"]["at_boundary"], true);
    assert_eq!(fit["plugin"]["sigma2_fk"], 0.0);
    assert!(fit["plugin"]["lambda"].is_null());
    for row in fit["variance"].as_array().unwrap() {
        assert!(row["ratio"].is_null());
        assert!(row["full"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn an_fk_that_never_varies_is_set_aside() {
    let case = cases::named("set aside");
    let constant = case.fit["data"]["fks"].as_array().unwrap().iter();
    let constant: Vec<&str> = constant
        .filter(|fk| fk["sd"] == 0.0)
        .map(|fk| fk["fk"].as_str().unwrap())
        .collect();
    let [name] = constant[..] else {
        panic!("one FK is constant: {constant:?}");
    };
    let parameters = case.fit["parameters"].as_array().unwrap().iter();
    let mut mine = parameters.filter(|p| p["name"] == format!("alpha[{name}]"));
    let mine = mine.next().unwrap();
    for figure in ["r_hat", "ess_bulk", "ess_tail"] {
        assert!(mine[figure].is_null(), "{mine}");
    }
    for figure in ["q5", "q50", "q95"] {
        assert_eq!(mine[figure], 0.0, "{mine}");
    }
    let warnings = case.fit["diagnostics"]["warnings"]
        .as_array()
        .unwrap()
        .iter();
    let mut naming = warnings.filter(|w| w.as_str().unwrap().contains(&format!("'{name}'")));
    assert!(naming.any(|w| w.as_str().unwrap().starts_with("set aside")));
}

#[test]
fn a_skipped_exact_posterior_says_so() {
    let fit = cases::named("no exact").fit;
    assert!(fit["exact"].is_null());
    assert_eq!(fit["exact_unavailable"], "skipped on request");
    assert!(fit["diagnostics"]["exact_check"].is_null());
    for row in fit["variance"].as_array().unwrap() {
        assert!(row["exact"].is_null() && row["plugin_coverage"].is_null());
        assert!(row["full"].is_number());
    }
}
