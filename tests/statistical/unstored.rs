//! `--keep`: importances that are not drawn, or not stored, against the exact posterior; where there is none,
//! `cli::keep` holds them against those that are stored.
//!
//! False-alarm rate 2e-7 a check (Bonferroni over its comparisons), seeds fixed; where the draws of σ²_FK are a
//! fifth too large, the first check must fail.

use crate::support::{Check, rng, scores};
use fkbayes::data::Data;
use fkbayes::draws::{Columns, Draws, MemorySink};
use fkbayes::model::{Hierarchy, Hyperprior, Importance, Kept, Location, Model, Noise};
use fkbayes::posterior::{ExactPosterior, Hyperparameters};
use fkbayes::sampler::{self, Run, SamplerKind, SamplerSettings};
use fkbayes::variance::{HyperparameterDraws, Unstored, VarianceDraws};
use ndarray::{Array2, Axis};
use rand::RngExt;
use std::sync::atomic::AtomicU64;

/// Sets of draws of the shared parameters: as they should be, and with an error; and draws in each.
const SETS: u64 = 60;
const WRONG_SETS: u64 = 20;
const DRAWS: usize = 400;
/// Importances drawn for the ranking, of each set.
const RANKED: usize = 4;

fn data() -> Data {
    scores(&[
        (4, 1.2, 6.0),
        (0, 0.0, 0.0),
        (15, -2.5, 40.0),
        (60, 0.6, 100.0),
        (9, 4.4, 30.0),
    ])
}

fn model(noise: Noise, importance: Importance, location: Location) -> Model {
    Model {
        hyperprior: Some(Hyperprior::inverse_gamma(4.0, 9.0).unwrap()),
        noise,
        importance,
        location,
    }
}

/// Independent draws of the shared parameters, their σ²_FK `times` what it should be.
fn shared(hierarchy: &Hierarchy, exact: &ExactPosterior, seed: u64, times: f64) -> VarianceDraws {
    let mut rng = rng(seed);
    let drawn: Vec<Hyperparameters> = (0..DRAWS)
        .map(|_| exact.hyperparameters_at(rng.random(), rng.random()))
        .collect();
    let column = |of: &dyn Fn(&Hyperparameters) -> f64| {
        Array2::from_shape_fn((1, DRAWS), |(_, i)| of(&drawn[i]))
    };
    let draws = HyperparameterDraws {
        sigma2_fk: column(&|at| times * at.sigma2_fk),
        sigma2_obs: Some(column(&|at| at.sigma2_obs)),
        location: None,
        d0: Some(column(&|at| at.noise_scale)),
    };
    VarianceDraws::new(hierarchy, draws)
}

fn figures(model: &Model, sets: u64, times: f64) -> Check {
    let data = data();
    let hierarchy = Hierarchy::resolve(model, &data).unwrap();
    let exact = ExactPosterior::new(&hierarchy).unwrap();
    let ranked: Vec<usize> = (0..DRAWS).step_by(DRAWS / RANKED).collect();
    let sets: Vec<(Unstored, u64)> = (0..sets)
        .map(|seed| {
            let draws = shared(&hierarchy, &exact, seed, times);
            (Unstored::new(&hierarchy, &draws, &ranked), seed)
        })
        .collect();
    let draw = |(set, seed): &(Unstored, u64)| -> Vec<Vec<f64>> {
        let mut rng = rng(1000 + seed);
        let mut of = |i| {
            let mut drawn = Vec::new();
            set.draw(&hierarchy, &data, i, &mut rng, &mut drawn);
            drawn
        };
        (0..RANKED).map(&mut of).collect()
    };
    let drawn: Vec<Vec<f64>> = sets.iter().flat_map(draw).collect();
    let center = hierarchy.evidence.center();
    let mut check = Check::default();
    for (k, fk) in data.fks().iter().enumerate() {
        let mean = fk.sample.mean().unwrap_or(0.0);
        let known: Vec<_> = sets
            .iter()
            .map(|(set, _)| set.importance(&hierarchy, (fk, k)))
            .collect();
        let mut compare = |name: &str, found: Vec<f64>, expected| {
            check.independent(&format!("{name} of α{k}"), &found, expected);
        };
        let of = |f: &dyn Fn(&fkbayes::variance::Known) -> f64| known.iter().map(f).collect();
        let mean_is = exact.alpha_mean(k, mean) - center;
        // Without scores, and about 0, each is 0 exactly.
        if fk.sample.n() > Some(0) || model.location == Location::Flat {
            compare("mean", of(&|known| known.mean), mean_is);
            let above = 1.0 - exact.alpha_cdf(k, mean, 0.0);
            compare("P(> 0)", of(&|known| known.p_positive), above);
        }
        let variance = exact.alpha_variance(k, mean).unwrap();
        // About the mean itself: that of the set takes a little of the variance with it.
        let second = |known: &fkbayes::variance::Known| {
            known.decomposition.full() + (known.mean - mean_is).powi(2)
        };
        compare("variance", of(&second), variance);
        for (i, p) in [0.05, 0.5, 0.95].into_iter().enumerate() {
            let at = |known: &fkbayes::variance::Known| {
                exact.alpha_cdf(k, mean, center + known.quantiles[i]) - p
            };
            if fk.sample.n() > Some(0) || i != 1 {
                compare(&format!("{p}-quantile"), of(&at), 0.0);
            }
        }
        let uniform: Vec<f64> = drawn
            .iter()
            .map(|drawn| exact.alpha_cdf(k, mean, center + drawn[k]))
            .collect();
        compare("F", uniform.clone(), 0.5);
        let square = uniform.iter().map(|u| (u - 0.5).powi(2)).collect();
        compare("spread of F", square, 1.0 / 12.0);
    }
    check
}

