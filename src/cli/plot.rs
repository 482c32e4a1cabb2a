//! `fkbayes plot`.

use super::CommandResult;
use super::format::NoFormat;
use super::output::{TalkArguments, print};
use super::suggestions::Suggestions;
use crate::Error;
use crate::draws::{replace_bytes, replace_text};
use crate::fit::open_fit;
use crate::portrait::{Effort, Portrait};
use crate::report::{Figure, FigureKind, draw, to_json};
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Draw one picture of a fit, as SVG.
#[derive(Debug, Args)]
#[command(after_help = "\
Kinds:
  forest       importances: raw means, posteriors, the plug-in's intervals
  variance     full posterior variances, in their two parts, against the plug-in's
  conditional  importances as functions of sigma_fk, above its posterior (Rubin 1981)
  prior        prior against posterior of sigma2_fk and, with common noise, lambda
  ranking      the probability of each rank for each FK
  planning     expected precision and ranking after more permutations
  trace        the course of the chains
  rank         ranks of each chain's draws among all
  ess          effective draws against draws
  sensitivity  sigma2_fk under other hyperpriors
  predictive   spreads and largest mean against what the model expects

.png needs a build with --features png. A picture of the same kind is overwritten, anything else is
refused.

Examples:
  fkbayes plot forest draws.arrow -o forest.svg
  fkbayes plot conditional draws.arrow")]
pub(super) struct PlotArguments {
    /// What to draw; see below.
    #[arg(value_name = "KIND", value_parser = Suggestions(&FigureKind::NAMES), hide_possible_values = true)]
    kind: String,
    /// Draws file that `fkbayes fit` wrote.
    #[arg(value_name = "DRAWS")]
    draws: PathBuf,
    /// Where to write the picture, .svg or .png [default: KIND.svg].
    #[arg(short, long, value_name = "FILE", help_heading = "Files")]
    out: Option<PathBuf>,
    #[command(flatten)]
    talk: TalkArguments<NoFormat>,
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
    let default = || PathBuf::from(format!("{kind}.svg"));
    let out = arguments.out.clone().unwrap_or_else(default);
    let format = Format::of(&out)?;
    // Before any work is done.
    replace_text(&out, &kind.mark(), None)?;
    let portrait = Portrait::new(open_fit(&arguments.draws)?, Effort::Ample);
    let figure = draw(kind, &portrait)?
        .map_err(|why| Error::Unfit(format!("there is no plot '{kind}' of this fit: {why}")))?;
    replace_bytes(&out, &kind.mark(), Some(&format.bytes(&figure)?))?;
    let diagnostics = &portrait.fit().diagnostics;
    arguments.talk.warn(&diagnostics.warnings);
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
    Ok(arguments.talk.outcome(diagnostics.ok))
}

/// As what a picture is written.
enum Format {
    Svg,
    #[cfg(feature = "png")]
    Png,
}

impl Format {
    fn of(out: &Path) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::Setting {
            setting: format!("--out {}", out.display()),
            problem: problem.into(),
        };
        let extension = out.extension().and_then(|e| e.to_str()).unwrap_or("");
        match extension.to_ascii_lowercase().as_str() {
            "svg" => Ok(Self::Svg),
            #[cfg(feature = "png")]
            "png" => Ok(Self::Png),
            #[cfg(not(feature = "png"))]
            "png" => Err(wrong(
                "this build draws .svg only; name an .svg, or build with cargo install --path . \
                 --features png",
            )),
            _ => Err(wrong("plots are drawn as .svg or .png")),
        }
    }

    fn bytes(&self, figure: &Figure) -> Result<Vec<u8>, Error> {
        match self {
            Self::Svg => Ok(figure.document().into_bytes()),
            #[cfg(feature = "png")]
            Self::Png => crate::report::to_png(figure),
        }
    }
}
