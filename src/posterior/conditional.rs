//! The posterior of one importance given the variances.

use crate::model::{Evidence, Location};

/// Normal posterior of α_k given σ²_FK: shrinkage B_k, mean μ_k and variance V_k.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditional {
    /// B_k = σ²_FK/(σ²_FK + s_k) = n_k/(n_k + λ), between 0 and 1.
    pub shrinkage: f64,
    /// μ_k = B_k ȳ_k, in score units.
    pub mean: f64,
    /// V_k = B_k s_k = σ²_obs/(n_k + λ), in squared score units; σ²_FK without scores.
    pub variance: f64,
}

/// The conditional posterior of an importance whose scores have the mean `mean` with sampling
/// variance `s` (infinite without scores), given σ²_FK = `t`.
///
/// ```
/// let c = fkbayes::posterior::conditional(1.0, 3.0, 8.0);
/// assert_eq!((c.shrinkage, c.mean, c.variance), (0.25, 2.0, 0.75));
/// ```
#[must_use]
pub fn conditional(t: f64, s: f64, mean: f64) -> Conditional {
    if s.is_infinite() {
        return Conditional {
            shrinkage: 0.0,
            mean: 0.0,
            variance: t,
        };
    }
    let shrinkage = if t.is_infinite() { 1.0 } else { t / (t + s) };
    Conditional {
        shrinkage,
        mean: shrinkage * mean,
        variance: shrinkage * s,
    }
}

/// Normal posterior of the location m given the variances, the importances integrated out. Both
/// figures are 0 where the location is known to be zero.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LocationGiven {
    /// m̂ = Σ (ȳ_k/v_k) / P, about the evidence's centre, in score units.
    pub mean: f64,
    /// 1/P, P = Σ 1/v_k over the FKs with scores, in squared score units.
    pub variance: f64,
}

/// The posterior of the location given σ²_FK = `t` and σ²_obs.
#[must_use]
pub fn location_given(evidence: &Evidence, t: f64, sigma2_obs: f64) -> LocationGiven {
    if evidence.location() == Location::Zero {
        return LocationGiven::default();
    }
    let (mut precision, mut weighted) = (0.0, 0.0);
    for group in evidence.observed() {
        let v = t + sigma2_obs * group.unit_variance;
        precision += group.count as f64 / v;
        weighted += group.sum_means / v;
    }
    // Where t is so large that no FK says anything about m, any finite mean will do.
    let mean = weighted / precision;
    LocationGiven {
        mean: if mean.is_finite() { mean } else { 0.0 },
        variance: 1.0 / precision,
    }
}

/// As [`conditional`], the location integrated out: μ_k = B_k ȳ_k + (1 - B_k) m̂, and V_k gains
/// (1 - B_k)²/P; means are about the evidence's centre.
#[must_use]
pub fn conditional_about(t: f64, s: f64, mean: f64, location: LocationGiven) -> Conditional {
    let given = conditional(t, s, mean);
    let rest = 1.0 - given.shrinkage;
    if rest == 0.0 {
        return given;
    }
    Conditional {
        shrinkage: given.shrinkage,
        mean: given.mean + rest * location.mean,
        variance: given.variance + rest * rest * location.variance,
    }
}
