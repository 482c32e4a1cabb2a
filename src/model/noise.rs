//! The noise of a single permutation score.

use super::hyperprior::{Number, REPRESENTABLE, parse_numbers};
use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// c₀ of `per-fk` where none is given.
pub(crate) const DEFAULT_C0: f64 = 1.0;

/// What is believed of σ²_obs, the variance of one score about its FK's importance, in squared
/// score units.
///
/// Written `auto`, `pooled`, `known=V`, `sampled`, `sampled=C0,D0`, `per-fk`, `per-fk=C0` or
/// `per-fk=fixed`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum Noise {
    /// Chosen from the data: pooled, or per-fk where the spreads differ (see
    /// [`log_bayes_factor_of_noise`](super::log_bayes_factor_of_noise)); per-fk=fixed where the input
    /// gives standard errors.
    #[default]
    Auto,
    /// The pooled estimate SSW/(N - K'), taken as known.
    Pooled,
    /// A known value.
    Known(f64),
    /// Sampled, under σ²_obs ~ InverseGamma(c₀, d₀); both zero mean p(σ²_obs) ∝ 1/σ²_obs.
    Sampled {
        /// Shape c₀ ≥ 0.
        c0: f64,
        /// Scale d₀ ≥ 0, in squared score units.
        d0: f64,
    },
    /// Each FK has its own, sampled: σ²_obs,k ~ InverseGamma(c₀, d₀), p(d₀) ∝ 1/d₀.
    PerFk {
        /// Shape c₀ > 0: half the number of scores that the other FKs are worth.
        c0: f64,
    },
    /// Each FK has its own: its sample variance or given standard error, taken as known.
    PerFkFixed,
}

impl Noise {
    /// A known noise variance.
    ///
    /// # Errors
    /// If it is not positive and finite.
    pub fn known(variance: f64) -> Result<Self, Error> {
        if REPRESENTABLE.contains(&variance) {
            return Ok(Self::Known(variance));
        }
        Err(Error::Setting {
            setting: format!("noise 'known={variance}'"),
            problem: "the variance of a score must be positive and finite (1e-300 to 1e300)".into(),
        })
    }

    /// Noise of each FK on its own, drawn from an inverse-gamma of shape c₀.
    ///
    /// # Errors
    /// If c₀ is not positive and finite.
    pub fn per_fk(c0: f64) -> Result<Self, Error> {
        if REPRESENTABLE.contains(&c0) {
            return Ok(Self::PerFk { c0 });
        }
        Err(Error::Setting {
            setting: format!("noise 'per-fk={c0}'"),
            problem: "C0 must be positive and finite; plain 'per-fk' is C0 = 1".into(),
        })
    }

    /// Noise sampled under an inverse-gamma prior; `c0 = d0 = 0` is the scale-invariant one.
    ///
    /// # Errors
    /// If the parameters are neither both zero nor both positive and finite.
    pub fn sampled(c0: f64, d0: f64) -> Result<Self, Error> {
        let both_positive = REPRESENTABLE.contains(&c0) && REPRESENTABLE.contains(&d0);
        if both_positive || (c0 == 0.0 && d0 == 0.0) {
            return Ok(Self::Sampled { c0, d0 });
        }
        Err(Error::Setting {
            setting: format!("noise 'sampled={c0},{d0}'"),
            problem: "C0 and D0 must both be positive and finite; plain 'sampled' is the \
                      scale-invariant prior"
                .into(),
        })
    }
}

/// Spellings, for messages.
const SPELLINGS: &str = "is not one of auto, pooled, known=V, sampled, sampled=C0,D0, per-fk, \
                         per-fk=C0, per-fk=fixed";

impl fmt::Display for Noise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => write!(f, "auto"),
            Self::Pooled => write!(f, "pooled"),
            Self::Known(v) => write!(f, "known={}", Number(*v)),
            Self::Sampled { c0, d0 } if *c0 == 0.0 && *d0 == 0.0 => write!(f, "sampled"),
            Self::Sampled { c0, d0 } => write!(f, "sampled={},{}", Number(*c0), Number(*d0)),
            Self::PerFk { c0 } if *c0 == DEFAULT_C0 => write!(f, "per-fk"),
            Self::PerFk { c0 } => write!(f, "per-fk={}", Number(*c0)),
            Self::PerFkFixed => write!(f, "per-fk=fixed"),
        }
    }
}

impl FromStr for Noise {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::Setting {
            setting: format!("noise '{text}'"),
            problem: problem.into(),
        };
        let numbers = |values| {
            parse_numbers(values)
                .ok_or_else(|| wrong("is not a number; write known=V, sampled=C0,D0 or per-fk=C0"))
        };
        match text.split_once('=') {
            None => match text {
                "auto" => Ok(Self::Auto),
                "pooled" => Ok(Self::Pooled),
                "sampled" => Self::sampled(0.0, 0.0),
                "known" => Err(wrong("needs its variance: known=V")),
                "per-fk" => Self::per_fk(DEFAULT_C0),
                _ => Err(wrong(SPELLINGS)),
            },
            Some(("known", value)) => match numbers(value)?.as_slice() {
                &[variance] => Self::known(variance),
                _ => Err(wrong("takes one variance: known=V")),
            },
            Some(("sampled", values)) => match numbers(values)?.as_slice() {
                [0.0, 0.0] => Err(wrong("for the scale-invariant prior write plain 'sampled'")),
                [c0, d0] => Self::sampled(*c0, *d0),
                _ => Err(wrong("takes two numbers: sampled=C0,D0")),
            },
            Some(("per-fk", "fixed")) => Ok(Self::PerFkFixed),
            Some(("per-fk", number)) => match numbers(number)?.as_slice() {
                &[c0] => Self::per_fk(c0),
                _ => Err(wrong("takes one number, per-fk=C0, or the word fixed")),
            },
            Some(_) => Err(wrong(SPELLINGS)),
        }
    }
}

impl From<Noise> for String {
    fn from(noise: Noise) -> Self {
        noise.to_string()
    }
}

impl TryFrom<String> for Noise {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}
