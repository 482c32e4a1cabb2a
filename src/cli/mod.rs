//! The command line: arguments become a library call, its record becomes a view.

mod calibrate;
mod compare;
mod exit;
mod fit;
mod input_arguments;
mod model;
mod model_arguments;
mod output;
mod plot;
mod progress;
mod report;
mod sampler_arguments;
mod sensitivity;
mod simulate;
mod study;
mod summary;

use clap::{Parser, Subcommand};
use exit::Outcome;
use std::process::ExitCode;

/// How important is each foreign key, how sure are we, and may the plug-in formula be trusted?
///
/// A full Bayesian hierarchy for noisy permutation-importance scores: posterior, diagnostics, and
/// a check of every chain against the exact posterior.
#[derive(Debug, Parser)]
#[command(
    name = "fkbayes",
    version,
    propagate_version = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Fit(Box<fit::FitArguments>),
    Summary(summary::SummaryArguments),
    Compare(Box<compare::CompareArguments>),
    Sensitivity(Box<sensitivity::SensitivityArguments>),
    Simulate(Box<simulate::SimulateArguments>),
    Calibrate(Box<calibrate::CalibrateArguments>),
    Study(Box<study::StudyArguments>),
    Report(report::ReportArguments),
    Plot(plot::PlotArguments),
    Model(Box<model::ModelCommand>),
}

/// Parses the process's arguments, runs the subcommand, and gives the exit code: 0 done; 1 something
/// failed outside the input; 2 command line, model or input are wrong; 3 done, but `--strict` was
/// given and the diagnostics say not to trust the draws.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    let outcome = match &cli.command {
        Command::Fit(arguments) => fit::run(arguments),
        Command::Summary(arguments) => summary::run(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Sensitivity(arguments) => sensitivity::run(arguments),
        Command::Simulate(arguments) => simulate::run(arguments),
        Command::Calibrate(arguments) => calibrate::run(arguments),
        Command::Study(arguments) => study::run(arguments),
        Command::Report(arguments) => report::run(arguments),
        Command::Plot(arguments) => plot::run(arguments),
        Command::Model(arguments) => model::run(arguments),
    };
    exit::code(outcome)
}

type CommandResult = Result<Outcome, exit::Failure>;
