//! `fkbayes fit`.

use super::CommandResult;
use super::checkpoint_arguments::CheckpointArguments;
use super::format::DrawsFormat;
use super::input_arguments::InputArguments;
use super::interrupt::{asking, ending};
use super::model_arguments::ModelArguments;
use super::output::OutputArguments;
use super::progress::watch;
use super::report::{check_page, write_page};
use super::sampler_arguments::SamplerArguments;
use super::suggestions::Suggestions;
use crate::Error;
use crate::draws::Layout;
use crate::fit::{Control, Target};
use clap::Args;
use std::path::{Path, PathBuf};

const LEGEND: &str = "\
The answer:
  raw           mean of the scores; median, 5 % and 95 % are the posterior's
  P(>0) P(1st)  probability that the importance is positive, or the largest
  full/plug     full posterior variance over the plug-in formula's: above 1
                that one is too sure
  lambda        sigma2_obs / sigma2_fk: scores needed before an FK's own mean
                outweighs the others
  A figure has no digits behind the leading one of its Monte-Carlo error.

What the full tables add:
  B             shrinkage factor
  s             variance of the raw mean
  E[V], Var[mu] the two parts of the full variance
  exact         the full variance by quadrature
  corrected     the plug-in to second order";

const EXAMPLES: &str = "\
Examples:
  fkbayes fit scores.csv                  long: columns fk, score
  fkbayes fit --wide importances.csv      a column per FK, a row per permutation
  fkbayes fit stats.parquet --out draws.parquet    columns fk, n, mean, sd
  fkbayes fit scores.csv --a0 2 --b0 1 --noise known=101 --seed 7
  fkbayes fit scores.csv --format csv > importances.csv
  fkbayes fit scores.csv --by task --out fits.parquet    a hierarchy per task
  psql -c 'copy (select ...) to stdout csv header' | fkbayes fit - --json";

/// Sample the posterior; write the draws; print posterior, diagnostics and plug-in comparison.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{LEGEND}\n\n{EXAMPLES}"))]
pub(super) struct FitArguments {
    #[command(flatten)]
    pub input: InputArguments,
    #[command(flatten)]
    pub model: ModelArguments,
    #[command(flatten)]
    pub sampler: SamplerArguments,
    /// Fit a hierarchy for each value of COLUMN.
    ///
    /// All cores are used, and one table of all FKs is written (--out). A task that cannot be fitted is
    /// listed with its error and does not hold up the others. Each task has its own seed, which follows
    /// from --seed and its name: a fit of its rows alone with the seed that --json lists gives the same
    /// draws. With --sampler exact nothing is drawn: moments and quantiles come from the exact posterior
    /// itself.
    #[arg(
        long,
        value_name = "COLUMN",
        conflicts_with_all = ["report", "layout", "no_draws", "checkpoint"],
        help_heading = "Input"
    )]
    pub by: Option<String>,
    /// With --by, where to write the draws, if anywhere.
    ///
    /// As .arrow or .parquet, a row per task, parameter and chain.
    #[arg(long, value_name = "FILE", requires = "by", help_heading = "Draws")]
    pub draws_out: Option<PathBuf>,
    /// Where to write the draws; with --by, the table [default: draws.arrow; fits.arrow].
    #[arg(long, value_name = "FILE", help_heading = "Draws")]
    pub out: Option<PathBuf>,
    /// Write no draws.
    #[arg(long, conflicts_with_all = ["out", "layout"], help_heading = "Draws")]
    no_draws: bool,
    /// Importances as columns (wide) or one column of lists (list) [default: wide up to 1000 FKs].
    #[arg(
        long,
        value_name = "LAYOUT",
        value_parser = Suggestions(&["wide", "list"]),
        hide_possible_values = true,
        help_heading = "Draws"
    )]
    layout: Option<String>,
    /// Store these parameters only, beside the shared ones.
    ///
    /// Names as the columns of the draws have them, with commas between, or the flag again:
    /// alpha[orders.customer_id], alpha for all importances, log_density; with noise of each FK's own
    /// also sigma2_obs[orders.customer_id] and sigma2_obs, and an importance brings its FK's. Of an
    /// importance that is not stored mean, sd, quantiles, variances and ranks are computed from the
    /// draws of the shared parameters, which are always stored.
    #[arg(
        long,
        value_name = "NAMES",
        conflicts_with_all = ["no_draws", "report"],
        help_heading = "Draws"
    )]
    keep: Vec<String>,
    /// Make a page of the draws too, as fkbayes report does.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "no_draws",
        help_heading = "Draws"
    )]
    report: Option<PathBuf>,
    #[command(flatten)]
    checkpoints: CheckpointArguments,
    #[command(flatten)]
    pub output: OutputArguments<DrawsFormat>,
}