fn models() -> [Model; 4] {
    let student_t = Importance::student_t(5.0).unwrap();
    let own_noise = Noise::per_fk(2.5).unwrap();
    let sampled = Noise::sampled(3.0, 8.0).unwrap();
    [
        model(sampled, Importance::Normal, Location::Flat),
        model(own_noise, Importance::Normal, Location::Zero),
        model(Noise::known(4.0).unwrap(), student_t, Location::Zero),
        model(sampled, student_t, Location::Zero),
    ]
}

#[test]
fn figures_of_importances_without_draws() {
    for model in models() {
        figures(&model, SETS, 1.0).assert_passed();
    }
}

#[test]
fn a_prior_variance_a_fifth_too_large_is_found() {
    for model in models() {
        figures(&model, WRONG_SETS, 1.2).assert_failed();
    }
}

/// Sweeps that draw no importance but those that are stored.
#[test]
fn sweeps_without_the_importances_that_are_not_stored() {
    let sampled = Noise::sampled(3.0, 8.0).unwrap();
    let known = Noise::known(4.0).unwrap();
    let mut check = Check::default();
    for (kind, noise, location) in [
        (SamplerKind::Exact, sampled, Location::Flat),
        (SamplerKind::Exact, known, Location::Zero),
        (SamplerKind::Gibbs, known, Location::Zero),
        (SamplerKind::Gibbs, known, Location::Flat),
    ] {
        let data = data();
        let hierarchy =
            Hierarchy::resolve(&model(noise, Importance::Normal, location), &data).unwrap();
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let kept = Kept::new(&hierarchy, &data, &["alpha[f1],alpha[f4]".to_owned()]).unwrap();
        let settings = SamplerSettings {
            kind,
            draws: 10_000,
            seed: 77,
            ..SamplerSettings::default()
        };
        let mut sinks = vec![MemorySink::default(); settings.chains as usize];
        let run = Run {
            hierarchy: &hierarchy,
            exact: Some(&exact),
            settings: &settings,
            kept: Some(&kept),
            threads: 1,
            progress: &AtomicU64::new(0),
        };
        sampler::run(run, &mut sinks).unwrap();
        let fks = data.fks().iter().map(|fk| fk.name.as_str());
        let columns = Columns::of(&hierarchy, fks, Some(&kept));
        assert_eq!(columns.importances().collect::<Vec<_>>(), [1, 4]);
        let draws = Draws::from_sinks(columns, &sinks);
        let name = |what: &str| format!("{kind:?}, {noise:?}, {location:?}: {what}");
        let u = draws.get("sigma2_fk").unwrap();
        check.uniform(&name("σ²_FK"), &u.mapv(|t| exact.sigma2_fk_cdf(t)));
        for (fk, k, mean) in [("f1", 1, 0.0), ("f4", 4, 4.4)] {
            let alpha = draws.get(&format!("alpha[{fk}]")).unwrap();
            assert_eq!(alpha.len_of(Axis(1)), 10_000);
            let u = alpha.mapv(|alpha| exact.alpha_cdf(k, mean, alpha));
            check.uniform(&name(fk), &u);
        }
    }
    check.assert_passed();
}
