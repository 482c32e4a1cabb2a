//! Gathers scores by foreign key, in constant memory per key.

use std::collections::HashMap;

use super::check;
use super::fault::Fault;
use super::number;
use super::problem::{InputProblem, clip};
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
        Data::new(self.fks)
    }

    /// What was gathered, with the scores if they were kept.
    ///
    /// # Errors
    ///
    /// As [`Data::new`].
    pub fn finish_with_scores(self) -> Result<(Data, Scores), Error> {
        Ok((Data::new(self.fks)?, self.scores.unwrap_or_default()))
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
        let text = std::str::from_utf8(name).map_err(|_| InputProblem::NotUtf8 {
            text: clip(&String::from_utf8_lossy(name)),
        })?;
        if text.trim().is_empty() {
            return Err(InputProblem::BlankFk);
        }
        let slot = self.fks.len();
        let sample = Sample::Scores(FkStats::default());
        self.fks.push(ForeignKey {
            name: text.to_owned(),
            sample,
        });
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
        match self.fks.get_mut(slot).map(|fk| &mut fk.sample) {
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
        let Some(fk) = self.fks.get_mut(slot) else {
            return Ok(());
        };
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
        check::samples(&self.fks)
    }
}

fn is_empty(sample: &Sample) -> bool {
    matches!(sample, Sample::Scores(stats) if stats.n() == 0)
}
