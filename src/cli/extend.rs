//! `fkbayes extend`.

use super::CommandResult;
use super::fit::refuse_text;
use super::format::DrawsFormat;
use super::interrupt::{asking, ending};
use super::output::OutputArguments;
use super::progress::watch;
use super::sampler_arguments::{threads, whole};
use crate::Error;
use crate::draws::{DrawsFile, Format};
use crate::fit::{Control, Target, extend};
use clap::Args;
use std::path::PathBuf;

/// Add draws to a finished or interrupted run, from where its chains ended.
///
/// The file then holds the bytes of one run with that many draws from the start. Model, data and seed
/// are those of the file.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  fkbayes extend draws.arrow --draws 2500             2500 more per chain
  fkbayes extend draws.arrow --draws 2500 --out longer.parquet")]
pub(super) struct ExtendArguments {
    /// Draws file that `fkbayes fit` wrote.
    #[arg(value_name = "DRAWS")]
    file: PathBuf,
    /// How many draws to add to each chain.
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole)]
    draws: u32,
    /// Where to write all draws [default: in place of DRAWS].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Threads to use; results do not depend on it [default: all].
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = threads)]
    threads: Option<u32>,
    #[command(flatten)]
    output: OutputArguments<DrawsFormat>,
}

pub(super) fn run(arguments: &ExtendArguments) -> CommandResult {
    let talk = &arguments.output.talk;
    talk.format.check(talk.json)?;
    let file = DrawsFile::open(&arguments.file)?;
    let target = arguments.target(&file)?;
    let mut settings = file.metadata().sampler.clone();
    settings.draws = settings.draws.saturating_add(arguments.draws);
    let threads = arguments.threads.unwrap_or(0) as usize;
    let fit = asking(talk.quiet, |stop| {
        watch(settings.total_sweeps(), talk.quiet, |progress| {
            let control = Control { progress, stop };
            extend(&file, arguments.draws, &target, threads, control)
        })
    })?;
    let outcome = arguments.output.show("fkbayes.extend/1", &fit)?;
    Ok(ending(outcome, &fit, None))
}

impl ExtendArguments {
    fn target(&self, file: &DrawsFile) -> Result<Target, Error> {
        let path = self.out.as_ref().unwrap_or(&self.file);
        refuse_text(path)?;
        let by_name = self.out.as_deref().map(Format::of_path);
        let wished = self.output.talk.format.file().or(by_name);
        let mut target = Target::new(path);
        target.format = wished.unwrap_or(file.format());
        Ok(target)
    }
}
