//! Rows of aggregated scores that were read by themselves, and are taken in order.

use super::Sample;
use super::aggregated::Wrong;
use super::layout::StatsColumns;

/// What the rows of a block state.
#[derive(Debug)]
pub(super) struct Stated {
    /// Tasks and FKs, one behind the other.
    names: Vec<u8>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    line: u32,
    /// Where in the names its task ends and its FK begins, and where that ends: a block is short.
    ends: (u32, u32),
    /// What is wrong is rare, and large.
    sample: Result<Sample, Box<Wrong>>,
}

/// One row.
pub(super) struct StatedRow<'a> {
    /// In its block, from 1.
    pub(super) line: u64,
    /// Empty where there are no tasks.
    pub(super) task: &'a [u8],
    pub(super) fk: &'a [u8],
    pub(super) sample: Result<Sample, Wrong>,
}

impl Stated {
    /// Nothing yet, with room for what a text of so many bytes and lines may state: memory that is not needed
    /// is not touched, while to grow is to touch more of it each time.
    pub(super) fn with_room(bytes: usize, lines: usize) -> Self {
        Self {
            names: Vec::with_capacity(bytes),
            rows: Vec::with_capacity(lines),
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
        self.names.extend(task.map_or(&[][..], &cell));
        let task_end = self.names.len();
        self.names.extend(cell(columns.fk));
        self.rows.push(Row {
            line: line as u32,
            ends: (task_end as u32, self.names.len() as u32),
            sample: columns.sample(cell).map_err(Box::new),
        });
    }

    /// The rows, in order.
    pub(super) fn each(&mut self) -> impl Iterator<Item = StatedRow<'_>> {
        let names = &self.names;
        let mut start = 0;
        self.rows.drain(..).map(move |row| {
            let (task_end, end) = (row.ends.0 as usize, row.ends.1 as usize);
            let name = |from: usize, to: usize| names.get(from..to).unwrap_or_default();
            let (task, fk) = (name(start, task_end), name(task_end, end));
            start = end;
            StatedRow {
                line: row.line.into(),
                task,
                fk,
                sample: row.sample.map_err(|wrong| *wrong),
            }
        })
    }
}
