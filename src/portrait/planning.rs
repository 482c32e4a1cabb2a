//! What more permutations would bring.

use super::{Effort, Portrait};
use crate::plan::{Budget, Objective, Outlook, Simulation, shared_draws};
use std::sync::atomic::AtomicU64;

/// Simulated futures behind each point.
const FUTURES: usize = 100;
/// Points at most, the present one included.
const MOST_POINTS: usize = 8;
/// FKs up to which that takes a moment, where they have no scales of their own.
const MOST_IN_A_MOMENT: usize = 60;
/// Seed of the futures: the same page whenever it is made.
const SEED: u64 = 1;

/// Precision and ranking after more permutations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlanningPoint {
    /// Permutations added, where they lower the sum of the variances most.
    pub total: f64,
    /// Average of the expected posterior standard deviations, in score units, where they exist.
    pub mean_sd: Option<f64>,
    /// Probability that the FK with the largest posterior mean will be the one with the largest
    /// importance.
    pub p_top_rank: f64,
    /// Expected share of neighbours in the ranking that will stand in the right order.
    pub neighbours_right: f64,
}

impl Portrait {
    /// The curve from the present on; in words why there is none.
    ///
    /// # Errors
    /// The reason, which is no failure: too costly for a moment, or numbers of scores that are not known.
    pub fn planning_curve(&self) -> Result<Vec<PlanningPoint>, String> {
        let file = &self.opened.file;
        let (data, hierarchy) = (file.data(), file.hierarchy());
        let quick = !hierarchy.has_own_scales() && data.fks().len() <= MOST_IN_A_MOMENT;
        if self.effort == Effort::Moment && !quick {
            return Err(
                "here simulated futures take more than a moment; fkbayes plot planning draws them"
                    .to_owned(),
            );
        }
        let draws = match self.exact() {
            Some(_) => Ok(Vec::new()),
            None => shared_draws(hierarchy, file),
        };
        let outlook = draws
            .and_then(|draws| Outlook::new(data, hierarchy, self.exact(), &draws))
            .map_err(|why| why.to_string())?;
        let budget = Budget {
            total: 0.0,
            costs: vec![1.0; outlook.k()],
            open: vec![true; outlook.k()],
        };
        let simulation = Simulation {
            replicates: outlook.affordable(FUTURES),
            seed: SEED,
            top: 1,
            progress: &AtomicU64::new(0),
        };
        let totals = spread(outlook.totals());
        let points = outlook.curve(&totals, Objective::SumVariance, &budget, simulation);
        let point = points.iter().map(|point| PlanningPoint {
            total: point.total,
            mean_sd: point.mean_sd,
            p_top_rank: point.top.value,
            neighbours_right: point.order.value,
        });
        Ok(point.collect())
    }
}

/// The first of the totals, and some of the others up to the last.
fn spread(totals: Vec<f64>) -> Vec<f64> {
    let every = totals.len().saturating_sub(1).div_ceil(MOST_POINTS - 1);
    let last = totals.len() - 1;
    let kept = |i: usize| i == 0 || (last - i).is_multiple_of(every.max(1));
    let chosen = totals.into_iter().enumerate().filter(|(i, _)| kept(*i));
    chosen.map(|(_, total)| total).collect()
}
