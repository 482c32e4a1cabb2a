//! The order of the importances: ranks, and the probability of being the first.

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
    pub fk: String,
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
    /// For each FK, its values in the chosen draws.
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
            values: Vec::with_capacity(fks),
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

    /// Takes the draws of the next importance, all chains one after the other.
    pub fn push(&mut self, draws: &[f64]) {
        self.push_chosen(self.chosen_of(draws));
    }

    /// What it takes of the draws of an importance, all chains one after the other.
    #[must_use]
    pub fn chosen_of(&self, draws: &[f64]) -> Vec<f64> {
        let chosen = self.chosen.iter();
        chosen.filter_map(|&i| draws.get(i).copied()).collect()
    }

    /// Takes the chosen draws of the next importance.
    pub fn push_chosen(&mut self, values: Vec<f64>) {
        self.values.push(values);
    }

    /// Ranks of every FK, given name and P(α > 0) of each.
    #[must_use]
    pub fn rows(&self, fks: &[(&str, f64)]) -> Vec<RankRow> {
        let (ranks, firsts) = self.ranks();
        let each = fks.par_iter().zip(firsts).enumerate();
        each.map(|(k, (&(fk, p_positive), first))| {
            let ranks = ranks.iter().filter_map(|of_draw| of_draw.get(k).copied());
            row(fk, p_positive, ranks.collect(), first)
        })
        .collect()
    }

    /// Probabilities of the ranks 1 to `most` of every FK, as (FK × rank); FKs that tie share the
    /// ranks that they take up between them.
    #[must_use]
    pub fn probabilities(&self, most: usize) -> Array2<f64> {
        let mut counts = Array2::zeros((self.values.len(), most.min(self.values.len())));
        for draw in 0..self.chosen.len() {
            self.each_tie(draw, |above, tied| {
                let share = 1.0 / tied.len() as f64;
                for &(_, k) in tied {
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

    /// In each chosen draw the rank of every FK, and for each FK how often it is first. FKs that tie, as
    /// those whose scores never vary do, share the mean of their ranks and the first place.
    fn ranks(&self) -> (Vec<Vec<f64>>, Vec<f64>) {
        let of_draw = |draw| {
            let mut ranks = vec![f64::NAN; self.values.len()];
            let mut firsts = Vec::new();
            self.each_tie(draw, |above, tied| {
                let rank = above as f64 + 0.5 * (tied.len() + 1) as f64;
                for &(_, k) in tied {
                    ranks[k] = rank;
                }
                if above == 0 {
                    firsts = tied.iter().map(|&(_, k)| k).collect();
                }
            });
            (ranks, firsts)
        };
        let draws = (0..self.chosen.len()).into_par_iter().map(of_draw);
        let (ranks, firsts): (Vec<Vec<f64>>, Vec<Vec<usize>>) = draws.unzip();
        let mut first = vec![0.0; self.values.len()];
        for tied in firsts {
            for &k in &tied {
                first[k] += 1.0 / tied.len() as f64;
            }
        }
        (ranks, first)
    }

    /// Calls `f` for the FKs of equal importance in a chosen draw, mostly one at a time, from the largest
    /// down: how many stand above them, and (value, FK) of each.
    fn each_tie(&self, draw: usize, mut f: impl FnMut(usize, &[(f64, usize)])) {
        let values = self.values.iter().enumerate();
        let mut order: Vec<(f64, usize)> = values
            .filter_map(|(k, v)| Some((*v.get(draw)?, k)))
            .collect();
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut above = 0;
        for tied in order.chunk_by(|a, b| a.0 == b.0) {
            f(above, tied);
            above += tied.len();
        }
    }
}

fn row(fk: &str, p_positive: f64, mut ranks: Vec<f64>, first: f64) -> RankRow {
    ranks.sort_unstable_by(f64::total_cmp);
    let count = ranks.len().max(1) as f64;
    // The rank at which a share p of the draws is reached.
    let quantile = |p: f64| {
        let place = (p * count).ceil() as usize;
        ranks
            .get(place.saturating_sub(1))
            .copied()
            .unwrap_or(f64::NAN)
    };
    RankRow {
        fk: fk.to_owned(),
        p_best: first / count,
        expected_rank: ranks.iter().sum::<f64>() / count,
        rank_q5: quantile(0.05),
        rank_q95: quantile(0.95),
        p_positive,
    }
}
