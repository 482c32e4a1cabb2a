//! The order of the importances: ranks, and the probability of being the first.

use crate::data::Name;
use crate::numeric::{Placed, SortScratch, sort_placed};
use ndarray::Array2;
use rayon::prelude::*;
use serde::Serialize;

/// Draws that enter the ranking at most.
const MOST_DRAWS: usize = 4000;
/// Values kept for the ranking at most (64 MiB): above 2,000 FKs fewer draws are ranked.
const MOST_VALUES: usize = 8 << 20;
/// The same where importances are drawn for the ranking alone.
const MOST_DRAWN: usize = 2 << 20;
/// But no fewer than this.
const FEWEST: usize = 20;
/// Fewer than this are few: P(rank 1) is known to within 0.1.
const FEW: usize = 100;

/// Ranks of one FK; rank 1 is the largest α, signed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankRow {
    /// The FK.
    pub fk: Name,
    /// P(rank 1).
    pub p_best: f64,
    /// Posterior mean of the rank.
    pub expected_rank: f64,
    /// 5 % quantile of the rank.
    pub rank_q5: f64,
    /// 95 % quantile of the rank.
    pub rank_q95: f64,
    /// P(α > 0).
    pub p_positive: f64,
}

/// Collects evenly spaced draws of every importance, then ranks them draw by draw.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Which of all draws, chains one after the other, take part.
    chosen: Vec<usize>,
    /// How many draws there are.
    total: usize,
    /// For each chosen draw, the value of every FK so far.
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
        Self::of_values(fks, total, MOST_DRAWN)
    }

    fn of_values(fks: usize, total: usize, values: usize) -> Self {
        let most = (values / fks.max(1)).clamp(FEWEST, MOST_DRAWS);
        let count = total.min(most);
        Self {
            chosen: (0..count).map(|i| i * total / count).collect(),
            total,
            values: vec![Vec::new(); count],
        }
    }

    /// The same, with room for so many importances.
    #[must_use]
    pub fn with_room(&self, fks: usize) -> Self {
        let mut roomy = self.clone();
        for of_draw in &mut roomy.values {
            of_draw.reserve_exact(fks);
        }
        roomy
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

    /// Takes the draws of the next importance, all chains one after the other.
    pub fn push(&mut self, draws: &[f64]) {
        let chosen = self.chosen_of(draws);
        for (of_draw, value) in self.values.iter_mut().zip(chosen) {
            of_draw.push(value);
        }
    }

    /// What it takes of the draws of an importance, all chains one after the other.
    #[must_use]
    pub fn chosen_of(&self, draws: &[f64]) -> Vec<f64> {
        let chosen = self.chosen.iter();
        chosen.filter_map(|&i| draws.get(i).copied()).collect()
    }

    /// Takes the chosen draws of each of the next importances.
    pub fn push_chosen(&mut self, importances: &[Vec<f64>]) {
        let each = self.values.par_iter_mut().enumerate();
        each.for_each(|(draw, of_draw)| {
            of_draw.extend(importances.iter().filter_map(|values| values.get(draw)));
        });
    }

    /// Ranks of every FK, given name and P(α > 0) of each.
    #[must_use]
    pub fn rows(self, fks: &[(&Name, f64)]) -> Vec<RankRow> {
        let (ranks, firsts) = self.ranks();
        let each = fks.par_iter().zip(firsts).enumerate();
        each.map_init(Vec::new, |of_fk, (k, (&(fk, p_positive), first))| {
            of_fk.clear();
            of_fk.extend(ranks.iter().filter_map(|of_draw| of_draw.get(k)));
            row(fk, p_positive, of_fk, first)
        })
        .collect()
    }

    /// Probabilities of the ranks 1 to `most` of every FK, as (FK × rank); FKs that tie share the
    /// ranks that they take up between them.
    #[must_use]
    pub fn probabilities(&self, most: usize) -> Array2<f64> {
        let fks = self.fks();
        let mut counts = Array2::zeros((fks, most.min(fks)));
        let mut order = Order::default();
        for of_draw in &self.values {
            order.each_tie(of_draw, |above, tied| {
                let share = 1.0 / tied.len() as f64;
                for k in tied.iter().filter_map(place) {
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

    /// In each chosen draw twice the rank of every FK, and for each FK how often it is first. FKs that tie, as
    /// those whose scores never vary do, share the mean of their ranks and the first place.
    fn ranks(self) -> (Vec<Vec<u32>>, Vec<f64>) {
        let mut first = vec![0.0; self.fks()];
        let of_draw = |order: &mut Order, values: Vec<f64>| {
            let mut doubled = vec![0; values.len()];
            let mut firsts = Vec::new();
            order.each_tie(&values, |above, tied| {
                let shared = 2 * above + tied.len() + 1;
                for k in tied.iter().filter_map(place) {
                    doubled[k] = shared as u32;
                }
                if above == 0 {
                    firsts = tied.iter().filter_map(place).collect();
                }
            });
            (doubled, firsts)
        };
        let draws = self
            .values
            .into_par_iter()
            .map_init(Order::default, of_draw);
        let (ranks, firsts): (Vec<Vec<u32>>, Vec<Vec<usize>>) = draws.unzip();
        for tied in firsts {
            for &k in &tied {
                first[k] += 1.0 / tied.len() as f64;
            }
        }
        (ranks, first)
    }
}

/// The importances of one draw in order, in buffers that are used again.
#[derive(Default)]
struct Order {
    scratch: SortScratch,
    sorted: Vec<Placed>,
}

impl Order {
    /// Calls `f` for the FKs of equal importance, mostly one at a time, from the largest down: how many
    /// stand above them, and who they are.
    fn each_tie(&mut self, values: &[f64], mut f: impl FnMut(usize, &[Placed])) {
        let place = |k: usize| Some(k as u32);
        sort_placed(values, place, &mut self.scratch, &mut self.sorted);
        let mut above = 0;
        for tied in self.sorted.chunk_by(|a, b| a.value == b.value).rev() {
            f(above, tied);
            above += tied.len();
        }
    }
}

fn place(of: &Placed) -> Option<usize> {
    of.position.map(|position| position as usize)
}

/// From twice the ranks in all draws.
fn row(fk: &Name, p_positive: f64, doubled: &mut [u32], first: f64) -> RankRow {
    doubled.sort_unstable();
    let count = doubled.len().max(1) as f64;
    let sum: u64 = doubled.iter().map(|&rank| u64::from(rank)).sum();
    // The rank at which a share p of the draws is reached.
    let quantile = |p: f64| {
        let place = ((p * count).ceil() as usize).saturating_sub(1);
        doubled
            .get(place)
            .map_or(f64::NAN, |&rank| 0.5 * f64::from(rank))
    };
    RankRow {
        fk: fk.clone(),
        p_best: first / count,
        expected_rank: 0.5 * sum as f64 / count,
        rank_q5: quantile(0.05),
        rank_q95: quantile(0.95),
        p_positive,
    }
}
