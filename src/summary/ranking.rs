//! The order of the importances: ranks, and the probability of being the first.

use super::order::{Order, by_extremes, by_largest, by_sorting};
use crate::data::{Compact, ForeignKey, Name};
use crate::numeric::{Possible, SortScratch, for_each_tie};
use ndarray::{Array2, Array3};
use rayon::prelude::*;
use serde::Serialize;

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
