//! Scores given parameters and parameters given scores in turn: what is left is the prior, whose
//! distribution functions are known.
//!
//! A flat location is improper, but both steps commute with translations of scores and parameters
//! together, so what does not change under them is a chain of its own, whose prior is proper:
//! importances are looked at about the location, and the location is put back to zero each time.

use super::member::{Fk, HALF_CAUCHY, KNOWN, Member, NoisePrior, PER_FK, SAMPLED};
use super::{MOVES, Sweep};
use crate::planted::Planted;
use crate::planted_scales::PlantedScale;
use crate::support::{Check, rng};
use fkbayes::model::{Evidence, Hierarchy, Hyperprior, Importance, Spread};
use fkbayes::numeric::normal_cdf;
use fkbayes::sampler::{Generator, Move, State};
use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::gamma::{gamma_lr, gamma_ur};

/// Few scores: with many, parameters and scores hardly let each other go. Decreasing, so that the
/// order of groups is this one.
const N: [u64; 5] = [4, 3, 2, 1, 0];
const MOST: usize = 0;
const ONE: usize = 3;
const NONE: usize = 4;
/// Independent runs, each begun at a draw from the prior. Along one chain there need be no central
/// limit theorem: from where σ²_FK is far above the noise scores lead back by a random walk, and
/// under the half-Cauchy the time that takes has no mean.
const RUNS: usize = 3000;
/// For errors that are large.
const FEW_RUNS: usize = 500;
/// Draws of a run.
const DRAWS: usize = 60;
/// Steps between two draws.
const THIN: usize = 2;

/// Numbers that are independent and uniform under the prior, σ²_FK's first.
fn pivots(member: &Member, state: &State) -> Vec<(&'static str, f64)> {
    let mut found = vec![("σ²_FK", hyperprior_cdf(member.hyperprior, state.sigma2_fk))];
    for (name, k) in [("size of α most", MOST), ("size of α none", NONE)] {
        found.push((name, (2.0 * normal_cdf(standardized(state, k)) - 1.0).abs()));
    }
    match member.noise {
        NoisePrior::Known(_) | NoisePrior::Given(_) => {}
        NoisePrior::Sampled { c0, d0 } => {
            found.push(("σ²_obs", gamma_ur(c0, d0 / state.sigma2_obs)));
        }
        NoisePrior::PerFk { c0, scale_prior } => {
            let (shape, rate) = scale_prior;
            found.push(("d₀", gamma_lr(shape, rate * state.noise_scale)));
            for (name, k) in [("σ²_obs,most/d₀", MOST), ("σ²_obs,one/d₀", ONE)] {
                found.push((name, gamma_ur(c0, state.noise_scale / state.own_noise[k])));
            }
        }
    }
    if let Importance::StudentT { nu } = member.importance {
        for (name, k) in [("ω most", MOST), ("ω none", NONE)] {
            found.push((name, gamma_ur(0.5 * nu, 0.5 * nu / state.mixing[k])));
        }
    }
    found
}

/// (α_k - m)/√(σ²_FK ω_k), standard normal under the prior.
fn standardized(state: &State, k: usize) -> f64 {
    let variance = state.sigma2_fk * state.mixing.get(k).unwrap_or(&1.0);
    (state.alpha[k] - state.location) / variance.sqrt()
}

/// (ȳ_k - α_k)/√(σ²_obs,k/n_k), standard normal whatever the parameters.
fn standardized_error(member: &Member, hierarchy: &Hierarchy, state: &State) -> f64 {
    let variance = member.variance(state, MOST) / N[MOST] as f64;
    (hierarchy.evidence.means()[MOST] - state.alpha[MOST]) / variance.sqrt()
}

fn hyperprior_cdf(hyperprior: Hyperprior, t: f64) -> f64 {
    match hyperprior {
        Hyperprior::InverseGamma { a0, b0 } => gamma_ur(a0, b0 / t),
        Hyperprior::HalfT { nu, scale } => {
            let law = StudentsT::new(0.0, scale, nu).unwrap();
            2.0 * law.cdf(t.sqrt()) - 1.0
        }
        other => panic!("{other} has no distribution function"),
    }
}

/// Puts new scores into a hierarchy. Under per-FK noise too groups are by n: the kernel takes the
/// noise from the state.
fn observe(hierarchy: &mut Hierarchy, fks: &[Fk]) {
    let mean = |&(n, mean, _): &Fk| (mean, 1.0 / n as f64);
    let means: Vec<(f64, f64)> = fks.iter().map(mean).collect();
    let degrees: u64 = fks.iter().map(|fk| fk.0.saturating_sub(1)).sum();
    let within = (degrees as f64, fks.iter().map(|fk| fk.2).sum());
    hierarchy.evidence = Evidence::new(&means, within, hierarchy.model.location);
    let spread = |&(n, _, sum_sq): &Fk| Spread {
        n: n as f64,
        sum_sq,
    };
    hierarchy.spreads = fks.iter().map(spread).collect();
}

/// Moves location and importances together.
fn translate(state: &mut State, by: f64) {
    state.location += by;
    for alpha in &mut state.alpha {
        *alpha += by;
    }
}

/// Scores given parameters, then parameters given scores. The kernel is made anew for each step: its
/// slices keep the width they start with, so that nothing adapts.
fn alternate(
    member: &Member,
    sweep: Sweep,
    hierarchy: &mut Hierarchy,
    state: &mut State,
    rng: &mut Generator,
) {
    translate(state, -state.location);
    observe(hierarchy, &member.scores(&N, state, rng));
    translate(state, -hierarchy.evidence.center());
    sweep.kernel(hierarchy).step(state, rng);
}

/// A number whose expectation under the prior is known.
struct Figure {
    name: String,
    value: f64,
    expected: f64,
}

