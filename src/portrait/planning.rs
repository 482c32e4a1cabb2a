//! What further permutations would bring, sketched for a picture.

use super::Portrait;
use crate::fit::CurveRow;
use crate::plan::{Budget, Objective, Outlook, Simulation, shared_draws};
use std::sync::atomic::AtomicU64;

/// Points of the shared parameters, and simulated futures for each total: a curve to the eye.
const POINTS: usize = 32;
const FUTURES: usize = 64;

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
        let file = &self.opened().file;
        let (data, hierarchy) = (file.data(), file.hierarchy());
        let exact = self.exact();
        let draws = match exact {
            Some(_) => Vec::new(),
            None => shared_draws(hierarchy, file).map_err(|error| error.to_string())?,
        };
        let outlook = Outlook::with_points(data, hierarchy, (exact, &draws), POINTS)
            .map_err(|error| error.to_string())?;
        let futures = outlook.affordable(FUTURES);
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
        let points = outlook.curve(
            &outlook.totals(),
            Objective::SumVariance,
            &budget,
            simulation,
        );
        Ok(PlanningSketch {
            rows: points.iter().map(CurveRow::from).collect(),
            futures,
        })
    }
}
