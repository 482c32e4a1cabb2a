//! The chi-squared law.

use super::root;
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

/// P(χ² > `x`) with `degrees` degrees of freedom.
#[must_use]
pub fn chi_squared_tail(x: f64, degrees: f64) -> f64 {
    checked_gamma_ur(0.5 * degrees, 0.5 * x.max(0.0)).unwrap_or(1.0)
}

/// The x with P(χ² ≤ x) = `p`, 0 < p < 1.
///
/// ```
/// let x = fkbayes::numeric::chi_squared_quantile(0.9, 1.0);
/// assert!((x - 1.644853626951472_f64.powi(2)).abs() < 1e-9);
/// ```
#[must_use]
pub fn chi_squared_quantile(p: f64, degrees: f64) -> f64 {
    let off = |log_x: f64| {
        checked_gamma_lr(0.5 * degrees, 0.5 * log_x.exp()).map_or(f64::NAN, |cdf| cdf - p)
    };
    // P(χ² ≤ x) is about x^(degrees/2) near 0; the mean is the degrees of freedom.
    let reach = degrees.ln().abs() + 2.0 * (p.ln().abs() + 1.0) / degrees.min(1.0);
    let top = (degrees + 1.0).ln() + (1.0 - (1.0 - p).ln()).ln() + 2.0;
    root(off, -reach - 5.0, top).exp()
}