pub(super) fn run(arguments: &FitArguments) -> CommandResult {
    if let Some(column) = &arguments.by {
        return super::by::run(arguments, column);
    }
    let mut fitter = arguments.sampler.fitter(&arguments.model)?;
    fitter.ranks = arguments.output.ranks();
    let target = arguments.target()?;
    if let Some(page) = &arguments.report {
        check_page(page)?;
    }
    let quiet = arguments.output.talk.quiet;
    // A seed that was drawn is the interrupted run's.
    if let Some(left) = arguments.checkpoints.left_over(quiet)?
        && arguments.sampler.seed.is_none()
    {
        fitter.sampler.seed = left.seed;
    }
    let data = arguments.input.read(fitter.threads)?;
    let total = fitter.sampler.total_sweeps();
    let fit = asking(quiet, |stop| {
        watch(total, quiet, |progress| {
            let control = Control { progress, stop };
            match &target {
                Some(target) => fitter.fit_to_file(&data, target, control),
                None => {
                    let (fit, _) = fitter.fit_in_memory_with(&data, control)?;
                    Ok(fit)
                }
            }
        })
    })?;
    if let (Some(page), None) = (&arguments.report, fit.incomplete) {
        write_page(arguments.out(), page)?;
    }
    let outcome = arguments.output.show("fkbayes.fit/1", &fit)?;
    let ended = ending(outcome, &fit, arguments.checkpoints.path());
    // The end of the process gives back the memory of a hundred thousand rows at once.
    std::mem::forget((fit, data));
    Ok(ended)
}

impl FitArguments {
    fn out(&self) -> &Path {
        self.out.as_deref().unwrap_or(Path::new("draws.arrow"))
    }

    fn target(&self) -> Result<Option<Target>, Error> {
        let format = &self.output.talk.format;
        format.check(self.output.talk.json)?;
        if self.no_draws {
            return match format.file() {
                None => Ok(None),
                Some(_) => Err(Error::Setting {
                    setting: "--no-draws".into(),
                    problem: "leaves nothing for --format arrow or parquet to write".into(),
                }),
            };
        }
        refuse_text(self.out())?;
        let mut target = Target::new(self.out());
        target.keep = (!self.keep.is_empty()).then(|| self.keep.clone());
        target.format = format.file().unwrap_or(target.format);
        target.layout = self
            .layout
            .as_ref()
            .map(|layout| layout.parse::<Layout>())
            .transpose()?;
        target.checkpoint = self.checkpoints.checkpointing();
        Ok(Some(target))
    }
}

/// Draws are not written as text, whatever the name says.
pub(super) fn refuse_text(out: &Path) -> Result<(), Error> {
    let extension = out
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or("");
    if ["csv", "tsv", "txt", "json"]
        .iter()
        .any(|text| extension.eq_ignore_ascii_case(text))
    {
        return Err(Error::Setting {
            setting: format!("--out {}", out.display()),
            problem: "draws are written as .arrow or .parquet".into(),
        });
    }
    Ok(())
}
