//! How precision and ranking grow with the number of permutations.

use super::allocate::{Allocation, Objective};
use super::consistency::Consistency;
use super::fill::{Budget, MOST};
use super::outlook::Outlook;
use super::simulate::{Estimate, Simulation};

/// One point of the curve.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvePoint {
    /// Permutations added, in the budget's units.
    pub total: f64,
    /// Average over the FKs of the root of the expected posterior variance, in score units; none where
    /// one does not exist.
    pub mean_sd: Option<f64>,
    /// Probability that the first ranks are right.
    pub top: Estimate,
    /// Share of neighbours in the right order.
    pub order: Estimate,
    /// Whether the futures agree with the present.
    pub consistency: Consistency,
}

impl Outlook {
    /// Totals worth looking at: 0, and 1, 2, 5 in turn from a twentieth of the present number of scores to
    /// twenty times it, none above 1e12.
    #[must_use]
    pub fn totals(&self) -> Vec<f64> {
        let present: u64 = (0..self.k())
            .map(|k| self.n(k))
            .fold(0, u64::saturating_add);
        let present = (present.max(self.k() as u64) as f64).min(MOST / 20.0);
        let ladder = (0..=12).flat_map(|power| [1.0, 2.0, 5.0].map(|x| x * 10f64.powi(power)));
        let within = ladder.filter(|total| (0.05 * present..=20.0 * present).contains(total));
        std::iter::once(0.0).chain(within).collect()
    }

    /// The curve at some totals, each spent on the objective as [`Outlook::plan_for`] has it.
    #[must_use]
    pub fn curve(
        &self,
        totals: &[f64],
        objective: Objective,
        budget: &Budget,
        simulation: Simulation<'_>,
    ) -> Vec<CurvePoint> {
        let at = |&total: &f64| {
            let delta = self.plan_for(objective, &budget.of_total(total), simulation.top);
            let forecast = self.simulate(&delta, simulation);
            self.point(total, &Allocation { delta, forecast })
        };
        totals.iter().map(at).collect()
    }

    fn point(&self, total: f64, allocation: &Allocation) -> CurvePoint {
        let sds: Option<Vec<f64>> = allocation
            .forecast
            .fks
            .iter()
            .map(|fk| fk.variance.map(|variance| variance.value.max(0.0).sqrt()))
            .collect();
        CurvePoint {
            total,
            mean_sd: sds.map(|sds| sds.iter().sum::<f64>() / sds.len() as f64),
            top: allocation.forecast.top,
            order: allocation.forecast.order,
            consistency: allocation.forecast.consistency,
        }
    }
}
