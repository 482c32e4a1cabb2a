//! What determines the result of a study.

use super::grid::Grid;
use crate::Error;
use crate::model::Hyperprior;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Replicates of a cell at most.
const MOST_REPLICATES: u32 = 10_000_000;

/// How the full posterior is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Simulated data, the posterior by quadrature.
    #[default]
    Exact,
    /// Simulated data, the posterior from one chain of [`GIBBS_DRAWS`](super::GIBBS_DRAWS) draws.
    Gibbs,
    /// Integration over the data too, for equal n: no Monte-Carlo error.
    ExactExpectation,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::Gibbs => "gibbs",
            Self::ExactExpectation => "exact-expectation",
        })
    }
}

impl FromStr for Engine {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "exact" => Ok(Self::Exact),
            "gibbs" => Ok(Self::Gibbs),
            "exact-expectation" => Ok(Self::ExactExpectation),
            _ => Err(Error::Setting {
                setting: format!("--engine {text}"),
                problem: "is not one of exact, gibbs, exact-expectation".into(),
            }),
        }
    }
}

/// Settings of a study: the same ones give the same result, whatever the number of threads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The cells.
    #[serde(flatten)]
    pub grid: Grid,
    /// Prior of σ²_FK, in the units in which σ²_FK = 1; without one, each cell's default,
    /// IG(½, s̄/2) with s̄ the median sampling variance.
    pub hyperprior: Option<Hyperprior>,
    /// Simulated data sets per cell.
    pub replicates: u32,
    /// Seed of the random numbers.
    pub seed: u64,
    /// How the full posterior is found.
    pub engine: Engine,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            grid: Grid::default(),
            hyperprior: None,
            replicates: 1000,
            seed: 1,
            engine: Engine::default(),
        }
    }
}

impl Settings {
    /// Checks that there is something to study, by this engine.
    ///
    /// # Errors
    /// If a setting is out of its range, or settings contradict each other; the flag is named.
    pub fn validate(&self) -> Result<(), Error> {
        self.grid.validate()?;
        if !(2..=MOST_REPLICATES).contains(&self.replicates) {
            return Err(Error::Setting {
                setting: format!("--replicates {}", self.replicates),
                problem: "give 2 to 10,000,000: one data set alone has no Monte-Carlo error".into(),
            });
        }
        let unequal = self.grid.n.iter().find(|n| n.common().is_none());
        match (self.engine, unequal) {
            (Engine::ExactExpectation, Some(n)) => Err(Error::Setting {
                setting: format!("--engine exact-expectation with --n {n}"),
                problem: "the data of FKs with unequal n have no single sufficient sum of squares \
                          to integrate over; use --engine exact"
                    .into(),
            }),
            _ => self.refuse_improper(),
        }
    }

    /// A posterior that exists in every cell.
    fn refuse_improper(&self) -> Result<(), Error> {
        if self.hyperprior == Some(Hyperprior::Flat) && self.grid.k.contains(&1) {
            return Err(Error::Setting {
                setting: "--prior flat with --k 1".into(),
                problem: "the posterior is proper from two FKs on; leave K = 1 out, or choose \
                          another prior"
                    .into(),
            });
        }
        Ok(())
    }
}
