//! The prior of σ²_FK.

use crate::Error;
use rand::{Rng, RngExt};
use rand_distr::Gamma;
use serde::{Deserialize, Serialize};
use statrs::function::gamma::ln_gamma;
use std::fmt;
use std::str::FromStr;

/// Prior of σ²_FK, the variance of the importances, in squared score units.
///
/// Written `ig=A0,B0`, in flags and model files alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum Hyperprior {
    /// InverseGamma(a₀, b₀): density ∝ t^-(a₀+1) exp(-b₀/t).
    InverseGamma {
        /// Shape a₀ > 0.
        a0: f64,
        /// Scale b₀ > 0, in squared score units.
        b0: f64,
    },
}

impl Hyperprior {
    /// InverseGamma(a₀, b₀).
    ///
    /// # Errors
    /// If a parameter is not positive and finite.
    pub fn inverse_gamma(a0: f64, b0: f64) -> Result<Self, Error> {
        for (name, value) in [("a0", a0), ("b0", b0)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::Setting {
                    setting: format!("{name} = {value}"),
                    problem: "an inverse-gamma hyperprior needs positive, finite parameters".into(),
                });
            }
        }
        Ok(Self::InverseGamma { a0, b0 })
    }

    /// h(x): log prior density of x = log t, the Jacobian included, normalised.
    #[must_use]
    pub fn log_density(&self, x: f64) -> f64 {
        match *self {
            Self::InverseGamma { a0, b0 } => {
                a0 * b0.ln() - ln_gamma(a0) - a0 * x - (b0.ln() - x).exp()
            }
        }
    }

    /// h″(x) and h‴(x), for the expansion of the posterior variance in log t.
    #[must_use]
    pub fn second_and_third_derivative(&self, x: f64) -> (f64, f64) {
        match *self {
            Self::InverseGamma { b0, .. } => {
                let b0_over_t = (b0.ln() - x).exp();
                (-b0_over_t, b0_over_t)
            }
        }
    }

    /// h′(x).
    #[must_use]
    pub fn derivative(&self, x: f64) -> f64 {
        match *self {
            Self::InverseGamma { a0, b0 } => (b0.ln() - x).exp() - a0,
        }
    }

    /// The a in p(log t) ~ t^-a as t → ∞: how many moments of t the prior has.
    #[must_use]
    pub fn tail_index(&self) -> f64 {
        match *self {
            Self::InverseGamma { a0, .. } => a0,
        }
    }

    /// Where the density of log t is highest.
    #[must_use]
    pub fn log_mode(&self) -> f64 {
        match *self {
            Self::InverseGamma { a0, b0 } => (b0 / a0).ln(),
        }
    }

    /// A draw of t given the `k` importances, whose squares sum to `sum_sq`:
    /// InverseGamma(a₀ + k/2, b₀ + ½ Σ α²).
    pub fn draw_given_importances(&self, k: usize, sum_sq: f64, rng: &mut impl Rng) -> f64 {
        match *self {
            Self::InverseGamma { a0, b0 } => {
                draw_inverse_gamma(a0 + 0.5 * k as f64, b0 + 0.5 * sum_sq, rng)
            }
        }
    }
}

/// A draw of InverseGamma(a, b) as b / Gamma(a, 1); the caller has checked a, b > 0.
pub(crate) fn draw_inverse_gamma(a: f64, b: f64, rng: &mut impl Rng) -> f64 {
    match Gamma::new(a, 1.0) {
        Ok(gamma) => b / rng.sample(gamma),
        Err(_) => f64::NAN,
    }
}

impl fmt::Display for Hyperprior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InverseGamma { a0, b0 } => write!(f, "ig={},{}", Number(*a0), Number(*b0)),
        }
    }
}

/// A number that reads back as itself and is short: exponents where they help.
pub(crate) struct Number(pub f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size != 0.0 && !(1e-4..1e9).contains(&size) {
            write!(f, "{:e}", self.0)
        } else {
            write!(f, "{}", self.0)
        }
    }
}

impl FromStr for Hyperprior {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::Setting {
            setting: format!("hyperprior '{text}'"),
            problem: problem.into(),
        };
        let Some(numbers) = text.strip_prefix("ig=") else {
            return Err(wrong("not a hyperprior this version knows; write ig=A0,B0"));
        };
        match parse_numbers(numbers)?.as_slice() {
            &[a0, b0] => Self::inverse_gamma(a0, b0),
            _ => Err(wrong("an inverse-gamma takes two numbers: ig=A0,B0")),
        }
    }
}

/// Comma-separated numbers.
pub(crate) fn parse_numbers(text: &str) -> Result<Vec<f64>, Error> {
    text.split(',')
        .map(|part| {
            part.trim().parse().map_err(|_| Error::Setting {
                setting: format!("'{part}'"),
                problem: "is not a number".into(),
            })
        })
        .collect()
}

impl From<Hyperprior> for String {
    fn from(hyperprior: Hyperprior) -> Self {
        hyperprior.to_string()
    }
}

impl TryFrom<String> for Hyperprior {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}
