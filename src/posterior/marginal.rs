//! The likelihood of σ²_FK with the importances integrated out, and its maximiser.

use crate::model::{Evidence, Hierarchy};
use crate::numeric::{maximum, root};

/// log p(y | σ²_FK = t, σ²_obs) up to a constant in t: Σ_k -½ [log v_k + ȳ_k²/v_k], v_k = t + s_k,
/// over the FKs with scores; O(distinct n_k).
#[must_use]
pub fn log_marginal(evidence: &Evidence, t: f64, sigma2_obs: f64) -> f64 {
    let sum: f64 = evidence
        .observed()
        .map(|group| {
            let v = t + sigma2_obs * group.unit_variance;
            group.count as f64 * v.ln() + group.sum_sq_means / v
        })
        .sum();
    -0.5 * sum
}

/// Its derivative in t: ½ Σ_k [ȳ_k²/v_k² - 1/v_k].
#[must_use]
pub fn log_marginal_derivative(evidence: &Evidence, t: f64, sigma2_obs: f64) -> f64 {
    let sum: f64 = evidence
        .observed()
        .map(|group| {
            let v = t + sigma2_obs * group.unit_variance;
            (group.sum_sq_means / v - group.count as f64) / v
        })
        .sum();
    0.5 * sum
}

/// The empirical-Bayes estimate of σ²_FK, on which the plug-in formula rests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmpiricalBayes {
    /// σ̂²_FK ≥ 0, in squared score units.
    pub sigma2_fk: f64,
    /// Its standard error √(2 / Σ v_k⁻²), in the same units.
    pub se: f64,
    /// How it was found.
    pub method: &'static str,
}

impl EmpiricalBayes {
    /// Whether the estimate is 0: the plug-in formula then claims that every importance is known to
    /// be exactly zero.
    #[must_use]
    pub fn at_boundary(&self) -> bool {
        self.sigma2_fk == 0.0
    }
}

/// Maximises [`log_marginal`] over t ≥ 0 at the noise's point value: in closed form where all FKs
/// have the same sampling variance, else by a search of the whole range (there can be several local
/// maxima), polished on the derivative.
#[must_use]
pub fn empirical_bayes(hierarchy: &Hierarchy) -> EmpiricalBayes {
    let (evidence, sigma2_obs) = (&hierarchy.evidence, hierarchy.sigma2_obs);
    let groups: Vec<_> = evidence.observed().collect();
    let (sigma2_fk, method) = match groups.as_slice() {
        [group] => {
            let mean_sq = group.sum_sq_means / group.count as f64;
            (
                (mean_sq - sigma2_obs * group.unit_variance).max(0.0),
                "closed form, equal precision",
            )
        }
        _ => (
            maximise(evidence, sigma2_obs),
            "marginal maximum likelihood",
        ),
    };
    let information: f64 = groups
        .iter()
        .map(|g| g.count as f64 / (sigma2_fk + sigma2_obs * g.unit_variance).powi(2))
        .sum();
    EmpiricalBayes {
        sigma2_fk,
        se: (2.0 / information).sqrt(),
        method,
    }
}

fn maximise(evidence: &Evidence, sigma2_obs: f64) -> f64 {
    let largest_mean_sq = evidence
        .observed()
        .map(|g| g.sum_sq_means)
        .fold(0.0, f64::max);
    let smallest_s = evidence
        .observed()
        .map(|g| sigma2_obs * g.unit_variance)
        .fold(f64::INFINITY, f64::min);
    if largest_mean_sq == 0.0 {
        return 0.0;
    }
    // Above the largest ȳ² the likelihood falls; far below the smallest s it is that of t = 0.
    let (low, high) = ((1e-9 * smallest_s).ln(), largest_mean_sq.ln() + 1e-6);
    if low >= high {
        return 0.0;
    }
    let peak = maximum(|x| log_marginal(evidence, x.exp(), sigma2_obs), low, high);
    let slope = |x: f64| log_marginal_derivative(evidence, x.exp(), sigma2_obs);
    let step = 1e-4;
    let polished = if slope(peak - step) > 0.0 && slope(peak + step) < 0.0 {
        root(slope, peak - step, peak + step).exp()
    } else {
        peak.exp()
    };
    let beats_zero =
        log_marginal(evidence, polished, sigma2_obs) > log_marginal(evidence, 0.0, sigma2_obs);
    if beats_zero && peak - low > 1e-3 {
        polished
    } else {
        0.0
    }
}
