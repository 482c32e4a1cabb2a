//! A stretch of an input that is read by itself, and what joins it to the rest.

use super::fault::Fault;
use super::names::{Names, Pairs};
use super::problem::InputProblem;

/// Scores of a stretch of rows, by the stretch's own numbers of FKs.
///
/// Stretches are read side by side and taken one after the other, so that all that depends on order
/// (which FK came first, how scores are summed, which fault is told) is as if they were one.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// The FKs of a table that names them row by row.
    pub(super) members: Members,
    /// Slots of those of them that were taken before.
    pub(super) slots: Vec<usize>,
    /// Number of the FK of each score.
    pub(super) numbers: Vec<u32>,
    /// The scores, checked.
    pub(super) scores: Vec<f64>,
    /// Lines of the text, or rows of the table, that the stretch has.
    pub(super) lines: u64,
    /// Rows of the table among them.
    pub(super) rows: u64,
    /// What ended the stretch early, with a line counted from its beginning.
    pub(super) fault: Option<Fault>,
}

/// The FKs of a part, each within its task where there are tasks, in the order in which they are first
/// seen.
#[derive(Debug, Default)]
pub(super) struct Members {
    fks: Names,
    tasks: Names,
    pairs: Pairs,
    /// The line where each FK stands first, and each pair.
    fk_lines: Vec<u64>,
    pair_lines: Vec<u64>,
}

impl Members {
    /// The number of an FK, which is that of a member where there are no tasks.
    #[inline]
    pub(super) fn fk(&mut self, name: &[u8], line: u64) -> Result<u32, InputProblem> {
        let number = self.fks.number(name, || InputProblem::BlankFk)?;
        if number as usize == self.fk_lines.len() {
            self.fk_lines.push(line);
        }
        Ok(number)
    }

    /// The number of a task.
    pub(super) fn task(&mut self, name: &[u8]) -> Result<u32, InputProblem> {
        self.tasks.number(name, || InputProblem::BlankTask)
    }

    /// The number of an FK within a task.
    pub(super) fn pair(&mut self, task: u32, fk: u32, line: u64) -> u32 {
        let number = self.pairs.number(task, fk);
        if number as usize == self.pair_lines.len() {
            self.pair_lines.push(line);
        }
        number
    }

    /// The name of an FK.
    pub(super) fn name(&self, fk: u32) -> &str {
        self.fks.text(fk)
    }

    /// Task and FK of a member, and the line where it stands first.
    pub(super) fn get(&self, number: usize) -> Option<(Option<&str>, &str, u64)> {
        if self.tasks.is_empty() {
            let line = self.fk_lines.get(number)?;
            return Some((None, self.name(number as u32), *line));
        }
        let (task, fk) = self.pairs.get(number)?;
        let line = self.pair_lines.get(number)?;
        Some((Some(self.tasks.text(task)), self.name(fk), *line))
    }
}
