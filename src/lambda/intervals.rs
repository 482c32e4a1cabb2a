//! Intervals for σ²_FK: by profile likelihood, and by the exact distribution of a quadratic form.

use crate::model::{Evidence, Location};
use crate::numeric::{chi_squared_quantile, root};
use crate::posterior::location_given;

/// Coverage that every interval claims.
const LEVEL: f64 = 0.9;
/// Points of the look for the outermost crossings of a likelihood that may have several modes.
const POINTS: usize = 512;

/// A 90 % interval for σ²_FK, in squared score units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end; 0 where nothing speaks against 0.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The scale of what can be told apart: far below the smallest s_k, and above every Σ ȳ².
fn range(evidence: &Evidence, sigma2_obs: f64) -> (f64, f64) {
    let s = || {
        evidence
            .observed()
            .map(|group| sigma2_obs * group.unit_variance)
    };
    let sum_sq: f64 = evidence.observed().map(|group| group.sum_sq_means).sum();
    let largest = s().fold(4.0 * sum_sq, f64::max);
    (1e-9 * s().fold(f64::INFINITY, f64::min), largest)
}

/// The range of t where twice the log likelihood falls short of its maximum at `estimate` by no more
/// than the 90 % quantile of χ²_1; from the lowest to the highest such t where there are several
/// pieces.
#[must_use]
pub fn profile_interval(
    evidence: &Evidence,
    sigma2_obs: f64,
    estimate: f64,
    log_likelihood: impl Fn(f64) -> f64,
) -> Interval {
    let bar = log_likelihood(estimate) - 0.5 * chi_squared_quantile(LEVEL, 1.0);
    let over = |log_t: f64| log_likelihood(log_t.exp()) - bar;
    let (low, high) = range(evidence, sigma2_obs);
    let (low, mut high) = (low.ln(), high.max(estimate).ln());
    while over(high) >= 0.0 && high < f64::MAX.ln() {
        high += 1.0;
    }
    let step = (high - low) / POINTS as f64;
    let at = |i: usize| low + step * i as f64;
    let inside = |i: &usize| over(at(*i)) >= 0.0;
    let first = (0..POINTS).find(inside);
    let last = (0..POINTS).rev().find(inside);
    // Between two points the estimate itself may be the only one inside.
    let around = |i: Option<usize>| i.map_or(estimate.max(low.exp()).ln(), at);
    Interval {
        low: if log_likelihood(0.0) >= bar || first == Some(0) {
            0.0
        } else {
            root(over, around(first) - step, around(first)).exp()
        },
        high: root(over, around(last), around(last) + step).exp(),
    }
}

/// Q(t) = Σ (ȳ - m̂)²/(t + s), m̂ = Σ (ȳ/v)/Σ (1/v) where the location is unknown, else 0.
#[must_use]
pub fn q_statistic(evidence: &Evidence, t: f64, sigma2_obs: f64) -> f64 {
    let m = location_given(evidence, t, sigma2_obs).mean;
    let terms = evidence.observed().map(|group| {
        let spread = group.sum_sq_means - 2.0 * m * group.sum_means + group.count as f64 * m * m;
        spread / (t + sigma2_obs * group.unit_variance)
    });
    terms.sum()
}

/// The t at which Q(t) lies between the 5 % and 95 % quantiles of its χ² distribution, on K' degrees of
/// freedom, one less where the location is unknown (Viechtbauer 2007): exact for normal means with
/// known s. `None` where no t > 0 does: the means lie closer together than their noise explains.
#[must_use]
pub fn q_profile_interval(evidence: &Evidence, sigma2_obs: f64) -> Option<Interval> {
    let spent = match evidence.location() {
        Location::Zero => 0,
        Location::Flat => 1,
    };
    let degrees = evidence
        .k_observed()
        .checked_sub(spent)
        .filter(|&d| d > 0)? as f64;
    let (low, high) = range(evidence, sigma2_obs);
    let falls_to = |bound: f64| {
        let over = |log_t: f64| q_statistic(evidence, log_t.exp(), sigma2_obs) - bound;
        let mut top = high.ln();
        while over(top) > 0.0 {
            top += 1.0;
        }
        root(over, low.ln(), top).exp()
    };
    let (few, many) = (0.5 * (1.0 - LEVEL), 0.5 * (1.0 + LEVEL));
    let at_zero = q_statistic(evidence, 0.0, sigma2_obs);
    let (below, above) = (
        chi_squared_quantile(few, degrees),
        chi_squared_quantile(many, degrees),
    );
    (at_zero > below).then(|| Interval {
        low: if at_zero <= above {
            0.0
        } else {
            falls_to(above)
        },
        high: falls_to(below),
    })
}
