//! Greedy allocation of whole permutations.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Halvings of the range in which the threshold lies.
const HALVINGS: u32 = 64;
/// Orders of magnitude over which indices may range, in logs.
const RANGE: f64 = 140.0;

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
    /// Permutations of FK `k` that the budget affords at most.
    fn most(&self, k: usize) -> u64 {
        if self.open[k] {
            (self.total / self.costs[k]).floor() as u64
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
        let once: f64 = self.cost_of(
            &self
                .open
                .iter()
                .map(|&open| u64::from(open))
                .collect::<Vec<_>>(),
        );
        let each = if once > 0.0 {
            (self.total / once).floor()
        } else {
            0.0
        };
        let mut delta: Vec<u64> = self
            .open
            .iter()
            .map(|&open| if open { each as u64 } else { 0 })
            .collect();
        let mut left = self.total - self.cost_of(&delta);
        for (k, delta) in delta.iter_mut().enumerate() {
            if self.open[k] && self.costs[k] <= left {
                *delta += 1;
                left -= self.costs[k];
            }
        }
        delta
    }

    /// Gives one permutation after the other to the FK whose index is largest, until the budget is
    /// spent; `index(k, d)`, of FK `k` once it has `d`, must not increase in `d`.
    ///
    /// Most are given at once: all those above the lowest threshold that the budget affords. They are
    /// the ones that one after the other would have been given first.
    #[must_use]
    pub fn fill(&self, stop: Stop, index: impl Fn(usize, u64) -> f64) -> Vec<u64> {
        let mut delta = self.above_threshold(&index);
        let mut left = self.total - self.cost_of(&delta);
        let mut heap: BinaryHeap<Due> = (0..delta.len())
            .filter(|&k| self.open[k])
            .map(|k| Due {
                index: index(k, delta[k]),
                k,
            })
            .collect();
        while let Some(Due { k, .. }) = heap.pop() {
            if self.costs[k] <= left {
                left -= self.costs[k];
                delta[k] += 1;
                heap.push(Due {
                    index: index(k, delta[k]),
                    k,
                });
            } else if stop == Stop::Due {
                break;
            }
        }
        delta
    }

    fn above_threshold(&self, index: &impl Fn(usize, u64) -> f64) -> Vec<u64> {
        let above = |threshold: f64| -> Vec<u64> {
            let of = |k| first_not(self.most(k), |d| index(k, d) > threshold);
            (0..self.open.len()).map(of).collect()
        };
        let largest = (0..self.open.len())
            .filter(|&k| self.open[k])
            .map(|k| index(k, 0))
            .filter(|index| index.is_finite() && *index > 0.0)
            .fold(0.0, f64::max);
        if largest == 0.0 {
            return vec![0; self.open.len()];
        }
        let (mut low, mut high) = (largest.ln() - RANGE, largest.ln());
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if self.cost_of(&above(middle.exp())) <= self.total {
                high = middle;
            } else {
                low = middle;
            }
        }
        let delta = above(high.exp());
        // Where even what is above the largest finite index is too much, start from nothing.
        if self.cost_of(&delta) <= self.total {
            delta
        } else {
            vec![0; self.open.len()]
        }
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
