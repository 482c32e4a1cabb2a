//! How to spend a budget of permutations.

use super::fill::{Budget, Stop};
use super::outlook::Outlook;
use super::simulate::{Estimate, Forecast, Simulation};
use crate::Error;
use crate::numeric::finite;
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
    /// The smallest largest expected posterior variance, of all FKs, whether they may be permuted or not.
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
    /// How they are spelled.
    pub const NAMES: [&'static str; 4] = [
        OBJECTIVES[0].0,
        OBJECTIVES[1].0,
        OBJECTIVES[2].0,
        OBJECTIVES[3].0,
    ];

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
                problem: format!("is not one of {}", Self::NAMES.join(", ")),
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
    /// The expected posterior variance of an FK lies between the mean of V_k ([`Outlook::least_variance`]) and
    /// the best linear use of its new mean ([`Outlook::most_variance`]). Both are convex in the number
    /// of permutations and know of no other FK, so greedy is optimal for either (docs/planning.md); the
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
        let first = self.plan_for(objective, budget, simulation.top);
        let bound = self.bound(objective, budget, &first);
        let equal = simulated(budget.equal_split());
        let mut plans = vec![first];
        plans.extend(self.second_plan_for(objective, budget));
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

    /// The plan that serves an objective best where only one can be had: optimal for the lower bound of a
    /// variance; for ranks where pairs are told apart, what is left going to the variances.
    #[must_use]
    pub fn plan_for(&self, objective: Objective, budget: &Budget, top: usize) -> Vec<u64> {
        match objective {
            Objective::SumVariance => self.lowest_sum(budget),
            Objective::MaxVariance => {
                budget.fill(Stop::Due, |k, delta| self.least_variance(k, delta))
            }
            Objective::TopRank => self.separate(&self.pairs_across(top), budget),
            Objective::Separate => self.separate(&self.pairs_of_neighbours(), budget),
        }
    }

    /// Another that may do better.
    fn second_plan_for(&self, objective: Objective, budget: &Budget) -> Option<Vec<u64>> {
        let cost = |k: usize| budget.costs[k];
        Some(match objective {
            Objective::SumVariance => {
                budget.fill(Stop::Spent, |k, delta| self.most_gain(k, delta) / cost(k))
            }
            Objective::MaxVariance => {
                budget.fill(Stop::Due, |k, delta| self.most_variance(k, delta))
            }
            Objective::TopRank | Objective::Separate => self.lowest_sum(budget),
        })
    }

    /// Greedy on what one more score takes off Σ E[V_k], per unit of cost.
    pub(super) fn lowest_sum(&self, budget: &Budget) -> Vec<u64> {
        let cost = |k: usize| budget.costs[k];
        budget.fill(Stop::Spent, |k, delta| self.least_gain(k, delta) / cost(k))
    }

    /// What no plan can undercut: the optimum of the lower bound, where greedy finds it.
    fn bound(&self, objective: Objective, budget: &Budget, optimal: &[u64]) -> Option<f64> {
        let variances = optimal.iter().enumerate();
        let variances = variances.map(|(k, &delta)| self.least_variance(k, delta));
        let equal_costs = || budget.open_costs().all(|cost| cost == budget.cheapest());
        let bound = match objective {
            Objective::SumVariance if equal_costs() => variances.sum(),
            Objective::MaxVariance => variances.fold(0.0, f64::max),
            _ => return None,
        };
        finite(bound)
    }
}
