//! The order of the importances: ranks, and the probability of being the first.

use crate::data::{Compact, ForeignKey, Name};
use crate::numeric::{Possible, SortScratch, for_each_tie};
use ndarray::{Array2, Array3};
use rayon::prelude::*;
use serde::Serialize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Draws that enter the ranking at most.
const MOST_DRAWS: usize = 4000;
/// Values kept for the ranking at most (64 MiB, and half as much for their ranks): above 2,000 FKs fewer draws are
/// ranked.
const MOST_VALUES: usize = 8 << 20;
/// The same where importances are drawn for the ranking alone.
const MOST_DRAWN: usize = 2 << 20;
/// But no fewer than this.
const FEWEST: usize = 20;
/// Fewer than this are few: P(rank 1) is known to within 0.1.
const FEW: usize = 100;
/// Pieces of the draws of which each has the extremes of all FKs in memory of its own, at most.
const MOST_PIECES: usize = 8;
/// FKs whose ranks sink together: they stay in the first-level cache.
const AT_ONCE: usize = 1024;

/// What of the ranks is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RanksWanted {
    /// P(rank 1) alone: that takes the largest value of a draw, and no order of the others.
    First,
    /// Mean and quantiles of every rank too.
    #[default]
    All,
}

/// Ranks of one FK; rank 1 is the largest α, signed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankRow {
    /// The FK.
    pub fk: Name,
    /// P(rank 1).
    pub p_best: f64,
    /// Posterior mean of the rank; none where only the first was [wanted](RanksWanted).
    pub expected_rank: Option<f64>,
    /// 5 % quantile of the rank, likewise.
    pub rank_q5: Option<f64>,
    /// 95 % quantile of the rank, likewise.
    pub rank_q95: Option<f64>,
    /// P(α > 0).
    pub p_positive: f64,
}

/// The same without the name.
#[derive(Debug, Clone, Copy)]
pub struct Ranks {
    /// P(rank 1).
    pub p_best: f64,
    expected: Possible,
    q5: Possible,
    q95: Possible,
    /// P(α > 0).
    pub p_positive: f64,
}

impl Compact for Ranks {
    type Row = RankRow;

    fn row(&self, fk: &ForeignKey) -> RankRow {
        RankRow {
            fk: fk.name.clone(),
            p_best: self.p_best,
            expected_rank: self.expected.get(),
            rank_q5: self.q5.get(),
            rank_q95: self.q95.get(),
            p_positive: self.p_positive,
        }
    }
}

/// Collects evenly spaced draws of importances, then ranks them draw by draw.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Which of all draws, chains one after the other, take part.
    chosen: Vec<usize>,
    /// How many draws there are.
    total: usize,
    /// How many importances are expected.
    room: usize,
    /// For each chosen draw, the value of every importance so far.
    values: Vec<Vec<f64>>,
}

impl Ranking {
    /// For `fks` importances of which there are `total` draws.
    #[must_use]
    pub fn new(fks: usize, total: usize) -> Self {
        Self::of_values(fks, total, MOST_VALUES)
    }

    /// The same from fewer draws, where importances are not stored and have to be drawn again.
    #[must_use]
    pub fn sparing(fks: usize, total: usize) -> Self {
        Self {
            room: 0,
            ..Self::of_values(fks, total, MOST_DRAWN)
        }
    }

    fn of_values(fks: usize, total: usize, values: usize) -> Self {
        let most = (values / fks.max(1)).clamp(FEWEST, MOST_DRAWS);
        let count = total.min(most);
        Self {
            chosen: (0..count).map(|i| i * total / count).collect(),
            total,
            room: fks,
            values: vec![Vec::new(); count],
        }
    }

    /// Which of all draws take part.
    #[must_use]
    pub fn chosen(&self) -> &[usize] {
        &self.chosen
    }

    /// How many take part, where many FKs leave so few of them that ranks are coarse.
    #[must_use]
    pub fn coarse(&self) -> Option<usize> {
        let chosen = self.chosen.len();
        (chosen < FEW && chosen < self.total).then_some(chosen)
    }

    /// Takes the draws of the next importances, as (importance × chain × draw).
    pub fn push_all(&mut self, draws: &Array3<f64>) {
        let flat = draws.as_slice().unwrap_or(&[]);
        let each = self.values.par_iter_mut().zip(&self.chosen);
        each.for_each(|(of_draw, &chosen)| {
            if of_draw.is_empty() {
                of_draw.reserve_exact(self.room);
            }
            of_draw.extend(flat.iter().skip(chosen).step_by(self.total.max(1)));
        });
    }

