//! One slice-sampling update of a number on the real line.

use rand::{Rng, RngExt};
use rand_distr::Exp1;
use serde::{Deserialize, Serialize};

/// Steps out by a fixed width, then shrinks (Neal 2003). The width is tuned while warming up, to
/// the mean distance moved, and fixed from then on: an update that adapts is no longer invariant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    width: f64,
    moved: f64,
    updates: f64,
    warm: bool,
}

/// How often a side may be stepped out; the density has fallen far before.
const STEPS: usize = 64;
/// Step-out width in mean distances moved: wide enough that most updates step out once or not at
/// all.
const WIDTH_IN_MOVES: f64 = 4.0;

impl Slice {
    pub(super) fn new() -> Self {
        Self {
            width: 1.0,
            moved: 0.0,
            updates: 0.0,
            warm: true,
        }
    }

    /// Draws from x ↦ exp(log_f(x)), started at `x`.
    pub(super) fn update(&mut self, x: f64, log_f: impl Fn(f64) -> f64, rng: &mut impl Rng) -> f64 {
        let level = log_f(x) - rng.sample::<f64, _>(Exp1);
        let mut low = x - self.width * rng.random::<f64>();
        let mut high = low + self.width;
        for _ in 0..STEPS {
            if log_f(low) <= level {
                break;
            }
            low -= self.width;
        }
        for _ in 0..STEPS {
            if log_f(high) <= level {
                break;
            }
            high += self.width;
        }
        let mut candidate = x;
        while high > low {
            candidate = low + (high - low) * rng.random::<f64>();
            if log_f(candidate) > level {
                break;
            }
            if candidate < x {
                low = candidate;
            } else {
                high = candidate;
            }
            candidate = x;
            if high - low < 1e-14 * (1.0 + x.abs()) {
                break;
            }
        }
        if self.warm {
            self.moved += (candidate - x).abs();
            self.updates += 1.0;
            // The first moves come down from the over-dispersed start: forget them slowly.
            if self.updates >= 20.0 {
                self.width = (WIDTH_IN_MOVES * self.moved / self.updates).max(1e-8);
                self.moved *= 0.98;
                self.updates *= 0.98;
            }
        }
        candidate
    }

    pub(super) fn end_warmup(&mut self) {
        self.warm = false;
    }
}
