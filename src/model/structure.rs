//! The model as a user states it: four choices, each with a default.

use super::{Hyperprior, Importance, Noise};
use crate::Error;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The centre of the importances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Location {
    /// Zero: an FK without importance loses nothing when permuted.
    #[default]
    Zero,
    /// Unknown, with a flat prior: α_k ~ N(m, σ²_FK).
    Flat,
}

/// The hierarchy as stated: σ²_FK ~ hyperprior, α_k | σ²_FK ~ importance around the location,
/// scores | α_k ~ normal with the noise.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Model {
    /// Prior of σ²_FK; without one, InverseGamma(½, s̄/2) at the scale of the noise (see
    /// [`Hierarchy`](super::Hierarchy)).
    pub hyperprior: Option<Hyperprior>,
    /// Noise of one score.
    pub noise: Noise,
    /// Law of the importances.
    pub importance: Importance,
    /// Their centre.
    pub location: Location,
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "zero" => Ok(Self::Zero),
            "flat" => Ok(Self::Flat),
            _ => Err(Error::Setting {
                setting: format!("location '{text}'"),
                problem: "is neither zero nor flat".into(),
            }),
        }
    }
}
