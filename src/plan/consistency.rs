//! Do the simulated futures agree with the present?

use super::outlook::Outlook;
use super::simulate::{Future, estimate};
use crate::numeric::two_sided_normal_bound;
use serde::Serialize;

/// Probability that right futures are called wrong.
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
}

impl Consistency {
    pub(super) fn of(outlook: &Outlook, futures: &[Future]) -> Self {
        let mut found = Self::default();
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
        Self {
            max_abs_z: self.max_abs_z.max(other.max_abs_z),
            figures: self.figures + other.figures,
        }
    }

    /// What right futures exceed with probability 1e-4 at most.
    #[must_use]
    pub fn bound(&self) -> f64 {
        two_sided_normal_bound(FALSE_ALARM, self.figures)
    }

    /// Whether the futures are in order.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.max_abs_z <= self.bound()
    }
}
