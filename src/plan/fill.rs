//! Greedy allocation of whole permutations.

use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Halvings of the range in which the threshold lies, at most.
const HALVINGS: u32 = 64;
/// Orders of magnitude over which indices may range, in logs.
const RANGE: f64 = 140.0;
/// Permutations that are planned at most: larger counts have no use, and sums of them no digits.
pub(crate) const MOST: f64 = 1e12;
/// Permutations given one by one at most, per FK: rounding alone leaves more.
const SINGLY: usize = 64;

/// What there is to spend, and on whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// What may be spent, in permutations or in the units of `costs`.
    pub total: f64,
    /// Cost of one permutation, by place in the hierarchy.
    pub costs: Vec<f64>,
    /// Which FKs may get any.
    pub open: Vec<bool>,
}

/// When spending ends before the budget does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// When nothing is affordable any more.
    Spent,
    /// When the next permutation that is due is not affordable: nothing else would help.
    Due,
}

impl Budget {
    /// The same terms for another total.
    #[must_use]
    pub fn of_total(&self, total: f64) -> Self {
        Self {
            total,
            ..self.clone()
        }
    }

    /// Costs of the FKs that may get any.
    pub fn open_costs(&self) -> impl Iterator<Item = f64> {
        let open = self.costs.iter().zip(&self.open);
        open.filter(|(_, open)| **open).map(|(cost, _)| *cost)
    }

    /// The least that a permutation costs.
    #[must_use]
    pub fn cheapest(&self) -> f64 {
        self.open_costs().fold(f64::INFINITY, f64::min)
    }

    /// Permutations of FK `k` that the budget affords at most.
    fn most(&self, k: usize) -> u64 {
        if self.open[k] {
            (self.total / self.costs[k]).floor().min(MOST) as u64
        } else {
            0
        }
    }

    fn cost_of(&self, delta: &[u64]) -> f64 {
        let costs = delta.iter().zip(&self.costs);
        costs.map(|(&delta, cost)| delta as f64 * cost).sum()
    }

    /// The same number for every FK that may get any; what is left goes to the first ones.
    #[must_use]
    pub fn equal_split(&self) -> Vec<u64> {
        let once: f64 = self.open_costs().sum();
        let each = (self.total / once).floor().min(MOST) as u64;
        let shares = self.open.iter().map(|&open| if open { each } else { 0 });
        let mut delta: Vec<u64> = shares.collect();
        let mut left = self.total - self.cost_of(&delta);
        for (k, delta) in delta.iter_mut().enumerate() {
            if *delta < self.most(k) && self.costs[k] <= left {
                *delta += 1;
                left -= self.costs[k];
            }
        }
        delta
    }

    /// Gives one permutation after the other to the FK whose index is largest, until the budget is
    /// spent or no index is positive; `index(k, d)`, of FK `k` once it has `d`, must not increase in `d`.
    ///
    /// Most are given at once: all those above the lowest threshold that the budget affords. They are
    /// the ones that one after the other would have been given first.
    #[must_use]
    pub fn fill(&self, stop: Stop, index: impl Fn(usize, u64) -> f64 + Sync) -> Vec<u64> {
        let mut delta = self.above_threshold(&index);
        let mut left = self.total - self.cost_of(&delta);
        let due = |k: usize, given: u64| Due {
            index: index(k, given),
            k,
        };
        let mut heap: BinaryHeap<Due> = (0..delta.len())
            .filter(|&k| self.open[k])
            .map(|k| due(k, delta[k]))
            .collect();
        for _ in 0..SINGLY * (delta.len() + 1) {
            let Some(Due { index, k }) = heap.pop().filter(|due| due.index > 0.0) else {
                break;
            };
            if self.costs[k] <= left && delta[k] < self.most(k) {
                left -= self.costs[k];
                delta[k] += 1;
                heap.push(due(k, delta[k]));
            } else if stop == Stop::Due || index.is_nan() {
                break;
            }
        }
        delta
    }

    fn above_threshold(&self, index: &(impl Fn(usize, u64) -> f64 + Sync)) -> Vec<u64> {
        let nothing = vec![0; self.open.len()];
        let above = |threshold: f64| -> Vec<u64> {
            let of = |k| first_not(self.most(k), |d| index(k, d) > threshold);
            (0..self.open.len()).into_par_iter().map(of).collect()
        };
        let largest = (0..self.open.len())
            .filter(|&k| self.open[k])
            .map(|k| index(k, 0))
            .filter(|index| index.is_finite() && *index > 0.0)
            .fold(0.0, f64::max);
        if largest == 0.0 {
            return nothing;
        }
        // What is left once each could get one more is for the steps that follow.
        let little: f64 = self.open_costs().sum();
        let (mut low, mut high) = (largest.ln() - RANGE, largest.ln());
        let mut best = nothing;
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            let tried = above(middle.exp());
            let cost = self.cost_of(&tried);
            if cost > self.total {
                low = middle;
                continue;
            }
            (high, best) = (middle, tried);
            if self.total - cost <= little {
                break;
            }
        }
        best
    }
}

/// The first number from 0 to `most` at which `holds`, which never comes back, no longer does.
pub(crate) fn first_not(most: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The next permutation of an FK: the largest index first, then the first FK.
struct Due {
    index: f64,
    k: usize,
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_index = self.index.total_cmp(&other.index);
        by_index.then(other.k.cmp(&self.k))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Due {}
