//! What further permutations would bring, sketched for a picture.

use super::{Effort, Portrait};
use crate::fit::CurveRow;
use crate::plan::{Budget, Objective, Outlook, Simulation, shared_draws};
use std::sync::atomic::AtomicU64;

/// Totals, points of the shared parameters and simulated futures that a moment affords: a curve to the eye.
const SKETCHED: (usize, usize, usize) = (6, 32, 48);
/// The same where there is more time.
const DRAWN: (usize, usize, usize) = (20, 128, 500);

/// The curve of `fkbayes plan`, sketched.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanningSketch {
    /// Its points, the first of them the present.
    pub rows: Vec<CurveRow>,
    /// Simulated futures for each.
    pub futures: usize,
}

impl Portrait {
    /// What further permutations would bring, spent where they take off most variance.
    ///
    /// # Errors
    /// In words, where nothing can be planned.
    pub fn planning(&self) -> Result<PlanningSketch, String> {
        let (totals, points, futures) = match self.effort {
            Effort::Moment => SKETCHED,
            Effort::Ample => DRAWN,
        };
        let file = &self.opened.file;
        let (data, hierarchy) = (file.data(), file.hierarchy());
        let exact = self.exact();
        let draws = match exact {
            Some(_) => Vec::new(),
            None => shared_draws(hierarchy, file).map_err(|error| error.to_string())?,
        };
        let outlook = Outlook::with_points(data, hierarchy, (exact, &draws), points)
            .map_err(|error| error.to_string())?;
        let futures = outlook.affordable(futures);
        let simulation = Simulation {
            replicates: futures,
            seed: self.fit().sampler.settings.seed,
            top: 1,
            progress: &AtomicU64::new(0),
        };
        let budget = Budget {
            total: 0.0,
            costs: vec![1.0; outlook.k()],
            open: vec![true; outlook.k()],
        };
        let totals = some_of(outlook.totals(), totals);
        let points = outlook.curve(&totals, Objective::SumVariance, &budget, simulation);
        Ok(PlanningSketch {
            rows: points.iter().map(CurveRow::from).collect(),
            futures,
        })
    }
}

/// The first of the totals, the last, and some between, about `most` together.
fn some_of(totals: Vec<f64>, most: usize) -> Vec<f64> {
    let last = totals.len().saturating_sub(1);
    let every = last.div_ceil(most.saturating_sub(1).max(1)).max(1);
    let kept = |i: usize| i == 0 || (last - i).is_multiple_of(every);
    let chosen = totals.into_iter().enumerate().filter(|(i, _)| kept(*i));
    chosen.map(|(_, total)| total).collect()
}
