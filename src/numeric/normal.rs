//! The standard normal law.

use statrs::function::erf::{erfc, erfc_inv};
use std::f64::consts::SQRT_2;

/// Φ(x), the standard normal distribution function.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x / SQRT_2)
}

/// φ(x), the standard normal density.
#[must_use]
pub fn normal_density(x: f64) -> f64 {
    const PEAK: f64 = 0.398_942_280_401_432_7;
    PEAK * (-0.5 * x * x).exp()
}

/// Φ⁻¹(p) for 0 < p < 1.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    -SQRT_2 * erfc_inv(2.0 * p)
}

/// Φ⁻¹(0.95): half the width of a 90 % interval, in standard deviations.
pub const HALF_OF_90: f64 = 1.644_853_626_951_472_7;

/// The bound that the largest of `comparisons` standard normals exceeds in absolute value with
/// probability at most `false_alarm` (Bonferroni: no independence is assumed).
#[must_use]
pub fn two_sided_normal_bound(false_alarm: f64, comparisons: usize) -> f64 {
    -normal_quantile(false_alarm / (2.0 * comparisons.max(1) as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_90_is_the_quantile() {
        assert!((HALF_OF_90 - normal_quantile(0.95)).abs() < 1e-15);
    }
}
