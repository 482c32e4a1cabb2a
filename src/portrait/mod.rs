//! A finished fit in numbers ready to be drawn: what pictures need beyond its record. Every method gives
//! the plain data of one picture, computed when it is asked for.

mod chains;
mod conditional;
mod density;
mod importances;
mod planning;
mod predictive;
mod ranks;
mod rival;

pub use chains::{Chains, EssPoint};
pub use conditional::{ConditionalCurve, ConditionalCurves};
pub use density::{Histogram, PriorPosterior};
pub use importances::{ImportanceRow, PluginRange};
pub use planning::PlanningSketch;
pub use predictive::{LargestMean, Predictive, SpreadRow};
pub use ranks::RankProbabilities;

use crate::Error;
use crate::draws::DrawsSource;
use crate::fit::{Fit, OpenedFit};
use crate::posterior::{EmpiricalBayes, ExactPosterior, empirical_bayes};
use ndarray::{Array2, Axis};

/// FKs in a picture at most: the most important ones.
pub const MOST_SHOWN: usize = 40;

/// How long a picture may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// A fraction of a second: what takes longer is cut short or left out, and said so.
    Moment,
    /// A few seconds.
    Ample,
}

/// A finished fit, and which of its FKs pictures show.
#[derive(Debug)]
pub struct Portrait {
    opened: OpenedFit,
    estimate: EmpiricalBayes,
    /// FKs by place in the input, the largest posterior median first.
    order: Vec<usize>,
    effort: Effort,
}

impl Portrait {
    /// Of a fit that was read back.
    #[must_use]
    pub fn new(opened: OpenedFit, effort: Effort) -> Self {
        let estimate = empirical_bayes(opened.file.hierarchy());
        let mut order: Vec<(f64, usize)> = opened.fit.medians().collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        Self {
            opened,
            estimate,
            order: order.into_iter().map(|(_, fk)| fk).collect(),
            effort,
        }
    }

    /// The record.
    #[must_use]
    pub fn fit(&self) -> &Fit {
        &self.opened.fit
    }

    /// The record, once nothing is to be drawn any more.
    #[must_use]
    pub fn into_fit(self) -> Fit {
        self.opened.fit
    }

    /// The run as it was read back.
    #[must_use]
    pub fn opened(&self) -> &OpenedFit {
        &self.opened
    }

    /// All FKs by place in the input, the largest posterior median first.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Those that pictures show.
    #[must_use]
    pub fn shown(&self) -> &[usize] {
        &self.order[..MOST_SHOWN.min(self.order.len())]
    }

    /// How many FKs pictures leave out.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.order.len() - self.shown().len()
    }

    fn exact(&self) -> Option<&ExactPosterior> {
        self.opened.exact.as_ref()?.as_ref().ok()
    }

    /// Draws of a hyperparameter, as (chain × draw); `None` where the model has no such parameter.
    fn draws(&self, name: &str) -> Result<Option<Array2<f64>>, Error> {
        let column = self.opened.file.columns().position(name);
        column.map(|column| self.column(column)).transpose()
    }

    fn column(&self, column: usize) -> Result<Array2<f64>, Error> {
        let block = self.opened.file.block(column..column + 1)?;
        Ok(block.index_axis_move(Axis(0), 0))
    }

    /// Draws of σ²_FK, as (chain × draw).
    fn sigma2_fk(&self) -> Result<Array2<f64>, Error> {
        self.column(0)
    }
}

/// About `most` of the values, evenly spaced.
fn thinned(values: &Array2<f64>, most: usize) -> Vec<f64> {
    let stride = values.len().div_ceil(most.max(1)).max(1);
    values.iter().step_by(stride).copied().collect()
}
