//! One task: its figures, or why it has none.

use super::record::TaskRecord;
use super::{chains, exact};
use crate::Error;
use crate::data::{Sample, Tasks};
use crate::draws::Draws;
use crate::fit::Fitter;
use crate::sampler::{SamplerKind, keyed_stream};
use rand::RngExt;

/// What a run says of one FK of a task; numbers that do not exist are `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FkRow {
    /// Number of scores.
    pub n: Option<u64>,
    /// Mean score.
    pub mean: Option<f64>,
    /// Posterior mean of the importance.
    pub posterior_mean: Option<f64>,
    /// Its posterior standard deviation.
    pub sd: Option<f64>,
    /// Its 5 % quantile.
    pub q5: Option<f64>,
    /// Its 95 % quantile.
    pub q95: Option<f64>,
    /// Its posterior variance, by the chains or the exact posterior.
    pub full: Option<f64>,
    /// What the plug-in formula claims of it.
    pub plugin: Option<f64>,
    /// full / plugin; none at the boundary.
    pub ratio: Option<f64>,
    /// R-hat of its draws.
    pub r_hat: Option<f64>,
    /// Their effective number, for the centre.
    pub ess_bulk: Option<f64>,
}

impl FkRow {
    /// What was observed, nothing more.
    pub(super) fn observed(sample: &Sample) -> Self {
        Self {
            n: sample.n(),
            mean: sample.mean(),
            ..Self::default()
        }
    }

    /// Of an FK that was set aside: its importance is that value.
    pub(super) fn set_aside(self, value: f64) -> Self {
        Self {
            posterior_mean: Some(value),
            sd: Some(0.0),
            q5: Some(value),
            q95: Some(value),
            full: Some(0.0),
            plugin: Some(0.0),
            ..self
        }
    }
}

/// What became of one task.
#[derive(Debug)]
pub struct TaskFit {
    /// The task, by its number.
    pub task: usize,
    /// The task as a whole.
    pub record: TaskRecord,
    /// Every FK, in the order of the task's data; without posterior figures where the task could not be
    /// fitted.
    pub rows: Vec<FkRow>,
    /// The draws, where they were wanted.
    pub draws: Option<Draws>,
}

/// The seed of one task: the same whatever other tasks there are.
///
/// It is below 2^53, so that any program that reads JSON keeps it whole.
///
/// ```
/// use fkbayes::by::task_seed;
/// assert_ne!(task_seed(7, "churn"), task_seed(7, "fraud"));
/// assert!(task_seed(7, "churn") < 1 << 53);
/// ```
#[must_use]
pub fn task_seed(seed: u64, task: &str) -> u64 {
    let word = |bytes: &[u8]| {
        let mut word = [0; 8];
        for (place, byte) in word.iter_mut().zip(bytes) {
            *place = *byte;
        }
        u64::from_le_bytes(word)
    };
    let mut key = vec![seed, task.len() as u64];
    key.extend(task.as_bytes().chunks(8).map(word));
    keyed_stream(&key).random::<u64>() >> 11
}

/// Fits one task on the threads of the caller's pool. What the task's data or the settings forbid is told
/// in its record; an error is what no other task would survive either.
pub(super) fn fit(
    fitter: &Fitter,
    tasks: &Tasks,
    task: usize,
    with_draws: bool,
) -> Result<TaskFit, Error> {
    let seed = task_seed(fitter.sampler.seed, tasks.name(task));
    let mut fitter = fitter.clone();
    fitter.sampler.seed = seed;
    let fitted = tasks.data(task).and_then(|data| {
        let record = TaskRecord::observed(tasks.name(task), &data);
        match fitter.sampler.kind {
            SamplerKind::Gibbs => chains::fit(&fitter, &data, record),
            SamplerKind::Exact => exact::fit(&fitter, &data, record, with_draws),
        }
    });
    match fitted {
        Ok((record, rows, draws)) => Ok(TaskFit {
            task,
            record,
            rows,
            draws: draws.filter(|_| with_draws),
        }),
        Err(error) if error.is_callers_fault() => {
            let samples = tasks.fks(task).map(|(_, sample)| sample);
            Ok(TaskFit {
                task,
                record: TaskRecord::failed(tasks, task, &error),
                rows: samples.map(FkRow::observed).collect(),
                draws: None,
            })
        }
        Err(error) => Err(error),
    }
}

/// A record, its rows, and the draws if there are any.
pub(super) type Fitted = (TaskRecord, Vec<FkRow>, Option<Draws>);
