//! A jump between modes of the posterior under per-FK noise.

use super::own_scales::{Observed, marginal};
use super::state::{Generator, State};
use crate::model::{Hierarchy, NoiseVariance, draw_inverse_gamma};
use crate::numeric::log_sum_exp;
use rand::RngExt;
use statrs::function::gamma::ln_gamma;

/// Where the jump goes.
#[derive(Debug, Clone)]
pub(super) struct Jump {
    /// Σ ȳ_k² over the FKs up to each, by which it chooses one.
    squares: Vec<f64>,
    /// Where it looks for log σ²_FK.
    range: (f64, f64),
    /// Shape of the noise variances.
    c0: f64,
}

impl Jump {
    /// For FKs in group order; `None` unless noise is per FK.
    pub fn new(hierarchy: &Hierarchy, fks: &[Observed]) -> Option<Self> {
        let NoiseVariance::PerFk { c0, .. } = hierarchy.noise else {
            return None;
        };
        let mut sum = 0.0;
        let square = |fk: &Observed| {
            sum += if fk.n >= 2.0 { fk.mean * fk.mean } else { 0.0 };
            sum
        };
        let squares = fks.iter().map(square).collect();
        let with_scores = fks.iter().filter(|fk| fk.unit_variance.is_finite());
        let range = with_scores.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), fk| {
            let (s, square) = (fk.unit_variance, fk.mean * fk.mean);
            (low.min(s.ln() - 2.0), high.max(s.max(square).ln() + 2.0))
        });
        Some(Self { squares, range, c0 })
    }

    /// Jumps between two modes: the mean of an FK is an importance, or it is noise and σ²_FK small.
    ///
    /// A Metropolis step on (σ²_FK, σ²_obs,k, ω_k) of one FK with m and α integrated out, as in the
    /// collapsed slice, which must follow. The FK is chosen by ȳ_k², which no move changes. σ²_obs,k is
    /// proposed as if the mean were all importance or all noise, ω_k from its prior or as if α_k were
    /// ȳ_k, and half of the time σ²_FK anywhere in its range. `scales` are (ω_k, s_k) of every
    /// FK, here and after.
    pub fn step(
        &self,
        hierarchy: &Hierarchy,
        fks: &[Observed],
        scales: &mut [(f64, f64)],
        state: &mut State,
        rng: &mut Generator,
    ) {
        let k = self.choose(rng);
        let log_t = state.sigma2_fk.ln();
        let (Some(&fk), Some(new_log_t)) = (fks.get(k), self.propose_log_t(log_t, rng)) else {
            return;
        };
        let laws = NoiseLaws::new(&fk, self.c0, state.noise_scale);
        let variance = draw_either(laws.both(), rng);
        let mixing = hierarchy.nu().map(|nu| {
            let square = fk.mean * fk.mean;
            propose_mixing(nu, square, (log_t, new_log_t), state.mixing[k], rng)
        });

        let location = hierarchy.evidence.location();
        let log_density = |log_t: f64, scales: &[(f64, f64)]| {
            hierarchy.hyperprior.log_kernel(log_t)
                + marginal(fks, scales, location, log_t.exp()).log
        };
        let (old, old_scale) = (log_density(log_t, scales), scales[k]);
        let new_omega = mixing.map_or(old_scale.0, |(omega, _)| omega);
        scales[k] = (new_omega, variance / fk.n);
        let log_ratio = log_density(new_log_t, scales) - old + laws.weight(variance)
            - laws.weight(state.own_noise[k])
            + mixing.map_or(0.0, |(_, log_ratio)| log_ratio);
        if rng.random::<f64>().ln() < log_ratio {
            state.sigma2_fk = new_log_t.exp();
            state.own_noise[k] = variance;
            if let Some(omega) = state.mixing.get_mut(k) {
                *omega = new_omega;
            }
        } else {
            scales[k] = old_scale;
        }
    }

    /// An FK by ȳ_k²; past the last where all means are 0.
    fn choose(&self, rng: &mut Generator) -> usize {
        let total = self.squares.last().copied().unwrap_or(0.0);
        let at = total * rng.random::<f64>();
        self.squares.partition_point(|&sum| sum <= at)
    }

    /// As it is, or anywhere in the range; from outside of the range there is no way back, and so
    /// none in.
    fn propose_log_t(&self, log_t: f64, rng: &mut Generator) -> Option<f64> {
        let (low, high) = self.range;
        if rng.random() {
            return Some(log_t);
        }
        (low..high)
            .contains(&log_t)
            .then(|| low + (high - low) * rng.random::<f64>())
    }
}

/// What σ²_obs,k would be if the mean were all importance, and if it were all noise: shapes and scales
/// of inverse-gammas.
struct NoiseLaws {
    as_importance: (f64, f64),
    as_noise: (f64, f64),
}

impl NoiseLaws {
    fn new(fk: &Observed, c0: f64, d0: f64) -> Self {
        let scale = d0 + 0.5 * fk.sum_sq;
        Self {
            as_importance: (c0 + 0.5 * (fk.n - 1.0), scale),
            as_noise: (c0 + 0.5 * fk.n, scale + 0.5 * fk.n * fk.mean * fk.mean),
        }
    }

    fn both(&self) -> [(f64, f64); 2] {
        [self.as_importance, self.as_noise]
    }

    /// Log density of what prior and spread say of σ²_obs,k, over that of the proposal.
    fn weight(&self, variance: f64) -> f64 {
        log_inverse_gamma(self.as_importance, variance) - log_either(self.both(), variance)
    }
}

/// A proposal for ω_k, from its prior or as if α_k² were `square`, and the log of its part in the
/// Metropolis ratio: prior over proposal, there over here.
fn propose_mixing(
    nu: f64,
    square: f64,
    (log_t, new_log_t): (f64, f64),
    old: f64,
    rng: &mut Generator,
) -> (f64, f64) {
    let prior = (0.5 * nu, 0.5 * nu);
    let laws = |log_t: f64| {
        let given = 0.5 * (nu + square * (-log_t).exp());
        [prior, (0.5 * (nu + 1.0), given)]
    };
    let new = draw_either(laws(new_log_t), rng);
    let weight = |omega, log_t| log_inverse_gamma(prior, omega) - log_either(laws(log_t), omega);
    (new, weight(new, new_log_t) - weight(old, log_t))
}

/// Log density of InverseGamma(a, b) at `x`.
fn log_inverse_gamma((a, b): (f64, f64), x: f64) -> f64 {
    a * b.ln() - ln_gamma(a) - (a + 1.0) * x.ln() - b / x
}

/// A draw from one of two inverse-gammas, each with probability ½.
fn draw_either(laws: [(f64, f64); 2], rng: &mut Generator) -> f64 {
    let (a, b) = laws[usize::from(rng.random::<bool>())];
    draw_inverse_gamma(a, b, rng)
}

/// Its log density, up to log 2.
fn log_either(laws: [(f64, f64); 2], x: f64) -> f64 {
    log_sum_exp(&laws.map(|law| log_inverse_gamma(law, x)))
}
