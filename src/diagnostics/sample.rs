//! The draws of one parameter, copied, checked, split and sorted once for all figures.

use ndarray::ArrayView2;

use super::moments::{constant, largest_magnitude, sum};
use crate::numeric::{Placed, SortScratch, sort_placed};

/// Draws per chain below which nothing is said.
const MIN_DRAWS: usize = 4;
/// Draws this far from 1 (either way, in powers of two) are rescaled, lest a fourth power overflow.
const SAFE_EXPONENT: f64 = 200.0;
/// No scale beyond this, so that the scale and its inverse are ordinary numbers.
const MAX_EXPONENT: f64 = 1000.0;

/// Draws of all chains in unit `unit`, chain after chain, and in sorted order.
#[derive(Default)]
pub(super) struct Sample {
    pub(super) values: Vec<f64>,
    /// Draws per chain as they came.
    chain_len: usize,
    /// 1 for ordinary draws, a power of two for huge and tiny ones.
    pub(super) unit: f64,
    pub(super) sorted: Vec<Placed>,
    scratch: SortScratch,
}

impl Sample {
    /// Takes draws chain × draw; `None` if they are too few, not finite or all equal.
    pub(super) fn load(&mut self, draws: ArrayView2<'_, f64>) -> Option<()> {
        self.chain_len = draws.ncols();
        if self.chain_len < MIN_DRAWS || i32::try_from(draws.len()).is_err() {
            return None;
        }
        self.values.clear();
        // Adding 0 makes -0 and 0 the same number in sorting too.
        match draws.as_slice() {
            Some(values) => self.values.extend(values.iter().map(|x| x + 0.0)),
            None => self.values.extend(draws.iter().map(|x| x + 0.0)),
        }
        // NaN and ±∞ make it NaN; faster than asking each.
        let zero_if_finite = sum(&self.values, |x| 0.0 * x);
        if zero_if_finite.is_nan() || constant(&self.values) {
            return None;
        }
        self.rescale();
        Some(())
    }

    fn rescale(&mut self) {
        let largest = largest_magnitude(&self.values);
        let exponent = largest.log2().floor().clamp(-MAX_EXPONENT, MAX_EXPONENT);
        self.unit = 1.0;
        if exponent.abs() > SAFE_EXPONENT {
            self.unit = 2.0_f64.powi(exponent as i32);
            self.values.iter_mut().for_each(|x| *x /= self.unit);
        }
    }

    /// Draws per half chain; the middle draw of an odd chain is in neither half.
    pub(super) fn half_len(&self) -> usize {
        self.chain_len / 2
    }

    /// Number of draws in all half chains.
    pub(super) fn split_size(&self) -> usize {
        self.values.len() / self.chain_len.max(1) * self.half_len() * 2
    }

    /// Writes the half chains, each value transformed by `f`, one after the other.
    pub(super) fn split(&self, f: impl Fn(f64) -> f64, out: &mut Vec<f64>) {
        let half = self.half_len();
        out.clear();
        for chain in self.values.chunks_exact(self.chain_len) {
            out.extend(chain[..half].iter().map(|&x| f(x)));
            out.extend(chain[chain.len() - half..].iter().map(|&x| f(x)));
        }
    }

    /// Sorts all draws, the middle ones included, with their positions in the half chains.
    pub(super) fn sort(&mut self) {
        let (len, half) = (self.chain_len, self.half_len());
        let Self {
            values,
            sorted,
            scratch,
            ..
        } = self;
        if len % 2 == 0 {
            return sort_placed(values, |place| Some(place as u32), scratch, sorted);
        }
        let position = |place: usize| {
            let (chain, at) = (place / len, place % len);
            let before = chain * 2 * half + at;
            (at != half).then(|| (before - usize::from(at > half)) as u32)
        };
        sort_placed(values, position, scratch, sorted);
    }

    /// Quantile of type 7 (linear between order statistics) of all draws; 0 ≤ `prob` ≤ 1.
    pub(super) fn quantile(&self, prob: f64) -> f64 {
        let size = self.sorted.len() as f64;
        let place = size * prob + (1.0 - prob);
        let below = place.floor().clamp(1.0, size - 1.0);
        let weight = (place - below).clamp(0.0, 1.0);
        let (low, high) = (
            self.order_statistic(below - 1.0),
            self.order_statistic(below),
        );
        if low == high {
            low
        } else {
            (1.0 - weight) * low + weight * high
        }
    }

    /// The value at a whole place from 0 on in sorted order; the last one beyond the end.
    pub(super) fn order_statistic(&self, place: f64) -> f64 {
        let at = (place as usize).min(self.sorted.len().saturating_sub(1));
        self.sorted.get(at).map_or(f64::NAN, |draw| draw.value)
    }

    /// The middle value, or the mean of the two in the middle.
    pub(super) fn median(&self) -> f64 {
        let size = self.sorted.len();
        let (low, high) = ((size.saturating_sub(1) / 2) as f64, (size / 2) as f64);
        (self.order_statistic(low) + self.order_statistic(high)) / 2.0
    }
}
