//! Four variances of each importance side by side.

use super::{Decomposition, PluginInterval};
use crate::data::Name;
use crate::numeric::finite;
use crate::posterior::ExactPosterior;
use serde::Serialize;

/// The variances of one FK's importance, in squared score units; what does not exist is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VarianceRow {
    /// The FK.
    pub fk: Name,
    /// Number of scores.
    pub n: Option<u64>,
    /// Mean score.
    pub mean: Option<f64>,
    /// E[B_k | y].
    pub shrinkage: Option<f64>,
    /// s_k: the variance that the mean has without pooling.
    pub no_pooling: Option<f64>,
    /// Var(α_k | y) by the chain.
    pub full: Option<f64>,
    /// Its Monte-Carlo standard error.
    pub full_mcse: Option<f64>,
    /// E[V_k | y].
    pub expected_conditional: Option<f64>,
    /// Var[μ_k | y].
    pub variance_of_mean: Option<f64>,
    /// V_k(σ̂²_FK).
    pub plugin: Option<f64>,
    /// The plug-in corrected to second order.
    pub corrected: Option<f64>,
    /// Var(α_k | y) by the exact posterior.
    pub exact: Option<f64>,
    /// full / plugin (exact / plugin without a chain); none at the boundary.
    pub ratio: Option<f64>,
    /// Width of the 90 % interval of the draws.
    pub width_full: Option<f64>,
    /// Width of the plug-in's 90 % interval.
    pub width_plugin: Option<f64>,
    /// Posterior probability, under the exact posterior, of the plug-in's 90 % interval.
    pub plugin_coverage: Option<f64>,
}

impl VarianceRow {
    /// An FK that was set aside: its importance is known, nothing is to compare.
    #[must_use]
    pub fn set_aside(fk: &Name, n: Option<u64>, value: f64) -> Self {
        Self {
            fk: fk.clone(),
            n,
            mean: Some(value),
            shrinkage: None,
            no_pooling: Some(0.0),
            full: Some(0.0),
            full_mcse: None,
            expected_conditional: Some(0.0),
            variance_of_mean: Some(0.0),
            plugin: Some(0.0),
            corrected: None,
            exact: Some(0.0),
            ratio: None,
            width_full: Some(0.0),
            width_plugin: Some(0.0),
            plugin_coverage: None,
        }
    }
}

impl VarianceRow {
    /// The row of an importance by the exact posterior alone: what stands on a chain is left out. The
    /// coverage and the width of its interval, which take mixtures over all nodes, are left out on
    /// request.
    #[must_use]
    pub fn exactly(fk: Exactly<'_>, exact: &ExactPosterior, with_mixtures: bool) -> Self {
        let (k, mean) = (fk.k, fk.mean.unwrap_or(0.0));
        let variance = exact.alpha_variance(k, mean);
        let plugin = fk.plugin.variance;
        let (low, high) = fk.plugin.ends;
        let existing = |x: f64| finite(x).filter(|_| variance.is_some());
        let width = || exact.alpha_quantile(k, mean, 0.95) - exact.alpha_quantile(k, mean, 0.05);
        Self {
            fk: fk.fk.clone(),
            n: fk.n,
            mean: fk.mean,
            shrinkage: Some(exact.moments(k).shrinkage),
            no_pooling: finite(fk.sampling_variance),
            full: None,
            full_mcse: None,
            expected_conditional: exact.moments(k).conditional_variance.and_then(existing),
            variance_of_mean: existing(exact.variance_of_mean(k, mean)),
            plugin: finite(plugin),
            corrected: fk.corrected,
            exact: variance,
            ratio: variance
                .and_then(|v| finite(v / plugin))
                .filter(|_| plugin > 0.0),
            width_full: with_mixtures.then(width).and_then(finite),
            width_plugin: finite(high - low),
            plugin_coverage: with_mixtures.then(|| coverage(exact, (k, mean), &fk.plugin)),
        }
    }
}

/// What [`VarianceRow::exactly`] needs of one importance of the hierarchy.
#[derive(Debug, Clone, Copy)]
pub struct Exactly<'a> {
    /// Name.
    pub fk: &'a Name,
    /// Its place in the hierarchy.
    pub k: usize,
    /// Number of scores.
    pub n: Option<u64>,
    /// Mean score.
    pub mean: Option<f64>,
    /// s_k.
    pub sampling_variance: f64,
    /// The plug-in's posterior.
    pub plugin: PluginInterval,
    /// Its correction.
    pub corrected: Option<f64>,
}

/// What is known of one importance of the hierarchy.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// Name.
    pub fk: &'a Name,
    /// Number of scores.
    pub n: Option<u64>,
    /// Mean score.
    pub mean: Option<f64>,
    /// s_k.
    pub sampling_variance: f64,
    /// By the chain.
    pub decomposition: Decomposition,
    /// Whether E[V_k | y] exists, and whether the Monte-Carlo error of its estimate does.
    pub moments: (bool, bool),
    /// 5 % and 95 % quantiles of the draws.
    pub interval: (Option<f64>, Option<f64>),
    /// The plug-in's posterior.
    pub plugin: PluginInterval,
    /// Its correction.
    pub corrected: Option<f64>,
    /// Whether σ̂²_FK is 0.
    pub at_boundary: bool,
}

/// Puts the variances of one importance side by side; `k` is its place in the hierarchy. The coverage of
/// the plug-in's interval, a mixture over all nodes, is left out on request.
#[must_use]
pub fn compare(
    fk: Compared<'_>,
    k: usize,
    exact: Option<&ExactPosterior>,
    with_coverage: bool,
) -> VarianceRow {
    let mean = fk.mean.unwrap_or(0.0);
    let existing = |x: f64| finite(x).filter(|_| fk.moments.0);
    let full = existing(fk.decomposition.full());
    let plugin = fk.plugin.variance;
    let (low, high) = fk.plugin.ends;
    VarianceRow {
        fk: fk.fk.clone(),
        n: fk.n,
        mean: fk.mean,
        shrinkage: Some(fk.decomposition.shrinkage),
        no_pooling: finite(fk.sampling_variance),
        full,
        full_mcse: fk.decomposition.mcse.filter(|_| fk.moments.1),
        expected_conditional: existing(fk.decomposition.expected_conditional),
        variance_of_mean: existing(fk.decomposition.variance_of_mean),
        plugin: finite(plugin),
        corrected: fk.corrected,
        exact: exact.and_then(|exact| exact.alpha_variance(k, mean)),
        ratio: full
            .and_then(|full| finite(full / plugin))
            .filter(|_| !fk.at_boundary),
        width_full: fk.interval.0.zip(fk.interval.1).map(|(q5, q95)| q95 - q5),
        width_plugin: Some(high - low),
        plugin_coverage: exact
            .filter(|_| with_coverage)
            .map(|exact| coverage(exact, (k, mean), &fk.plugin)),
    }
}

/// Posterior probability of the plug-in's interval for importance `k`; that of a point is 0.
fn coverage(exact: &ExactPosterior, (k, mean): (usize, f64), plugin: &PluginInterval) -> f64 {
    let (low, high) = plugin.ends;
    if plugin.variance > 0.0 {
        exact.alpha_cdf(k, mean, high) - exact.alpha_cdf(k, mean, low)
    } else {
        0.0
    }
}
