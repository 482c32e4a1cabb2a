//! How to spend a budget of permutations.

use super::fill::{Budget, Stop};
use super::outlook::Outlook;
use super::simulate::{Estimate, Forecast, Simulation};
use crate::Error;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// What a plan is to achieve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// The smallest sum of expected posterior variances.
    #[default]
    SumVariance,
    /// The smallest largest expected posterior variance.
    MaxVariance,
    /// The largest probability that the first ranks are right.
    TopRank,
    /// The largest expected share of neighbours in the ranking that stand in the right order.
    Separate,
}

const OBJECTIVES: [(&str, Objective); 4] = [
    ("sum-variance", Objective::SumVariance),
    ("max-variance", Objective::MaxVariance),
    ("top-rank", Objective::TopRank),
    ("separate", Objective::Separate),
];

impl Objective {
    /// What a forecast promises of it; none where a variance does not exist.
    #[must_use]
    pub fn of(self, forecast: &Forecast) -> Option<Estimate> {
        match self {
            Self::SumVariance => forecast.sum_variance,
            Self::MaxVariance => forecast.largest_variance,
            Self::TopRank => Some(forecast.top),
            Self::Separate => Some(forecast.order),
        }
    }

    /// Whether less of it is better.
    #[must_use]
    pub fn is_variance(self) -> bool {
        matches!(self, Self::SumVariance | Self::MaxVariance)
    }

    /// How good a forecast is; larger is better.
    fn score(self, forecast: &Forecast) -> f64 {
        let sign = if self.is_variance() { -1.0 } else { 1.0 };
        self.of(forecast)
            .map_or(f64::NEG_INFINITY, |found| sign * found.value)
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = OBJECTIVES.iter().find(|(_, objective)| objective == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

impl FromStr for Objective {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = OBJECTIVES.iter().find(|(name, _)| *name == text);
        found
            .map(|(_, objective)| *objective)
            .ok_or_else(|| Error::Setting {
                setting: format!("objective '{text}'"),
                problem: "is not one of sum-variance, max-variance, top-rank, separate".into(),
            })
    }
}

/// A plan and what it promises.
#[derive(Debug, Clone, PartialEq)]
pub struct Allocation {
    /// Permutations to add, by place in the hierarchy.
    pub delta: Vec<u64>,
    /// What that is expected to bring.
    pub forecast: Forecast,
}

/// The best plan found for a budget, beside the equal split.
#[derive(Debug, Clone, PartialEq)]
pub struct Allocated {
    /// The plan.
    pub best: Allocation,
    /// The same number for every FK.
    pub equal: Allocation,
    /// No plan can do better than this, where theory says so.
    pub bound: Option<f64>,
}

impl Outlook {
    /// Plans for a budget: those that are optimal for a bound of the objective, and the equal split;
    /// of these the one that the same simulated futures like best.
    ///
    /// The expected posterior variance of an FK lies between E\[V_k\] ([`Outlook::least_variance`]) and
    /// the best linear use of its new mean ([`Outlook::most_variance`]). Both are convex in the number
    /// of permutations and know of no other FK, so greedy is optimal for either (docs/theory.md); the
    /// optimum of the lower one bounds what any plan can reach.
    #[must_use]
    pub fn allocate(
        &self,
        objective: Objective,
        budget: &Budget,
        simulation: Simulation<'_>,
    ) -> Allocated {
        let simulated = |delta: Vec<u64>| Allocation {
            forecast: self.simulate(&delta, simulation),
            delta,
        };
        let mut plans = self.plans(objective, budget, simulation.top);
        let bound = self.bound(objective, budget, &plans);
        let equal = simulated(budget.equal_split());
        plans.dedup();
        plans.retain(|delta| *delta != equal.delta);
        let better = |best: Allocation, other: Allocation| {
            if objective.score(&other.forecast) > objective.score(&best.forecast) {
                other
            } else {
                best
            }
        };
        let best = plans.into_iter().map(simulated).fold(equal.clone(), better);
        Allocated { best, equal, bound }
    }

    /// Plans worth simulating, the one that is optimal for the lower bound first.
    pub(super) fn plans(&self, objective: Objective, budget: &Budget, top: usize) -> Vec<Vec<u64>> {
        let least = |k: usize, delta: u64| self.least_variance(k, delta);
        let most = |k: usize, delta: u64| self.most_variance(k, delta);
        match objective {
            Objective::SumVariance => vec![lowest_sum(budget, least), lowest_sum(budget, most)],
            Objective::MaxVariance => {
                vec![budget.fill(Stop::Due, least), budget.fill(Stop::Due, most)]
            }
            Objective::TopRank => vec![
                self.separate(&self.pairs_across(top), budget),
                lowest_sum(budget, most),
            ],
            Objective::Separate => vec![
                self.separate(&self.pairs_of_neighbours(), budget),
                lowest_sum(budget, most),
            ],
        }
    }

    /// What no plan can undercut: the optimum of the lower bound, where greedy finds it.
    fn bound(&self, objective: Objective, budget: &Budget, plans: &[Vec<u64>]) -> Option<f64> {
        let lower = plans.first()?;
        let variances = lower
            .iter()
            .enumerate()
            .map(|(k, &delta)| self.least_variance(k, delta));
        let equal_costs = || {
            let open = budget
                .costs
                .iter()
                .zip(&budget.open)
                .filter(|(_, open)| **open);
            let mut costs = open.map(|(cost, _)| *cost);
            let first = costs.next();
            costs.all(|cost| Some(cost) == first)
        };
        let bound = match objective {
            Objective::SumVariance if equal_costs() => variances.sum(),
            Objective::MaxVariance => variances.fold(0.0, f64::max),
            _ => return None,
        };
        crate::numeric::finite(bound)
    }
}

/// Greedy on the fall of a convex variance per unit of cost.
pub(super) fn lowest_sum(budget: &Budget, variance: impl Fn(usize, u64) -> f64) -> Vec<u64> {
    budget.fill(Stop::Spent, |k, delta| {
        let (now, then) = (variance(k, delta), variance(k, delta + 1));
        // From infinity to infinity nothing is gained.
        let gain = if then.is_finite() { now - then } else { 0.0 };
        gain / budget.costs[k]
    })
}
