//! `fkbayes fit`.

use super::CommandResult;
use super::input_arguments::InputArguments;
use super::model_arguments::ModelArguments;
use super::output::OutputArguments;
use super::progress::watch;
use super::report::{check_page, write_page};
use super::sampler_arguments::SamplerArguments;
use crate::Error;
use crate::draws::{Format, Layout};
use crate::fit::Target;
use clap::Args;
use std::path::{Path, PathBuf};

/// Sample the posterior; write the draws; print posterior, diagnostics and plug-in comparison.
#[derive(Debug, Args)]
#[command(after_help = "\
The answer:
  raw           mean of the scores; median, 5 % and 95 % are the posterior's
  P(>0) P(1st)  probability that the importance is positive, and that it is the largest
  full/plug     full posterior variance over the plug-in formula's; above 1 that one is too sure
  lambda        sigma2_obs / sigma2_fk: scores needed before an FK's own mean outweighs the others
  --full adds:  B shrinkage factor; s variance of the raw mean; E[V] + Var[mu] = full; exact, by
                quadrature; corrected, the plug-in to second order

Examples:
  fkbayes fit scores.csv                          long: columns fk, score
  fkbayes fit --wide importances.csv              one column per FK, one row per permutation
  fkbayes fit stats.parquet --out draws.parquet   aggregated: columns fk, n, mean, sd
  fkbayes fit scores.csv --a0 2 --b0 1 --noise known=101 --seed 7
  psql -c 'copy (select ...) to stdout csv header' | fkbayes fit - --json")]
pub(super) struct FitArguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    sampler: SamplerArguments,
    /// Where to write the draws.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "draws.arrow",
        help_heading = "Draws"
    )]
    out: PathBuf,
    /// Write no draws.
    #[arg(long, conflicts_with_all = ["out", "format", "layout"], help_heading = "Draws")]
    no_draws: bool,
    /// arrow or parquet [default: by the extension of --out].
    #[arg(long, value_name = "FORMAT", help_heading = "Draws")]
    format: Option<String>,
    /// Importances as columns (wide) or as one column of lists (list) [default: wide up to 1000 FKs].
    #[arg(long, value_name = "LAYOUT", help_heading = "Draws")]
    layout: Option<String>,
    /// Make a page of the draws too, as fkbayes report does.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "no_draws",
        help_heading = "Draws"
    )]
    report: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArguments,
}

pub(super) fn run(arguments: &FitArguments) -> CommandResult {
    let fitter = arguments.sampler.fitter(&arguments.model)?;
    let target = arguments.target()?;
    if let Some(page) = &arguments.report {
        check_page(page)?;
    }
    let data = arguments.input.read()?;
    let total = fitter.sampler.total_sweeps();
    let fit = watch(
        total,
        arguments.output.talk.quiet,
        |progress| match &target {
            Some(target) => fitter.fit_to_file(&data, target, progress),
            None => fitter
                .fit_in_memory_with(&data, progress)
                .map(|(fit, _)| fit),
        },
    )?;
    if let Some(page) = &arguments.report {
        write_page(&arguments.out, page)?;
    }
    arguments.output.show("fkbayes.fit/1", &fit)
}

impl FitArguments {
    fn target(&self) -> Result<Option<Target>, Error> {
        if self.no_draws {
            return Ok(None);
        }
        refuse_text(&self.out)?;
        let mut target = Target::new(&self.out);
        if let Some(format) = &self.format {
            target.format = format.parse::<Format>()?;
        }
        target.layout = self
            .layout
            .as_ref()
            .map(|layout| layout.parse::<Layout>())
            .transpose()?;
        Ok(Some(target))
    }
}

/// Draws are not written as text, whatever the name says.
fn refuse_text(out: &Path) -> Result<(), Error> {
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
