//! Monte-Carlo standard errors from effective sample sizes.

use super::moments::{mean_and_sum_sq, sum};
use super::sample::Sample;
use crate::numeric::beta_quantile;

/// Φ(-1): a standard error spans the central Φ(1) - Φ(-1) of a normal distribution.
const PHI_MINUS_1: f64 = 0.158_655_253_931_457_05;

/// sd / √ESS, with the ESS of the draws as they are.
pub(super) fn of_mean(values: &[f64], ess: f64) -> Option<f64> {
    let sum_sq = mean_and_sum_sq(values).1;
    finite((sum_sq / (values.len() as f64 - 1.0) / ess).sqrt())
}

/// √(Var(d²) / (4 E(d²) ESS)) of the deviations d from `mean`, with the ESS of d² (delta method on
/// the variance).
pub(super) fn of_sd(values: &[f64], mean: f64, ess: f64) -> Option<f64> {
    let size = values.len() as f64;
    let square = |x: f64| (x - mean) * (x - mean);
    let second = sum(values, square) / size;
    let fourth = sum(values, |x| square(x) * square(x)) / size;
    finite(((fourth - second * second) / ess / second / 4.0).sqrt())
}

/// Half the distance of the order statistics where the `prob` quantile lies with probability
/// Φ(1) - Φ(-1): by Beta(ESS p + 1, ESS (1 - p) + 1) of a uniform variable, rounded outwards.
pub(super) fn of_quantile(sample: &Sample, prob: f64, ess: f64) -> Option<f64> {
    let (a, b) = (ess * prob + 1.0, ess * (1.0 - prob) + 1.0);
    let last = sample.sorted.len() as f64 - 1.0;
    let place = |p| beta_quantile(p, a, b) * (last + 1.0) - 1.0;
    let low = sample.order_statistic(place(PHI_MINUS_1).floor().max(0.0));
    let high = sample.order_statistic(place(1.0 - PHI_MINUS_1).ceil().clamp(0.0, last));
    finite((high - low) / 2.0)
}

fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}