/// Mean and spread of every pivot, its correlation with that of σ²_FK, and the sign of what has one.
fn figures(member: &Member, hierarchy: &Hierarchy, state: &State) -> Vec<Figure> {
    let figure = |name: String, value: f64, expected: f64| Figure {
        name,
        value,
        expected,
    };
    let error = standardized_error(member, hierarchy, state);
    let mut pivots = pivots(member, state);
    pivots.push(("size of ȳ - α most", (2.0 * normal_cdf(error) - 1.0).abs()));
    let alpha = normal_cdf(standardized(state, MOST));
    let mut found = vec![
        figure("sign of α most".into(), alpha, 0.5),
        figure("sign of ȳ - α most".into(), normal_cdf(error), 0.5),
    ];
    for (i, (name, u)) in pivots.iter().enumerate() {
        let spread = (u - 0.5).powi(2);
        found.push(figure((*name).into(), *u, 0.5));
        found.push(figure(format!("spread of {name}"), spread, 1.0 / 12.0));
        if i > 0 {
            let product = (u - 0.5) * (pivots[0].1 - 0.5);
            found.push(figure(format!("{name} with σ²_FK"), product, 0.0));
        }
    }
    found
}

/// The mean of each figure over each run.
fn check(member: Member, sweep: Sweep, runs: usize, seed: u64) -> Check {
    let mut rng = rng(seed);
    let mut hierarchy = None;
    let mut means: Vec<Vec<f64>> = Vec::new();
    let mut last = Vec::new();
    for run in 0..runs {
        let mut state = member.draw(&N, &mut rng);
        let hierarchy =
            hierarchy.get_or_insert_with(|| member.hierarchy(&member.scores(&N, &state, &mut rng)));
        for _ in 0..DRAWS {
            for _ in 0..THIN {
                alternate(&member, sweep, hierarchy, &mut state, &mut rng);
            }
            last = figures(&member, hierarchy, &state);
            means.resize_with(last.len(), || vec![0.0; runs]);
            for (means, figure) in means.iter_mut().zip(&last) {
                means[run] += figure.value / DRAWS as f64;
            }
        }
    }
    let mut check = Check::default();
    for (means, figure) in means.iter().zip(&last) {
        let name = format!("{sweep:?}, {member}: {}", figure.name);
        check.independent(&name, means, figure.expected);
    }
    check
}

fn assert_passed(member: Member, sweep: Sweep, seed: u64) {
    check(member, sweep, RUNS, seed).assert_passed();
}

#[test]
fn of_every_move_is_the_prior() {
    for with in MOVES {
        for (noise, seed) in [(KNOWN, 41), (SAMPLED, 45)] {
            assert_passed(Member::first(noise), Sweep::Gibbs(with), seed);
        }
    }
}

#[test]
fn of_every_move_is_the_half_cauchy() {
    let member = Member::first(KNOWN).hyperprior(HALF_CAUCHY);
    for with in MOVES {
        assert_passed(member, Sweep::Gibbs(with), 46);
    }
}

#[test]
fn of_every_move_about_a_flat_location_is_the_prior() {
    for with in MOVES {
        for (noise, seed) in [(KNOWN, 47), (SAMPLED, 57)] {
            let member = Member::first(noise).flat_location();
            assert_passed(member, Sweep::Gibbs(with), seed);
        }
    }
}

/// The sweep over own scales, with its moves and without.
fn assert_own_scales_pass(member: Member, seed: u64) {
    for with in [Move::None, Move::Collapsed] {
        assert_passed(member, Sweep::OwnScales(with), seed);
    }
}

#[test]
fn of_per_fk_noise_is_the_prior() {
    assert_own_scales_pass(Member::first(PER_FK), 48);
}

#[test]
fn of_student_t_importances_is_the_prior() {
    assert_own_scales_pass(Member::first(KNOWN).student(4.0), 49);
}

#[test]
fn of_student_t_importances_under_per_fk_noise_is_the_prior() {
    assert_own_scales_pass(Member::first(PER_FK).student(4.0), 50);
}

#[test]
fn of_student_t_importances_under_sampled_noise_is_the_prior() {
    assert_own_scales_pass(Member::first(SAMPLED).student(4.0), 51);
}

#[test]
fn of_student_t_importances_about_a_flat_location_is_the_prior() {
    assert_own_scales_pass(Member::first(KNOWN).student(4.0).flat_location(), 52);
}

#[test]
fn of_everything_at_once_is_the_prior() {
    let member = Member::first(PER_FK).student(1.0).flat_location();
    assert_own_scales_pass(member.hyperprior(HALF_CAUCHY), 58);
}

#[test]
fn of_a_wrong_kernel_is_not() {
    let first = Member::first(SAMPLED);
    assert_passed(first, Sweep::Planted(Planted::Nothing), 53);
    for planted in [
        Planted::Shape,
        Planted::Jacobian,
        Planted::Variance,
        Planted::Noise,
    ] {
        check(first, Sweep::Planted(planted), RUNS, 53).assert_failed();
    }
    let half_cauchy = Member::first(KNOWN).hyperprior(HALF_CAUCHY);
    check(half_cauchy, Sweep::Planted(Planted::Shape), RUNS, 54).assert_failed();
    let flat = Member::first(KNOWN).flat_location();
    check(flat, Sweep::CertainLocation, FEW_RUNS, 55).assert_failed();
}

#[test]
fn of_a_wrong_kernel_of_own_scales_is_not() {
    let member = Member::first(PER_FK).student(4.0);
    let planted = Sweep::PlantedScale;
    assert_passed(member, planted(PlantedScale::Nothing), 56);
    for error in PlantedScale::ERRORS {
        check(member, planted(error), FEW_RUNS, 56).assert_failed();
    }
}
