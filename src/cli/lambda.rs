//! `fkbayes lambda`.

use super::CommandResult;
use super::input_arguments::{ColumnArguments, sources};
use super::model_arguments::ModelArguments;
use super::output::{TalkArguments, print};
use super::progress::{Words, watch_as};
use super::sampler_arguments::SamplerArguments;
use crate::Error;
use crate::data::{ReadOptions, read_with_scores};
use crate::fit::{Inversion, Lambda};
use crate::report::{Detail, render_lambda, to_json};
use clap::Args;
use std::path::PathBuf;

const LEGEND: &str = "\
The answer:
  marginal-ml  on which the plug-in formula rests; reml the same about an unknown location
  moments      analysis of variance about zero; anova about the grand mean (DerSimonian-Laird)
  posterior    median and mean, by quadrature or, where noise differs between FKs, by chains
  held out     scores predicted from n others of the same FK, over random splits: the share by
               which that takes off the squared error as the hierarchy expects it (predicted), as it
               came about (observed), and as the formula has it; the error itself in score units,
               predicted and observed; obs/pred the squared error observed over that predicted,
               1 where all is right; what 90 % intervals hold
  checks       noise that differs, scores that drift, scores that resemble the one before: the
               smaller p-value of all FKs together and of the worst";
const EXAMPLES: &str = "\
Examples:
  fkbayes lambda scores.csv
  fkbayes lambda scores.csv --noise pooled --seed 7 --json
  fkbayes lambda --observed-reduction 0.845 --delta 551    which lambda explains that?";

/// Every estimate of lambda side by side, and whether the scores bear out the formula
/// delta / (n + delta + lambda).
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{LEGEND}\n\n{EXAMPLES}"))]
pub(super) struct LambdaArguments {
    /// Files of scores (CSV, TSV, Parquet, Arrow; told by content), or - for standard input.
    #[arg(value_name = "INPUT", help_heading = "Input")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    columns: ColumnArguments,
    /// Share by which the variance of an importance fell, to be explained by a lambda.
    #[arg(
        long,
        value_name = "R",
        requires = "delta",
        allow_hyphen_values = true,
        help_heading = "Inversion"
    )]
    observed_reduction: Option<f64>,
    /// Scores that were added.
    #[arg(
        long,
        value_name = "D",
        requires = "observed_reduction",
        allow_hyphen_values = true,
        value_parser = at_least_one,
        help_heading = "Inversion"
    )]
    delta: Option<u64>,
    /// Scores there were before [default: 0].
    #[arg(
        long,
        value_name = "N",
        requires = "observed_reduction",
        allow_hyphen_values = true,
        value_parser = whole_count,
        help_heading = "Inversion"
    )]
    n: Option<u64>,
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    sampler: SamplerArguments,
    #[command(flatten)]
    talk: TalkArguments,
}

pub(super) fn run(arguments: &LambdaArguments) -> CommandResult {
    let found = arguments.find()?;
    arguments.talk.warn(&found.warnings);
    let text = if arguments.talk.json {
        to_json("fkbayes.lambda/1", &found)? + "\n"
    } else {
        render_lambda(&found, arguments.talk.view(Detail::Answer))
    };
    print(&text)?;
    Ok(arguments.talk.outcome(found.trusted()))
}

impl LambdaArguments {
    fn find(&self) -> Result<Lambda, Error> {
        match (self.inputs.is_empty(), self.inversion()) {
            (true, Some(inversion)) => Lambda::of_inversion(inversion),
            (true, None) => Err(Error::Setting {
                setting: "INPUT".into(),
                problem: "none given; name at least one file of scores, or '-', or give an \
                          --observed-reduction with its --delta"
                    .into(),
            }),
            (false, None) => self.of_scores(),
            (false, Some(inversion)) => {
                // Refused before the work, not after.
                inversion.lambda()?;
                self.of_scores()?.with_inversion(inversion)
            }
        }
    }

    fn inversion(&self) -> Option<Inversion> {
        Some(Inversion {
            n: self.n.unwrap_or(0),
            delta: self.delta?,
            observed_reduction: self.observed_reduction?,
        })
    }

    fn of_scores(&self) -> Result<Lambda, Error> {
        let fitter = self.sampler.fitter(&self.model)?;
        let options = ReadOptions {
            threads: fitter.threads,
            ..self.columns.options()
        };
        let (data, scores) = read_with_scores(&sources(&self.inputs), &options)?;
        let words = Words {
            doing: "sampling",
            finishing: "holding out scores",
            unit: Some("sweeps"),
        };
        let total = fitter.sampler.total_sweeps();
        watch_as(words, total, self.talk.quiet, |progress| {
            fitter.lambda(&data, &scores, progress)
        })
    }
}

/// Scores up to which n + Δ is exact in double precision.
const MOST: u64 = 1 << 52;

fn whole_count(text: &str) -> Result<u64, String> {
    let count = text.parse().ok().filter(|count| *count <= MOST);
    count.ok_or_else(|| format!("give a whole number from 0 to {MOST}"))
}

fn at_least_one(text: &str) -> Result<u64, String> {
    let count = whole_count(text).ok().filter(|count| *count > 0);
    count.ok_or_else(|| format!("give a whole number from 1 to {MOST}"))
}
