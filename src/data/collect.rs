//! Gathers scores by foreign key, in constant memory per key.

use super::check;
use super::fault::Fault;
use super::name::Name;
use super::names::{NameHash, NameIndex, Names};
use super::number;
use super::part::Part;
use super::problem::InputProblem;
use super::run::Run;
use super::tasks::{TaskIndex, Tasks};
use super::{Data, FkStats, ForeignKey, Sample, Scores};
use crate::Error;
use rayon::prelude::*;
use std::sync::Arc;

/// FKs that one thread puts together faster than two.
const FEW: usize = 1 << 13;

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
    /// The last scores of each that has any, not yet merged into its sample; by slot, as far as there are any.
    runs: Vec<Run>,
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
        let checked = self.check();
        checked.map_err(|fault| fault.in_file("scores".to_owned()))?;
        self.finish_checked()
    }

    /// The same once all was [checked](Self::check).
    pub(super) fn finish_checked(mut self) -> Result<(Data, Scores), Error> {
        self.merge_runs();
        let (names, index) = self.fks.into_texts();
        let named = names.into_par_iter().zip(self.samples);
        let fks = named.with_min_len(FEW);
        let fks = fks.map(|(name, sample)| ForeignKey { name, sample });
        Ok((
            Data::of_checked(Arc::new(fks.collect()), index)?,
            self.scores.unwrap_or_default(),
        ))
    }

    /// What was gathered, task by task.
    pub(super) fn finish_tasks(mut self) -> Tasks {
        self.merge_runs();
        let tasks = self.tasks.unwrap_or_default();
        tasks.finish(self.fks, self.samples)
    }

    fn merge_runs(&mut self) {
        for (sample, run) in self.samples.iter_mut().zip(&mut self.runs) {
            *sample = with_run(*sample, &std::mem::take(run));
        }
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
        let fk = self.fks.number(name, || InputProblem::BlankFk)?;
        Ok(self.slot_of(fk))
    }

    /// The same for a name that was checked and hashed.
    pub(super) fn slot_by(&mut self, hash: u32, name: &str) -> usize {
        let fk = self.fks.number_by(hash, name);
        self.slot_of(fk)
    }

    /// How names of FKs are hashed.
    pub(super) fn hash_of_names(&self) -> NameHash {
        self.fks.hash_of()
    }

    /// Whether no row was taken yet, and rows do not belong to tasks.
    pub(super) fn is_new(&self) -> bool {
        self.fks.is_empty() && self.tasks.is_none()
    }

    /// Takes FKs that were told apart, and are the first.
    pub(super) fn adopt(&mut self, names: Vec<Name>, index: NameIndex, samples: Vec<Sample>) {
        self.fks = Names::with(names, index);
        self.samples = samples;
        if let Some(scores) = &mut self.scores {
            for (slot, sample) in self.samples.iter().enumerate() {
                scores.add_fk();
                if !is_empty(sample) {
                    scores.lose(slot);
                }
            }
        }
    }

    fn slot_of(&mut self, fk: u32) -> usize {
        let slot = match &mut self.tasks {
            Some(tasks) => tasks.slot(fk),
            None => fk as usize,
        };
        if slot == self.samples.len() {
            self.samples.push(Sample::Scores(FkStats::default()));
            if let Some(scores) = &mut self.scores {
                scores.add_fk();
            }
        }
        slot
    }

    /// The name of the FK in a slot.
    pub(super) fn name(&self, slot: usize) -> &str {
        let tasks = self.tasks.as_ref();
        self.fks
            .text(tasks.map_or(slot as u32, |tasks| tasks.fk(slot)))
    }

    /// Takes one score, already checked, into account.
    pub(super) fn observe_at(&mut self, slot: usize, score: f64) -> Result<(), InputProblem> {
        if !self.takes_scores(slot) {
            return Err(InputProblem::NotMergeable);
        }
        self.observe_all(&[slot], &[0], &[score]);
        Ok(())
    }

    /// Whether an FK has no estimate, with which scores could not be merged.
    fn takes_scores(&self, slot: usize) -> bool {
        matches!(self.samples.get(slot), Some(Sample::Scores(_)))
    }

    /// Takes scores into account, each of the FK whose slot has its number.
    fn observe_all(&mut self, slots: &[usize], numbers: &[u32], scores: &[f64]) {
        if !scores.is_empty() {
            self.runs.resize(self.samples.len(), Run::default());
        }
        for (&number, &score) in numbers.iter().zip(scores) {
            let Some(&slot) = slots.get(number as usize) else {
                continue;
            };
            if let Some(full) = self.runs.get_mut(slot).and_then(|run| run.observe(score))
                && let Some(Sample::Scores(stats)) = self.samples.get_mut(slot)
            {
                stats.merge(&full);
            }
        }
        if let Some(kept) = &mut self.scores {
            for (&number, &score) in numbers.iter().zip(scores) {
                if let Some(&slot) = slots.get(number as usize) {
                    kept.observe(slot, score);
                }
            }
        }
    }

    /// Takes the scores of a part into account, above which there are `before` lines; its members stay,
    /// for those that come after.
    pub(super) fn take(&mut self, part: &mut Part, before: u64) -> Result<(), Fault> {
        while let Some((task, fk, line)) = part.members.get(part.slots.len()) {
            let slot = task
                .map_or(Ok(()), |task| self.enter(task.as_bytes()))
                .and_then(|()| self.slot(fk.as_bytes()))
                .map_err(|e| Fault::from(e).line(before + line))?;
            let told_first = part.fault.as_ref().is_some_and(|f| f.stands_by(line));
            if !self.takes_scores(slot) && !told_first {
                let problem = Fault::from(InputProblem::NotMergeable);
                return Err(problem.line(before + line).fk(fk));
            }
            part.slots.push(slot);
        }
        self.observe_all(&part.slots, &part.numbers, &part.scores);
        part.numbers.clear();
        part.scores.clear();
        let fault = part.fault.take();
        fault.map_or(Ok(()), |fault| Err(fault.below(before)))
    }

    /// The same for a part whose FKs are known by their columns.
    pub(super) fn take_columns(
        &mut self,
        slots: &[usize],
        part: Part,
        before: u64,
    ) -> Result<(), Fault> {
        let refuses = |slot: &usize| !self.takes_scores(*slot);
        if slots.iter().any(refuses) {
            let used = part.numbers.iter().filter_map(|&n| slots.get(n as usize));
            if let Some(slot) = used.copied().find(refuses) {
                return Err(Fault::from(InputProblem::NotMergeable).fk(self.name(slot)));
            }
        }
        self.observe_all(slots, &part.numbers, &part.scores);
        part.fault.map_or(Ok(()), |fault| Err(fault.below(before)))
    }

    /// Takes a sample into account: scores merge, estimates stand alone.
    pub(super) fn add(&mut self, slot: usize, sample: Sample) -> Result<(), InputProblem> {
        let Some(held) = self.samples.get_mut(slot) else {
            return Ok(());
        };
        if let Some(run) = self.runs.get_mut(slot) {
            *held = with_run(*held, &std::mem::take(run));
        }
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
            None => {
                let none = Run::default();
                let runs = self.runs.iter().chain(std::iter::repeat(&none));
                let samples = self.samples.iter().zip(runs);
                let samples = samples.map(|(sample, run)| with_run(*sample, run));
                check::samples(self.fks.texts().zip(samples))
            }
        }
    }
}

/// A sample, and the scores that are not yet merged into it.
fn with_run(sample: Sample, run: &Run) -> Sample {
    match sample {
        Sample::Scores(mut stats) => {
            stats.merge(&run.stats());
            Sample::Scores(stats)
        }
        estimate => estimate,
    }
}

fn is_empty(sample: &Sample) -> bool {
    matches!(sample, Sample::Scores(stats) if stats.n() == 0)
}
