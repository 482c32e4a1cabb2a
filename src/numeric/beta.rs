//! Quantiles of the beta distribution, and tails of F, which are beta probabilities.
//!
//! statrs cuts its continued fraction at 140 terms, too few for the thousands of effective draws
//! that come up here (about √max(a, b) terms are needed).

use super::normal::normal_quantile;
use statrs::function::gamma::ln_gamma;

/// Far above √(2³²), the terms that the largest sample needs.
const MAX_TERMS: usize = 1_000_000;

/// Newton's steps are seldom more than six; this many halvings would end at neighbouring numbers.
const MAX_STEPS: usize = 60;
/// A step this small, in standard deviations, was the last: each is about the square of the one
/// before.
const LAST_STEP: f64 = 1e-8;

/// The x where the distribution function of Beta(`a`, `b`) is `p`; for a, b ≥ 1.
///
/// Newton's method from the quantile of the normal with the same moments, within a bracket that is
/// halved where a step would leave it.
#[must_use]
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    let sd = (a * b / (a + b + 1.0)).sqrt() / (a + b);
    let (mut low, mut high) = (0.0, 1.0);
    let within = |x: f64, low: f64, high: f64| {
        if low < x && x < high {
            x
        } else {
            (low + high) / 2.0
        }
    };
    let mut x = within(a / (a + b) + sd * normal_quantile(p), low, high);
    for _ in 0..MAX_STEPS {
        let error = beta_cdf(x, a, b, ln_beta) - p;
        if error < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let density = ((a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p() - ln_beta).exp();
        let next = within(x - error / density, low, high);
        let step = (next - x).abs();
        x = next;
        if step <= LAST_STEP * sd {
            break;
        }
    }
    x
}

/// P(F > `f`) for F with `above` and `below` degrees of freedom.
///
/// ```
/// // The 5 % point of F(3, 20).
/// assert!((fkbayes::numeric::f_tail(3.0984, 3.0, 20.0) - 0.05).abs() < 1e-5);
/// ```
#[must_use]
pub fn f_tail(f: f64, above: f64, below: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    let (a, b) = (0.5 * below, 0.5 * above);
    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    beta_cdf(below / (below + above * f), a, b, ln_beta).clamp(0.0, 1.0)
}

/// Regularised incomplete beta function, from the side where the fraction converges fast.
fn beta_cdf(x: f64, a: f64, b: f64, ln_beta: f64) -> f64 {
    let front = (a * x.ln() + b * (-x).ln_1p() - ln_beta).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front / a / fraction(x, a, b)
    } else {
        1.0 - front / b / fraction(1.0 - x, b, a)
    }
}

/// Denominator of the continued fraction (DLMF 8.17.22), by the modified Lentz method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let (mut value, mut c, mut d) = (1.0, 1.0, 0.0);
    for k in 1..MAX_TERMS {
        let m = (k / 2) as f64;
        let step = a + 2.0 * m;
        let term = if k % 2 == 0 {
            m * (b - m) * x / ((step - 1.0) * step)
        } else {
            -(a + m) * (a + b + m) * x / (step * (step + 1.0))
        };
        d = 1.0 / nonzero(1.0 + term * d);
        c = nonzero(1.0 + term / c);
        value *= c * d;
        if (c * d - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    value
}

fn nonzero(x: f64) -> f64 {
    if x == 0.0 { f64::MIN_POSITIVE } else { x }
}
