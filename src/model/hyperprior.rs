//! The prior of σ²_FK.

use crate::Error;
use rand::{Rng, RngExt};
use rand_distr::{Gamma, StudentT};
use serde::{Deserialize, Serialize};
use statrs::function::gamma::ln_gamma;
use std::f64::consts::PI;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Variances outside this range have no reciprocal in double precision.
pub(crate) const REPRESENTABLE: RangeInclusive<f64> = 1e-300..=1e300;

/// Prior of σ²_FK, the variance of the importances, in squared score units.
///
/// Written `ig=A0,B0`, `half-t=NU,SCALE`, `half-cauchy=SCALE` or `flat`, in flags and model files
/// alike.
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
    /// Half-t on σ_FK; the half-Cauchy is ν = 1 (Gelman 2006).
    HalfT {
        /// Degrees of freedom ν > 0.
        nu: f64,
        /// Scale H > 0, in score units.
        scale: f64,
    },
    /// Flat on σ_FK: improper, and so is the posterior unless enough FKs have scores.
    Flat,
}

impl Hyperprior {
    /// InverseGamma(a₀, b₀).
    ///
    /// # Errors
    /// If a parameter is not positive and finite.
    pub fn inverse_gamma(a0: f64, b0: f64) -> Result<Self, Error> {
        require_positive("inverse-gamma", &[("a0", a0), ("b0", b0)])?;
        Ok(Self::InverseGamma { a0, b0 })
    }

    /// Half-t with ν degrees of freedom and a scale, in score units, on σ_FK.
    ///
    /// # Errors
    /// If a parameter is not positive and finite.
    pub fn half_t(nu: f64, scale: f64) -> Result<Self, Error> {
        require_positive("half-t", &[("nu", nu), ("scale", scale)])?;
        Ok(Self::HalfT { nu, scale })
    }

    /// h(x): log prior density of x = log t, the Jacobian included; normalised where that is
    /// possible.
    #[must_use]
    pub fn log_density(&self, x: f64) -> f64 {
        let constant = match *self {
            Self::InverseGamma { a0, b0 } => a0 * b0.ln() - ln_gamma(a0),
            Self::HalfT { nu, scale } => {
                ln_gamma(0.5 * (nu + 1.0)) - ln_gamma(0.5 * nu) - 0.5 * (nu * PI).ln() - scale.ln()
            }
            Self::Flat => 0.0,
        };
        constant + self.log_kernel(x)
    }

    /// h(x) up to a constant, for what is normalised anyway: no gamma functions.
    #[must_use]
    pub fn log_kernel(&self, x: f64) -> f64 {
        match *self {
            Self::InverseGamma { a0, b0 } => -a0 * x - b0 * (-x).exp(),
            Self::HalfT { nu, scale } => {
                0.5 * x - 0.5 * (nu + 1.0) * log1p_exp(x - log_nu_h2(nu, scale))
            }
            Self::Flat => 0.5 * x,
        }
    }

    /// h′(x).
    #[must_use]
    pub fn derivative(&self, x: f64) -> f64 {
        match *self {
            Self::InverseGamma { a0, b0 } => (b0.ln() - x).exp() - a0,
            Self::HalfT { nu, scale } => {
                0.5 - 0.5 * (nu + 1.0) * logistic(x - log_nu_h2(nu, scale))
            }
            Self::Flat => 0.5,
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
            Self::HalfT { nu, scale } => {
                let p = logistic(x - log_nu_h2(nu, scale));
                let second = -0.5 * (nu + 1.0) * p * (1.0 - p);
                (second, second * (1.0 - 2.0 * p))
            }
            Self::Flat => (0.0, 0.0),
        }
    }

    /// The a in p(log t) ~ t^-a as t → ∞: how many moments of t the prior has.
    #[must_use]
    pub fn tail_index(&self) -> f64 {
        match *self {
            Self::InverseGamma { a0, .. } => a0,
            Self::HalfT { nu, .. } => 0.5 * nu,
            Self::Flat => -0.5,
        }
    }

    /// Whether the prior keeps t off 0, so that 1/t has moments.
    #[must_use]
    pub fn is_off_zero(&self) -> bool {
        matches!(self, Self::InverseGamma { .. })
    }

    /// Where the density of log t is highest; the flat prior has no such place.
    #[must_use]
    pub fn log_mode(&self) -> Option<f64> {
        match *self {
            Self::InverseGamma { a0, b0 } => Some((b0 / a0).ln()),
            Self::HalfT { scale, .. } => Some(2.0 * scale.ln()),
            Self::Flat => None,
        }
    }

