//! Quantiles of the beta distribution, and tails of F, which are beta probabilities.
//!
//! statrs cuts its continued fraction at 140 terms, too few for the thousands of effective draws
//! that come up here (about √max(a, b) terms are needed).

use statrs::function::gamma::ln_gamma;

/// Halvings of the unit interval: down to the spacing of numbers just below 1.
const HALVINGS: usize = 53;
/// Far above √(2³²), the terms that the largest sample needs.
const MAX_TERMS: usize = 1_000_000;

/// The x where the distribution function of Beta(`a`, `b`) is `p`; for a, b ≥ 1.
#[must_use]
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    for _ in 0..HALVINGS {
        let x = (low + high) / 2.0;
        if beta_cdf(x, a, b, ln_beta) < p {
            low = x;
        } else {
            high = x;
        }
    }
    (low + high) / 2.0
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
