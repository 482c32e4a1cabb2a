//! Rows of aggregated scores that were read by themselves, and are taken in order.

use super::Sample;
use super::aggregated::Wrong;
use super::collect::Collector;
use super::layout::StatsColumns;
use super::name::Name;
use super::names::{NameHash, checked};
use super::problem::InputProblem;
use std::sync::Arc;

/// What the rows of a block state, with all that does not depend on the blocks before.
#[derive(Debug)]
pub(super) struct Stated {
    /// Names of FKs, one behind the other.
    names: String,
    /// Those of tasks, as they came.
    tasks: Vec<u8>,
    rows: Vec<Row>,
    /// Bytes of the block.
    bytes: usize,
    hash_of: NameHash,
}

/// No row has fewer: three values with what stands between them.
const FEWEST_BYTES: f64 = 6.0;
/// Rows that are expected at most, as a long text need not go on as it begins.
const MOST_EXPECTED: usize = 1 << 22;

#[derive(Debug)]
struct Row {
    line: u32,
    /// Where the name of its task ends: a block is short.
    task_end: u32,
    /// Where the name of its FK ends, which is none where that is wrong.
    name_end: u32,
    hash: u32,
    /// What is wrong is rare, and large.
    sample: Result<Sample, Box<Wrong>>,
}

/// One row.
pub(super) struct StatedRow<'a> {
    /// In its block, from 1.
    pub(super) line: u64,
    /// Empty where there are no tasks.
    pub(super) task: &'a [u8],
    /// Its FK, if nothing is wrong with that, and what is said of it.
    pub(super) stated: Result<(StatedFk<'a>, Result<Sample, Wrong>), Wrong>,
}

/// The FK of a row.
pub(super) struct StatedFk<'a> {
    names: &'a Arc<str>,
    part: (u32, u32),
    hash: u32,
}

impl StatedFk<'_> {
    /// Its name, whose text those of the others of its block share.
    pub(super) fn name(&self) -> Name {
        let (from, to) = self.part;
        Name::part_of(self.names, from, to)
    }

    /// The hash of its name.
    pub(super) fn hash(&self) -> u32 {
        self.hash
    }

    /// Its slot, of the current task if there are tasks.
    pub(super) fn slot(&self, out: &mut Collector) -> usize {
        let (from, to) = self.part;
        let name = self.names.get(from as usize..to as usize).unwrap_or("");
        out.slot_by(self.hash, name)
    }
}

impl Stated {
    /// Nothing yet, with room for what a text of so many bytes and lines may state: memory that is not needed
    /// is not touched, while to grow is to touch more of it each time.
    pub(super) fn with_room(bytes: usize, lines: usize, hash_of: NameHash) -> Self {
        Self {
            names: String::with_capacity(bytes),
            tasks: Vec::new(),
            rows: Vec::with_capacity(lines),
            bytes,
            hash_of,
        }
    }

    /// Takes a row, whose cells are looked up by column.
    pub(super) fn push<'c>(
        &mut self,
        line: u64,
        task: Option<usize>,
        columns: &StatsColumns,
        cell: impl Fn(usize) -> &'c [u8],
    ) {
        self.tasks.extend(task.map_or(&[][..], &cell));
        let name = checked(cell(columns.fk), || InputProblem::BlankFk);
        let stated = name.map_err(|problem| (columns.fk, problem));
        let sample = stated.and_then(|name| {
            self.names.push_str(name);
            columns.sample(&cell)
        });
        self.rows.push(Row {
            line: line as u32,
            task_end: self.tasks.len() as u32,
            name_end: self.names.len() as u32,
            hash: self.hash_of.hash(cell(columns.fk)),
            sample: sample.map_err(Box::new),
        });
    }

    /// How many rows a text of so many bytes has if it is like this one, and some more.
    pub(super) fn rows_in(&self, bytes: u64) -> usize {
        let each = self.bytes as f64 / self.rows.len().max(1) as f64;
        let rows = 1.1 * bytes as f64 / each.max(FEWEST_BYTES);
        (rows as usize).min(MOST_EXPECTED)
    }

    /// Hands the rows to `take`, in order.
    pub(super) fn each<E>(
        self,
        mut take: impl FnMut(StatedRow<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let names: Arc<str> = self.names.into();
        let (mut task_start, mut name_start) = (0, 0);
        for row in self.rows {
            let task = self.tasks.get(task_start..row.task_end as usize);
            let part = (name_start, row.name_end);
            (task_start, name_start) = (row.task_end as usize, row.name_end);
            let fk = StatedFk {
                names: &names,
                part,
                hash: row.hash,
            };
            let stated = match row.sample.map_err(|wrong| *wrong) {
                Err(wrong) if part.0 == part.1 => Err(wrong),
                sample => Ok((fk, sample)),
            };
            take(StatedRow {
                line: row.line.into(),
                task: task.unwrap_or_default(),
                stated,
            })?;
        }
        Ok(())
    }
}
