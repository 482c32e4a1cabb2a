//! From draws to the record: one pass over the parameters, in blocks.

use super::advice::{means_taken_for_noise, model_warnings, noise_choice};
use super::next_step::next_step;
use super::pass::Pass;
use super::record::{
    DataRecord, DiagnosticsRecord, ExactRecord, Fit, Fitted, Moments, Observed, PluginRecord,
    SamplerRecord, VarianceQuantiles,
};
use crate::Error;
use crate::data::{Data, ForeignKey, PerFk};
use crate::diagnostics::verdict;
use crate::draws::{DrawsSource, Metadata};
use crate::model::{Hierarchy, NoiseVariance, Role};
use crate::numeric::finite;
use crate::posterior::{EmpiricalBayes, ExactPosterior, Unavailable, check_noise};
use crate::summary::{Parameters, RanksWanted};
use crate::variance::judge_plugin;
use crate::warning::Warning;
use rayon::prelude::*;

/// FKs whose moments one thread tells faster than two.
const FEW: usize = 1 << 10;

/// A finished run.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// Model, settings and data as stored.
    pub metadata: &'a Metadata,
    /// The data.
    pub data: &'a Data,
    /// The model with its data.
    pub hierarchy: &'a Hierarchy,
    /// Where the draws are.
    pub draws_file: Option<String>,
    /// Seconds that sampling took.
    pub seconds: Option<f64>,
}

/// Summarises and judges the draws of a run, and compares them with the exact posterior and the
/// plug-in formula; finds what is wanted of the ranks.
///
/// # Errors
/// If the draws cannot be read.
pub fn assess(
    run: Run<'_>,
    draws: &impl DrawsSource,
    exact: Option<&Result<ExactPosterior, Unavailable>>,
    ranks: RanksWanted,
) -> Result<Fit, Error> {
    let available = exact.and_then(|exact| exact.as_ref().ok());
    let pass = Pass::new(&run, draws, available)?;
    let found = pass.read_all(draws)?;
    let estimate = pass.estimate;
    let noise = check_noise(run.data, run.hierarchy);
    let checked = found.comparisons.result();
    let settings = &run.metadata.sampler;
    let importances = PerFk::new(run.data.shared(), found.importances);
    let parameters = Parameters::new(found.hyperparameters, importances);
    let figures: Vec<_> = parameters.convergences().collect();
    let judged = verdict(&figures, settings.chains, checked.as_ref());
    let mut warnings = model_warnings(&run, noise.as_ref(), &estimate);
    warnings.extend(means_taken_for_noise(&run, parameters.hyperparameters()));
    let coarse = found.ranking.coarse();
    warnings.extend(coarse.map(|draws| Warning::CoarseRanks { draws }));
    warnings.extend(judged.warnings);
    let ranking = pass.rank(&found.ranking, &found.p_positive, ranks);
    let mut fit = Fit {
        fitted: Fitted::of(&run),
        sampler: SamplerRecord {
            settings: settings.clone(),
            seconds: run.seconds,
        },
        incomplete: run.metadata.incomplete,
        parameters,
        plugin: plugin_record(run.hierarchy, &estimate),
        variance: PerFk::new(run.data.shared(), found.variance),
        ranking: PerFk::new(run.data.shared(), ranking),
        diagnostics: DiagnosticsRecord {
            ok: judged.ok,
            max_r_hat: judged.max_r_hat,
            min_ess_bulk: judged.min_ess_bulk,
            min_ess_tail: judged.min_ess_tail,
            exact_check: checked,
            warnings: warnings.iter().map(ToString::to_string).collect(),
        },
        plugin_verdict: String::new(),
        exact: available.map(|exact| exact_record(&run, exact)),
        exact_unavailable: match exact {
            None => Some("skipped on request".into()),
            Some(Err(why)) => Some(why.to_string()),
            Some(Ok(_)) => None,
        },
        next_step: None,
        draws_file: run.draws_file.clone(),
    };
    let words = rayon::join(|| next_step(&fit), || plugin_verdict(&fit));
    (fit.next_step, fit.plugin_verdict) = words;
    Ok(fit)
}

/// Warnings about data and model, in words.
pub(crate) fn warnings(run: &Run<'_>, estimate: &EmpiricalBayes) -> Vec<String> {
    let noise = check_noise(run.data, run.hierarchy);
    let warnings = model_warnings(run, noise.as_ref(), estimate);
    warnings.iter().map(ToString::to_string).collect()
}

impl Fitted {
    /// Of a run.
    pub(crate) fn of(run: &Run<'_>) -> Self {
        Self {
            model: run.hierarchy.model.clone(),
            hyperprior_is_default: run.hierarchy.hyperprior_is_default,
            noise_choice: noise_choice(run),
            data: data_record(run),
        }
    }
}

fn data_record(run: &Run<'_>) -> DataRecord {
    let fks = run.data.fks();
    let hierarchy = run.hierarchy;
    let shared = hierarchy.common_noise && matches!(hierarchy.noise, NoiseVariance::Known(_));
    DataRecord {
        k: fks.len(),
        n_total: fks.iter().map(|fk| fk.sample.n()).sum(),
        sigma2_obs: shared.then_some(hierarchy.sigma2_obs),
        fks: PerFk::new(run.data.shared(), vec![Observed; fks.len()]),
    }
}

pub(super) fn plugin_record(hierarchy: &Hierarchy, estimate: &EmpiricalBayes) -> PluginRecord {
    let lambda = hierarchy.sigma2_obs / estimate.sigma2_fk;
    PluginRecord {
        sigma2_fk: estimate.sigma2_fk,
        se: finite(estimate.se),
        lambda: finite(lambda).filter(|_| hierarchy.common_noise),
        method: estimate.method,
        at_boundary: estimate.at_boundary(),
    }
}

fn plugin_verdict(fit: &Fit) -> String {
    if !fit.diagnostics.ok && fit.exact.is_none() {
        return "not judged: the chains are not to be trusted".to_owned();
    }
    let location = fit.fitted.model.location;
    judge_plugin(&fit.variance, fit.plugin.at_boundary, location)
}

pub(super) fn exact_record(run: &Run<'_>, exact: &ExactPosterior) -> ExactRecord {
    let moments = |(fk, role): (&ForeignKey, &Role)| match *role {
        Role::SetAside { value } => Moments::new(value, Some(0.0)),
        Role::InHierarchy(k) => {
            let mean = fk.sample.mean().unwrap_or(0.0);
            let sd = exact.alpha_variance(k, mean).map(f64::sqrt);
            Moments::new(exact.alpha_mean(k, mean), sd)
        }
    };
    let fks = run.data.fks().par_iter().zip(&run.hierarchy.roles);
    let alpha = fks.with_min_len(FEW).map(moments);
    ExactRecord {
        sigma2_fk: VarianceQuantiles::of_sigma2_fk(exact),
        alpha: PerFk::new(run.data.shared(), alpha.collect()),
    }
}
