//! Are ranks uniform? The simultaneous test of Säilynoja, Bürkner & Vehtari (2022), "Graphical test for
//! discrete uniformity and its applications in goodness-of-fit evaluation and multiple sample
//! comparison", Statistics and Computing 32:32.

use statrs::distribution::{Binomial, Discrete, DiscreteCDF};
use std::ops::Range;

/// Probability of a count that may be left out of sums.
const NEGLIGIBLE: f64 = 1e-20;
/// Levels that differ by less are the same: those of F_i and of its mirror image.
const ROUNDING: f64 = 1e-9;

/// The p-value of `ranks`, each from 0 to `draws`, against the uniform distribution.
///
/// The number F_i of ranks below i is binomial with probability i/(L+1) for every i = 1..L. The
/// statistic is the smallest of their two-sided tail probabilities, γ = min_i 2 min(P(F ≤ F_i),
/// P(F ≥ F_i)): the level of the narrowest band of pointwise intervals that holds the whole empirical
/// distribution function. Its p-value, the probability that uniform ranks leave that band somewhere, is
/// computed exactly, as in section 2.2 of the paper: F_(i+1) - F_i given F_i is binomial too, so the
/// probability of staying inside is carried along from i to i + 1.
///
/// ```
/// use fkbayes::calibrate::p_value_of_uniform_ranks;
/// let even: Vec<u32> = (0..100).map(|i| i % 10).collect();
/// assert!(p_value_of_uniform_ranks(&even, 9) > 0.9);
/// assert!(p_value_of_uniform_ranks(&[0; 100], 9) < 1e-50);
/// ```
#[must_use]
pub fn p_value_of_uniform_ranks(ranks: &[u32], draws: u32) -> f64 {
    let (total, points) = (ranks.len() as u64, u64::from(draws));
    let below = counts_below(ranks, draws);
    let gamma = (1..=points)
        .zip(&below)
        .map(|(i, &count)| Pointwise::new(total, i, points).level(count))
        .fold(2.0, f64::min);
    let inside = probability_inside(total, points, gamma);
    // Rounding cannot take it beyond the largest single probability or beyond their sum.
    (1.0 - inside).clamp(
        0.5 * gamma,
        (gamma * points as f64).min(1.0).max(0.5 * gamma),
    )
}

/// F_1 to F_L.
fn counts_below(ranks: &[u32], draws: u32) -> Vec<u64> {
    let mut at = vec![0_u64; draws as usize + 1];
    for &rank in ranks {
        if let Some(count) = at.get_mut(rank as usize) {
            *count += 1;
        }
    }
    let mut sum = 0;
    at.iter()
        .take(draws as usize)
        .map(|count| {
            sum += count;
            sum
        })
        .collect()
}

/// The law of F_i.
struct Pointwise {
    law: Option<Binomial>,
    total: u64,
}

impl Pointwise {
    fn new(total: u64, i: u64, points: u64) -> Self {
        let p = i as f64 / (points + 1) as f64;
        Self {
            law: Binomial::new(p, total).ok(),
            total,
        }
    }

    /// 2 min(P(F ≤ count), P(F ≥ count)).
    fn level(&self, count: u64) -> f64 {
        let Some(law) = &self.law else { return 1.0 };
        let above = count.checked_sub(1).map_or(1.0, |less| law.sf(less));
        2.0 * law.cdf(count).min(above)
    }

    /// The counts whose level is above γ by more than rounding.
    fn interval(&self, gamma: f64) -> Range<u64> {
        let inside = |count: u64| self.level(count) > gamma * (1.0 + ROUNDING);
        let peak = self.peak();
        let low = first(0, peak, inside);
        low..first(peak, self.total + 1, |count| !inside(count))
    }

    /// The count of the highest level: the levels rise up to it, and fall behind it.
    fn peak(&self) -> u64 {
        let p = self.law.as_ref().map_or(0.0, Binomial::p);
        let mean = (p * self.total as f64).round() as u64;
        // The median of a binomial is less than 1 off its mean.
        let near = mean.saturating_sub(1)..=(mean + 1).min(self.total);
        near.max_by(|&a, &b| self.level(a).total_cmp(&self.level(b)))
            .unwrap_or(mean)
    }
}

/// The first of low..high at which a condition holds that holds from there on; `high` if nowhere.
fn first(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The probability that every F_i stays where its level is above γ.
fn probability_inside(total: u64, points: u64, gamma: f64) -> f64 {
    let mut start = 0_u64;
    let mut mass = vec![1.0];
    for i in 1..=points {
        let interval = Pointwise::new(total, i, points).interval(gamma);
        let low = interval.start;
        let mut next = vec![0.0; interval.end.saturating_sub(low) as usize];
        // Of the ranks not below i - 1, each is i - 1 with this probability.
        let p = 1.0 / (points + 2 - i) as f64;
        for (count, &probability) in (start..).zip(&mass) {
            if probability > NEGLIGIBLE {
                spread(probability, count, total - count, p, low, &mut next);
            }
        }
        (start, mass) = (low, next);
    }
    mass.iter().sum()
}

/// Adds to `next`, which begins at the count `low`, where `probability` goes when a binomial number of
/// `trials` is added to `count`.
fn spread(probability: f64, count: u64, trials: u64, p: f64, low: u64, next: &mut [f64]) {
    let Ok(law) = Binomial::new(p, trials) else {
        return;
    };
    let end = low + next.len() as u64;
    let mode = (p * (trials + 1) as f64).floor().min(trials as f64) as u64;
    let at_mode = probability * law.pmf(mode);
    let odds = p / (1.0 - p);
    let mut add = |step: u64, value: f64| {
        let place = (count + step).checked_sub(low).map(|place| place as usize);
        if let Some(cell) = place.and_then(|place| next.get_mut(place)) {
            *cell += value;
        }
    };
    // Outwards from the mode: pmf(j+1)/pmf(j) = (n-j)/(j+1) p/(1-p).
    let (mut step, mut value) = (mode, at_mode);
    while value > NEGLIGIBLE && count + step < end {
        add(step, value);
        value *= odds * trials.saturating_sub(step) as f64 / (step + 1) as f64;
        step += 1;
    }
    let (mut step, mut value) = (mode, at_mode);
    while step > 0 && value > NEGLIGIBLE && count + step > low {
        value *= step as f64 / (odds * (trials - step + 1) as f64);
        step -= 1;
        add(step, value);
    }
}
