//! The command line: arguments become a library call, its record becomes a view.

mod by;
mod calibrate;
mod checkpoint_arguments;
mod compare;
mod completions;
mod exit;
mod extend;
mod fit;
mod format;
mod input_arguments;
mod interrupt;
mod lambda;
mod man;
mod model;
mod model_arguments;
mod output;
mod plan;
mod plot;
mod progress;
mod report;
mod sampler_arguments;
mod selftest;
mod sensitivity;
mod simulate;
mod study;
mod suggestions;
mod summary;

use clap::{CommandFactory, Parser, Subcommand};
use exit::Outcome;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  fkbayes fit scores.csv                who matters, and how sure we are
  fkbayes compare scores.csv --no-mcmc  may the plug-in formula be used?
  fkbayes sensitivity scores.csv        is it the data's answer or the prior's?";

const CONVENTIONS: &str = "\
The answer goes to stdout, as tables or with --json as one JSON object; progress, warnings and \
errors go to stderr.

Environment:
  NO_COLOR    if set and not empty, no colours unless --color always
  COLUMNS     width of the tables where stdout is no terminal

Exit codes:
  0  done
  1  something failed outside the input: disk, permission, interruption
  2  the command line, the model or the input is wrong
  3  done, but --strict was given and a diagnostic says not to trust it";

/// How important is each foreign key, how sure are we, and may the plug-in formula be trusted?
///
/// A full Bayesian hierarchy for noisy permutation-importance scores: posterior, diagnostics, and
/// a check of every chain against the exact posterior.
#[derive(Debug, Parser)]
#[command(
    name = "fkbayes",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{CONVENTIONS}")
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Fit(Box<fit::FitArguments>),
    Extend(extend::ExtendArguments),
    Summary(summary::SummaryArguments),
    Compare(Box<compare::CompareArguments>),
    Sensitivity(Box<sensitivity::SensitivityArguments>),
    Plan(Box<plan::PlanArguments>),
    Lambda(Box<lambda::LambdaArguments>),
    Simulate(Box<simulate::SimulateArguments>),
    Calibrate(Box<calibrate::CalibrateArguments>),
    Study(Box<study::StudyArguments>),
    Selftest(selftest::SelfTestArguments),
    Report(report::ReportArguments),
    Plot(plot::PlotArguments),
    Model(Box<model::ModelCommand>),
    Completions(completions::CompletionsArguments),
    Man(man::ManArguments),
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
    interrupt::listen();
    let outcome = match &cli.command {
        Command::Fit(arguments) => fit::run(arguments),
        Command::Extend(arguments) => extend::run(arguments),
        Command::Summary(arguments) => summary::run(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Sensitivity(arguments) => sensitivity::run(arguments),
        Command::Plan(arguments) => plan::run(arguments),
        Command::Lambda(arguments) => lambda::run(arguments),
        Command::Simulate(arguments) => simulate::run(arguments),
        Command::Calibrate(arguments) => calibrate::run(arguments),
        Command::Study(arguments) => study::run(arguments),
        Command::Selftest(arguments) => selftest::run(arguments),
        Command::Report(arguments) => report::run(arguments),
        Command::Plot(arguments) => plot::run(arguments),
        Command::Model(arguments) => model::run(arguments),
        Command::Completions(arguments) => completions::run(arguments, Cli::command()),
        Command::Man(arguments) => man::run(arguments, Cli::command()),
    };
    exit::code(outcome)
}

type CommandResult = Result<Outcome, exit::Failure>;
