//! Do the simulated futures agree with the present?

use super::outlook::Outlook;
use super::simulate::{Future, estimate};
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Probability that right futures are called wrong, were the figures normal: those that are, by the skew of
/// squares, are judged by other futures once more (see [`Outlook::simulate`]).
const FALSE_ALARM: f64 = 1e-4;
/// Errors below this share of what is compared are rounding: nothing new came.
const ROUNDING: f64 = 1e-9;

/// On average over what may come, the posterior mean stays where it is, and what is left of the variance
/// together with the squared shift of the mean is the variance now. Deviations are in Monte-Carlo standard
/// errors; a wrong simulation of new scores, or a wrong update, shows here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Consistency {
    /// The largest deviation.
    pub max_abs_z: f64,
    /// How many figures were compared.
    pub figures: usize,
    /// Futures behind them, at least.
    pub futures: usize,
}

impl Consistency {
    pub(super) fn of(outlook: &Outlook, futures: &[Future]) -> Self {
        let mut found = Self {
            futures: futures.len(),
            ..Self::default()
        };
        for k in 0..outlook.k() {
            let (_, variance) = outlook.moments_over_points(k);
            // The error of a variance needs four moments.
            if !outlook.has_fourth_moment(k) {
                continue;
            }
            found.compare(futures, (0.0, variance.sqrt()), |future| future.shift[k]);
            found.compare(futures, (variance, variance), |future| {
                future.variance[k] + future.shift[k] * future.shift[k]
            });
        }
        found
    }

    fn compare(
        &mut self,
        futures: &[Future],
        (expected, scale): (f64, f64),
        of: impl Fn(&Future) -> f64 + Copy,
    ) {
        let found = estimate(futures.iter().map(of));
        if found.mcse > ROUNDING * scale {
            let z = (found.value - expected) / found.mcse;
            self.figures += 1;
            self.max_abs_z = self.max_abs_z.max(z.abs());
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let futures = [self, other].map(|one| one.futures);
        Self {
            max_abs_z: self.max_abs_z.max(other.max_abs_z),
            figures: self.figures + other.figures,
            // Nothing was simulated where there are no futures.
            futures: futures.into_iter().filter(|n| *n > 0).min().unwrap_or(0),
        }
    }

    /// What right futures exceed with probability 1e-4 at most: by Student's t, as errors stand on a limited
    /// number of futures.
    #[must_use]
    pub fn bound(&self) -> f64 {
        let tail = FALSE_ALARM / (2 * self.figures.max(1)) as f64;
        let degrees = self.futures.saturating_sub(1).max(1) as f64;
        StudentsT::new(0.0, 1.0, degrees).map_or(f64::INFINITY, |t| -t.inverse_cdf(tail))
    }

    /// Whether the futures are in order.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.max_abs_z <= self.bound()
    }
}
