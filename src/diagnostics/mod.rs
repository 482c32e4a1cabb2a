//! Has the chain converged, how much is it worth, how far off can it be.
//!
//! After Vehtari, Gelman, Simpson, Carpenter & Bürkner (2021), "Rank-normalization, folding, and
//! localization: an improved R-hat for assessing convergence of MCMC", Bayesian Analysis 16(2).
//! Every figure is one of two core routines, `ess` or `r_hat` of split chains, applied to the draws
//! after a small transform named as in the paper. Draws come as a matrix chain × draw.
//!
//! A figure is `None` where it is undefined: fewer than four draws per chain, a draw that is not
//! finite, or draws that are all equal. Equal means exactly equal, whatever the scale.
//!
//! ```
//! use fkbayes::diagnostics;
//! use ndarray::array;
//! let draws = array![[0.1, -0.4, 1.2, 0.3, -0.9, 0.6], [0.5, -1.1, 0.2, 0.8, -0.2, 0.0]];
//! let found = diagnostics::diagnose(draws.view());
//! assert!(found.r_hat.is_some() && found.mcse_mean.is_some());
//! assert_eq!(diagnostics::r_hat(array![[1.0, 1.0, 1.0, 1.0]].view()), None);
//! ```

mod autocovariance;
mod ess;
mod exact_check;
mod indicator;
mod mcse;
mod moments;
mod r_hat;
mod rank;
mod sample;
mod verdict;
mod workspace;

use ndarray::ArrayView2;

pub use exact_check::{Comparisons, ExactCheck};
pub use verdict::{Convergence, Verdict, verdict};
pub use workspace::Workspace;

/// What the draws of one parameter say about convergence; `None` where a figure is undefined.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Diagnostics {
    /// Rank-normalised split R-hat, the larger of bulk and folded; 1 is perfect, no unit. Infinite
    /// when every half chain stands still at a value of its own.
    pub r_hat: Option<f64>,
    /// Effective number of draws for the centre of the distribution.
    pub ess_bulk: Option<f64>,
    /// Effective number of draws for the 5 % and 95 % quantiles, the smaller of the two.
    pub ess_tail: Option<f64>,
    /// Whether `ess_bulk` or `ess_tail` stands at the cap S log10 S of S draws.
    pub ess_capped: bool,
    /// Monte-Carlo standard error of the mean, in the parameter's unit. Means nothing where the
    /// mean or the variance does not exist, which draws cannot tell: the caller must know.
    pub mcse_mean: Option<f64>,
    /// Monte-Carlo standard error of the standard deviation, in the parameter's unit; needs four
    /// moments in the same way.
    pub mcse_sd: Option<f64>,
}

/// All figures of one parameter. For many parameters see [`diagnose_with`].
#[must_use]
pub fn diagnose(draws: ArrayView2<'_, f64>) -> Diagnostics {
    diagnose_with(&mut Workspace::default(), draws)
}

/// All figures of one parameter, in buffers kept from one parameter to the next.
#[must_use]
pub fn diagnose_with(workspace: &mut Workspace, draws: ArrayView2<'_, f64>) -> Diagnostics {
    workspace
        .load(draws)
        .map_or_else(Diagnostics::default, |()| workspace.diagnose())
}

/// Rank-normalised split R-hat, the larger of bulk and folded (section 4 of the paper).
///
/// A single chain is compared half with half.
#[must_use]
pub fn r_hat(draws: ArrayView2<'_, f64>) -> Option<f64> {
    loaded(draws)?.r_hat()
}

/// Effective number of draws of the rank-normalised split chains.
#[must_use]
pub fn ess_bulk(draws: ArrayView2<'_, f64>) -> Option<f64> {
    Some(loaded(draws)?.ess_bulk()?.draws)
}

/// Effective number of draws for the 5 % and 95 % quantiles, the smaller of the two.
///
/// An indicator that is the same for all draws (the quantile is the largest value) counts as S
/// beside the other, as in arviz; if both are, there is nothing to go by and the figure is `None`.
#[must_use]
pub fn ess_tail(draws: ArrayView2<'_, f64>) -> Option<f64> {
    Some(loaded(draws)?.ess_tail()?.draws)
}

/// Effective number of draws for the mean: of the split chains as they are.
#[must_use]
pub fn ess_mean(draws: ArrayView2<'_, f64>) -> Option<f64> {
    Some(loaded(draws)?.ess_mean()?.draws)
}

/// Monte-Carlo standard error of the mean, in the draws' unit: sd / √ESS.
#[must_use]
pub fn mcse_mean(draws: ArrayView2<'_, f64>) -> Option<f64> {
    loaded(draws)?.mcse_mean()
}

/// As [`mcse_mean`], in buffers kept from one parameter to the next.
#[must_use]
pub fn mcse_mean_with(workspace: &mut Workspace, draws: ArrayView2<'_, f64>) -> Option<f64> {
    workspace.load(draws)?;
    workspace.mcse_mean()
}

/// Monte-Carlo standard error of the standard deviation, in the draws' unit, through the ESS of
/// the squared deviations from the mean.
#[must_use]
pub fn mcse_sd(draws: ArrayView2<'_, f64>) -> Option<f64> {
    loaded(draws)?.mcse_sd()
}

/// Monte-Carlo standard error of the `prob` quantile (0 to 1), in the draws' unit: half the
/// distance of the order statistics at the beta quantiles Φ(-1) and Φ(1) (section 4.4).
#[must_use]
pub fn mcse_quantile(draws: ArrayView2<'_, f64>, prob: f64) -> Option<f64> {
    loaded(draws)?.mcse_quantile(prob)
}

fn loaded(draws: ArrayView2<'_, f64>) -> Option<Workspace> {
    let mut workspace = Workspace::default();
    workspace.load(draws).map(|()| workspace)
}
