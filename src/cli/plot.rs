//! `fkbayes plot`.

use super::CommandResult;
use super::output::{TalkArguments, print};
use crate::Error;
use crate::draws::replace_text;
use crate::fit::open_fit;
use crate::portrait::Portrait;
use crate::report::{FigureKind, draw, to_json};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

/// Draw one picture of a fit, as SVG.
#[derive(Debug, Args)]
#[command(after_help = "\
Kinds:
  forest       importances: raw means, posteriors, the plug-in's intervals

A picture of the same kind is overwritten, anything else is refused.

Examples:
  fkbayes plot forest draws.arrow -o forest.svg")]
pub(super) struct PlotArguments {
    /// What to draw; see below.
    #[arg(value_name = "KIND")]
    kind: String,
    /// Draws file that `fkbayes fit` wrote.
    #[arg(value_name = "DRAWS")]
    draws: PathBuf,
    /// Where to write the picture [default: KIND.svg].
    #[arg(short, long, value_name = "FILE", help_heading = "Files")]
    out: Option<PathBuf>,
    #[command(flatten)]
    talk: TalkArguments,
}

/// What `--json` tells.
#[derive(Serialize)]
struct Written {
    plot: String,
    kind: String,
    title: &'static str,
    description: String,
    draws_file: String,
}

pub(super) fn run(arguments: &PlotArguments) -> CommandResult {
    let kind: FigureKind = arguments.kind.parse()?;
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{kind}.svg")));
    replace_text(&out, &kind.mark(), None)?;
    let portrait = Portrait::new(open_fit(&arguments.draws)?);
    let figure = draw(kind, &portrait)?
        .map_err(|why| Error::Unfit(format!("there is no plot '{kind}' of this fit: {why}")))?;
    replace_text(&out, &kind.mark(), Some(&figure.document()))?;
    let fit = portrait.fit();
    arguments.talk.warn(&fit.diagnostics.warnings);
    let text = if arguments.talk.json {
        let written = Written {
            plot: out.display().to_string(),
            kind: kind.to_string(),
            title: figure.title,
            description: figure.description,
            draws_file: arguments.draws.display().to_string(),
        };
        to_json("fkbayes.plot/1", &written)? + "\n"
    } else {
        format!("{}\n", out.display())
    };
    print(&text)?;
    Ok(arguments.talk.outcome(fit.diagnostics.ok))
}
