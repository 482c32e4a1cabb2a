//! Simulated data against the model that they are said to come from.
//!
//! Every figure is a mean of independent numbers whose expectation the model gives; one check fails
//! for a right program with the probability of [`crate::support::FALSE_ALARM`].

use crate::support::Check;
use fkbayes::model::{Hyperprior, Importance, Location, Model, Noise};
use fkbayes::numeric::normal_cdf;
use fkbayes::simulate::{Request, Simulated, Sizes};
use ndarray::Array2;
use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::gamma::gamma_ur;

const FKS: usize = 4000;
/// Hyperparameters are drawn once per simulation.
const SIMULATIONS: u64 = 4000;

fn request(hyperprior: &str, noise: &str, k: usize, sizes: &str) -> Request {
    let model = Model {
        hyperprior: Some(hyperprior.parse().unwrap()),
        noise: noise.parse().unwrap(),
        ..Model::default()
    };
    Request::new(model, k, sizes.parse().unwrap())
}

/// Independent numbers as four chains, which is how a [`Check`] takes them.
fn chains(values: &[f64]) -> Array2<f64> {
    let length = values.len() / 4;
    Array2::from_shape_fn((4, length), |(chain, i)| values[4 * i + chain])
}

/// Mean and spread of numbers that are uniform if all is right.
fn uniform(check: &mut Check, name: &str, values: &[f64]) {
    check.uniform(name, &chains(values));
}

/// α, ȳ and the sample variance of every FK with more than one score.
fn fks(check: &mut Check, simulated: &Simulated, alpha_cdf: impl Fn(f64) -> f64) {
    let truth = simulated.truth();
    let t = truth.shared.sigma2_fk.unwrap();
    let both = || truth.fks.iter().zip(simulated.stats());
    let alpha = both().map(|(fk, _)| alpha_cdf((fk.alpha - truth.shared.location) / t.sqrt()));
    uniform(check, "α", &alpha.collect::<Vec<_>>());
    let observed = || both().filter(|(_, stats)| stats.n() > 1);
    let error = observed().map(|(fk, stats)| {
        let error = stats.mean().unwrap() - fk.alpha;
        normal_cdf(error / (fk.sigma2_obs / stats.n() as f64).sqrt())
    });
    uniform(check, "ȳ - α", &error.collect::<Vec<_>>());
    let spread = observed().map(|(fk, stats)| {
        let degrees = (stats.n() - 1) as f64;
        gamma_ur(0.5 * degrees, 0.5 * stats.sum_sq() / fk.sigma2_obs)
    });
    uniform(check, "SSW", &spread.collect::<Vec<_>>());
}

#[test]
fn fks_are_those_of_the_normal_model() {
    let request = request("ig=2,1", "known=10", FKS, "2,5,20");
    let mut check = Check::default();
    fks(&mut check, &request.draw(1).unwrap(), normal_cdf);
    check.assert_passed();
}

#[test]
fn fks_are_those_of_the_student_t_model_with_noise_of_their_own() {
    let mut request = request("half-t=4,2", "per-fk=2", FKS, "poisson:6");
    request.model.importance = Importance::student_t(3.0).unwrap();
    request.model.location = Location::Flat;
    request.at = Some(7.0);
    request.d0 = Some(5.0);
    let simulated = request.draw(2).unwrap();
    let mut check = Check::default();
    let law = StudentsT::new(0.0, 1.0, 3.0).unwrap();
    fks(&mut check, &simulated, |z| law.cdf(z));
    let truth = &simulated.truth().fks;
    let noise = truth.iter().map(|fk| gamma_ur(2.0, 5.0 / fk.sigma2_obs));
    uniform(&mut check, "σ²_obs", &noise.collect::<Vec<_>>());
    let sizes: Vec<f64> = truth.iter().map(|fk| fk.n as f64).collect();
    check.mean("n", &chains(&sizes), 6.0);
    let squares: Vec<f64> = sizes.iter().map(|n| (n - 6.0).powi(2)).collect();
    check.mean("spread of n", &chains(&squares), 6.0);
    check.assert_passed();
}

#[test]
fn hyperparameters_are_those_of_their_priors() {
    let mut check = Check::default();
    for hyperprior in ["ig=2,3", "half-t=4,2"] {
        let request = request(hyperprior, "sampled=3,20", 1, "1");
        let hyperprior: Hyperprior = hyperprior.parse().unwrap();
        let law = StudentsT::new(0.0, 2.0, 4.0).unwrap();
        let shared = |seed| request.draw(seed).unwrap().truth().shared;
        let drawn: Vec<_> = (0..SIMULATIONS).map(shared).collect();
        let t = drawn.iter().map(|shared| {
            let t = shared.sigma2_fk.unwrap();
            match hyperprior {
                Hyperprior::InverseGamma { a0, b0 } => gamma_ur(a0, b0 / t),
                _ => 2.0 * law.cdf(t.sqrt()) - 1.0,
            }
        });
        uniform(&mut check, "σ²_FK", &t.collect::<Vec<_>>());
        let noise = drawn
            .iter()
            .map(|shared| gamma_ur(3.0, 20.0 / shared.sigma2_obs.unwrap()));
        uniform(&mut check, "σ²_obs", &noise.collect::<Vec<_>>());
    }
    check.assert_passed();
}

/// FKs have streams of their own: what comes after does not change what comes before.
#[test]
fn more_fks_or_scores_leave_the_others_as_they_are() {
    let few = request("ig=2,1", "known=10", 3, "5").draw(4).unwrap();
    let many = request("ig=2,1", "known=10", 30, "5").draw(4).unwrap();
    assert_eq!(few.stats(), &many.stats()[..3]);
    let longer = Request {
        sizes: Sizes::Given(vec![5, 6]),
        ..request("ig=2,1", "known=10", 3, "5")
    };
    let longer = longer.draw(4).unwrap();
    assert_eq!(few.stats()[0], longer.stats()[0]);
    assert_eq!(few.stats()[2], longer.stats()[2]);
    assert_eq!(Noise::Known(10.0), longer.model().noise);
}
