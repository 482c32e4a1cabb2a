//! One error type: what was wrong, where, and what to do about it.

use std::fmt;
use std::path::PathBuf;

use crate::data::InputProblem;

/// Everything that can go wrong in this crate.
///
/// [`Error::is_callers_fault`] separates what the caller can mend (input, model, settings) from what
/// failed outside (disk, permissions); the command turns the two into exit codes 2 and 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The scores could not be read or make no sense.
    #[error("{file}{place}: {problem}")]
    Input {
        /// The file's name as the user gave it; `standard input` for `-`.
        file: String,
        /// Where in the file.
        place: Place,
        /// What is wrong and what to do.
        problem: Box<InputProblem>,
    },
    /// The scores were read, but the model cannot be fitted to them.
    #[error("{0}")]
    Unfit(String),
    /// A setting (flag, model file, library argument) is out of its range.
    #[error("{setting}: {problem}")]
    Setting {
        /// The flag or key as the user spells it.
        setting: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A model file could not be read as one; the message holds line, column and caret.
    #[error("{file}: {problem}")]
    ModelFile {
        /// The file's name.
        file: String,
        /// The parser's words, with line and caret.
        problem: String,
    },
    /// A draws file is not one of ours, is damaged, or was written by an incompatible version.
    #[error("{file}: {problem}")]
    DrawsFile {
        /// The file's name.
        file: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The output would overwrite something that this program did not write.
    #[error(
        "{}: exists and is not a draws file of fkbayes; name another file with --out, or move it away",
        .0.display()
    )]
    WouldOverwrite(PathBuf),
    /// Writing failed: nothing stands under the final name.
    #[error(
        "cannot write {}: {source}; choose a directory that exists, can be written and has room",
        .path.display()
    )]
    Write {
        /// The file that was to be written.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Writing failed in the middle of a run.
    #[error("{cause}; {fate}")]
    CutShort {
        /// What failed.
        cause: Box<Error>,
        /// What became of the draws so far.
        fate: String,
    },
    /// The run was ended from outside before there was anything to show.
    #[error("interrupted {0}")]
    Interrupted(String),
    /// The sampler or the machinery around it failed for a reason outside the input.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// Whether the caller's input, model or settings are at fault (rather than the machine).
    #[must_use]
    pub fn is_callers_fault(&self) -> bool {
        match self {
            Error::Write { .. } | Error::Interrupted(_) | Error::Internal(_) => false,
            Error::CutShort { cause, .. } => cause.is_callers_fault(),
            _ => true,
        }
    }
}

/// Where in an input something was found; every part is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Line of the text file, or row of a columnar file, from 1 (the header is line 1).
    pub line: Option<u64>,
    /// Column name.
    pub column: Option<String>,
    /// Foreign key.
    pub fk: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column '{column}'")?;
        }
        if let Some(fk) = &self.fk {
            write!(f, ", FK '{fk}'")?;
        }
        Ok(())
    }
}
