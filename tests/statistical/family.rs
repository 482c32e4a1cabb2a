//! Chains against the exact posterior: hyperpriors × locations × kernels × data sets.
//!
//! Each test has a false-alarm rate of 2e-7 (Bonferroni over its comparisons); seeds are fixed. The same checks fail on a location whose uncertainty is left out.

use crate::support::{Check, LENGTH, drive, normal, rng, run, scores, sum_sq};
use fkbayes::model::{Hierarchy, Hyperprior, Location, Model, Noise};
use fkbayes::posterior::{ExactPosterior, location_given};
use fkbayes::sampler::{Generator, GibbsKernel, Kernel, Move, SamplerKind, State};

/// (n_k, ȳ_k, SSW_k) of each FK, and the variance of a score.
struct Set(Vec<(u64, f64, f64)>, f64);

impl Set {
    fn drawn(fks: impl Iterator<Item = (u64, f64)>, sigma2_obs: f64) -> Self {
        let mut rng = rng(2027);
        let fks = fks.map(|(n, mean)| (n, mean, sum_sq(n, sigma2_obs, &mut rng)));
        Self(fks.collect(), sigma2_obs)
    }

    /// Few scores, one FK without any, and importances far from zero.
    fn small() -> Self {
        let fks = [
            (4, 96.0),
            (0, 0.0),
            (15, 104.5),
            (60, 99.2),
            (9, 103.0),
            (9, 101.4),
        ];
        Self::drawn(fks.into_iter(), 20.0)
    }

    /// n ≪ λ: the case that mixes worst.
    fn weak() -> Self {
        let mut rng = rng(51);
        Self::drawn(
            (0..50).map(|_| (10, 11.1_f64.sqrt() * normal(&mut rng))),
            101.0,
        )
    }

    fn members(&self, noise: Noise) -> Vec<Hierarchy> {
        let scale = self.1.sqrt();
        let priors = [
            Hyperprior::inverse_gamma(0.5, 0.1 * self.1).unwrap(),
            Hyperprior::half_t(1.0, scale).unwrap(),
            Hyperprior::half_t(4.0, 0.5 * scale).unwrap(),
            Hyperprior::Flat,
        ];
        let locations = [Location::Zero, Location::Flat];
        let each = priors
            .iter()
            .flat_map(|&prior| locations.map(|location| (prior, location)));
        each.map(|(prior, location)| {
            let model = Model {
                hyperprior: Some(prior),
                noise,
                location,
                ..Model::default()
            };
            Hierarchy::resolve(&model, &scores(&self.0)).unwrap()
        })
        .collect()
    }

    fn check(&self, noise: Noise) {
        let mut check = Check::default();
        for hierarchy in self.members(noise) {
            let exact = ExactPosterior::new(&hierarchy).unwrap();
            let name = |how: &str| {
                format!(
                    "{how}, {}, {:?}",
                    hierarchy.hyperprior, hierarchy.model.location
                )
            };
            for (seed, with) in [(21, Move::Scale), (22, Move::Collapsed)] {
                let kernel = || GibbsKernel::new(&hierarchy, with);
                let chains = drive(&hierarchy, kernel, LENGTH, seed);
                check.chains(&name(&format!("{with:?}")), &chains, &hierarchy, &exact);
            }
            let kind = (SamplerKind::Exact, LENGTH, 23);
            let chains = run(&scores(&self.0), &hierarchy, &exact, kind);
            check.chains(&name("exact"), &chains, &hierarchy, &exact);
        }
        check.assert_passed();
    }
}

#[test]
fn small_data_known_noise() {
    Set::small().check(Noise::known(20.0).unwrap());
}

#[test]
fn small_data_sampled_noise() {
    Set::small().check(Noise::sampled(0.0, 0.0).unwrap());
}

#[test]
fn weak_data_known_noise() {
    Set::weak().check(Noise::known(101.0).unwrap());
}

/// The textbook alternation mixes too slowly on the weak data for its errors to be known.
#[test]
fn small_data_plain_alternation() {
    let mut check = Check::default();
    for hierarchy in Set::small().members(Noise::known(20.0).unwrap()) {
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let kernel = || GibbsKernel::new(&hierarchy, Move::None);
        let chains = drive(&hierarchy, kernel, LENGTH, 24);
        check.chains(
            &hierarchy.hyperprior.to_string(),
            &chains,
            &hierarchy,
            &exact,
        );
    }
    check.assert_passed();
}

/// Holds the location at its conditional mean in place of drawing it.
pub struct CertainLocation<'a>(pub GibbsKernel<'a>, pub &'a Hierarchy);

impl Kernel for CertainLocation<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        self.0.step(state, rng);
        let given = location_given(&self.1.evidence, state.sigma2_fk, state.sigma2_obs);
        let shift = given.mean - state.location;
        state.location += shift;
        for alpha in &mut state.alpha {
            *alpha += shift;
        }
    }
}

#[test]
fn a_certain_location_is_found_out() {
    let set = Set::small();
    for hierarchy in set.members(Noise::known(20.0).unwrap()) {
        if hierarchy.model.location == Location::Zero {
            continue;
        }
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let kernel = || CertainLocation(GibbsKernel::new(&hierarchy, Move::Collapsed), &hierarchy);
        let chains = drive(&hierarchy, kernel, LENGTH, 25);
        let mut check = Check::default();
        check.chains("certain location", &chains, &hierarchy, &exact);
        check.assert_failed();
    }
}
