//! Draws ranked one by one, and what all of them say of every FK's rank.

use crate::numeric::{SortScratch, for_each_tie};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Pieces of the draws of which each has the extremes of all FKs in memory of its own, at most.
const MOST_PIECES: usize = 8;
/// FKs whose ranks sink together: they stay in the first-level cache.
const AT_ONCE: usize = 1024;

/// One draw at a time, in memory that is used again.
#[derive(Default)]
pub(super) struct Order {
    pub values: Vec<f64>,
    /// Twice the rank of every FK. FKs that tie, as those whose scores never vary do, share the mean of their
    /// ranks.
    doubled: Vec<u32>,
    /// The FKs that are first.
    first: Vec<usize>,
    scratch: SortScratch,
}

impl Order {
    /// The FKs whose value is the largest.
    fn largest(&self) -> Vec<usize> {
        let largest = self
            .values
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max);
        let all = self.values.iter().enumerate();
        all.filter(|(_, value)| **value == largest)
            .map(|(k, _)| k)
            .collect()
    }

    /// Ranks the values.
    pub fn rank(&mut self) {
        self.doubled.resize(self.values.len(), 0);
        for_each_tie(&self.values, &mut self.scratch, |above, tied| {
            let shared = 2 * above + tied.len() + 1;
            for &k in tied {
                self.doubled[k] = shared as u32;
            }
            if above == 0 {
                self.first = tied.to_vec();
            }
        });
    }
}

/// Two quantiles of an FK's ranks, and their sum; all of twice the ranks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Doubled {
    pub low: u32,
    pub high: u32,
    pub sum: u64,
}

/// Ranks of every FK, or nothing, and in each draw the FKs that are first.
pub(super) type Ranked = (Vec<Doubled>, Vec<Vec<usize>>);

/// Places of the 5 % and 95 % quantiles among so many sorted ranks: where a share of the draws is reached.
fn quantile_places(draws: usize) -> (usize, usize) {
    let place = |p: f64| ((p * draws as f64).ceil() as usize).saturating_sub(1);
    (place(0.05), place(0.95))
}

/// Which FKs are first, and no more.
pub(super) fn by_largest(draws: usize, fill: impl Fn(&mut Order, usize) + Sync) -> Ranked {
    let each = (0..draws).into_par_iter().with_max_len(1);
    let firsts = each.map_init(Order::default, |order, draw| {
        fill(order, draw);
        order.largest()
    });
    (Vec::new(), firsts.collect())
}

/// By sorting the ranks of each FK.
pub(super) fn by_sorting(
    fks: usize,
    draws: usize,
    rank: impl Fn(&mut Order, usize) + Sync,
) -> Ranked {
    let each = (0..draws).into_par_iter();
    let ranked = each.map_init(Order::default, |order, draw| {
        rank(order, draw);
        (order.doubled.clone(), order.first.clone())
    });
    let (ranks, firsts): (Vec<Vec<u32>>, _) = ranked.unzip();
    let (low, high) = quantile_places(draws);
    let of_fk = |sorted: &mut Vec<u32>, k: usize| {
        sorted.clear();
        sorted.extend(ranks.iter().filter_map(|of_draw| of_draw.get(k)));
        sorted.sort_unstable();
        Doubled {
            low: sorted.get(low).copied().unwrap_or_default(),
            high: sorted.get(high).copied().unwrap_or_default(),
            sum: sorted.iter().map(|&rank| u64::from(rank)).sum(),
        }
    };
    let each = (0..fks).into_par_iter();
    (each.map_init(Vec::new, of_fk).collect(), firsts)
}

/// The same where draws are few: what each FK's smallest and largest ranks are so far, draw by draw, so that no
/// draw need be kept.
pub(super) fn by_extremes(
    fks: usize,
    draws: usize,
    rank: impl Fn(&mut Order, usize) + Sync,
) -> Ranked {
    let taken = AtomicUsize::new(0);
    // Pieces are few, as each has memory of its own: of the draws they take one after the other until none is left.
    let piece = |_| {
        let (mut order, mut extremes) = (Order::default(), Extremes::new(fks, draws));
        let next = || Some(taken.fetch_add(1, Ordering::Relaxed)).filter(|draw| *draw < draws);
        while let Some(draw) = next() {
            rank(&mut order, draw);
            extremes.add(draw, &order);
        }
        extremes
    };
    let pieces = MOST_PIECES.min(rayon::current_num_threads());
    let parts = (0..pieces).into_par_iter().with_max_len(1).map(piece);
    let all = parts.reduce_with(Extremes::merge);
    all.map_or_else(Ranked::default, Extremes::finish)
}

