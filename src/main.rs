//! The command `fkbayes`: parses its arguments, runs, and ends with an exit code.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    fkbayes::cli::main()
}
