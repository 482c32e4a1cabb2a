//! Summary of the draws of one parameter.

use crate::diagnostics::{Convergence, Workspace, diagnose_with};
use crate::numeric::{finite, norm, quantile_sorted};
use ndarray::ArrayView2;
use serde::Serialize;

/// Figures of one parameter; what is undefined or does not exist is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ParameterSummary {
    /// Name of its column in the draws.
    pub name: String,
    /// Posterior mean, where it exists.
    pub mean: Option<f64>,
    /// Posterior standard deviation, where it exists.
    pub sd: Option<f64>,
    /// 5 % quantile.
    pub q5: Option<f64>,
    /// Median.
    pub q50: Option<f64>,
    /// 95 % quantile.
    pub q95: Option<f64>,
    /// Monte-Carlo standard error of the mean.
    pub mcse_mean: Option<f64>,
    /// Monte-Carlo standard error of the standard deviation.
    pub mcse_sd: Option<f64>,
    /// Monte-Carlo standard error of the 5 % quantile; for tables, which show no more digits.
    #[serde(skip)]
    pub mcse_q5: Option<f64>,
    /// Monte-Carlo standard error of the median.
    #[serde(skip)]
    pub mcse_q50: Option<f64>,
    /// Monte-Carlo standard error of the 95 % quantile.
    #[serde(skip)]
    pub mcse_q95: Option<f64>,
    /// Effective draws for the centre.
    pub ess_bulk: Option<f64>,
    /// Effective draws for the tails.
    pub ess_tail: Option<f64>,
    /// Rank-normalised split R-hat; infinite, null in JSON, for chains that stand still apart.
    pub r_hat: Option<f64>,
}

impl ParameterSummary {
    /// A parameter of which nothing is known.
    #[must_use]
    pub fn unknown(name: String) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// A parameter that never varies.
    #[must_use]
    pub fn constant(name: String, value: f64) -> Self {
        let value = Some(value);
        Self {
            mean: value,
            sd: Some(0.0),
            q5: value,
            q50: value,
            q95: value,
            ..Self::unknown(name)
        }
    }

    /// What the verdict on the chains needs.
    #[must_use]
    pub fn convergence(&self) -> Convergence<'_> {
        Convergence {
            name: &self.name,
            r_hat: self.r_hat,
            ess_bulk: self.ess_bulk,
            ess_tail: self.ess_tail,
        }
    }
}

/// Which moments of a parameter's posterior exist: a sample has all of them, and would lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExistingMoments {
    /// The mean.
    pub mean: bool,
    /// The variance, and with it the Monte-Carlo error of the mean.
    pub variance: bool,
    /// The fourth moment, and with it the Monte-Carlo error of the standard deviation.
    pub fourth: bool,
}

impl ExistingMoments {
    /// All of them.
    pub const ALL: Self = Self {
        mean: true,
        variance: true,
        fourth: true,
    };

    /// By a test of whether the r-th moment exists.
    #[must_use]
    pub fn by(exists: impl Fn(f64) -> bool) -> Self {
        Self {
            mean: exists(1.0),
            variance: exists(2.0),
            fourth: exists(4.0),
        }
    }
}

/// Summarises the draws (chain × draw) of one parameter.
#[must_use]
pub fn summarise(
    name: &str,
    draws: ArrayView2<'_, f64>,
    moments: ExistingMoments,
    workspace: &mut Workspace,
) -> ParameterSummary {
    let diagnostics = diagnose_with(workspace, draws);
    let [q5, q50, q95] = match diagnostics.ess_bulk {
        Some(_) => [0.05, 0.5, 0.95].map(|p| finite(workspace.quantile(p))),
        // Constant or very few draws: nothing was sorted.
        None => {
            let mut sorted: Vec<f64> = draws.iter().copied().collect();
            sorted.sort_unstable_by(f64::total_cmp);
            [0.05, 0.5, 0.95].map(|p| quantile_sorted(&sorted, p).and_then(finite))
        }
    };
    // The centre and the tails are worth different numbers of draws.
    let (bulk, tail) = (diagnostics.ess_bulk, diagnostics.ess_tail);
    let [mcse_q5, mcse_q50, mcse_q95] = [(0.05, tail), (0.5, bulk), (0.95, tail)]
        .map(|(prob, ess)| workspace.mcse_quantile_at(prob, ess?));
    let (mean, sd) = mean_and_sd(draws);
    ParameterSummary {
        name: name.to_owned(),
        mean: finite(mean).filter(|_| moments.mean),
        sd: finite(sd).filter(|_| moments.variance),
        q5,
        q50,
        q95,
        mcse_mean: diagnostics.mcse_mean.filter(|_| moments.variance),
        mcse_sd: diagnostics.mcse_sd.filter(|_| moments.fourth),
        mcse_q5,
        mcse_q50,
        mcse_q95,
        ess_bulk: diagnostics.ess_bulk,
        ess_tail: diagnostics.ess_tail,
        r_hat: diagnostics.r_hat,
    }
}

/// Mean and standard deviation (divisor S - 1), in two passes.
fn mean_and_sd(draws: ArrayView2<'_, f64>) -> (f64, f64) {
    let size = draws.len() as f64;
    let first = draws.first().copied().unwrap_or(f64::NAN);
    // About the first draw, so that a constant has exactly its value as mean and 0 as sd.
    let mean = first + draws.iter().map(|x| x - first).sum::<f64>() / size;
    let deviation = norm(draws.iter().map(|x| x - mean));
    (mean, deviation / (size - 1.0).sqrt())
}
