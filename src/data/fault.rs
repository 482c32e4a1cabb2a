//! A problem and its place within one input, before the input's name is known.

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
    /// Adds the line of a text, or the row of a columnar file, from 1.
    pub(super) fn line(mut self, line: u64) -> Self {
        self.place.line = Some(line);
        self
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

    /// The error, now that the input's name is known.
    pub(super) fn in_file(self, file: String) -> Error {
        Error::Input {
            file,
            place: self.place,
            problem: self.problem,
        }
    }
}
