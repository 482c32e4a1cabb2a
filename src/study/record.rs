//! What a study found.

use super::grid::{Cell, Design};
use super::settings::{Engine, Settings};
use crate::model::{Hyperprior, Importance, Location};
use serde::{Deserialize, Serialize};

/// A study: its model and settings, and one record per cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Study {
    /// The model.
    pub model: StudyModel,
    /// The true σ²_FK, which is the unit.
    pub sigma2_fk: f64,
    /// How the full posterior was found.
    pub engine: Engine,
    /// Seed of the random numbers; null where nothing is random.
    pub seed: Option<u64>,
    /// The cells, by n, then λ, then K.
    pub cells: Vec<CellRecord>,
}

/// The model of every cell, spelled as in model files but for what cells have of their own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StudyModel {
    /// Prior of σ²_FK; null where every cell has its own default.
    pub hyperprior: Option<Hyperprior>,
    /// The noise of one score: λ, known.
    pub noise: &'static str,
    /// Law of the importances.
    pub importance: Importance,
    /// Their centre.
    pub location: Location,
}

impl Study {
    pub(super) fn new(settings: &Settings, cells: Vec<CellRecord>) -> Self {
        Self {
            model: StudyModel {
                hyperprior: settings.hyperprior,
                noise: "known=lambda",
                importance: Importance::Normal,
                location: Location::Zero,
            },
            sigma2_fk: 1.0,
            engine: settings.engine,
            seed: (settings.engine != Engine::ExactExpectation).then_some(settings.seed),
            cells,
        }
    }
}

/// What was found in one cell; every figure that does not exist, or that the engine does not give, is
/// `None`. Averages are over FKs and replicates, intervals are of 90 %, `_mcse` is a Monte-Carlo
/// standard error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellRecord {
    /// Number of FKs.
    pub k: usize,
    /// Scores per FK: a number, or text like `5:20:80`.
    pub n: Design,
    /// λ = σ²_obs/σ²_FK, and so σ²_obs.
    pub lambda: f64,
    /// Simulated data sets.
    pub replicates: Option<u32>,
    /// Mean of the full posterior variance over the plug-in's, where the latter is not 0. Where the
    /// plug-in comes near 0 often its expectation is infinite, and the quantiles say more.
    pub ratio_mean: Option<f64>,
    /// Share of data sets with σ̂²_FK = 0.
    pub boundary_share: Option<f64>,
    /// Coverage of the plug-in's interval; [0, 0] at the boundary is a miss.
    pub coverage_plugin: Option<f64>,
    /// Coverage of the normal interval of the posterior mean and the second-order variance, over the
    /// data sets that have one.
    pub coverage_corrected: Option<f64>,
    /// Coverage of the full posterior's interval.
    pub coverage_full: Option<f64>,
    /// Mean width of the plug-in's intervals, in units of σ_FK.
    pub width_plugin: Option<f64>,
    /// The same of the full posterior, from at most 200 data sets.
    pub width_full: Option<f64>,
    /// E(α_k - estimate)² of the plug-in's means over V_k(1), the risk of knowing σ²_FK.
    pub risk_plugin: Option<f64>,
    /// The same of the posterior means.
    pub risk_full: Option<f64>,
    /// K (E Var(α_k | y)/V_k(1) - 1), averaged over FKs.
    pub k_excess: Option<f64>,
    /// Its Monte-Carlo error; 0 by integration.
    pub k_excess_mcse: Option<f64>,
    /// The limit of `k_excess` as K grows, averaged over FKs.
    pub c: Option<f64>,
    /// The hyperprior in force.
    pub hyperprior: Hyperprior,
    /// Coverage of the normal interval of the full posterior's mean and variance.
    pub coverage_normal: Option<f64>,
    /// 5 % quantile of the ratios, over FKs and data sets.
    pub ratio_q5: Option<f64>,
    /// Median of the ratios.
    pub ratio_q50: Option<f64>,
    /// 95 % quantile of the ratios.
    pub ratio_q95: Option<f64>,
    /// Of `ratio_mean`; none once the boundary was met, as the ratio has no variance then.
    pub ratio_mean_mcse: Option<f64>,
    /// Of `boundary_share`.
    pub boundary_share_mcse: Option<f64>,
    /// Of `coverage_plugin`.
    pub coverage_plugin_mcse: Option<f64>,
    /// Of `coverage_corrected`.
    pub coverage_corrected_mcse: Option<f64>,
    /// Of `coverage_full`.
    pub coverage_full_mcse: Option<f64>,
    /// Of `coverage_normal`.
    pub coverage_normal_mcse: Option<f64>,
    /// Of `width_plugin`.
    pub width_plugin_mcse: Option<f64>,
    /// Of `width_full`.
    pub width_full_mcse: Option<f64>,
    /// Of `risk_plugin`.
    pub risk_plugin_mcse: Option<f64>,
    /// Of `risk_full`.
    pub risk_full_mcse: Option<f64>,
    /// The excess by number of scores, the largest first.
    pub by_n: Vec<ShareRecord>,
}

