//! The record of a simulation; its fields are the keys of the JSON output.

use super::draw::Simulated;
use super::files::Output;
use crate::fit::FkRecord;
use crate::model::Model;
use serde::Serialize;

/// What was simulated. Numbers that do not exist are `None`, null in JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// The model that was drawn from; common noise is known.
    pub model: Model,
    /// What was drawn.
    pub data: SimulatedData,
    /// From which parameters.
    pub truth: TruthRecord,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Where it was written.
    pub files: SimulationFiles,
}

/// The scores.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulatedData {
    /// Number of FKs.
    pub k: usize,
    /// Number of scores.
    pub n_total: u64,
    /// The FKs, in order.
    pub fks: Vec<FkRecord>,
}

/// The parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TruthRecord {
    /// σ²_FK.
    pub sigma2_fk: Option<f64>,
    /// σ²_obs, where it is common.
    pub sigma2_obs: Option<f64>,
    /// λ = σ²_obs/σ²_FK, where noise is common.
    pub lambda: Option<f64>,
    /// Centre of the importances.
    pub location: f64,
    /// d₀, where every FK has noise of its own.
    pub d0: Option<f64>,
    /// The FKs, in order.
    pub alpha: Vec<TrueAlpha>,
}

/// The parameters of one FK.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrueAlpha {
    /// The FK.
    pub fk: String,
    /// Its importance.
    pub alpha: f64,
    /// Variance of one of its scores.
    pub sigma2_obs: f64,
}

/// Where things are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulationFiles {
    /// Scores.
    pub scores: String,
    /// Truth.
    pub truth: String,
}

impl Simulation {
    /// The record of what was drawn with `seed` and written to `output`.
    #[must_use]
    pub fn new(simulated: &Simulated, seed: u64, output: &Output) -> Self {
        let (truth, stats) = (simulated.truth(), simulated.stats());
        let observed = truth.fks.iter().zip(stats).map(|(fk, stats)| FkRecord {
            fk: fk.fk.as_str().into(),
            n: Some(stats.n()),
            mean: stats.mean(),
            sd: stats.variance().map(f64::sqrt),
        });
        let shared = truth.shared;
        let ratio = shared.sigma2_obs.zip(shared.sigma2_fk);
        let alpha = truth.fks.iter().map(|fk| TrueAlpha {
            fk: fk.fk.clone(),
            alpha: fk.alpha,
            sigma2_obs: fk.sigma2_obs,
        });
        Self {
            model: simulated.model().clone(),
            data: SimulatedData {
                k: truth.fks.len(),
                n_total: simulated.n_total(),
                fks: observed.collect(),
            },
            truth: TruthRecord {
                sigma2_fk: shared.sigma2_fk,
                sigma2_obs: shared.sigma2_obs,
                lambda: ratio.map(|(obs, fk)| obs / fk),
                location: shared.location,
                d0: shared.d0,
                alpha: alpha.collect(),
            },
            seed,
            files: SimulationFiles {
                scores: output.path.display().to_string(),
                truth: output.truth_path().display().to_string(),
            },
        }
    }
}
