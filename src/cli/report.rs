//! `fkbayes report`.

use super::CommandResult;
use super::format::NoFormat;
use super::output::{TalkArguments, print};
use crate::Error;
use crate::draws::replace_text;
use crate::fit::{Fit, open_fit};
use crate::portrait::{Effort, Portrait};
use crate::report::{PAGE_MARK, render_page, to_json};
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Make one self-contained HTML page of a fit: the answer in words, every picture, every figure.
///
/// The page needs no network, works on paper and on a phone, in light and dark, and embeds what
/// `fkbayes summary --json` prints.
#[derive(Debug, Args)]
#[command(after_help = "\
A page that stands there already is overwritten, anything else is refused.

Examples:
  fkbayes report draws.arrow
  fkbayes report draws.parquet --out importance.html
  fkbayes fit scores.csv --report report.html    sample and make the page in one go")]
pub(super) struct ReportArguments {
    /// Draws file that `fkbayes fit` wrote.
    #[arg(value_name = "DRAWS")]
    draws: PathBuf,
    /// Where to write the page.
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "report.html",
        help_heading = "Files"
    )]
    out: PathBuf,
    #[command(flatten)]
    talk: TalkArguments<NoFormat>,
}

/// What `--json` tells.
#[derive(Serialize)]
struct Written<'a> {
    report: String,
    draws_file: String,
    ok: bool,
    warnings: &'a [String],
}

pub(super) fn run(arguments: &ReportArguments) -> CommandResult {
    let (draws, out) = (&arguments.draws, &arguments.out);
    // Before any work is done.
    check_page(out)?;
    let fit = write_page(draws, out)?;
    let text = if arguments.talk.json {
        let written = Written {
            report: out.display().to_string(),
            draws_file: draws.display().to_string(),
            ok: fit.diagnostics.ok,
            warnings: &fit.diagnostics.warnings,
        };
        to_json("fkbayes.report/1", &written)? + "\n"
    } else {
        format!("{}\n", out.display())
    };
    arguments.talk.warn(&fit.diagnostics.warnings);
    print(&text)?;
    Ok(arguments.talk.outcome(fit.diagnostics.ok))
}

/// Refuses a page in place of something else.
pub(super) fn check_page(out: &Path) -> Result<(), Error> {
    replace_text(out, PAGE_MARK, None)
}

/// Writes the page of a draws file; returns the record that it shows.
pub(super) fn write_page(draws: &Path, out: &Path) -> Result<Fit, Error> {
    let portrait = Portrait::new(open_fit(draws)?, Effort::Moment);
    let page = render_page(&portrait, super::summary::SCHEMA)?;
    replace_text(out, PAGE_MARK, Some(&page))?;
    Ok(portrait.into_fit())
}
