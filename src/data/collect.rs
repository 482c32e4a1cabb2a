//! Gathers scores by foreign key, in constant memory per key.

use super::check;
use super::fault::Fault;
use super::names::Names;
use super::number;
use super::problem::InputProblem;
use super::tasks::{TaskIndex, Tasks};
use super::{Data, FkStats, ForeignKey, Sample, Scores};
use crate::Error;

/// Builds [`Data`] from scores as they come; FKs keep the order in which they were first seen.
///
/// ```
/// use fkbayes::data::Collector;
/// let mut scores = Collector::default();
/// scores.observe("orders.customer_id", 0.25)?;
/// scores.observe("orders.customer_id", 0.75)?;
/// assert_eq!(scores.finish()?.fks().len(), 1);
/// # Ok::<(), fkbayes::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Collector {
    fks: Names,
    /// What was observed, by slot. Without tasks the slot of an FK is its number.
    samples: Vec<Sample>,
    /// Which slot is whose, where rows belong to tasks.
    tasks: Option<TaskIndex>,
    /// The scores themselves, where they are wanted.
    scores: Option<Scores>,
}

impl Collector {
    /// A collector that keeps the scores beside their statistics, for
    /// [`finish_with_scores`](Self::finish_with_scores).
    #[must_use]
    pub fn keeping_scores() -> Self {
        Self {
            scores: Some(Scores::default()),
            ..Self::default()
        }
    }

    /// A collector that keeps tasks apart: every row is announced by [`enter`](Self::enter).
    pub(super) fn by_task() -> Self {
        Self {
            tasks: Some(TaskIndex::default()),
            ..Self::default()
        }
    }

    /// Takes one score into account.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the name is blank or the score is not finite or out of range.
    pub fn observe(&mut self, fk: &str, score: f64) -> Result<(), Error> {
        let observed = self.slot(fk.as_bytes()).and_then(|slot| {
            number::check_score(score).and_then(|score| self.observe_at(slot, score))
        });
        observed.map_err(|problem| Fault::from(problem).fk(fk).in_file("scores".to_owned()))
    }

    /// Takes a sample of an FK into account; scores of an FK already seen are merged.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the name is blank, or if the FK has an estimate already.
    pub fn insert(&mut self, fk: &ForeignKey) -> Result<(), Error> {
        let added = self
            .slot(fk.name.as_bytes())
            .and_then(|slot| self.add(slot, fk.sample));
        added.map_err(|problem| {
            Fault::from(problem)
                .fk(&fk.name)
                .in_file("scores".to_owned())
        })
    }

    /// What was gathered.
    ///
    /// # Errors
    ///
    /// As [`Data::new`].
    pub fn finish(self) -> Result<Data, Error> {
        Ok(self.finish_with_scores()?.0)
    }

    /// What was gathered, with the scores if they were kept.
    ///
    /// # Errors
    ///
    /// As [`Data::new`].
    pub fn finish_with_scores(self) -> Result<(Data, Scores), Error> {
        let named = self.fks.into_texts().into_iter().zip(self.samples);
        let fks = named.map(|(name, sample)| ForeignKey { name, sample });
        Ok((Data::new(fks.collect())?, self.scores.unwrap_or_default()))
    }

    /// What was gathered, task by task.
    pub(super) fn finish_tasks(self) -> Tasks {
        let tasks = self.tasks.unwrap_or_default();
        tasks.finish(self.fks, self.samples)
    }

    /// The rows that follow are of this task; without tasks it makes no difference.
    pub(super) fn enter(&mut self, task: &[u8]) -> Result<(), InputProblem> {
        match &mut self.tasks {
            Some(tasks) => tasks.enter(task),
            None => Ok(()),
        }
    }

    /// The slot of an FK, of the current task if there are tasks; it is a new one if the FK was not seen
    /// before.
    pub(super) fn slot(&mut self, name: &[u8]) -> Result<usize, InputProblem> {
        let fk = self.fks.number(name, InputProblem::BlankFk)?;
        let slot = match &mut self.tasks {
            Some(tasks) => tasks.slot(fk),
            None => fk,
        };
        if slot == self.samples.len() {
            self.samples.push(Sample::Scores(FkStats::default()));
            if let Some(scores) = &mut self.scores {
                scores.add_fk();
            }
        }
        Ok(slot)
    }

    /// The name of the FK in a slot.
    pub(super) fn name(&self, slot: usize) -> &str {
        let fk = self.tasks.as_ref().map_or(slot, |tasks| tasks.fk(slot));
        self.fks.text(fk)
    }

    /// Takes one score, already checked, into account.
    pub(super) fn observe_at(&mut self, slot: usize, score: f64) -> Result<(), InputProblem> {
        match self.samples.get_mut(slot) {
            Some(Sample::Scores(stats)) => {
                stats.observe(score);
                if let Some(scores) = &mut self.scores {
                    scores.observe(slot, score);
                }
                Ok(())
            }
            _ => Err(InputProblem::NotMergeable),
        }
    }

    /// Takes a sample into account: scores merge, estimates stand alone.
    pub(super) fn add(&mut self, slot: usize, sample: Sample) -> Result<(), InputProblem> {
        let Some(held) = self.samples.get_mut(slot) else {
            return Ok(());
        };
        if let Some(scores) = self.scores.as_mut().filter(|_| !is_empty(&sample)) {
            scores.lose(slot);
        }
        match (held, sample) {
            (Sample::Scores(stats), Sample::Scores(more)) => stats.merge(&more),
            (_, Sample::Scores(none)) if none.n() == 0 => {}
            (held @ Sample::Scores(_), sample) if is_empty(held) => *held = sample,
            _ => return Err(InputProblem::NotMergeable),
        }
        Ok(())
    }

    /// Checks what was gathered so far, so that a problem is told of the input that brought it.
    /// What is wrong with one task is told of it alone, later.
    pub(super) fn check(&self) -> Result<(), Fault> {
        match self.tasks {
            Some(_) => Ok(()),
            None => check::samples(self.fks.texts().zip(&self.samples)),
        }
    }
}

fn is_empty(sample: &Sample) -> bool {
    matches!(sample, Sample::Scores(stats) if stats.n() == 0)
}
