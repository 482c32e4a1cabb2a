//! The record of a fit; its fields are the keys of the JSON output.

use crate::data::{Compact, ForeignKey, Name, PerFk, Sample};
use crate::diagnostics::ExactCheck;
use crate::draws::Incomplete;
use crate::model::Model;
use crate::numeric::{Possible, finite};
use crate::posterior::ExactPosterior;
use crate::sampler::SamplerSettings;
use crate::summary::{ParameterSummary, Parameters, RankRow, Ranks};
use crate::variance::{VarianceRow, Variances};
use serde::Serialize;

/// Model and data, with which every answer starts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fitted {
    /// The effective model: `auto` and defaults resolved.
    pub model: Model,
    /// Whether the hyperprior is the default one.
    #[serde(skip)]
    pub hyperprior_is_default: bool,
    /// How the noise model was chosen, where it was left to the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise_choice: Option<NoiseChoice>,
    /// What was fitted.
    pub data: DataRecord,
}

/// Everything that a fit tells. Numbers that do not exist are `None`, null in JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// Model and data.
    #[serde(flatten)]
    pub fitted: Fitted,
    /// How draws were made.
    pub sampler: SamplerRecord,
    /// That the run ended before its time, and what it was to give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<Incomplete>,
    /// Every parameter, in column order.
    pub parameters: Parameters,
    /// The empirical-Bayes estimate.
    pub plugin: PluginRecord,
    /// Variances of every FK's importance, in input order.
    pub variance: PerFk<Variances>,
    /// Ranks of every FK's importance, in input order.
    pub ranking: PerFk<Ranks>,
    /// What the chains are worth.
    pub diagnostics: DiagnosticsRecord,
    /// Whether the plug-in may be used here, and for which FKs not, in words.
    #[serde(skip)]
    pub plugin_verdict: String,
    /// The exact posterior.
    pub exact: Option<ExactRecord>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact_unavailable: Option<String>,
    /// What to do next, in words.
    pub next_step: Option<String>,
    /// Where the draws are.
    pub draws_file: Option<String>,
}

/// Everything that a fit tells of one FK.
#[derive(Debug, Clone, PartialEq)]
pub struct FkFigures {
    /// What was observed.
    pub observed: FkRecord,
    /// Its importance.
    pub alpha: ParameterSummary,
    /// Variances of the importance.
    pub variance: VarianceRow,
    /// Ranks of the importance.
    pub rank: RankRow,
}

impl Fit {
    /// Of the FK at a place of the input.
    #[must_use]
    pub fn fk(&self, place: usize) -> Option<FkFigures> {
        Some(FkFigures {
            observed: self.fitted.data.fks.get(place)?,
            alpha: self.parameters.importances().get(place)?,
            variance: self.variance.get(place)?,
            rank: self.ranking.get(place)?,
        })
    }

    /// FKs by their place in the input with the posterior medians of their importances, those without one
    /// as the least.
    pub(crate) fn medians(&self) -> impl Iterator<Item = (f64, usize)> + '_ {
        let medians = self.parameters.importances().both().map(|(_, alpha)| {
            let [_, median, _] = alpha.quantiles();
            median.unwrap_or(f64::NEG_INFINITY)
        });
        medians.zip(0..)
    }
}

/// How the noise model was chosen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoiseChoice {
    /// The noise model in force.
    pub chosen: String,
    /// Log Bayes factor of the alternative, where it was computed.
    pub log_bayes_factor: Option<f64>,
    /// Largest over smallest within-FK standard deviation.
    pub sd_ratio: Option<f64>,
    /// Why, in words.
    pub reason: String,
}

/// What was fitted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DataRecord {
    /// Number of FKs.
    pub k: usize,
    /// Number of scores, where it is known.
    pub n_total: Option<u64>,
    /// Pooled estimate or known value of σ²_obs; none where it is sampled or differs between FKs.
    pub sigma2_obs: Option<f64>,
    /// The FKs, in input order.
    pub fks: PerFk<Observed>,
}

