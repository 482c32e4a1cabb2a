//! The law of the importances.

use super::hyperprior::{Number, REPRESENTABLE, parse_numbers};
use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The law of the importances α_k given σ²_FK, about their location.
///
/// Written `normal` or `student-t=NU`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum Importance {
    /// α_k ~ N(0, σ²_FK).
    #[default]
    Normal,
    /// α_k ~ t_ν(0, σ_FK): few importances may tower over the rest. σ²_FK is then the squared scale,
    /// not the variance.
    StudentT {
        /// Degrees of freedom ν > 0.
        nu: f64,
    },
}

impl Importance {
    /// Student-t importances with ν degrees of freedom.
    ///
    /// # Errors
    /// If ν is not positive and finite.
    pub fn student_t(nu: f64) -> Result<Self, Error> {
        if REPRESENTABLE.contains(&nu) {
            return Ok(Self::StudentT { nu });
        }
        Err(Error::Setting {
            setting: format!("importance 'student-t={nu}'"),
            problem: "NU, the degrees of freedom, must be positive and finite".into(),
        })
    }
}

impl fmt::Display for Importance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => write!(f, "normal"),
            Self::StudentT { nu } => write!(f, "student-t={}", Number(*nu)),
        }
    }
}

impl FromStr for Importance {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::Setting {
            setting: format!("importance '{text}'"),
            problem: problem.into(),
        };
        match text.split_once('=') {
            None if text == "normal" => Ok(Self::Normal),
            None if text == "student-t" => Err(wrong(
                "needs its degrees of freedom: student-t=NU, such as student-t=4",
            )),
            Some(("student-t", number)) => match parse_numbers(number).as_deref() {
                Some(&[nu]) => Self::student_t(nu),
                _ => Err(wrong("takes one number: student-t=NU")),
            },
            _ => Err(wrong("is neither normal nor student-t=NU")),
        }
    }
}

impl From<Importance> for String {
    fn from(importance: Importance) -> Self {
        importance.to_string()
    }
}

impl TryFrom<String> for Importance {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}
