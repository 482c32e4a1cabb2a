//! The fewest permutations that are expected to reach a target.

use super::fill::{Budget, first_not};
use super::outlook::Outlook;
use super::simulate::{Estimate, Forecast, Simulation};

/// Rounds of simulation in which the numbers are settled.
const ROUNDS: usize = 6;
/// Changes of a number smaller than this share of it are within its Monte-Carlo error.
const SETTLED: f64 = 0.005;

/// What one FK needs to reach its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// Nothing: it is there.
    Reached,
    /// This many permutations.
    More(u64),
    /// More than were to be considered.
    TooMany,
    /// It may not be permuted.
    Closed,
}

/// What a ranking needs to be right with a given probability.
#[derive(Debug, Clone, PartialEq)]
pub struct RankTarget {
    /// The plan, by place in the hierarchy; none where even the most that was considered falls short.
    pub delta: Option<Vec<u64>>,
    /// The probability now.
    pub now: Estimate,
    /// What is expected with the plan, or with the most that was considered.
    pub then: Forecast,
}

impl Outlook {
    /// The fewest permutations of every open FK after which its expected posterior variance is at most
    /// `target(k)`, none of them more than `most`; with what they are expected to bring.
    ///
    /// Where the variance would be E\[V_k\] alone the number has a closed condition. What not knowing the
    /// variances adds, a factor that changes slowly with the number, is simulated, and the number sought
    /// again, until neither moves.
    #[must_use]
    pub fn needed(
        &self,
        target: impl Fn(usize) -> f64,
        open: &[bool],
        most: u64,
        simulation: Simulation<'_>,
    ) -> (Vec<Needed>, Forecast) {
        let mut factor: Vec<f64> = vec![1.0; self.k()];
        let numbers = |needed: &[Needed]| -> Vec<u64> {
            // What is too much is tried at the most.
            let tried = |needed: &Needed| match needed {
                Needed::TooMany => most,
                other => other.number(),
            };
            needed.iter().map(tried).collect()
        };
        let mut needed = self.sought(&target, open, most, &factor);
        let mut forecast = self.simulate(&numbers(&needed), simulation);
        for _ in 0..ROUNDS {
            for (k, (fk, tried)) in forecast.fks.iter().zip(numbers(&needed)).enumerate() {
                let least = self.least_variance(k, tried);
                if let Some(found) = fk.variance.filter(|_| least > 0.0) {
                    factor[k] = (found.value / least).max(1.0);
                }
            }
            let next = self.sought(&target, open, most, &factor);
            let settled = next.iter().zip(&needed).all(|(a, b)| a.is_near(*b));
            needed = next;
            forecast = self.simulate(&numbers(&needed), simulation);
            if settled {
                break;
            }
        }
        (needed, forecast)
    }

    fn sought(
        &self,
        target: &impl Fn(usize) -> f64,
        open: &[bool],
        most: u64,
        factor: &[f64],
    ) -> Vec<Needed> {
        let of = |k: usize| {
            let target = target(k);
            if !open[k] {
                return Needed::Closed;
            }
            if self.variance(k).is_some_and(|now| now <= target) {
                return Needed::Reached;
            }
            let above = |delta: u64| factor[k] * self.least_variance(k, delta) > target;
            match first_not(most.saturating_add(1), above) {
                delta if delta > most => Needed::TooMany,
                delta => Needed::More(delta.max(1)),
            }
        };
        (0..self.k()).map(of).collect()
    }

    /// The fewest permutations in total, spent where they tell the first ranks from the rest, after which
    /// these are right with probability `target`: to about a hundredth, as probabilities are simulated.
    /// `budget` is the most that is considered.
    #[must_use]
    pub fn rank_target(
        &self,
        target: f64,
        budget: &Budget,
        simulation: Simulation<'_>,
    ) -> RankTarget {
        let nothing = vec![0; self.k()];
        let now = self.simulate(&nothing, simulation);
        if now.top.value >= target {
            return RankTarget {
                delta: Some(nothing),
                now: now.top,
                then: now,
            };
        }
        let pairs = self.pairs_across(simulation.top);
        let reach = |total: f64| {
            let delta = self.separate(&pairs, &budget.of_total(total));
            let forecast = self.simulate(&delta, simulation);
            (delta, forecast)
        };
        let unit = budget.cheapest();
        let (mut low, mut high) = (0.0_f64, budget.total);
        let mut found = reach(high);
        if found.1.top.value < target {
            return RankTarget {
                delta: None,
                now: now.top,
                then: found.1,
            };
        }
        while high > (1.01 * low).max(low + unit) {
            // By halves of the logarithm, from one permutation on.
            let middle = (low.max(unit) * high).sqrt();
            let middle = (middle / unit).round() * unit;
            if middle <= low || middle >= high {
                break;
            }
            let tried = reach(middle);
            if tried.1.top.value >= target {
                (high, found) = (middle, tried);
            } else {
                low = middle;
            }
        }
        RankTarget {
            delta: Some(found.0),
            now: now.top,
            then: found.1,
        }
    }
}

impl Needed {
    /// The number, 0 where none is needed or none suffices.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::More(delta) => delta,
            Self::Reached | Self::TooMany | Self::Closed => 0,
        }
    }

    fn is_near(self, other: Self) -> bool {
        match (self, other) {
            (Self::More(a), Self::More(b)) => (a.abs_diff(b) as f64) <= SETTLED * a.max(b) as f64,
            (a, b) => a == b,
        }
    }
}
