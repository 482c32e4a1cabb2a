//! `fkbayes summary`.

use super::CommandResult;
use super::output::OutputArguments;
use crate::fit::summarise_file;
use clap::Args;
use std::path::PathBuf;

/// Print the tables of a fit again, from its draws file alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  fkbayes summary draws.arrow --full
  fkbayes summary draws.arrow --format markdown > answer.md")]
pub(super) struct SummaryArguments {
    /// Draws file that `fkbayes fit` wrote.
    #[arg(value_name = "DRAWS")]
    draws: PathBuf,
    #[command(flatten)]
    output: OutputArguments,
}

/// Schema of the record in JSON.
pub(super) const SCHEMA: &str = "fkbayes.summary/1";

pub(super) fn run(arguments: &SummaryArguments) -> CommandResult {
    let fit = summarise_file(&arguments.draws)?;
    arguments.output.show(SCHEMA, &fit)
}
