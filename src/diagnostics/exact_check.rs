//! The chain against the exact posterior, in Monte-Carlo standard errors.

use super::{Workspace, diagnose_with};
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

/// What the chain says of one parameter; `None` where a moment does not exist.
#[derive(Debug, Clone, Copy)]
pub struct ChainMoments<'a> {
    /// Name of the parameter.
    pub name: &'a str,
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation.
    pub sd: Option<f64>,
    /// Monte-Carlo standard error of the mean.
    pub mcse_mean: Option<f64>,
    /// Monte-Carlo standard error of the standard deviation.
    pub mcse_sd: Option<f64>,
}

/// Collects comparisons.
#[derive(Debug, Clone, Default)]
pub struct Comparisons {
    worst: Option<(f64, String)>,
    count: usize,
}

impl Comparisons {
    /// Compares the draws of a variance through u = F(t | y), which is uniform whatever moments t
    /// has: its mean with 1/2 and its mean square deviation with 1/12.
    pub fn variance(
        &mut self,
        workspace: &mut Workspace,
        name: &str,
        mut u: Array2<f64>,
        cdf: impl Fn(f64) -> f64,
    ) {
        u.mapv_inplace(|t| cdf(t) - 0.5);
        self.mean_of(workspace, &format!("mean of F({name})"), &u, 0.0);
        u.mapv_inplace(|d| d * d);
        self.mean_of(workspace, &format!("spread of F({name})"), &u, 1.0 / 12.0);
    }

    fn mean_of(&mut self, workspace: &mut Workspace, name: &str, draws: &Array2<f64>, exact: f64) {
        let mean = draws.sum() / draws.len() as f64;
        self.compare(
            name,
            mean,
            Some(exact),
            diagnose_with(workspace, draws.view()).mcse_mean,
        );
    }

    /// Compares mean and variance of a parameter with the exact ones, where the variance exists.
    pub fn moments(&mut self, chain: ChainMoments<'_>, mean: f64, variance: Option<f64>) {
        if let (Some(average), Some(_)) = (chain.mean, variance) {
            let name = format!("mean of {}", chain.name);
            self.compare(&name, average, Some(mean), chain.mcse_mean);
        }
        if let Some(sd) = chain.sd {
            // The error of the variance by the delta method from that of the standard deviation.
            let error = chain.mcse_sd.map(|mcse| 2.0 * sd * mcse);
            self.compare(
                &format!("variance of {}", chain.name),
                sd * sd,
                variance,
                error,
            );
        }
    }

    fn compare(&mut self, name: &str, chain: f64, exact: Option<f64>, error: Option<f64>) {
        let (Some(exact), Some(error)) = (exact, error) else {
            return;
        };
        let z = ((chain - exact) / error).abs();
        if !z.is_finite() {
            return;
        }
        self.count += 1;
        if self.worst.as_ref().is_none_or(|(worst, _)| z > *worst) {
            self.worst = Some((z, name.to_owned()));
        }
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