/// What some draws say of every FK.
struct Extremes {
    /// The smallest of its ranks, the second smallest, and so on; enough of them for the lower quantile.
    smallest: Vec<Vec<u32>>,
    largest: Vec<Vec<u32>>,
    sums: Vec<u64>,
    /// Draws, and the FKs that are first in them.
    firsts: Vec<(usize, Vec<usize>)>,
}

impl Extremes {
    fn new(fks: usize, draws: usize) -> Self {
        let (low, high) = quantile_places(draws);
        Self {
            smallest: vec![vec![u32::MAX; fks]; low + 1],
            largest: vec![vec![0; fks]; draws.saturating_sub(high)],
            sums: vec![0; fks],
            firsts: Vec::new(),
        }
    }

    fn add(&mut self, draw: usize, order: &Order) {
        self.firsts.push((draw, order.first.clone()));
        for (sum, &rank) in self.sums.iter_mut().zip(&order.doubled) {
            *sum += u64::from(rank);
        }
        sift(&mut self.smallest, &order.doubled, smaller_stays);
        sift(&mut self.largest, &order.doubled, larger_stays);
    }

    /// Of these draws and others.
    fn merge(mut self, others: Self) -> Self {
        self.firsts.extend(others.firsts);
        for (sum, more) in self.sums.iter_mut().zip(others.sums) {
            *sum += more;
        }
        for ranks in &others.smallest {
            sift(&mut self.smallest, ranks, smaller_stays);
        }
        for ranks in &others.largest {
            sift(&mut self.largest, ranks, larger_stays);
        }
        self
    }

    fn finish(mut self) -> Ranked {
        self.firsts.sort_unstable_by_key(|(draw, _)| *draw);
        let firsts = self.firsts.into_iter().map(|(_, first)| first);
        let last = |slots: Vec<Vec<u32>>| slots.into_iter().last().unwrap_or_default();
        let ends = last(self.smallest).into_iter().zip(last(self.largest));
        let all = ends.zip(self.sums);
        let doubled = all.map(|((low, high), sum)| Doubled { low, high, sum });
        (doubled.collect(), firsts.collect())
    }
}

/// Which of two ranks stays, and which goes on.
fn smaller_stays(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}

fn larger_stays(a: u32, b: u32) -> (u32, u32) {
    (a.max(b), a.min(b))
}

/// Lets one more rank of each FK sink to its place; `of` says which of two stays, and which goes on.
fn sift(slots: &mut [Vec<u32>], ranks: &[u32], of: impl Fn(u32, u32) -> (u32, u32)) {
    for first in (0..ranks.len()).step_by(AT_ONCE) {
        let some = first..(first + AT_ONCE).min(ranks.len());
        let mut passed = [0; AT_ONCE];
        let passed = &mut passed[..some.len()];
        passed.copy_from_slice(&ranks[some.clone()]);
        for slot in slots.iter_mut() {
            for (held, passed) in slot[some.clone()].iter_mut().zip(&mut *passed) {
                (*held, *passed) = of(*held, *passed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// Whether ranks are kept and sorted, or only their extremes are.
    #[test]
    fn ranks_are_the_same_either_way() {
        for (fks, draws) in [(1, 1), (3, 2), (40, 19), (2 * AT_ONCE + 5, 20), (7, 100)] {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(draws as u64);
            let mut value = || f64::from(rng.random_range(0..20_u8));
            let values: Vec<Vec<f64>> = (0..draws)
                .map(|_| (0..fks).map(|_| value()).collect())
                .collect();
            let rank = |order: &mut Order, draw: usize| {
                order.values.clone_from(&values[draw]);
                order.rank();
            };
            let kept = by_sorting(fks, draws, rank);
            assert!(
                by_extremes(fks, draws, rank) == kept,
                "{fks} FKs, {draws} draws"
            );
            let fill = |order: &mut Order, draw: usize| order.values.clone_from(&values[draw]);
            assert_eq!(by_largest(draws, fill).1, kept.1);
        }
    }
}
