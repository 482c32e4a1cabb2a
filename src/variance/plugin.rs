//! The plug-in formula, and its second-order correction in log σ²_FK.

use crate::model::{Hierarchy, Location};
use crate::numeric::{HALF_OF_90, finite, maximum, root};
use crate::posterior::{
    EmpiricalBayes, Fineness, MixingScales, conditional, conditional_about, log_marginal, mix,
    mixed_cdf,
};

/// What the plug-in formula says of one importance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PluginInterval {
    /// μ_k at σ̂²_FK, in score units.
    pub mean: f64,
    /// V_k at σ̂²_FK, in squared score units; 0 at the boundary.
    pub variance: f64,
    /// The ends of its 90 % interval, in score units.
    pub ends: (f64, f64),
}

/// The plug-in's posterior of importance `k` of the hierarchy, whose scores have mean `mean`: normal,
/// or for Student-t importances a mixture of normals.
#[must_use]
pub fn plugin_interval(
    hierarchy: &Hierarchy,
    estimate: &EmpiricalBayes,
    k: usize,
    mean: f64,
) -> PluginInterval {
    let s = hierarchy.sampling_variance(k, hierarchy.sigma2_obs);
    let (t, location) = (estimate.sigma2_fk, estimate.location);
    let center = hierarchy.evidence.center();
    let about = hierarchy.evidence.about_center(k, mean);
    if let Some(nu) = hierarchy.nu().filter(|_| t > 0.0) {
        return mixed_interval(nu, (t, s), about - location.mean, center + location.mean);
    }
    let given = conditional_about(t, s, about, location);
    let half = HALF_OF_90 * given.variance.sqrt();
    let mean = center + given.mean;
    PluginInterval {
        mean,
        variance: given.variance,
        ends: (mean - half, mean + half),
    }
}

/// The same for Student-t importances; `mean` is a deviation from the location.
fn mixed_interval(nu: f64, (t, s): (f64, f64), mean: f64, location: f64) -> PluginInterval {
    let mixing = MixingScales::new(nu, Fineness::Coarse);
    let mixed = mix(mean, mixing.components(t, s));
    let end = |p: f64| {
        let off = |a: f64| mixed_cdf(mean, a, mixing.components(t, s)) - p;
        let mut reach = t.min(s).sqrt();
        while reach.is_finite() && (off(mixed.mean - reach) > 0.0 || off(mixed.mean + reach) < 0.0)
        {
            reach *= 2.0;
        }
        root(off, mixed.mean - reach, mixed.mean + reach)
    };
    // Without scores it is the t itself, which has a variance only for ν > 2.
    let exists = s.is_finite() || nu > 2.0;
    PluginInterval {
        mean: location + mixed.mean,
        variance: if exists {
            mixed.variance
        } else {
            f64::INFINITY
        },
        ends: (location + end(0.05), location + end(0.95)),
    }
}

/// The posterior variance of importances expanded to second order in u = log σ²_FK about the mode of its
/// posterior (Kass & Steffey 1989), at the noise's point value.
///
/// With B = t/v, q = B(1 - B), e = ȳ²/v and w = -1/ℓ″ at the mode:
///
/// ```text
/// Var(α_k | y) ≈ s B + ½ w² ℓ‴ s q + ½ w s q (1 - 2B) + w ȳ² q²     (n_k = 0: t (1 + ½ w² ℓ‴ + ½ w))
/// ```
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expansion {
    t: f64,
    w: f64,
    third: f64,
}

impl Expansion {
    /// None with an unknown location or Student-t importances, for which there is no such formula.
    pub fn new(hierarchy: &Hierarchy) -> Option<Self> {
        let known = hierarchy.evidence.location() != Location::Flat && hierarchy.nu().is_none();
        known.then(|| Self::near(hierarchy, log_mode(hierarchy)))?
    }

    /// The same, about a mode of log σ²_FK that is known to four digits; none where it is no maximum.
    pub fn near(hierarchy: &Hierarchy, mode: f64) -> Option<Self> {
        let mode = polished(hierarchy, mode);
        let (second, third) = derivatives(hierarchy, mode);
        let (t, w) = (mode.exp(), -1.0 / second);
        (w > 0.0).then_some(Self { t, w, third })
    }

    /// Of importance `k` of the hierarchy, whose scores have mean `mean`.
    pub fn variance(self, hierarchy: &Hierarchy, k: usize, mean: f64) -> Option<f64> {
        let Self { t, w, third } = self;
        let s = hierarchy.sampling_variance(k, hierarchy.sigma2_obs);
        if s.is_infinite() {
            return finite(t * (1.0 + 0.5 * w * w * third + 0.5 * w));
        }
        let b = conditional(t, s, 0.0).shrinkage;
        let q = b * (1.0 - b);
        finite(
            s * b
                + 0.5 * w * w * third * s * q
                + 0.5 * w * s * q * (1.0 - 2.0 * b)
                + w * (mean * q).powi(2),
        )
    }
}

/// The posterior variance of every importance, expanded to second order in log σ²_FK about its mode. `means`
/// are those of the FKs of the hierarchy, by place; `None` where the expansion has no maximum to stand on, and
/// with an unknown location or Student-t importances, for which there is no such formula.
#[must_use]
pub fn corrected_variances(hierarchy: &Hierarchy, means: &[f64]) -> Vec<Option<f64>> {
    let expansion = Expansion::new(hierarchy);
    let each = means.iter().enumerate();
    each.map(|(k, &mean)| expansion?.variance(hierarchy, k, mean))
        .collect()
}

/// Mode of the posterior of u: the best of a scan.
fn log_mode(hierarchy: &Hierarchy) -> f64 {
    let prior = &hierarchy.hyperprior;
    let (low, high) = hierarchy.modes_of_log_sigma2_fk(hierarchy.sigma2_obs);
    let density = |u: f64| {
        prior.log_kernel(u) + log_marginal(&hierarchy.evidence, u.exp(), hierarchy.sigma2_obs)
    };
    maximum(density, low, high)
}

/// The mode where ℓ′ = h′ - ½ Σ B(1 - e) changes sign.
fn polished(hierarchy: &Hierarchy, peak: f64) -> f64 {
    let slope = |u: f64| {
        hierarchy.hyperprior.derivative(u)
            - 0.5 * sum_over_fks(hierarchy, u, |b, count, e| b * (count - e))
    };
    root(slope, peak - 2e-4, peak + 2e-4)
}

/// ℓ″ and ℓ‴ of the log posterior density of u.
fn derivatives(hierarchy: &Hierarchy, u: f64) -> (f64, f64) {
    let (h2, h3) = hierarchy.hyperprior.second_and_third_derivative(u);
    let second = sum_over_fks(hierarchy, u, |b, count, e| {
        b * ((1.0 - b) * (count - e) + b * e)
    });
    let third = sum_over_fks(hierarchy, u, |b, count, e| {
        b * (1.0 - b) * (1.0 - 2.0 * b) * (count - e) + 3.0 * b * b * (1.0 - b) * e - b * b * b * e
    });
    (h2 - 0.5 * second, h3 - 0.5 * third)
}

/// Σ over groups of f(B, number of FKs, Σ ȳ²/v).
fn sum_over_fks(hierarchy: &Hierarchy, u: f64, f: impl Fn(f64, f64, f64) -> f64) -> f64 {
    let t = u.exp();
    hierarchy
        .evidence
        .observed()
        .map(|group| {
            let v = t + hierarchy.sigma2_obs * group.unit_variance;
            f(t / v, group.count as f64, group.sum_sq_means / v)
        })
        .sum()
}
