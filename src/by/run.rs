//! All tasks, on all cores, handed on in input order.

use super::record::{TaskFits, TaskRecord, Totals};
use super::task::{TaskFit, fit};
use crate::Error;
use crate::data::Tasks;
use crate::fit::{Fitter, SamplerRecord};
use crate::sampler::{SamplerKind, SamplerSettings};
use crate::threads::pool;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Takes tasks in input order as they are fitted; an error ends the run.
pub trait TaskSink: Send {
    /// Takes one task.
    ///
    /// # Errors
    /// If it cannot be stored.
    fn take(&mut self, fitted: &TaskFit) -> Result<(), Error>;

    /// Whether draws are wanted too.
    fn wants_draws(&self) -> bool {
        false
    }
}

impl<F: FnMut(&TaskFit) -> Result<(), Error> + Send> TaskSink for F {
    fn take(&mut self, fitted: &TaskFit) -> Result<(), Error> {
        self(fitted)
    }
}

/// Fits every task with `fitter`, on its threads, and hands each to `sink`; `progress` counts tasks.
///
/// A task that cannot be fitted does not hold up the others: its record says why. With
/// [`SamplerKind::Exact`] figures come from the exact posterior itself, not from draws through it.
///
/// # Errors
/// If settings make no sense, no task at all could be fitted, or the sink fails.
pub fn fit_tasks(
    fitter: &Fitter,
    tasks: &Tasks,
    sink: &mut impl TaskSink,
    progress: &AtomicU64,
) -> Result<TaskFits, Error> {
    check(fitter)?;
    let started = Instant::now();
    let pool = pool(fitter.threads)?;
    let run = Run {
        fitter,
        tasks,
        with_draws: sink.wants_draws(),
        progress,
    };
    let records = pool.install(|| run.all(sink))?;
    refuse_if_all_failed(&records)?;
    Ok(TaskFits {
        model: fitter.model.clone(),
        sampler: SamplerRecord {
            settings: fitter.sampler.clone(),
            seconds: Some(started.elapsed().as_secs_f64()),
        },
        totals: Totals::of(&records),
        tasks: records,
        table: None,
        draws_file: None,
    })
}

fn check(fitter: &Fitter) -> Result<(), Error> {
    fitter.sampler.validate()?;
    if fitter.sampler.kind == SamplerKind::Exact && !fitter.exact {
        return Err(Error::Setting {
            setting: "--no-exact".into(),
            problem: "leaves --sampler exact nothing to take its figures from; drop one of them"
                .into(),
        });
    }
    Ok(())
}

fn refuse_if_all_failed(records: &[TaskRecord]) -> Result<(), Error> {
    let first = records
        .first()
        .and_then(|first| Some((first, first.error.as_ref()?)));
    match first {
        Some((first, error)) if records.iter().all(|record| record.error.is_some()) => {
            Err(Error::Unfit(match records.len() {
                1 => format!("the only task, '{}', cannot be fitted: {error}", first.task),
                all => format!(
                    "none of the {all} tasks can be fitted; the first, '{}': {error}",
                    first.task
                ),
            }))
        }
        _ => Ok(()),
    }
}

/// Numbers that the results of the tasks in work may hold (64 MiB).
const HELD: u64 = 8 << 20;
/// Tasks in work at most: by then the others have long had enough to do while one is waited for.
const MOST: usize = 4096;
/// Numbers that a row holds, about.
const ROW: u64 = 16;

#[derive(Clone, Copy)]
struct Run<'a> {
    fitter: &'a Fitter,
    tasks: &'a Tasks,
    with_draws: bool,
    progress: &'a AtomicU64,
}

impl Run<'_> {
    /// A few tasks at a time are fitted while those before them are stored.
    fn all(self, sink: &mut impl TaskSink) -> Result<Vec<TaskRecord>, Error> {
        let mut records = Vec::with_capacity(self.tasks.len());
        let mut done: Vec<TaskFit> = Vec::new();
        let mut next = 0;
        while next < self.tasks.len() || !done.is_empty() {
            let now = self.some(next);
            next = now.end;
            let before = std::mem::take(&mut done);
            let (fitted, stored) =
                rayon::join(|| self.fit(now), || store(before, sink, &mut records));
            stored?;
            done = fitted?;
        }
        Ok(records)
    }

    fn fit(self, tasks: Range<usize>) -> Result<Vec<TaskFit>, Error> {
        let one = |task| {
            let fitted = fit(self.fitter, self.tasks, task, self.with_draws);
            self.progress.fetch_add(1, Ordering::Relaxed);
            fitted
        };
        tasks.into_par_iter().with_max_len(1).map(one).collect()
    }

    /// The tasks from `first` on that are fitted together: as many as their results may take room, but
    /// enough for all threads.
    fn some(self, first: usize) -> Range<usize> {
        let threads = rayon::current_num_threads();
        let mut held = 0;
        let mut end = first;
        while end < self.tasks.len() && end - first < MOST {
            held += self.room(end);
            if held > HELD && end - first >= threads {
                break;
            }
            end += 1;
        }
        first..end
    }

    /// Numbers that the result of a task holds.
    fn room(self, task: usize) -> u64 {
        let fks = self.tasks.fks(task).len() as u64;
        let draws = if self.with_draws {
            kept(&self.fitter.sampler)
        } else {
            0
        };
        fks.saturating_mul(draws.saturating_add(ROW))
    }
}

fn kept(settings: &SamplerSettings) -> u64 {
    u64::from(settings.chains).saturating_mul(u64::from(settings.draws))
}

fn store(
    done: Vec<TaskFit>,
    sink: &mut impl TaskSink,
    records: &mut Vec<TaskRecord>,
) -> Result<(), Error> {
    for fitted in done {
        sink.take(&fitted)?;
        records.push(fitted.record);
    }
    Ok(())
}
