//! The likelihood of σ²_FK with the importances integrated out, and its maximiser.

use super::heavy_tails::empirical_bayes_student_t;
use super::{LocationGiven, location_given};
use crate::model::{Evidence, Group, Hierarchy, Location};
use crate::numeric::{maximum, root};

/// log p(y | σ²_FK = t, σ²_obs) up to a constant in t: Σ_k -½ [log v_k + ȳ_k²/v_k], v_k = t + s_k,
/// over the FKs with scores; O(distinct n_k).
///
/// With an unknown location, integrated out under a flat prior, ȳ_k - m̂ takes the place of ȳ_k and
/// -½ log P is added, P = Σ 1/v_k.
#[must_use]
pub fn log_marginal(evidence: &Evidence, t: f64, sigma2_obs: f64) -> f64 {
    if evidence.location() == Location::Zero {
        let terms = evidence.observed().map(|group| {
            let v = t + sigma2_obs * group.unit_variance;
            group.count as f64 * v.ln() + group.sum_sq_means / v
        });
        return -0.5 * terms.sum::<f64>();
    }
    let (mut sum, mut precision, mut weighted) = (0.0, 0.0, 0.0);
    for group in evidence.observed() {
        let v = t + sigma2_obs * group.unit_variance;
        let count = group.count as f64;
        sum += count * v.ln() + group.sum_sq_means / v;
        precision += count / v;
        weighted += group.sum_means / v;
    }
    -0.5 * (sum - weighted * weighted / precision + precision.ln())
}

/// Its derivative in t: ½ Σ_k [(ȳ_k - m̂)²/v_k² - 1/v_k], and with an unknown location ½ Σ v_k⁻²/P
/// more.
#[must_use]
pub fn log_marginal_derivative(evidence: &Evidence, t: f64, sigma2_obs: f64) -> f64 {
    let terms = slopes(evidence, t, sigma2_obs).map(|(v, slope)| slope / v);
    0.5 * terms.sum::<f64>()
}

/// The same in log t: t/v in place of 1/v, which has no unit.
fn log_marginal_slope(evidence: &Evidence, log_t: f64, sigma2_obs: f64) -> f64 {
    let t = log_t.exp();
    let terms = slopes(evidence, t, sigma2_obs).map(|(v, slope)| slope * (t / v));
    0.5 * terms.sum::<f64>()
}

/// v and Σ [(ȳ_k - m̂)²/v - 1 + (1/P)/v] of each group; the last with an unknown location only.
fn slopes(evidence: &Evidence, t: f64, sigma2_obs: f64) -> impl Iterator<Item = (f64, f64)> {
    let location = location_given(evidence, t, sigma2_obs);
    evidence.observed().map(move |group| {
        let v = t + sigma2_obs * group.unit_variance;
        let count = group.count as f64;
        let spread = group.sum_sq_means - 2.0 * location.mean * group.sum_means
            + count * location.mean * location.mean;
        (v, spread / v - count * (1.0 - location.variance / v))
    })
}

/// The empirical-Bayes estimate of σ²_FK, on which the plug-in formula rests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmpiricalBayes {
    /// σ̂²_FK ≥ 0, in squared score units.
    pub sigma2_fk: f64,
    /// Its standard error by the Fisher information, √(2 / Σ v_k⁻²) at location zero, in the same
    /// units.
    pub se: f64,
    /// The location at that estimate: m̂ and its variance, or the maximising m, taken as known, with
    /// Student-t importances.
    pub location: LocationGiven,
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
    let Some(nu) = hierarchy.nu() else {
        return empirical_bayes_normal(&hierarchy.evidence, hierarchy.sigma2_obs);
    };
    // Its standard error stands on differences of likelihoods, which lose digits far from 1.
    let unit = hierarchy.natural_unit();
    let (sigma2_fk, se, location) = empirical_bayes_student_t(&hierarchy.in_unit(unit), nu);
    EmpiricalBayes {
        sigma2_fk: unit.restore_square(sigma2_fk),
        se: unit.restore_square(se),
        location: LocationGiven {
            mean: unit.restore(location.mean),
            variance: unit.restore_square(location.variance),
        },
        method: "marginal maximum likelihood",
    }
}

/// The same for normal importances, from the evidence and a noise variance; with the evidence about
/// an unknown location it is the restricted maximum-likelihood (REML) estimate.
#[must_use]
pub fn empirical_bayes_normal(evidence: &Evidence, sigma2_obs: f64) -> EmpiricalBayes {
    let groups: Vec<_> = evidence.observed().collect();
    let (sigma2_fk, method) = match groups.as_slice() {
        [group] => (
            closed_form(group, evidence.location(), sigma2_obs),
            "closed form, equal precision",
        ),
        _ => (
            maximise(evidence, sigma2_obs),
            "marginal maximum likelihood",
        ),
    };
    EmpiricalBayes {
        sigma2_fk,
        se: standard_error(evidence, sigma2_fk, sigma2_obs),
        location: location_given(evidence, sigma2_fk, sigma2_obs),
        method,
    }
}

/// Mean square of the means about the location, less their sampling variance.
fn closed_form(group: &Group, location: Location, sigma2_obs: f64) -> f64 {
    let count = group.count as f64;
    let mean_sq = match location {
        Location::Zero => group.sum_sq_means / count,
        Location::Flat => {
            (group.sum_sq_means - group.sum_means * group.sum_means / count) / (count - 1.0)
        }
    };
    (mean_sq - sigma2_obs * group.unit_variance).max(0.0)
}

/// Terms of the information smaller than this share of their sum are rounding.
const UNIDENTIFIED: f64 = 1e-9;

/// From the Fisher information on t: ½ Σ v_k⁻²; an unknown location takes Σ v_k⁻³/P - ½ (Σ v_k⁻²/P)²
/// away, which may be all there is: infinite then. In units of the smallest v, lest powers overflow.
fn standard_error(evidence: &Evidence, t: f64, sigma2_obs: f64) -> f64 {
    let v = |group: &Group| t + sigma2_obs * group.unit_variance;
    let unit = evidence.observed().map(v).fold(f64::INFINITY, f64::min);
    let power = |p: i32| -> f64 {
        evidence
            .observed()
            .map(|group| group.count as f64 * (unit / v(group)).powi(p))
            .sum()
    };
    let information = match evidence.location() {
        Location::Zero => 0.5 * power(2),
        Location::Flat => {
            let share = power(2) / power(1);
            0.5 * power(2) - power(3) / power(1) + 0.5 * share * share
        }
    };
    if information < UNIDENTIFIED * power(2) {
        return f64::INFINITY;
    }
    unit / information.sqrt()
}

fn maximise(evidence: &Evidence, sigma2_obs: f64) -> f64 {
    let sum_sq: f64 = evidence.observed().map(|g| g.sum_sq_means).sum();
    let smallest_s = evidence
        .observed()
        .map(|g| sigma2_obs * g.unit_variance)
        .fold(f64::INFINITY, f64::min);
    if sum_sq == 0.0 {
        return 0.0;
    }
    // Above 4 Σ ȳ² the likelihood falls, whatever the location; far below the smallest s it is that
    // of t = 0.
    let (low, high) = ((1e-9 * smallest_s).ln(), (4.0 * sum_sq).ln());
    if low >= high {
        return 0.0;
    }
    let peak = maximum(|x| log_marginal(evidence, x.exp(), sigma2_obs), low, high);
    let slope = |x: f64| log_marginal_slope(evidence, x, sigma2_obs);
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
