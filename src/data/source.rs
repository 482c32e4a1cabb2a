//! Where scores come from, and how an input is opened.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::fault::Fault;
use super::format::{Format, HEAD, bom_length};
use super::problem::InputProblem;
use crate::error::Error;

/// Where scores are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file (or a pipe with a name).
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

impl From<PathBuf> for Source {
    /// `-` is standard input; a file of that name is `./-`.
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            Self::Stdin
        } else {
            Self::Path(path)
        }
    }
}

impl From<OsString> for Source {
    fn from(name: OsString) -> Self {
        PathBuf::from(name).into()
    }
}

impl From<&str> for Source {
    fn from(name: &str) -> Self {
        PathBuf::from(name).into()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

/// An input whose format is known, to be read from its beginning.
pub(super) struct Opened {
    pub(super) format: Format,
    head: Vec<u8>,
    rest: Rest,
}

/// What follows the head.
enum Rest {
    /// A regular file, which can be read in any order.
    File(File),
    /// A pipe, which cannot.
    Stream(Box<dyn Read + Send>),
}

impl Source {
    /// Opens the input and tells its format from its first bytes.
    pub(super) fn open(&self) -> Result<Opened, Fault> {
        let mut rest = match self {
            Self::Stdin => Rest::Stream(Box::new(io::stdin())),
            Self::Path(path) => {
                let file = File::open(path).map_err(unreadable)?;
                let kind = file.metadata().map_err(unreadable)?;
                if kind.is_dir() {
                    return Err(InputProblem::IsDirectory.into());
                }
                if kind.is_file() {
                    Rest::File(file)
                } else {
                    Rest::Stream(Box::new(file))
                }
            }
        };
        let mut head = Vec::with_capacity(HEAD);
        match &mut rest {
            Rest::File(file) => file.take(HEAD as u64).read_to_end(&mut head),
            Rest::Stream(stream) => stream.take(HEAD as u64).read_to_end(&mut head),
        }
        .map_err(unreadable)?;
        Ok(Opened {
            format: Format::sniff(&head)?,
            head,
            rest,
        })
    }
}

impl Opened {
    /// The whole input in order, for formats that need no more.
    pub(super) fn into_stream(self) -> Box<dyn Read + Send> {
        let head = Cursor::new(self.head);
        match self.rest {
            Rest::File(file) => Box::new(head.chain(file)),
            Rest::Stream(stream) => Box::new(head.chain(stream)),
        }
    }

    /// Its bytes, where they are known before it is read.
    pub(super) fn length(&self) -> Option<u64> {
        match &self.rest {
            Rest::File(file) => file.metadata().ok().map(|found| found.len()),
            Rest::Stream(_) => None,
        }
    }

    /// The text after its byte-order mark.
    pub(super) fn into_text(mut self) -> Box<dyn Read + Send> {
        self.head.drain(..bom_length(&self.head));
        self.into_stream()
    }

    /// The whole input as a file that can be read in any order; a pipe is spooled to an unnamed
    /// temporary file, which the system removes by itself.
    pub(super) fn into_file(self) -> Result<File, Error> {
        let mut file = match self.rest {
            Rest::File(file) => file,
            Rest::Stream(stream) => {
                let spooled = tempfile::tempfile().and_then(|mut file| {
                    io::copy(&mut Cursor::new(self.head).chain(stream), &mut file)?;
                    Ok(file)
                });
                spooled.map_err(|e| {
                    Error::Internal(format!("cannot spool the input to a temporary file: {e}"))
                })?
            }
        };
        file.seek(SeekFrom::Start(0))
            .map_err(|e| Error::Internal(format!("cannot rewind the input: {e}")))?;
        Ok(file)
    }
}

/// What the system's refusal to open or read means to the user.
pub(super) fn unreadable(error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => InputProblem::NotFound,
        io::ErrorKind::PermissionDenied => InputProblem::PermissionDenied,
        io::ErrorKind::IsADirectory => InputProblem::IsDirectory,
        _ => InputProblem::Unreadable(error),
    }
    .into()
}
