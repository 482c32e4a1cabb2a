//! `fkbayes compare`.

use super::CommandResult;
use super::input_arguments::InputArguments;
use super::model_arguments::ModelArguments;
use super::output::{TalkArguments, print};
use super::progress::watch;
use super::sampler_arguments::SamplerArguments;
use crate::Error;
use crate::draws::is_draws_file;
use crate::fit::{Comparison, compare_draws, compare_draws_exactly};
use crate::report::{Detail, render_comparison, to_json};
use clap::Args;
use std::path::Path;

const LEGEND: &str = "\
The answer:
  alone      variance of an FK's own mean, without pooling
  full       full posterior variance by the chain; exact, by quadrature
  corrected  the plug-in to second order
  full/plug  full (or exact) over plug-in; covers, what the plug-in's 90 %
             interval really covers
  B          shrinkage factor";

const EXAMPLES: &str = "\
Examples:
  fkbayes compare scores.csv --no-mcmc    exact posterior alone, in milliseconds
  fkbayes compare draws.arrow             from the draws of a fit
  fkbayes compare scores.csv --format csv > variances.csv";

/// Set the plug-in formula beside the full posterior, FK by FK: may it be used here?
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{LEGEND}\n\n{EXAMPLES}"))]
pub(super) struct CompareArguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    sampler: SamplerArguments,
    /// No chain: answer from the exact posterior alone.
    #[arg(long, conflicts_with = "no_exact", help_heading = "Sampling")]
    no_mcmc: bool,
    #[command(flatten)]
    talk: TalkArguments,
}

pub(super) fn run(arguments: &CompareArguments) -> CommandResult {
    let comparison = arguments.compare()?;
    let view = arguments.talk.view(Detail::Answer);
    arguments.talk.warn(&comparison.warnings);
    let text = if arguments.talk.json {
        to_json("fkbayes.compare/1", &comparison)? + "\n"
    } else {
        render_comparison(&comparison, view)
    };
    print(&text)?;
    Ok(arguments.talk.outcome(comparison.trusted()))
}

impl CompareArguments {
    fn compare(&self) -> Result<Comparison, Error> {
        if let Some(draws) = self.input.only_file()
            && is_draws_file(draws)
        {
            return self.compare_draws(draws);
        }
        let fitter = self.sampler.fitter(&self.model)?;
        let data = self.input.read(fitter.threads)?;
        if self.no_mcmc {
            return fitter.compare_exactly(&data);
        }
        let total = fitter.sampler.total_sweeps();
        watch(total, self.talk.quiet, |progress| {
            fitter.compare(&data, progress)
        })
    }

    fn compare_draws(&self, draws: &Path) -> Result<Comparison, Error> {
        self.model.refuse_beside(draws)?;
        if self.no_mcmc {
            return compare_draws_exactly(draws);
        }
        compare_draws(draws)
    }
}
