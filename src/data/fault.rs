//! A problem and its place within one input, before the input's name is known.

use super::format::Format;
use super::problem::InputProblem;
use crate::error::{Error, Place};

/// What is wrong, and where within the input.
#[derive(Debug)]
pub(super) struct Fault {
    place: Place,
    problem: Box<InputProblem>,
}

impl From<InputProblem> for Fault {
    fn from(problem: InputProblem) -> Self {
        Self {
            place: Place::default(),
            problem: Box::new(problem),
        }
    }
}

impl Fault {
    /// What cannot be decoded, or contradicts itself.
    pub(super) fn damaged(format: Format, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        InputProblem::Damaged { format, detail }.into()
    }

    /// Adds the line of a text, or the row of a columnar file, from 1.
    pub(super) fn line(mut self, line: u64) -> Self {
        self.place.line = Some(line);
        self
    }

    /// Counts the line from further up: `lines` stand above the line that was 1.
    pub(super) fn below(mut self, lines: u64) -> Self {
        self.place.line = self.place.line.map(|line| line.saturating_add(lines));
        self
    }

    /// Whether it stands on this line, or above.
    pub(super) fn stands_by(&self, line: u64) -> bool {
        self.place.line.is_some_and(|own| own <= line)
    }

    /// Adds the column's name.
    pub(super) fn column(mut self, name: &str) -> Self {
        self.place.column = Some(name.to_owned());
        self
    }

    /// Adds the FK's name.
    pub(super) fn fk(mut self, name: &str) -> Self {
        self.place.fk = Some(name.to_owned());
        self
    }

    /// What is wrong, in words.
    pub(super) fn problem(&self) -> String {
        self.problem.to_string()
    }

    /// The error, now that the input's name is known.
    pub(super) fn in_file(self, file: String) -> Error {
        Error::Input {
            file,
            place: self.place,
            problem: self.problem,
        }
    }
}
