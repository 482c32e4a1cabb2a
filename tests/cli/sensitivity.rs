//! `sensitivity`: what moves when the hyperprior moves.

use crate::support::{Sandbox, assert_says, f1, parse, shipped, stderr, stdout};
use serde_json::Value;

/// Two FKs, weak data: the hyperprior has the say.
const TWO: &str = "fk,n,mean,sd\na,5,1.6,2\nb,6,-0.9,2.2\n";
const ONE: &str = "fk,n,mean,sd\na,12,0.4,1\n";

fn sensitivity(input: &str, flags: &[&str]) -> Value {
    let sandbox = Sandbox::with("in.csv", input);
    let output = sandbox.run(&[&["sensitivity", "in.csv", "--json"], flags].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(sandbox.files(), ["in.csv"], "sensitivity writes nothing");
    parse(&output)
}

fn pooled_f1() -> Value {
    let output = Sandbox::new().run(&["sensitivity", &f1(), "--noise=pooled", "--json"]);
    parse(&output)
}

fn alternatives(found: &Value) -> &Vec<Value> {
    found["alternatives"].as_array().unwrap()
}

fn priors(found: &Value) -> Vec<&str> {
    let priors = alternatives(found).iter();
    priors.map(|row| row["prior"].as_str().unwrap()).collect()
}

fn refused(input: &str, flags: &[&str], says: &[&str]) {
    let sandbox = Sandbox::with("in.csv", input);
    let output = sandbox.run(&[&["sensitivity", "in.csv"], flags].concat());
    assert_eq!(output.status.code(), Some(2), "{flags:?}");
    assert!(output.stdout.is_empty());
    let message = stderr(&output);
    assert_eq!(message.lines().count(), 1, "{message}");
    assert_says(&message, says);
}

#[test]
fn the_promised_keys_are_there() {
    let found = sensitivity(TWO, &[]);
    assert_eq!(found["schema"], "fkbayes.sensitivity/1");
    for key in ["model", "data", "current", "alternatives", "movers"] {
        assert!(!found[key].is_null(), "{key}");
    }
    assert!(found["noise_choice"]["reason"].is_string());
    assert!(found["verdict"].is_string() && found["warnings"].is_array());
    assert!(found["left_out"].is_array() && found["p_best_draws"] == 4000);
    for row in alternatives(&found) {
        let number = |key: &str| row[key].as_f64().unwrap_or_else(|| panic!("{key}: {row}"));
        assert!(row["prior"].is_string() && row["recommended"].is_boolean());
        assert!(["a", "b"].contains(&row["top_fk"].as_str().unwrap()));
        assert!((0.0..=1.0).contains(&number("p_best")));
        assert!(number("max_shift_sd") >= 0.0 && number("max_sd_ratio") >= 1.0);
        assert!(number("max_interval_shift_sd") >= number("max_shift_sd"));
        assert!(number("sigma2_fk_q5") < number("sigma2_fk_q50"));
        assert!(number("sigma2_fk_q50") < number("sigma2_fk_q95"));
        assert!(row["sigma2_fk_mean"].is_number() || row["sigma2_fk_mean"].is_null());
        assert!(row["max_shift_fk"].is_string() && row["max_sd_ratio_fk"].is_string());
    }
    for key in ["prior", "likelihood", "alpha_prior", "alpha_likelihood"] {
        assert!(found["power_scaling"][key].is_number(), "{key}");
    }
}

/// Each parameter halved and doubled, the rivals at the noise floor, flat, the contrast, and what is
/// named; none twice.
#[test]
fn the_alternatives_are_those_promised() {
    let flags = ["--prior=ig=2,1", "--noise=known=4", "--against=ig=1,1"];
    let named = ["--against=half-t=3,0.5", "--against=flat"];
    let found = sensitivity(TWO, &[&flags[..], &named].concat());
    // s is 4/5 and 4/6; its median (4/5 + 4/6)/2.
    let floor = (4.0 / 5.0 + 4.0 / 6.0) / 2.0;
    let scale = f64::sqrt(floor);
    let expected = [
        "ig=1,1".to_owned(),
        "ig=4,1".into(),
        "ig=2,0.5".into(),
        "ig=2,2".into(),
        format!("ig=0.5,{}", 0.5 * floor),
        format!("half-cauchy={scale}"),
        format!("half-t=4,{scale}"),
        "flat".into(),
        "half-t=3,0.5".into(),
        "ig=0.001,0.001".into(),
    ];
    assert_eq!(priors(&found), expected);
    assert_eq!(found["current"]["prior"], "ig=2,1");
    let against_recommended = alternatives(&found).iter();
    let contrasts = against_recommended.filter(|row| row["recommended"] == false);
    assert_eq!(contrasts.count(), 1);
}

/// Every alternative is what `compare` answers under it.
#[test]
fn an_alternative_answers_as_if_it_were_the_model() {
    let found = sensitivity(TWO, &[]);
    let sandbox = Sandbox::with("in.csv", TWO);
    for row in alternatives(&found) {
        let prior = format!("--prior={}", row["prior"].as_str().unwrap());
        let compared = parse(&sandbox.run(&["compare", "in.csv", "--no-mcmc", "--json", &prior]));
        let exact = &compared["exact"]["sigma2_fk"];
        assert_eq!(row["sigma2_fk_mean"], exact["mean"]);
        for quantile in ["q5", "q50", "q95"] {
            assert_eq!(row[format!("sigma2_fk_{quantile}")], exact[quantile]);
        }
        let ratios = compared["variance"].as_array().unwrap().iter();
        let ratios: Vec<f64> = ratios.map(|v| v["ratio"].as_f64().unwrap()).collect();
        let near = |key: &str, x: f64| (row[key].as_f64().unwrap() / x - 1.0).abs() < 1e-12;
        assert!(near(
            "ratio_low",
            ratios.iter().copied().fold(f64::INFINITY, f64::min)
        ));
        assert!(near(
            "ratio_high",
            ratios.iter().copied().fold(0.0, f64::max)
        ));
        assert_eq!(row["top_fk"], "a");
    }
}

#[test]
fn strong_data_keep_their_conclusion() {
    let found = pooled_f1();
    let top = found["current"]["top_fk"].as_str().unwrap();
    assert_eq!(top, "qualifying.raceId_driverId");
    assert!(alternatives(&found).iter().all(|row| row["top_fk"] == top));
    assert!(alternatives(&found).iter().all(|row| row["p_best"] == 1.0));
    let verdict = found["verdict"].as_str().unwrap();
    assert_says(verdict, &["the conclusion is the data's: ", top]);
}

#[test]
fn weak_data_leave_it_to_the_hyperprior() {
    let found = sensitivity(TWO, &[]);
    let verdict = found["verdict"].as_str().unwrap();
    assert_says(verdict, &["in part the hyperprior's", "'a' by", "sd"]);
    assert!(found["movers"][0]["interval_shift_sd"].as_f64().unwrap() > 0.5);
    // What is shown for contrast only has no part in it.
    let movers = found["movers"].as_array().unwrap().iter();
    assert!(movers.clone().count() == 2 && priors(&found).contains(&"ig=0.001,0.001"));
    movers.for_each(|mover| assert_ne!(mover["prior"], "ig=0.001,0.001"));
}

#[test]
fn a_first_fk_that_changes_is_told() {
    let file = shipped("examples/data/eight_schools.csv");
    let found = parse(&Sandbox::new().run(&["sensitivity", &file, "--json"]));
    assert_eq!(found["current"]["top_fk"], "G");
    let verdict = found["verdict"].as_str().unwrap();
    assert_says(verdict, &["the first FK, 'G'", "is 'A' under"]);
    // The plug-in's estimate is 0: there is no ratio to it.
    assert!(found["current"]["ratio_low"].is_null());
}

#[test]
fn what_is_not_proper_is_left_out() {
    let found = sensitivity(ONE, &[]);
    assert!(!priors(&found).contains(&"flat"));
    assert_eq!(found["left_out"][0]["prior"], "flat");
    assert_says(
        found["left_out"][0]["why"].as_str().unwrap(),
        &["1 FK", "proper"],
    );
    let sandbox = Sandbox::with("in.csv", ONE);
    let text = stdout(&sandbox.run(&["sensitivity", "in.csv"]));
    assert_says(&text, &["flat is left out"]);
    let two = sensitivity(TWO, &["--location=flat"]);
    assert_eq!(two["left_out"][0]["prior"], "flat");
}

#[test]
fn moments_that_do_not_exist_are_null() {
    let found = sensitivity("fk,n,mean,sd\na,5,1.6,2\nb,0,,\n", &[]);
    // a0 + K'/2 = 1 under the default and the half-Cauchy: no mean of sigma2_fk, no variance of b.
    assert!(found["current"]["sigma2_fk_mean"].is_null());
    let doubled = &alternatives(&found)[1];
    assert_eq!(
        doubled["prior"].as_str().unwrap().split(',').next(),
        Some("ig=1")
    );
    assert!(doubled["sigma2_fk_mean"].is_number());
    assert_eq!(doubled["max_sd_ratio_fk"], "a");
}

#[test]
fn without_an_exact_posterior_it_is_refused() {
    let flags = ["--noise=per-fk", "--importance=student-t=4"];
    refused(
        TWO,
        &flags,
        &["exact posterior", "--importance normal", "per-fk=fixed"],
    );
}

#[test]
fn wrong_settings_are_refused() {
    refused(
        TWO,
        &["--against=ig=1"],
        &["hyperprior 'ig=1'", "two numbers"],
    );
    refused(TWO, &["--against=ig=-1,2"], &["positive"]);
    refused(ONE, &["--prior=flat"], &["at least 2"]);
}

#[test]
fn power_scaling_knows_its_limits() {
    let sampled = sensitivity(TWO, &["--noise=sampled"]);
    let scaling = &sampled["power_scaling"];
    assert!(scaling["prior"].is_number() && scaling["likelihood"].is_number());
    assert!(scaling["alpha_prior"].is_null() && scaling["alpha_prior_fk"].is_null());
    let flat = sensitivity(TWO, &["--prior=flat"]);
    assert_eq!(flat["power_scaling"]["prior"], 0.0);
}

#[test]
fn the_answer_fits_the_width() {
    let long = "fk,n,mean,sd\nsome_rather_long_table.with_a_long_column,5,1.6e7,2e7\n\
                other_table.other_column_of_it,6,-9e6,2.2e7\nz,0,,\n";
    let eight_schools = shipped("examples/data/eight_schools.csv");
    let sandbox = Sandbox::with("in.csv", long);
    let f1 = f1();
    for arguments in [
        &[f1.as_str(), "--noise=pooled"][..],
        &[&f1, "--noise=per-fk=fixed", "--prior=half-t=4,0.00123456"],
        &[&eight_schools],
        &["in.csv"],
    ] {
        let output = sandbox.run(&[&["sensitivity"], arguments].concat());
        let text = stdout(&output);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        let starts = |word: &str| text.lines().any(|line| line.starts_with(word));
        assert!(
            starts("model ") && starts("power ") && starts("verdict "),
            "{text}"
        );
        let rows = text.lines().filter(|line| line.starts_with("half-"));
        assert!(rows.count() >= 2, "{text}");
    }
}