/// What was observed of one FK.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FkRecord {
    /// Name.
    pub fk: Name,
    /// Number of scores.
    pub n: Option<u64>,
    /// Mean score.
    pub mean: Option<f64>,
    /// Standard deviation of the scores.
    pub sd: Option<f64>,
}

/// That all which is known of an FK is what was observed.
#[derive(Debug, Clone, Copy)]
pub struct Observed;

impl Compact for Observed {
    type Row = FkRecord;

    fn row(&self, fk: &ForeignKey) -> FkRecord {
        let sd = match fk.sample {
            Sample::Scores(stats) => stats.variance().map(f64::sqrt),
            Sample::Estimate { n, se, .. } => n.map(|n| se * (n as f64).sqrt()),
        };
        FkRecord {
            fk: fk.name.clone(),
            n: fk.sample.n(),
            mean: fk.sample.mean(),
            sd,
        }
    }
}

/// How draws were made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SamplerRecord {
    /// The settings that determine them.
    #[serde(flatten)]
    pub settings: SamplerSettings,
    /// Seconds that sampling took; none where the draws are read back.
    pub seconds: Option<f64>,
}

/// The empirical-Bayes estimate behind the plug-in formula.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PluginRecord {
    /// σ̂²_FK.
    pub sigma2_fk: f64,
    /// Its standard error.
    pub se: Option<f64>,
    /// λ̂; none at the boundary, and where noise differs between FKs.
    pub lambda: Option<f64>,
    /// How it was found.
    pub method: &'static str,
    /// Whether it is 0.
    pub at_boundary: bool,
}

/// What the chains are worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiagnosticsRecord {
    /// Whether the draws may be trusted.
    pub ok: bool,
    /// Largest R-hat.
    pub max_r_hat: Option<f64>,
    /// Smallest bulk ESS.
    pub min_ess_bulk: Option<f64>,
    /// Smallest tail ESS.
    pub min_ess_tail: Option<f64>,
    /// Chain against exact posterior.
    pub exact_check: Option<ExactCheck>,
    /// Warnings about data, model and chains, in words.
    pub warnings: Vec<String>,
}

/// The exact posterior.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExactRecord {
    /// σ²_FK.
    pub sigma2_fk: VarianceQuantiles,
    /// Every importance, in input order.
    pub alpha: PerFk<Moments>,
}

/// Moments, where they exist, and quantiles of a variance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VarianceQuantiles {
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation.
    pub sd: Option<f64>,
    /// 5 % quantile.
    pub q5: Option<f64>,
    /// Median.
    pub q50: Option<f64>,
    /// 95 % quantile.
    pub q95: Option<f64>,
}

impl VarianceQuantiles {
    /// Of σ²_FK by quadrature.
    pub(crate) fn of_sigma2_fk(exact: &ExactPosterior) -> Self {
        let moments = exact.sigma2_fk();
        let quantile = |p| finite(exact.sigma2_fk_quantile(p));
        Self {
            mean: moments.mean,
            sd: moments.sd,
            q5: quantile(0.05),
            q50: quantile(0.5),
            q95: quantile(0.95),
        }
    }
}

/// Moments of an importance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlphaMoments {
    /// The FK.
    pub fk: Name,
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation, where it exists.
    pub sd: Option<f64>,
}

/// The same without the name.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    mean: Possible,
    sd: Possible,
}

impl Moments {
    /// What is no number does not exist.
    pub(super) fn new(mean: f64, sd: Option<f64>) -> Self {
        Self {
            mean: finite(mean).into(),
            sd: sd.and_then(finite).into(),
        }
    }
}

impl Compact for Moments {
    type Row = AlphaMoments;

    fn row(&self, fk: &ForeignKey) -> AlphaMoments {
        AlphaMoments {
            fk: fk.name.clone(),
            mean: self.mean.get(),
            sd: self.sd.get(),
        }
    }
}
