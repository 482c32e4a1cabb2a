//! Rows of aggregated scores that were read by themselves, and are taken in order.

use super::Sample;
use super::aggregated::Wrong;
use super::layout::StatsColumns;

/// What the rows of a block state.
#[derive(Debug, Default)]
pub(super) struct Stated {
    /// Tasks and FKs, one behind the other.
    names: Vec<u8>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    line: u64,
    /// Where in the names its task ends and its FK begins, and where that ends.
    ends: (usize, usize),
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
            line,
            ends: (task_end, self.names.len()),
            sample: columns.sample(cell).map_err(Box::new),
        });
    }

    /// The rows, in order.
    pub(super) fn each(&mut self) -> impl Iterator<Item = StatedRow<'_>> {
        let names = &self.names;
        let mut start = 0;
        self.rows.drain(..).map(move |row| {
            let (task_end, end) = row.ends;
            let name = |from: usize, to: usize| names.get(from..to).unwrap_or_default();
            let (task, fk) = (name(start, task_end), name(task_end, end));
            start = end;
            StatedRow {
                line: row.line,
                task,
                fk,
                sample: row.sample.map_err(|wrong| *wrong),
            }
        })
    }
}