    /// The values that were taken in the chosen draw of this number.
    #[must_use]
    pub fn taken(&self, draw: usize) -> &[f64] {
        self.values.get(draw).map_or(&[], Vec::as_slice)
    }

    /// Ranks of every FK, given P(α > 0) of each, where all importances were taken.
    #[must_use]
    pub fn ranks(&self, p_positive: &[f64], wanted: RanksWanted) -> Vec<Ranks> {
        let fill = |draw, values: &mut Vec<f64>| values.extend(self.taken(draw));
        self.ranks_with(p_positive, wanted, fill)
    }

    /// The same where `fill` gives the values of all importances in the chosen draw of a number.
    #[must_use]
    pub fn ranks_with(
        &self,
        p_positive: &[f64],
        wanted: RanksWanted,
        fill: impl Fn(usize, &mut Vec<f64>) + Sync,
    ) -> Vec<Ranks> {
        let (fks, draws) = (p_positive.len(), self.chosen.len());
        let fill = |order: &mut Order, draw: usize| {
            order.values.clear();
            fill(draw, &mut order.values);
        };
        let rank = |order: &mut Order, draw: usize| {
            fill(order, draw);
            order.rank();
        };
        let (doubled, firsts) = match wanted {
            RanksWanted::First => by_largest(draws, fill),
            RanksWanted::All if draws <= FEW => by_extremes(fks, draws, rank),
            RanksWanted::All => by_sorting(fks, draws, rank),
        };
        let mut first = vec![0.0; fks];
        for tied in firsts {
            for &k in &tied {
                first[k] += 1.0 / tied.len() as f64;
            }
        }
        let draws = draws.max(1) as f64;
        let each = p_positive.par_iter().zip(first).enumerate();
        each.map(|(k, (&p_positive, first))| {
            let doubled = doubled.get(k);
            Ranks {
                p_best: first / draws,
                expected: doubled.map(|of| 0.5 * of.sum as f64 / draws).into(),
                q5: doubled.map(|of| 0.5 * f64::from(of.low)).into(),
                q95: doubled.map(|of| 0.5 * f64::from(of.high)).into(),
                p_positive,
            }
        })
        .collect()
    }

    /// Probabilities of the ranks 1 to `most` of every FK, as (FK × rank); FKs that tie share the
    /// ranks that they take up between them.
    #[must_use]
    pub fn probabilities(&self, most: usize) -> Array2<f64> {
        let fks = self.fks();
        let mut counts = Array2::zeros((fks, most.min(fks)));
        let mut scratch = SortScratch::default();
        for of_draw in &self.values {
            for_each_tie(of_draw, &mut scratch, |above, tied| {
                let share = 1.0 / tied.len() as f64;
                for &k in tied {
                    for rank in above..above + tied.len() {
                        if let Some(count) = counts.get_mut((k, rank)) {
                            *count += share;
                        }
                    }
                }
            });
        }
        counts / self.chosen.len().max(1) as f64
    }

    /// How many importances were taken.
    fn fks(&self) -> usize {
        self.values.first().map_or(0, Vec::len)
    }
}

/// One draw at a time, in memory that is used again.
#[derive(Default)]
struct Order {
    values: Vec<f64>,
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

    fn rank(&mut self) {
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
struct Doubled {
    low: u32,
    high: u32,
    sum: u64,
}

/// Ranks of every FK, or nothing, and in each draw the FKs that are first.
type Ranked = (Vec<Doubled>, Vec<Vec<usize>>);

/// Places of the 5 % and 95 % quantiles among so many sorted ranks: where a share of the draws is reached.
fn quantile_places(draws: usize) -> (usize, usize) {
    let place = |p: f64| ((p * draws as f64).ceil() as usize).saturating_sub(1);
    (place(0.05), place(0.95))
}

/// Which FKs are first, and no more.
fn by_largest(draws: usize, fill: impl Fn(&mut Order, usize) + Sync) -> Ranked {
    let each = (0..draws).into_par_iter().with_max_len(1);
    let firsts = each.map_init(Order::default, |order, draw| {
        fill(order, draw);
        order.largest()
    });
    (Vec::new(), firsts.collect())
}

/// By sorting the ranks of each FK.
fn by_sorting(fks: usize, draws: usize, rank: impl Fn(&mut Order, usize) + Sync) -> Ranked {
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
fn by_extremes(fks: usize, draws: usize, rank: impl Fn(&mut Order, usize) + Sync) -> Ranked {
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
