//! Exit codes.

use super::output::say_error;
use crate::Error;
use std::io;
use std::process::ExitCode;

/// How a subcommand ended without error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// Ended early, with what there is.
    Interrupted,
    /// `--strict` was given and the draws are not to be trusted.
    NotTrusted,
    /// What was to be found out is that something fails here.
    Failed,
}

/// Why a subcommand could not do its work.
#[derive(Debug)]
pub(super) enum Failure {
    Library(Error),
    /// Writing the answer failed.
    Stdout(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

pub(super) fn code(result: Result<Outcome, Failure>) -> ExitCode {
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Interrupted) => ExitCode::from(1),
        Ok(Outcome::NotTrusted) => ExitCode::from(3),
        Ok(Outcome::Failed) => ExitCode::from(1),
        // Whoever reads the answer has seen enough.
        Err(Failure::Stdout(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(Failure::Stdout(error)) => complain(&format!("cannot write the answer: {error}"), 1),
        Err(Failure::Library(error)) => complain(
            &error.to_string(),
            if error.is_callers_fault() { 2 } else { 1 },
        ),
    }
}

/// What clap has to say: help and version are answers, everything else is a wrong command line.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    // There is nowhere left to report a failure to print.
    let _ = error.print();
    if error.use_stderr() {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}

fn complain(message: &str, code: u8) -> ExitCode {
    say_error(message);
    ExitCode::from(code)
}
