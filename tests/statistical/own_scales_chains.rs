//! Chains against the exact posterior where FKs have scales of their own: per-FK noise and Student-t
//! importances × hyperpriors × kernels × data sets.
//!
//! Each test has a false-alarm rate of 2e-7 (Bonferroni over its comparisons); seeds are fixed. The same checks fail where the shape of σ²_obs,k or of ω_k is off by ½.

use crate::support::{
    Check, LENGTH, Length, drive, inverse_gamma, normal, rng, run, scores, sum_sq,
};
use fkbayes::model::{Hierarchy, Hyperprior, Importance, Location, Model, Noise};
use fkbayes::posterior::{ExactPosterior, conditional};
use fkbayes::sampler::{Generator, Kernel, Move, OwnScalesKernel, SamplerKind, State};

/// The bare sweep mixes slowly.
const BARE: Length = Length {
    draws: 20_000,
    ..LENGTH
};

/// (n_k, ȳ_k, SSW_k) of each FK.
type Set = Vec<(u64, f64, f64)>;

fn drawn(fks: impl Iterator<Item = (u64, f64, f64)>) -> Set {
    let mut rng = rng(2028);
    let fks = fks.map(|(n, mean, variance)| (n, mean, sum_sq(n, variance, &mut rng)));
    fks.collect()
}

/// Few scores, one FK without any, one with a single one; noise that differs by a factor of 50.
fn small() -> Set {
    let fks = [
        (4, 1.2, 2.0),
        (0, 0.0, 1.0),
        (15, -2.5, 20.0),
        (60, 0.6, 5.0),
        (1, 3.0, 1.0),
        (9, 4.4, 100.0),
    ];
    drawn(fks.into_iter())
}

/// Much noise, and one importance that towers over the others.
fn tower() -> Set {
    let mut rng = rng(52);
    let fks = (0..10).map(|k| {
        let mean = if k == 3 { 30.0 } else { normal(&mut rng) };
        (5 + 3 * k, mean, 10.0 * (1.0 + k as f64))
    });
    let fks: Vec<_> = fks.collect();
    drawn(fks.into_iter())
}

fn members(set: &Set, importance: Importance, noise: Noise, location: Location) -> Vec<Hierarchy> {
    let priors = [
        Hyperprior::inverse_gamma(0.5, 1.0).unwrap(),
        Hyperprior::half_t(1.0, 1.5).unwrap(),
    ];
    let hierarchy = |prior| {
        let model = Model {
            hyperprior: Some(prior),
            noise,
            importance,
            location,
        };
        Hierarchy::resolve(&model, &scores(set)).unwrap()
    };
    priors.into_iter().map(hierarchy).collect()
}

/// Compares the sweep with its moves, the bare sweep, and the exact sampler.
fn check(set: &Set, importance: Importance, noise: Noise, location: Location) {
    let mut check = Check::default();
    for hierarchy in members(set, importance, noise, location) {
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let name = |how: &str| format!("{how}, {}", hierarchy.hyperprior);
        for (seed, with, length) in [(31, Move::Collapsed, LENGTH), (32, Move::None, BARE)] {
            let kernel = || OwnScalesKernel::new(&hierarchy, with);
            let chains = drive(&hierarchy, kernel, length, seed);
            check.chains(&name(&format!("{with:?}")), &chains, &hierarchy, &exact);
        }
        let kind = (SamplerKind::Exact, LENGTH, 33);
        let chains = run(&scores(set), &hierarchy, &exact, kind);
        check.chains(&name("exact"), &chains, &hierarchy, &exact);
    }
    check.assert_passed();
}

fn student_t(nu: f64) -> Importance {
    Importance::student_t(nu).unwrap()
}

#[test]
fn per_fk_noise_small() {
    check(
        &small(),
        Importance::Normal,
        Noise::per_fk(1.0).unwrap(),
        Location::Zero,
    );
}

#[test]
fn per_fk_noise_tower() {
    check(
        &tower(),
        Importance::Normal,
        Noise::per_fk(2.5).unwrap(),
        Location::Zero,
    );
}

#[test]
fn student_t_known_noise() {
    check(
        &small(),
        student_t(4.0),
        Noise::known(20.0).unwrap(),
        Location::Zero,
    );
}

#[test]
fn cauchy_noise_fixed_per_fk() {
    check(&tower(), student_t(1.0), Noise::PerFkFixed, Location::Zero);
}

#[test]
fn student_t_sampled_noise() {
    check(
        &small(),
        student_t(4.0),
        Noise::sampled(0.0, 0.0).unwrap(),
        Location::Zero,
    );
}

#[test]
fn student_t_unknown_location() {
    check(
        &small(),
        student_t(4.0),
        Noise::known(20.0).unwrap(),
        Location::Flat,
    );
    check(&tower(), student_t(4.0), Noise::PerFkFixed, Location::Flat);
}

/// Draws every FK's own scale once more, of the wrong shape, ½ too large, and its importance given it.
struct WrongShape<'a>(OwnScalesKernel<'a>, &'a Hierarchy);

impl Kernel for WrongShape<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        self.0.step(state, rng);
        let evidence = &self.1.evidence;
        for (i, &place) in evidence.place().iter().enumerate() {
            let spread = self.1.spreads[place];
            if let Noise::PerFk { c0 } = self.1.model.noise
                && spread.n > 0.0
            {
                let error = evidence.means()[i] - state.alpha[i];
                let square = spread.sum_sq + spread.n * error * error;
                let shape = c0 + 0.5 * (spread.n + 1.0);
                let scale = state.noise_scale + 0.5 * square;
                state.own_noise[i] = inverse_gamma(shape, scale, rng);
            }
            if let Importance::StudentT { nu } = self.1.model.importance {
                let square = state.alpha[i].powi(2) / state.sigma2_fk;
                state.mixing[i] = inverse_gamma(0.5 * (nu + 2.0), 0.5 * (nu + square), rng);
                let s = self.1.sampling_variance(place, state.sigma2_obs);
                let t = state.sigma2_fk * state.mixing[i];
                let given = conditional(t, s, evidence.means()[i]);
                state.alpha[i] = given.mean + given.variance.sqrt() * normal(rng);
            }
        }
    }

    fn end_warmup(&mut self) {
        self.0.end_warmup();
    }
}

fn assert_found_out(importance: Importance, noise: Noise) {
    let set = small();
    for hierarchy in members(&set, importance, noise, Location::Zero) {
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let kernel = || {
            WrongShape(
                OwnScalesKernel::new(&hierarchy, Move::Collapsed),
                &hierarchy,
            )
        };
        let chains = drive(&hierarchy, kernel, LENGTH, 34);
        let mut check = Check::default();
        check.chains("wrong shape", &chains, &hierarchy, &exact);
        check.assert_failed();
    }
}

#[test]
fn a_wrong_shape_of_the_noise_is_found_out() {
    assert_found_out(Importance::Normal, Noise::per_fk(1.0).unwrap());
}

#[test]
fn a_wrong_shape_of_the_mixing_is_found_out() {
    assert_found_out(student_t(4.0), Noise::known(20.0).unwrap());
}
