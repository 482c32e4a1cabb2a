//! The eight schools of Rubin (1981), from the shipped model file and data.

use crate::support::FALSE_ALARM;
use fkbayes::data::{Data, ReadOptions, Source, read};
use fkbayes::fit::{Fit, Fitter};
use fkbayes::model::{Hierarchy, ModelFile};
use fkbayes::numeric::two_sided_normal_bound;
use fkbayes::posterior::ExactPosterior;
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct Golden {
    sigma2_fk: Moments,
    location: Moments,
    alpha: Vec<Moments>,
}

#[derive(Deserialize)]
struct Moments {
    mean: f64,
    sd: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/eight_schools.json")).unwrap()
}

fn model() -> ModelFile {
    ModelFile::read(Path::new("models/eight_schools.toml")).unwrap()
}

fn data() -> Data {
    let source = Source::from("examples/data/eight_schools.csv");
    read(&[source], &ReadOptions::default()).unwrap()
}

fn assert_close(name: &str, found: f64, expected: f64) {
    let error = (found / expected - 1.0).abs();
    assert!(
        error < 1e-8,
        "{name}: {found} is not {expected} ({error:.1e})"
    );
}

#[test]
fn exact_posterior_equals_independent_quadrature() {
    let (data, golden) = (data(), golden());
    let exact = ExactPosterior::new(&Hierarchy::resolve(&model().model(), &data).unwrap()).unwrap();
    assert_close(
        "E[σ²_FK]",
        exact.sigma2_fk().mean.unwrap(),
        golden.sigma2_fk.mean,
    );
    assert_close(
        "sd[σ²_FK]",
        exact.sigma2_fk().sd.unwrap(),
        golden.sigma2_fk.sd,
    );
    let (mean, variance) = exact.location().unwrap();
    assert_close("E[m]", mean, golden.location.mean);
    assert_close("sd[m]", variance.unwrap().sqrt(), golden.location.sd);
    for (k, (fk, expected)) in data.fks().iter().zip(&golden.alpha).enumerate() {
        let y = fk.sample.mean().unwrap();
        assert_close(&fk.name, exact.alpha_mean(k, y), expected.mean);
        assert_close(
            &fk.name,
            exact.alpha_variance(k, y).unwrap().sqrt(),
            expected.sd,
        );
    }
}

/// Medians of Table 5.3 in Gelman et al., Bayesian Data Analysis (3rd ed., 2013): whole numbers from
/// 200 draws, whose error is about 0.6.
const PUBLISHED: [(&str, f64); 8] = [
    ("A", 10.0),
    ("B", 8.0),
    ("C", 7.0),
    ("D", 8.0),
    ("E", 5.0),
    ("F", 6.0),
    ("G", 10.0),
    ("H", 8.0),
];

#[test]
fn medians_are_the_published_ones() {
    let mut fitter = Fitter {
        model: model().model(),
        ..Fitter::default()
    };
    fitter.sampler.draws = 10_000;
    let (fit, _): (Fit, _) = fitter.fit_in_memory(&data()).unwrap();
    // The program's own verdict, but for its false-alarm rate of 1e-4.
    let check = fit.diagnostics.exact_check.as_ref().unwrap();
    assert!(check.max_abs_z <= two_sided_normal_bound(FALSE_ALARM, check.parameters));
    assert!(fit.diagnostics.max_r_hat.unwrap() < 1.01);
    for (school, median) in PUBLISHED {
        let name = format!("alpha[{school}]");
        let found = fit
            .parameters
            .iter()
            .find(|p| p.name == name)
            .unwrap()
            .q50
            .unwrap();
        assert!(
            (found - median).abs() < 1.2,
            "{school}: {found} against {median}"
        );
    }
}