/// The excess of the FKs with one number of scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShareRecord {
    /// Number of scores.
    pub n: u64,
    /// Number of FKs that have it.
    pub fks: usize,
    /// K (E Var(α_k | y)/V_k(1) - 1) of these.
    pub k_excess: Option<f64>,
    /// Its Monte-Carlo error.
    pub k_excess_mcse: Option<f64>,
    /// Its limit c_k.
    pub c: Option<f64>,
}

impl CellRecord {
    /// A record without figures.
    pub(super) fn empty(cell: &Cell, hyperprior: Hyperprior) -> Self {
        Self {
            k: cell.k,
            n: cell.n.clone(),
            lambda: cell.lambda,
            replicates: None,
            ratio_mean: None,
            boundary_share: None,
            coverage_plugin: None,
            coverage_corrected: None,
            coverage_full: None,
            width_plugin: None,
            width_full: None,
            risk_plugin: None,
            risk_full: None,
            k_excess: None,
            k_excess_mcse: None,
            c: None,
            hyperprior,
            coverage_normal: None,
            ratio_q5: None,
            ratio_q50: None,
            ratio_q95: None,
            ratio_mean_mcse: None,
            boundary_share_mcse: None,
            coverage_plugin_mcse: None,
            coverage_corrected_mcse: None,
            coverage_full_mcse: None,
            coverage_normal_mcse: None,
            width_plugin_mcse: None,
            width_full_mcse: None,
            risk_plugin_mcse: None,
            risk_full_mcse: None,
            by_n: Vec::new(),
        }
    }

    /// The cell that it is about.
    #[must_use]
    pub fn cell(&self) -> Cell {
        Cell {
            k: self.k,
            n: self.n.clone(),
            lambda: self.lambda,
        }
    }

    /// Every estimated figure under its name, in the order of the JSON.
    #[must_use]
    pub fn figures(&self) -> Vec<(&'static str, Option<f64>)> {
        vec![
            ("ratio_mean", self.ratio_mean),
            ("boundary_share", self.boundary_share),
            ("coverage_plugin", self.coverage_plugin),
            ("coverage_corrected", self.coverage_corrected),
            ("coverage_full", self.coverage_full),
            ("width_plugin", self.width_plugin),
            ("width_full", self.width_full),
            ("risk_plugin", self.risk_plugin),
            ("risk_full", self.risk_full),
            ("k_excess", self.k_excess),
            ("k_excess_mcse", self.k_excess_mcse),
            ("c", self.c),
            ("coverage_normal", self.coverage_normal),
            ("ratio_q5", self.ratio_q5),
            ("ratio_q50", self.ratio_q50),
            ("ratio_q95", self.ratio_q95),
            ("ratio_mean_mcse", self.ratio_mean_mcse),
            ("boundary_share_mcse", self.boundary_share_mcse),
            ("coverage_plugin_mcse", self.coverage_plugin_mcse),
            ("coverage_corrected_mcse", self.coverage_corrected_mcse),
            ("coverage_full_mcse", self.coverage_full_mcse),
            ("coverage_normal_mcse", self.coverage_normal_mcse),
            ("width_plugin_mcse", self.width_plugin_mcse),
            ("width_full_mcse", self.width_full_mcse),
            ("risk_plugin_mcse", self.risk_plugin_mcse),
            ("risk_full_mcse", self.risk_full_mcse),
        ]
    }
}
