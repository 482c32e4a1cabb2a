//! The plug-in formula beside the full posterior: what `fkbayes compare` answers.

use super::assess::{Run, exact_record, plugin_record};
use super::record::{DiagnosticsRecord, ExactRecord, Fit, Fitted, PluginRecord, SamplerRecord};
use super::{Control, Fitter, summarise_file};
use crate::Error;
use crate::data::{Data, PerFk};
use crate::draws::{DrawsFile, Metadata};
use crate::model::{Hierarchy, Role};
use crate::posterior::{EmpiricalBayes, ExactPosterior, empirical_bayes};
use crate::variance::{
    Borrowed, Exactly, Variances, borrowed, corrected_variances, judge_plugin, plugin_interval,
};
use serde::Serialize;
use std::path::Path;
use std::sync::atomic::AtomicU64;

/// Normal distribution functions that the mixtures of all FKs may take: a second.
const AFFORDABLE: usize = 10_000_000;
/// Evaluations of a mixture that an FK's coverage and interval take, about.
const PER_FK: usize = 60;

/// The four variances of every importance, and what they come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Model and data.
    #[serde(flatten)]
    pub fitted: Fitted,
    /// The empirical-Bayes estimate.
    pub plugin: PluginRecord,
    /// Variances of every FK's importance, in input order.
    pub variance: PerFk<Variances>,
    /// The exact posterior.
    pub exact: Option<ExactRecord>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact_unavailable: Option<String>,
    /// What pooling gained the sparse FKs, the sparsest first.
    pub borrowed: Vec<Borrowed>,
    /// Whether the plug-in may be used here, and for which FKs not.
    pub verdict: String,
    /// How draws were made; none where there are none.
    pub sampler: Option<SamplerRecord>,
    /// What the chains are worth; none where there are none.
    pub diagnostics: Option<DiagnosticsRecord>,
    /// Warnings about data, model and chains, in words.
    pub warnings: Vec<String>,
}

impl Comparison {
    /// Whether nothing speaks against the chains, or there are none.
    #[must_use]
    pub fn trusted(&self) -> bool {
        self.diagnostics.as_ref().is_none_or(|d| d.ok)
    }
}

impl From<Fit> for Comparison {
    fn from(fit: Fit) -> Self {
        Self {
            borrowed: borrowed(&fit.variance),
            verdict: fit.plugin_verdict.clone(),
            fitted: fit.fitted,
            plugin: fit.plugin,
            variance: fit.variance,
            exact: fit.exact,
            exact_unavailable: fit.exact_unavailable,
            sampler: Some(fit.sampler),
            warnings: fit.diagnostics.warnings.clone(),
            diagnostics: Some(fit.diagnostics),
        }
    }
}

/// The comparison from a draws file.
///
/// # Errors
/// If the file is not a draws file or is damaged.
pub fn compare_draws(path: &Path) -> Result<Comparison, Error> {
    Ok(summarise_file(path)?.into())
}

/// The same by the exact posterior alone, for the data and the model in the file.
///
/// # Errors
/// If the file is not a draws file or is damaged, or the exact posterior is not available.
pub fn compare_draws_exactly(path: &Path) -> Result<Comparison, Error> {
    let file = DrawsFile::open(path)?;
    compare_exactly(file.metadata(), file.data(), file.hierarchy())
}

impl Fitter {
    /// Compares the plug-in with the full posterior as chains and quadrature find it, counting sweeps
    /// in `progress`.
    ///
    /// # Errors
    /// If settings or data make no sense.
    pub fn compare(&self, data: &Data, progress: &AtomicU64) -> Result<Comparison, Error> {
        Ok(self
            .fit_in_memory_with(data, Control::counting(progress))?
            .0
            .into())
    }

    /// Compares the plug-in with the exact posterior alone, without any chain.
    ///
    /// # Errors
    /// If settings or data make no sense, or the exact posterior is not available.
    pub fn compare_exactly(&self, data: &Data) -> Result<Comparison, Error> {
        let hierarchy = Hierarchy::resolve(&self.model, data)?;
        compare_exactly(&self.metadata(data, &hierarchy), data, &hierarchy)
    }

    pub(super) fn metadata(&self, data: &Data, hierarchy: &Hierarchy) -> Metadata {
        Metadata::new(data, &self.model, hierarchy, &self.sampler, true)
    }
}

fn compare_exactly(
    metadata: &Metadata,
    data: &Data,
    hierarchy: &Hierarchy,
) -> Result<Comparison, Error> {
    let exact = ExactPosterior::new(hierarchy).map_err(|why| {
        Error::Unfit(format!(
            "--no-mcmc needs the exact posterior, which is not available: {why}; leave it out"
        ))
    })?;
    let run = Run {
        metadata,
        data,
        hierarchy,
        draws_file: None,
        seconds: None,
    };
    let estimate = empirical_bayes(hierarchy);
    let variance = exact_rows(data, hierarchy, &exact, &estimate);
    Ok(Comparison {
        fitted: Fitted::of(&run),
        plugin: plugin_record(hierarchy, &estimate),
        borrowed: borrowed(&variance),
        verdict: judge_plugin(&variance, estimate.at_boundary(), hierarchy.model.location),
        variance,
        exact: Some(exact_record(&run, &exact)),
        exact_unavailable: None,
        sampler: None,
        diagnostics: None,
        warnings: super::assess::warnings(&run, &estimate),
    })
}

fn exact_rows(
    data: &Data,
    hierarchy: &Hierarchy,
    exact: &ExactPosterior,
    estimate: &EmpiricalBayes,
) -> PerFk<Variances> {
    let means = hierarchy.means_of(data);
    let corrected = corrected_variances(hierarchy, &means);
    let evaluations = exact.nodes().saturating_mul(PER_FK * means.len());
    let members = data.fks().iter().zip(&hierarchy.roles);
    let each = members.map(|(fk, role)| match *role {
        Role::SetAside { .. } => Variances::set_aside(),
        Role::InHierarchy(k) => {
            let known = Exactly {
                k,
                mean: fk.sample.mean(),
                sampling_variance: hierarchy.sampling_variance(k, hierarchy.sigma2_obs),
                plugin: plugin_interval(hierarchy, estimate, k, means[k]),
                corrected: corrected.get(k).copied().flatten(),
            };
            Variances::exactly(known, exact, evaluations <= AFFORDABLE)
        }
    });
    PerFk::new(data.shared(), each.collect())
}
