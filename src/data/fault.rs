//! A problem and its place within one input, before the input's name is known.

use std::panic::{self, AssertUnwindSafe};

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

/// Runs a foreign decoder on bytes that nobody vouches for.
///
/// The Arrow and Parquet crates check most of what they read, yet a damaged file can still meet an
/// assertion of theirs: to the user that is a damaged file, not a bug of this program.
pub(super) fn decoding<T>(
    format: Format,
    decode: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Fault> {
    panic::catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
        let detail = "the decoder cannot make sense of it".to_owned();
        Err(InputProblem::Damaged { format, detail }.into())
    })
}