    /// A draw of t from the prior; the flat prior is improper and has none.
    pub fn draw(&self, rng: &mut impl Rng) -> Option<f64> {
        match *self {
            Self::InverseGamma { a0, b0 } => Some(draw_inverse_gamma(a0, b0, rng)),
            Self::HalfT { nu, scale } => {
                let student: f64 = rng.sample(StudentT::new(nu).ok()?);
                Some((scale * student).powi(2))
            }
            Self::Flat => None,
        }
    }

    /// A draw of t given its last value and the `k` importances, whose squares sum to `sum_sq`.
    ///
    /// The inverse-gamma and the flat prior (formally IG(-½, 0)) are conjugate:
    /// IG(a₀ + k/2, b₀ + ½ Σ α²). The half-t is through one auxiliary variable, drawn afresh
    /// (Wand et al. 2011): z | t ~ IG((ν+1)/2, ν/t + 1/H²), t | z, α ~ IG((ν+k)/2, ν/z + ½ Σ α²).
    pub fn draw_given_importances(&self, t: f64, k: usize, sum_sq: f64, rng: &mut impl Rng) -> f64 {
        let (shape, scale) = match *self {
            Self::InverseGamma { a0, b0 } => (a0, b0),
            Self::HalfT { nu, scale } => {
                let z = draw_inverse_gamma(0.5 * (nu + 1.0), nu / t + scale.powi(-2), rng);
                (0.5 * nu, nu / z)
            }
            Self::Flat => (-0.5, 0.0),
        };
        draw_inverse_gamma(shape + 0.5 * k as f64, scale + 0.5 * sum_sq, rng)
    }
}

fn require_positive(prior: &str, parameters: &[(&str, f64)]) -> Result<(), Error> {
    match parameters
        .iter()
        .find(|(_, value)| !REPRESENTABLE.contains(value))
    {
        None => Ok(()),
        Some((name, value)) => Err(Error::Setting {
            setting: format!("{name} = {value}"),
            problem: format!(
                "the {prior} hyperprior needs positive, finite parameters (1e-300 to 1e300)"
            ),
        }),
    }
}

/// log(ν H²), the log of t at which the half-t bends.
fn log_nu_h2(nu: f64, scale: f64) -> f64 {
    nu.ln() + 2.0 * scale.ln()
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// log(1 + e^x) without overflow.
fn log1p_exp(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// A draw of InverseGamma(a, b) as b / Gamma(a, 1); the caller has checked a, b > 0.
pub(crate) fn draw_inverse_gamma(a: f64, b: f64, rng: &mut dyn Rng) -> f64 {
    match Gamma::new(a, 1.0) {
        Ok(gamma) => b / rng.sample(gamma),
        Err(_) => f64::NAN,
    }
}

impl fmt::Display for Hyperprior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InverseGamma { a0, b0 } => write!(f, "ig={},{}", Number(*a0), Number(*b0)),
            Self::HalfT { nu, scale } if *nu == 1.0 => {
                write!(f, "half-cauchy={}", Number(*scale))
            }
            Self::HalfT { nu, scale } => {
                write!(f, "half-t={},{}", Number(*nu), Number(*scale))
            }
            Self::Flat => write!(f, "flat"),
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
        let (kind, numbers) = match text.split_once('=') {
            None => (text, Vec::new()),
            Some((kind, numbers)) => {
                let wrong = || wrong("needs numbers behind the '=', as in ig=2,1");
                (kind, parse_numbers(numbers).ok_or_else(wrong)?)
            }
        };
        match (kind, numbers.as_slice()) {
            ("ig", &[a0, b0]) => Self::inverse_gamma(a0, b0),
            ("ig", _) => Err(wrong("an inverse-gamma takes two numbers: ig=A0,B0")),
            ("half-t", &[nu, scale]) => Self::half_t(nu, scale),
            ("half-t", _) => Err(wrong("a half-t takes two numbers: half-t=NU,SCALE")),
            ("half-cauchy", &[scale]) => Self::half_t(1.0, scale),
            ("half-cauchy", _) => Err(wrong("a half-Cauchy takes one number: half-cauchy=SCALE")),
            ("flat", &[]) => Ok(Self::Flat),
            ("flat", _) => Err(wrong("the flat hyperprior takes no number")),
            _ => Err(wrong(
                "is not one of ig=A0,B0, half-t=NU,SCALE, half-cauchy=SCALE, flat",
            )),
        }
    }
}

/// Comma-separated numbers; `None` if one of them is not.
pub(crate) fn parse_numbers(text: &str) -> Option<Vec<f64>> {
    text.split(',')
        .map(|part| part.trim().parse().ok())
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
