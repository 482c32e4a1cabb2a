//! Which permutations tell FKs apart: allocation for ranks.
//!
//! For two importances that are about normal now, how likely the posterior means will stand in the wrong
//! order once more scores are there has a simple integral. It serves to propose plans; what they are
//! worth is simulated.

use super::fill::Budget;
use super::outlook::Outlook;
use crate::numeric::normal_cdf;
use rayon::prelude::*;

/// Panels of Simpson's rule.
const PANELS: usize = 16;
/// Standard deviations after which a normal density counts as 0.
const FAR: f64 = 8.0;
/// Steps in which a budget is spent.
const STEPS: f64 = 96.0;
/// Pairs that are looked at: those that are confused most easily now.
const MOST_PAIRS: usize = 200;
/// FKs on either side of a border among which they are sought.
const NEAR: usize = 200;
/// A whole budget that lowers the summed probabilities by less than this does nothing.
const NO_GAIN: f64 = 1e-6;

/// Two FKs whose order matters: by place in the hierarchy, those set aside behind.
pub(super) type Pair = (usize, usize);

/// P(the posterior means of two importances will stand in the other order than the importances):
/// their difference is now N(d, now), of whose variance `then` is expected to be left.
///
/// The future mean difference M is N(d, now - then), the difference given it N(M, then), so the
/// probability is E Φ(-|M|/√then).
pub(crate) fn misordering(d: f64, now: f64, then: f64) -> f64 {
    let (told, left) = ((now - then).max(0.0).sqrt(), then.max(0.0).sqrt());
    let d = d.abs();
    if left == 0.0 {
        return 0.0;
    }
    if told < 1e-6 * left {
        return normal_cdf(-d / left);
    }
    let from = (d - FAR * told).max(0.0);
    let to = (d + FAR * told).min(FAR * left);
    if to <= from {
        return 0.0;
    }
    let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let integrand = |x: f64| {
        let folded = density((x - d) / told) + density((x + d) / told);
        normal_cdf(-x / left) * folded / told
    };
    let step = (to - from) / (2 * PANELS) as f64;
    let terms = (0..=2 * PANELS).map(|i| {
        let weight = match i {
            0 => 1.0,
            _ if i == 2 * PANELS => 1.0,
            _ if i % 2 == 1 => 4.0,
            _ => 2.0,
        };
        weight * integrand(from + step * i as f64)
    });
    terms.sum::<f64>() * step / 3.0
}

impl Outlook {
    /// FKs and those set aside, behind them, in the order of their posterior means, the largest first.
    fn by_mean(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.k() + self.constants.len()).collect();
        order.sort_by(|&i, &j| self.rank_mean(j).total_cmp(&self.rank_mean(i)));
        order
    }

    /// About the evidence's centre.
    fn rank_mean(&self, i: usize) -> f64 {
        match i.checked_sub(self.k()) {
            None => self.moments_over_points(i).0,
            Some(constant) => self.constants[constant],
        }
    }

    /// Pairs across the border of the first `top`, of the FKs that are near it.
    pub(super) fn pairs_across(&self, top: usize) -> Vec<Pair> {
        let order = self.by_mean();
        let (first, rest) = order.split_at(top.min(order.len()));
        let first = &first[first.len().saturating_sub(NEAR)..];
        let rest = &rest[..rest.len().min(NEAR)];
        let with_rest = |&i: &usize| rest.iter().map(move |&j| (i, j));
        first.iter().flat_map(with_rest).collect()
    }

    /// Neighbours in the ranking.
    pub(super) fn pairs_of_neighbours(&self) -> Vec<Pair> {
        let order = self.by_mean();
        order.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    /// Spends a budget where it lowers the summed misordering of the pairs most, per unit of cost; where
    /// nothing does any more, on the variances.
    ///
    /// One permutation may do nothing where many do much, so each step weighs several numbers of
    /// permutations of every FK, up to all that is left.
    pub(super) fn separate(&self, pairs: &[Pair], budget: &Budget) -> Vec<u64> {
        let pairs = self.most_confused(pairs);
        let mut of_fk: Vec<Vec<Pair>> = vec![Vec::new(); self.k() + self.constants.len()];
        for (i, j) in pairs {
            of_fk[i].push((i, j));
            of_fk[j].push((i, j));
        }
        let mut delta = vec![0; self.k()];
        let mut left = budget.total;
        let smallest = budget.total / STEPS;
        loop {
            let open =
                |&k: &usize| budget.open[k] && budget.costs[k] <= left && !of_fk[k].is_empty();
            let steps: Vec<Step> = (0..self.k())
                .into_par_iter()
                .filter(open)
                .filter_map(|k| {
                    let cost = budget.costs[k];
                    self.best_step(k, &of_fk[k], &delta, cost, (smallest, left))
                })
                .collect();
            let best = steps.into_iter().max_by(|a, b| a.gain.total_cmp(&b.gain));
            let Some(step) = best.filter(|step| step.gain > NO_GAIN * budget.total.recip()) else {
                break;
            };
            delta[step.k] += step.count;
            left -= step.count as f64 * budget.costs[step.k];
        }
        let rest = self.lowest_sum(&budget.of_total(left));
        delta.iter().zip(rest).map(|(a, b)| a + b).collect()
    }

    fn most_confused(&self, pairs: &[Pair]) -> Vec<Pair> {
        let distance = |&(i, j): &Pair| {
            let sd = (self.rough_variance(i, 0) + self.rough_variance(j, 0)).sqrt();
            (self.rank_mean(i) - self.rank_mean(j)).abs() / sd
        };
        let mut nearest = pairs.to_vec();
        nearest.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        nearest.truncate(MOST_PAIRS);
        nearest
    }

    /// As [`Outlook::most_variance`], with a number in place of what does not exist; 0 for an FK that was
    /// set aside.
    fn rough_variance(&self, i: usize, delta: u64) -> f64 {
        if i >= self.k() {
            return 0.0;
        }
        let (_, variance) = self.moments_over_points(i);
        1.0 / (1.0 / variance + delta as f64 / self.noise_over_pairs(i))
    }

    fn best_step(
        &self,
        k: usize,
        pairs: &[Pair],
        delta: &[u64],
        cost: f64,
        (smallest, left): (f64, f64),
    ) -> Option<Step> {
        let wrong = |more: u64| -> f64 {
            let of = |&(i, j): &Pair| {
                let then = |l: usize| {
                    let given = delta.get(l).copied().unwrap_or(0);
                    self.rough_variance(l, given + if l == k { more } else { 0 })
                };
                let now = self.rough_variance(i, 0) + self.rough_variance(j, 0);
                misordering(
                    self.rank_mean(i) - self.rank_mean(j),
                    now,
                    then(i) + then(j),
                )
            };
            pairs.iter().map(of).sum()
        };
        let most = (left / cost).floor() as u64;
        let before = wrong(0);
        let counts =
            std::iter::successors(Some((smallest / cost).ceil().max(1.0) as u64), |count| {
                count.checked_mul(2)
            });
        let counts = counts.take_while(|&count| count < most).chain([most]);
        counts
            .map(|count| Step {
                k,
                count,
                gain: (before - wrong(count)) / (count as f64 * cost),
            })
            .max_by(|a, b| a.gain.total_cmp(&b.gain))
    }
}

/// Permutations of one FK, and what they gain per unit of cost.
struct Step {
    k: usize,
    count: u64,
    gain: f64,
}
