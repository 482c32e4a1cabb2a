//! What was observed: the permutation scores of each foreign key, as sufficient statistics.

mod problem;
mod stats;

pub use problem::InputProblem;
pub use stats::FkStats;

/// What is known of one foreign key's scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sample {
    /// Scores, aggregated; `n = 0` is legal.
    Scores(FkStats),
    /// An estimate with a known standard error, as a meta-analysis has it.
    Estimate {
        /// Number of scores behind the estimate, where it is known.
        n: Option<u64>,
        /// The estimate, in score units.
        mean: f64,
        /// Its standard error, in score units, positive.
        se: f64,
    },
}

impl Sample {
    /// Number of scores, where it is known.
    #[must_use]
    pub fn n(&self) -> Option<u64> {
        match self {
            Self::Scores(stats) => Some(stats.n()),
            Self::Estimate { n, .. } => *n,
        }
    }

    /// Mean score or estimate; none without scores.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        match self {
            Self::Scores(stats) => stats.mean(),
            Self::Estimate { mean, .. } => Some(*mean),
        }
    }
}

/// A foreign key and what was observed of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKey {
    /// The key's name, as the input spells it.
    pub name: String,
    /// Its scores.
    pub sample: Sample,
}

/// The foreign keys of one prediction problem, in input order.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    fks: Vec<ForeignKey>,
}

impl Data {
    /// Foreign keys in the order in which they are to be reported; their names must differ.
    #[must_use]
    pub fn new(fks: Vec<ForeignKey>) -> Self {
        Self { fks }
    }

    /// The foreign keys, in input order.
    #[must_use]
    pub fn fks(&self) -> &[ForeignKey] {
        &self.fks
    }
}
