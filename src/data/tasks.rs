//! Several prediction problems in one input: a hierarchy for each value of a column.

use super::name::Name;
use super::names::{Names, Pairs};
use super::problem::InputProblem;
use super::{Data, ForeignKey, Sample};
use crate::Error;

/// The foreign keys of several tasks, in the order in which tasks, and FKs within each, were first seen.
///
/// Names are held once, whatever the number of tasks that share them.
#[derive(Debug, Clone, PartialEq)]
pub struct Tasks {
    names: Vec<Name>,
    fks: Vec<Name>,
    /// What was observed, in order of first appearance, with the number of the FK.
    samples: Vec<(usize, Sample)>,
    /// Places in `samples`, task by task.
    order: Vec<usize>,
    /// Where each task begins in `order`, and where the last one ends.
    starts: Vec<usize>,
}

impl Tasks {
    /// Number of tasks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none, which [`read_tasks`](super::read_tasks) refuses.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of a task, as the input spells it.
    #[must_use]
    pub fn name(&self, task: usize) -> &str {
        self.names.get(task).map_or("", |name| name)
    }

    /// The FKs of a task and what was observed of them, in input order.
    pub fn fks(&self, task: usize) -> impl ExactSizeIterator<Item = (&Name, &Sample)> {
        let (from, to) = match self.starts.get(task..task + 2) {
            Some(&[from, to]) => (from, to),
            _ => (0, 0),
        };
        self.order[from..to].iter().map(|&place| {
            let (fk, sample) = &self.samples[place];
            (&self.fks[*fk], sample)
        })
    }

    /// The data of a task.
    ///
    /// # Errors
    /// As [`Data::new`].
    pub fn data(&self, task: usize) -> Result<Data, Error> {
        let fks = self.fks(task).map(|(name, sample)| ForeignKey {
            name: name.clone(),
            sample: *sample,
        });
        Data::new(fks.collect())
    }
}

/// Tells tasks apart while rows come in: which FK of which task stands in which slot of a collector.
#[derive(Debug, Clone, Default)]
pub(super) struct TaskIndex {
    names: Names,
    /// The task of the rows that come now.
    current: u32,
    /// By slot.
    members: Pairs,
}

impl TaskIndex {
    /// The rows that follow are of this task.
    pub fn enter(&mut self, task: &[u8]) -> Result<(), InputProblem> {
        self.current = self.names.number(task, || InputProblem::BlankTask)?;
        Ok(())
    }

    /// The slot of an FK of the current task, the next free one if it was not seen in it before.
    pub fn slot(&mut self, fk: u32) -> usize {
        self.members.number(self.current, fk) as usize
    }

    /// The FK in a slot.
    pub fn fk(&self, slot: usize) -> u32 {
        self.members.get(slot).map_or(0, |(_, fk)| fk)
    }

    /// The tasks, now that all rows have come.
    pub fn finish(self, fks: Names, samples: Vec<Sample>) -> Tasks {
        let (names, _) = self.names.into_texts();
        let members = self.members.list();
        let mut order: Vec<usize> = (0..members.len()).collect();
        // A stable sort: FKs keep the order in which they were first seen.
        order.sort_by_key(|&slot| members[slot].0);
        let mut starts = vec![0; names.len() + 1];
        for (task, _) in members {
            starts[*task as usize + 1] += 1;
        }
        for task in 0..names.len() {
            starts[task + 1] += starts[task];
        }
        let fk_of = members.iter().map(|(_, fk)| *fk as usize);
        Tasks {
            names,
            fks: fks.into_texts().0,
            samples: fk_of.zip(samples).collect(),
            order,
            starts,
        }
    }
}
