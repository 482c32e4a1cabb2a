//! Four variances of each importance side by side.

use super::{Decomposition, PluginInterval};
use crate::data::{Compact, ForeignKey, Name};
use crate::numeric::{Possible, finite};
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

/// The same without the FK and what was observed of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Variances {
    shrinkage: Possible,
    no_pooling: Possible,
    full: Possible,
    full_mcse: Possible,
    expected_conditional: Possible,
    variance_of_mean: Possible,
    plugin: Possible,
    corrected: Possible,
    exact: Possible,
    ratio: Possible,
    width_full: Possible,
    width_plugin: Possible,
    plugin_coverage: Possible,
}

impl Compact for Variances {
    type Row = VarianceRow;

    fn row(&self, fk: &ForeignKey) -> VarianceRow {
        VarianceRow {
            fk: fk.name.clone(),
            n: fk.sample.n(),
            mean: fk.sample.mean(),
            shrinkage: self.shrinkage.get(),
            no_pooling: self.no_pooling.get(),
            full: self.full.get(),
            full_mcse: self.full_mcse.get(),
            expected_conditional: self.expected_conditional.get(),
            variance_of_mean: self.variance_of_mean.get(),
            plugin: self.plugin.get(),
            corrected: self.corrected.get(),
            exact: self.exact.get(),
            ratio: self.ratio.get(),
            width_full: self.width_full.get(),
            width_plugin: self.width_plugin.get(),
            plugin_coverage: self.plugin_coverage.get(),
        }
    }
}

impl Variances {
    /// Of an FK that was set aside: its importance is known, nothing is to compare.
    #[must_use]
    pub fn set_aside() -> Self {
        let zero = Possible::from(0.0);
        Self {
            no_pooling: zero,
            full: zero,
            expected_conditional: zero,
            variance_of_mean: zero,
            plugin: zero,
            exact: zero,
            width_full: zero,
            width_plugin: zero,
            ..Self::default()
        }
    }

    /// E[B_k | y].
    #[must_use]
    pub fn shrinkage(&self) -> Option<f64> {
        self.shrinkage.get()
    }

    /// s_k.
    #[must_use]
    pub fn no_pooling(&self) -> Option<f64> {
        self.no_pooling.get()
    }

    /// Var(α_k | y) by the chain.
    #[must_use]
    pub fn full(&self) -> Option<f64> {
        self.full.get()
    }

    /// full / plugin.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        self.ratio.get()
    }

    /// Posterior probability of the plug-in's 90 % interval.
    #[must_use]
    pub fn plugin_coverage(&self) -> Option<f64> {
        self.plugin_coverage.get()
    }

    /// Of an importance by the exact posterior alone: what stands on a chain is left out. The
    /// coverage and the width of its interval, which take mixtures over all nodes, are left out on
    /// request.
    #[must_use]
    pub fn exactly(fk: Exactly, exact: &ExactPosterior, with_mixtures: bool) -> Self {
        let (k, mean) = (fk.k, fk.mean.unwrap_or(0.0));
        let variance = exact.alpha_variance(k, mean);
        let plugin = fk.plugin.variance;
        let (low, high) = fk.plugin.ends;
        let existing = |x: f64| finite(x).filter(|_| variance.is_some());
        let width = || exact.alpha_quantile(k, mean, 0.95) - exact.alpha_quantile(k, mean, 0.05);
        let conditional = exact.moments(k).conditional_variance.and_then(existing);
        let ratio = variance.and_then(|v| finite(v / plugin));
        let coverage = with_mixtures.then(|| coverage_of(exact, (k, mean), &fk.plugin));
        Self {
            shrinkage: exact.moments(k).shrinkage.into(),
            no_pooling: finite(fk.sampling_variance).into(),
            expected_conditional: conditional.into(),
            variance_of_mean: existing(exact.variance_of_mean(k, mean)).into(),
            plugin: finite(plugin).into(),
            corrected: fk.corrected.into(),
            exact: variance.into(),
            ratio: ratio.filter(|_| plugin > 0.0).into(),
            width_full: with_mixtures.then(width).and_then(finite).into(),
            width_plugin: finite(high - low).into(),
            plugin_coverage: coverage.into(),
            ..Self::default()
        }
    }
}

/// What [`Variances::exactly`] needs of one importance of the hierarchy.
#[derive(Debug, Clone, Copy)]
pub struct Exactly {
    /// Its place in the hierarchy.
    pub k: usize,
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
pub struct Compared {
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
    fk: Compared,
    k: usize,
    exact: Option<&ExactPosterior>,
    with_coverage: bool,
) -> Variances {
    let mean = fk.mean.unwrap_or(0.0);
    let existing = |x: f64| finite(x).filter(|_| fk.moments.0);
    let full = existing(fk.decomposition.full());
    let plugin = fk.plugin.variance;
    let (low, high) = fk.plugin.ends;
    let ratio = full.and_then(|full| finite(full / plugin));
    let width = fk.interval.0.zip(fk.interval.1).map(|(q5, q95)| q95 - q5);
    let coverage = exact.filter(|_| with_coverage);
    let coverage = coverage.map(|exact| coverage_of(exact, (k, mean), &fk.plugin));
    Variances {
        shrinkage: fk.decomposition.shrinkage.into(),
        no_pooling: finite(fk.sampling_variance).into(),
        full: full.into(),
        full_mcse: fk.decomposition.mcse.filter(|_| fk.moments.1).into(),
        expected_conditional: existing(fk.decomposition.expected_conditional).into(),
        variance_of_mean: existing(fk.decomposition.variance_of_mean).into(),
        plugin: finite(plugin).into(),
        corrected: fk.corrected.into(),
        exact: exact.and_then(|exact| exact.alpha_variance(k, mean)).into(),
        ratio: ratio.filter(|_| !fk.at_boundary).into(),
        width_full: width.into(),
        width_plugin: (high - low).into(),
        plugin_coverage: coverage.into(),
    }
}

/// Posterior probability of the plug-in's interval for importance `k`; that of a point is 0.
fn coverage_of(exact: &ExactPosterior, (k, mean): (usize, f64), plugin: &PluginInterval) -> f64 {
    let (low, high) = plugin.ends;
    if plugin.variance > 0.0 {
        exact.alpha_cdf(k, mean, high) - exact.alpha_cdf(k, mean, low)
    } else {
        0.0
    }
}
