//! Common noise, or one variance per FK? What `auto` decides by.

use super::Spread;
use crate::numeric::{log_sum_exp, root};
use statrs::function::gamma::ln_gamma;

/// Step of the trapezoidal rule in standard deviations of log d₀, and how far, in logs, the
/// integrand falls before the sum ends.
const STEP: f64 = 0.25;
const DROP: f64 = 40.0;

/// Log Bayes factor of per-FK noise, σ²_obs,k ~ IG(c₀, d₀) with p(d₀) ∝ 1/d₀, against common noise
/// with p(σ²_obs) ∝ 1/σ²_obs; positive where noise differs between FKs.
///
/// It is that of the deviations from the FKs' means, SSW_k on ν_k = n_k - 1 degrees of freedom: they
/// do not depend on the importances, so the choice is the same whatever hyperprior, location or law
/// of the importances goes with it. Both improper priors are invariant to scale, which gives their
/// constants the same meaning. `None` where fewer than two FKs have two scores that differ.
///
/// ```text
/// common   Γ(ν/2) (SSW/2)^(-ν/2),  ν = Σ ν_k
/// per FK   ∫ Π_k [ d₀^c₀ Γ(c₀ + ν_k/2)/Γ(c₀) (d₀ + SSW_k/2)^-(c₀ + ν_k/2) ] d log d₀
/// ```
#[must_use]
pub fn log_bayes_factor_of_noise(spreads: &[Spread], c0: f64) -> Option<f64> {
    let compared: Vec<(f64, f64)> = spreads
        .iter()
        .filter(|spread| spread.n >= 2.0 && spread.sum_sq > 0.0)
        .map(|spread| (0.5 * (spread.n - 1.0), 0.5 * spread.sum_sq))
        .collect();
    if compared.len() < 2 {
        return None;
    }
    let (degrees, sum_sq) = compared.iter().fold((0.0, 0.0), |sum, spread| {
        (sum.0 + spread.0, sum.1 + spread.1)
    });
    let common = ln_gamma(degrees) - degrees * sum_sq.ln();
    Some(log_marginal_per_fk(&compared, c0) - common)
}

/// `halves` are ν_k/2 and SSW_k/2.
fn log_marginal_per_fk(halves: &[(f64, f64)], c0: f64) -> f64 {
    let constant: f64 = halves
        .iter()
        .map(|(degrees, _)| ln_gamma(c0 + degrees) - ln_gamma(c0))
        .sum();
    let log_density = |x: f64| -> f64 {
        let d0 = x.exp();
        halves
            .iter()
            .map(|(degrees, sum_sq)| c0 * x - (c0 + degrees) * (d0 + sum_sq).ln())
            .sum()
    };
    // With p = d₀/(d₀ + SSW_k/2) the slope is Σ [c₀ - (c₀ + ν_k/2) p], which falls from positive to
    // negative: one mode.
    let share = |x: f64, sum_sq: f64| 1.0 / (1.0 + sum_sq * (-x).exp());
    let slope = |x: f64| -> f64 {
        halves
            .iter()
            .map(|(degrees, sum_sq)| c0 - (c0 + degrees) * share(x, *sum_sq))
            .sum()
    };
    let modes = halves.iter().map(|(d, s)| (s * c0 / d).ln());
    let (low, high) = modes.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), mode| {
        (low.min(mode), high.max(mode))
    });
    let mode = root(slope, low - 1.0, high + 1.0);
    let curvature: f64 = halves
        .iter()
        .map(|(degrees, sum_sq)| {
            let p = share(mode, *sum_sq);
            (c0 + degrees) * p * (1.0 - p)
        })
        .sum();
    let step = STEP / curvature.sqrt();
    let top = log_density(mode);
    let mut terms = vec![0.0];
    for direction in [-1.0, 1.0] {
        let fallen = (1..)
            .map(|i| log_density(mode + direction * step * f64::from(i)) - top)
            .take_while(|term| *term > -DROP);
        terms.extend(fallen);
    }
    constant + top + log_sum_exp(&terms) + step.ln()
}
