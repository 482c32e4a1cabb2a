//! Gathers scores by foreign key, in constant memory per key.

use std::collections::HashMap;

use super::check;
use super::fault::Fault;
use super::number;
use super::part::{Part, checked};
use super::problem::InputProblem;
use super::run::Run;
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
    fks: Vec<ForeignKey>,
    /// The last scores of each, not yet merged into its sample.
    runs: Vec<Run>,
    slots: HashMap<Vec<u8>, usize>,
    /// Rows of one FK tend to stand together: its slot is tried first.
    last: usize,
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
        Data::new(self.merged())
    }

    /// What was gathered, with the scores if they were kept.
    ///
    /// # Errors
    ///
    /// As [`Data::new`].
    pub fn finish_with_scores(mut self) -> Result<(Data, Scores), Error> {
        let scores = self.scores.take().unwrap_or_default();
        Ok((self.finish()?, scores))
    }

    fn merged(mut self) -> Vec<ForeignKey> {
        for (fk, run) in self.fks.iter_mut().zip(&self.runs) {
            fk.sample = with_run(fk.sample, run);
        }
        self.fks
    }

    /// The slot of an FK, which is a new one if the FK was not seen before.
    pub(super) fn slot(&mut self, name: &[u8]) -> Result<usize, InputProblem> {
        if self
            .fks
            .get(self.last)
            .is_some_and(|fk| fk.name.as_bytes() == name)
        {
            return Ok(self.last);
        }
        self.last = match self.slots.get(name) {
            Some(slot) => *slot,
            None => self.new_slot(name)?,
        };
        Ok(self.last)
    }

    fn new_slot(&mut self, name: &[u8]) -> Result<usize, InputProblem> {
        let text = checked(name)?;
        let slot = self.fks.len();
        let sample = Sample::Scores(FkStats::default());
        self.fks.push(ForeignKey {
            name: text.to_owned(),
            sample,
        });
        self.runs.push(Run::default());
        self.slots.insert(name.to_vec(), slot);
        if let Some(scores) = &mut self.scores {
            scores.add_fk();
        }
        Ok(slot)
    }

    /// The name of the FK in a slot.
    pub(super) fn name(&self, slot: usize) -> &str {
        self.fks.get(slot).map_or("", |fk| &fk.name)
    }

    /// Takes one score, already checked, into account.
    pub(super) fn observe_at(&mut self, slot: usize, score: f64) -> Result<(), InputProblem> {
        if !self.takes_scores(slot) {
            return Err(InputProblem::NotMergeable);
        }
        self.observe_freely(slot, score);
        Ok(())
    }

    /// Whether an FK has no estimate, with which scores could not be merged.
    pub(super) fn takes_scores(&self, slot: usize) -> bool {
        matches!(
            self.fks.get(slot),
            Some(ForeignKey {
                sample: Sample::Scores(_),
                ..
            })
        )
    }

    fn observe_freely(&mut self, slot: usize, score: f64) {
        self.observe_all(&[slot], &[0], &[score]);
    }

    /// Takes scores into account, each of the FK whose slot has its number.
    fn observe_all(&mut self, slots: &[usize], numbers: &[u32], scores: &[f64]) {
        for (&number, &score) in numbers.iter().zip(scores) {
            let Some(&slot) = slots.get(number as usize) else {
                continue;
            };
            if let Some(full) = self.runs.get_mut(slot).and_then(|run| run.observe(score))
                && let Some(Sample::Scores(stats)) = self.fks.get_mut(slot).map(|fk| &mut fk.sample)
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

    /// Takes the scores of a part into account, above which there are `before` lines; its names stay,
    /// for those that come after.
    pub(super) fn take(&mut self, part: &mut Part, before: u64) -> Result<(), Fault> {
        for (name, line) in part.names.from(part.slots.len()) {
            let slot = self
                .slot(name.as_bytes())
                .map_err(|e| Fault::from(e).line(before + line))?;
            let told_first = part.fault.as_ref().is_some_and(|f| f.stands_by(line));
            if !self.takes_scores(slot) && !told_first {
                let problem = Fault::from(InputProblem::NotMergeable);
                return Err(problem.line(before + line).fk(name));
            }
            part.slots.push(slot);
        }
        self.observe_all(&part.slots, &part.fks, &part.scores);
        part.fks.clear();
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
            let slots = part.fks.iter().filter_map(|&fk| slots.get(fk as usize));
            if let Some(&slot) = slots.copied().find(|slot| refuses(slot)).as_ref() {
                return Err(Fault::from(InputProblem::NotMergeable).fk(self.name(slot)));
            }
        }
        self.observe_all(slots, &part.fks, &part.scores);
        part.fault.map_or(Ok(()), |fault| Err(fault.below(before)))
    }

    /// Takes a sample into account: scores merge, estimates stand alone.
    pub(super) fn add(&mut self, slot: usize, sample: Sample) -> Result<(), InputProblem> {
        let (Some(fk), Some(run)) = (self.fks.get_mut(slot), self.runs.get_mut(slot)) else {
            return Ok(());
        };
        fk.sample = with_run(fk.sample, &std::mem::take(run));
        if let Some(scores) = self.scores.as_mut().filter(|_| !is_empty(&sample)) {
            scores.lose(slot);
        }
        match (&mut fk.sample, sample) {
            (Sample::Scores(stats), Sample::Scores(more)) => stats.merge(&more),
            (_, Sample::Scores(none)) if none.n() == 0 => {}
            (held @ Sample::Scores(_), sample) if is_empty(held) => *held = sample,
            _ => return Err(InputProblem::NotMergeable),
        }
        Ok(())
    }

    /// Checks what was gathered so far, so that a problem is told of the input that brought it.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let fks = self.fks.iter().zip(&self.runs);
        check::samples(fks.map(|(fk, run)| (fk.name.as_str(), with_run(fk.sample, run))))
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
