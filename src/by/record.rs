//! The record of a run over tasks; its fields are the keys of the JSON output.

use super::task::FkRow;
use crate::Error;
use crate::data::{Data, Tasks};
use crate::fit::{SamplerRecord, VarianceQuantiles};
use crate::model::{Hyperprior, Model, Noise};
use serde::Serialize;

/// The kind of the table, and of the JSON.
pub const SCHEMA: &str = "fkbayes.fit-by/1";

/// The kind of the file of draws.
pub(super) const DRAWS_SCHEMA: &str = "fkbayes.fit-by.draws/1";

/// What became of one task. Numbers that do not exist are `None`, null in JSON.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct TaskRecord {
    /// Its name, as the input spells it.
    pub task: String,
    /// Number of its FKs.
    pub k: usize,
    /// Number of its scores, where it is known.
    pub n_total: Option<u64>,
    /// The noise in force.
    pub noise: Option<Noise>,
    /// The hyperprior in force.
    pub hyperprior: Option<Hyperprior>,
    /// The posterior of σ²_FK.
    pub sigma2_fk: Option<VarianceQuantiles>,
    /// Whether the plug-in's estimate of it is 0.
    pub at_boundary: Option<bool>,
    /// The FK with the largest posterior mean.
    pub top_fk: Option<String>,
    /// The largest full/plug-in of its FKs.
    pub max_ratio: Option<f64>,
    /// The seed by which a fit of this task alone gives the same draws.
    pub seed: Option<u64>,
    /// Largest R-hat.
    pub max_r_hat: Option<f64>,
    /// Smallest bulk ESS.
    pub min_ess_bulk: Option<f64>,
    /// Largest deviation of the chains from the exact posterior, in standard errors.
    pub max_abs_z: Option<f64>,
    /// Whether it was fitted and nothing speaks against its chains.
    pub ok: bool,
    /// Warnings about data, model and chains, in words; the exact posterior alone gives none.
    pub warnings: Vec<String>,
    /// Why it could not be fitted.
    pub error: Option<String>,
}

impl TaskRecord {
    /// What is known before anything is fitted.
    pub(super) fn observed(task: &str, data: &Data) -> Self {
        Self {
            task: task.to_owned(),
            k: data.fks().len(),
            n_total: data.fks().iter().map(|fk| fk.sample.n()).sum(),
            ..Self::default()
        }
    }

    /// Of a task that could not be fitted.
    pub(super) fn failed(tasks: &Tasks, task: usize, error: &Error) -> Self {
        Self {
            task: tasks.name(task).to_owned(),
            k: tasks.fks(task).len(),
            n_total: tasks.fks(task).map(|(_, sample)| sample.n()).sum(),
            error: Some(error.to_string()),
            ..Self::default()
        }
    }

    /// With what the rows of its FKs come to.
    pub(super) fn fitted(self, data: &Data, rows: &[FkRow]) -> Self {
        let named = data.fks().iter().zip(rows);
        let top = named
            .filter_map(|(fk, row)| Some((fk, row.posterior_mean?)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        Self {
            top_fk: top.map(|(fk, _)| fk.name.to_string()),
            max_ratio: rows
                .iter()
                .filter_map(|row| row.ratio)
                .max_by(f64::total_cmp),
            ..self
        }
    }
}

/// What all tasks come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// Number of tasks.
    pub tasks: usize,
    /// Those that could not be fitted.
    pub failed: usize,
    /// Those whose chains are not to be trusted.
    pub not_trusted: usize,
    /// Those whose plug-in estimate of σ²_FK is 0.
    pub at_boundary: usize,
    /// Number of FKs, each counted in every task that has it.
    pub fks: usize,
    /// Number of scores, where it is known.
    pub n_total: Option<u64>,
}

/// A run over tasks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskFits {
    /// The model that was asked for: what it leaves open is settled for each task.
    pub model: Model,
    /// How draws were made.
    pub sampler: SamplerRecord,
    /// What all tasks come to.
    pub totals: Totals,
    /// Every task, in input order.
    pub tasks: Vec<TaskRecord>,
    /// Where the table of all FKs is.
    pub table: Option<String>,
    /// Where the draws are.
    pub draws_file: Option<String>,
}

impl TaskFits {
    /// Whether every task was fitted and nothing speaks against its chains.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.totals.failed + self.totals.not_trusted == 0
    }
}

impl Totals {
    /// Of these tasks.
    pub(super) fn of(tasks: &[TaskRecord]) -> Self {
        let count = |is: fn(&TaskRecord) -> bool| tasks.iter().filter(|task| is(task)).count();
        Self {
            tasks: tasks.len(),
            failed: count(|task| task.error.is_some()),
            not_trusted: count(|task| task.error.is_none() && !task.ok),
            at_boundary: count(|task| task.at_boundary == Some(true)),
            fks: tasks.iter().map(|task| task.k).sum(),
            n_total: tasks.iter().map(|task| task.n_total).sum(),
        }
    }
}
