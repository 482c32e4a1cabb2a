//! Common noise, or one variance per FK? What `auto` decides by.

use super::Spread;
use crate::numeric::{log_sum_exp, root};
use statrs::function::gamma::ln_gamma;
use std::collections::HashMap;

/// Step of the trapezoidal rule in standard deviations of log d₀, and how far, in logs, the
/// integrand falls before the sum ends.
const STEP: f64 = 0.25;
const DROP: f64 = 40.0;
/// Ratios that are multiplied before their logarithm is taken.
const PRODUCT: usize = 8;

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
    let spreads = Alike::groups(spreads);
    let count: usize = spreads.iter().map(|alike| alike.halves.len()).sum();
    if count < 2 {
        return None;
    }
    let degrees: f64 = spreads.iter().map(Alike::total_degrees).sum();
    let sum_sq: f64 = spreads.iter().flat_map(|alike| &alike.halves).sum();
    let common = ln_gamma(degrees) - degrees * sum_sq.ln();
    Some(log_marginal_per_fk(&spreads, c0) - common)
}

/// FKs of equally many scores that differ: ν_k/2, and SSW_k/2 of each.
struct Alike {
    degrees: f64,
    halves: Vec<f64>,
}

impl Alike {
    fn groups(spreads: &[Spread]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        let mut places: HashMap<u64, usize, ahash::RandomState> = HashMap::default();
        for spread in spreads {
            if spread.n < 2.0 || spread.sum_sq <= 0.0 {
                continue;
            }
            let place = *places.entry(spread.n.to_bits()).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Self {
                    degrees: 0.5 * (spread.n - 1.0),
                    halves: Vec::new(),
                });
            }
            groups[place].halves.push(0.5 * spread.sum_sq);
        }
        groups
    }

    fn total_degrees(&self) -> f64 {
        self.degrees * self.halves.len() as f64
    }

    /// Σ d₀/(d₀ + SSW_k/2), and Σ of p (1 - p) over these shares.
    fn shares(&self, d0: f64) -> (f64, f64) {
        self.halves.iter().fold((0.0, 0.0), |(sum, spread), half| {
            let share = d0 / (d0 + half);
            (sum + share, spread + share * (1.0 - share))
        })
    }

    /// Σ log (d₀ + SSW_k/2)/(e₀ + SSW_k/2), a logarithm for several FKs: each factor lies between 1 and
    /// d₀/e₀, so that the product of a few is a number.
    fn log_ratios(&self, d0: f64, e0: f64) -> f64 {
        let ratio = |half: &f64| (d0 + half) / (e0 + half);
        let products = self.halves.chunks(PRODUCT);
        products
            .map(|few| few.iter().map(ratio).product::<f64>().ln())
            .sum()
    }
}

fn log_marginal_per_fk(spreads: &[Alike], c0: f64) -> f64 {
    let over_all = |of: &dyn Fn(&Alike) -> f64| spreads.iter().map(of).sum::<f64>();
    let count = over_all(&|alike| alike.halves.len() as f64);
    // With p = d₀/(d₀ + SSW_k/2) the slope is Σ [c₀ - (c₀ + ν_k/2) p], which falls from positive to
    // negative: one mode.
    let slope = |x: f64| {
        let d0 = x.exp();
        c0 * count - over_all(&|alike| (c0 + alike.degrees) * alike.shares(d0).0)
    };
    let modes = spreads.iter().flat_map(|alike| {
        let each = alike.halves.iter();
        each.map(|half| half / alike.degrees)
    });
    let (low, high) = modes.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), mode| {
        (low.min(mode), high.max(mode))
    });
    let mode = root(slope, (c0 * low).ln() - 1.0, (c0 * high).ln() + 1.0);
    let at_mode = mode.exp();
    let top = over_all(&|alike| {
        let each = c0 * mode + ln_gamma(c0 + alike.degrees) - ln_gamma(c0);
        let logs: f64 = alike.halves.iter().map(|half| (at_mode + half).ln()).sum();
        each * alike.halves.len() as f64 - (c0 + alike.degrees) * logs
    });
    let fallen = |x: f64| {
        let d0 = x.exp();
        let logs = over_all(&|alike| (c0 + alike.degrees) * alike.log_ratios(d0, at_mode));
        c0 * count * (x - mode) - logs
    };
    let curvature = over_all(&|alike| (c0 + alike.degrees) * alike.shares(at_mode).1);
    let step = STEP / curvature.sqrt();
    let mut terms = vec![0.0];
    for direction in [-1.0, 1.0] {
        let side = (1..).map(|i| fallen(mode + direction * step * f64::from(i)));
        terms.extend(side.take_while(|term| *term > -DROP));
    }
    top + log_sum_exp(&terms) + step.ln()
}
