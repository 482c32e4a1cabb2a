//! The chain against the exact posterior, in Monte-Carlo standard errors.

use super::{Workspace, mcse_mean_with};
use crate::numeric::two_sided_normal_bound;
use ndarray::Array2;
use serde::Serialize;

/// Probability that a right chain fails the check.
const FALSE_ALARM: f64 = 1e-4;

/// How far the chain is from the exact posterior.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExactCheck {
    /// Largest deviation, in Monte-Carlo standard errors.
    pub max_abs_z: f64,
    /// Number of quantities compared.
    pub parameters: usize,
    /// The quantity that deviates most.
    #[serde(skip)]
    pub worst: String,
}

impl ExactCheck {
    /// What a right chain exceeds once in ten thousand runs at most.
    #[must_use]
    pub fn bound(&self) -> f64 {
        two_sided_normal_bound(FALSE_ALARM, self.parameters)
    }

    /// Whether the chain is where it should be.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.max_abs_z <= self.bound()
    }
}

/// Collects comparisons.
#[derive(Debug, Clone, Default)]
pub struct Comparisons {
    worst: Option<(f64, String)>,
    count: usize,
}

impl Comparisons {
    /// Compares draws that were put through the distribution function that they should have: `u`
    /// must be uniform, with mean 1/2 and mean square deviation 1/12. Heavy tails do no harm to it,
    /// as they would to moments, whose errors a chain cannot know.
    pub fn uniform(&mut self, workspace: &mut Workspace, name: &str, mut u: Array2<f64>) {
        u.mapv_inplace(|u| u - 0.5);
        self.mean_of(workspace, &format!("the centre of {name}"), &u, 0.0);
        u.mapv_inplace(|d| d * d);
        self.mean_of(workspace, &format!("the spread of {name}"), &u, 1.0 / 12.0);
    }

    /// Compares the mean of draws, whose variance must exist, with the exact one.
    pub fn mean(&mut self, workspace: &mut Workspace, name: &str, draws: &Array2<f64>, exact: f64) {
        self.mean_of(workspace, &format!("the mean of {name}"), draws, exact);
    }

    /// Adds the comparisons of another collection.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        if let Some((z, name)) = other.worst {
            self.keep_worst(z, name);
        }
    }

    fn keep_worst(&mut self, z: f64, name: String) {
        if self.worst.as_ref().is_none_or(|(worst, _)| z > *worst) {
            self.worst = Some((z, name));
        }
    }

    fn mean_of(&mut self, workspace: &mut Workspace, name: &str, draws: &Array2<f64>, exact: f64) {
        let Some(error) = mcse_mean_with(workspace, draws.view()) else {
            return;
        };
        let z = ((draws.sum() / draws.len() as f64 - exact) / error).abs();
        // What is no number is no agreement either.
        let z = if z.is_nan() { f64::INFINITY } else { z };
        self.count += 1;
        self.keep_worst(z, name.to_owned());
    }

    /// The result; `None` where nothing could be compared.
    #[must_use]
    pub fn result(self) -> Option<ExactCheck> {
        let (max_abs_z, worst) = self.worst?;
        Some(ExactCheck {
            max_abs_z,
            parameters: self.count,
            worst,
        })
    }
}
