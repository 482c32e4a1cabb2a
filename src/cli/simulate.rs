//! `fkbayes simulate`.

use super::CommandResult;
use super::exit::Outcome;
use super::format::NoFormat;
use super::model_arguments::ModelArguments;
use super::output::{TalkArguments, print};
use super::sampler_arguments::{fresh_seed, whole, whole_seed};
use super::suggestions::Suggestions;
use crate::Error;
use crate::data::TableFormat;
use crate::report::{Detail, render_simulation, to_json};
use crate::simulate::{Output, Request, ScoreLayout, Simulation, Sizes};
use clap::Args;
use std::path::PathBuf;

const RULES: &str = "\
How large the variances are:
  sigma2_fk   --sigma2-fk; else sigma2_obs/lambda, where --lambda and the
              noise are given; else drawn from the hyperprior, which must then
              be given and proper
  sigma2_obs  --sigma2-obs or --noise known=V; else lambda x sigma2_fk; else
              drawn from --noise sampled=C0,D0
  per FK      --noise per-fk=C0 draws a variance for every FK from
              InverseGamma(C0, d0): d0 by --d0, or as C0 x V, V the typical
              variance: --sigma2-obs, or lambda x sigma2_fk

Files:
  scores.csv gets scores.truth.csv beside it, in the same format, with columns
  fk, n, alpha, sigma2_obs, sigma2_fk, location and d0. Simulated files are
  overwritten, anything else is refused: Parquet and Arrow are known by their
  metadata, CSV by header, FK names and the truth beside it.";

const EXAMPLES: &str = "\
Examples:
  fkbayes simulate --k 20 --n 30 --sigma2-fk 1 --lambda 10 --seed 7
  fkbayes simulate --k 8 --n poisson:50 --a0 2 --b0 1 --noise known=101
  fkbayes simulate --n 5,20,80 --effects 0.5,0,-0.1 --sigma2-obs 4 \\
      --layout stats --out scores.parquet";

/// Draw scores from a model, and write the truth beside them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{RULES}\n\n{EXAMPLES}"))]
pub(super) struct SimulateArguments {
    /// Number of FKs [default: as many as --effects].
    #[arg(long, value_name = "K", allow_hyphen_values = true, value_parser = whole, required_unless_present = "effects")]
    k: Option<u32>,
    /// Scores per FK: a number, a list that is cycled through (5,20,80), or poisson:MEAN; 0 is legal.
    #[arg(long, value_name = "SPEC", allow_hyphen_values = true)]
    n: String,
    /// Seed of the random numbers; without one, one is drawn and told.
    #[arg(long, value_name = "S", allow_hyphen_values = true, value_parser = whole_seed)]
    seed: Option<u64>,
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    truth: TruthArguments,
    /// Where to write the scores.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "scores.csv",
        help_heading = "Files"
    )]
    out: PathBuf,
    /// csv, parquet or arrow [default: by the extension of --out].
    #[arg(
        long,
        value_name = "FORMAT",
        value_parser = Suggestions(&["csv", "parquet", "arrow"]),
        hide_possible_values = true,
        help_heading = "Files"
    )]
    format: Option<String>,
    /// long (a row per score), wide (a column per FK) or stats (a row per FK).
    #[arg(
        long,
        value_name = "LAYOUT",
        default_value = "long",
        value_parser = Suggestions(&["long", "wide", "stats"]),
        hide_possible_values = true,
        help_heading = "Files"
    )]
    layout: String,
    #[command(flatten)]
    talk: TalkArguments<NoFormat>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Truth")]
struct TruthArguments {
    /// lambda = sigma2_obs/sigma2_fk.
    #[arg(long, value_name = "L", allow_hyphen_values = true)]
    lambda: Option<f64>,
    /// sigma2_fk, in squared score units, in place of a draw from the hyperprior.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    sigma2_fk: Option<f64>,
    /// Variance of one score, in squared score units; the typical one where noise is per FK.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    sigma2_obs: Option<f64>,
    /// Scale of per-FK noise, in squared score units.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    d0: Option<f64>,
    /// Centre of the importances, for --location flat.
    #[arg(long, value_name = "M", allow_hyphen_values = true)]
    at: Option<f64>,
    /// The importances themselves, separated by commas.
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    effects: Option<String>,
}

pub(super) fn run(arguments: &SimulateArguments) -> CommandResult {
    let request = arguments.request()?;
    let output = arguments.output()?;
    // Before any work is done.
    output.check()?;
    let seed = arguments.seed.map_or_else(fresh_seed, Ok)?;
    let simulated = request.draw(seed)?;
    output.write(&simulated)?;
    let record = Simulation::new(&simulated, seed, &output);
    let text = if arguments.talk.json {
        to_json("fkbayes.simulate/1", &record)? + "\n"
    } else {
        render_simulation(&record, arguments.talk.view(Detail::Answer))
    };
    print(&text)?;
    Ok(Outcome::Done)
}

impl SimulateArguments {
    fn request(&self) -> Result<Request, Error> {
        let truth = &self.truth;
        let effects = truth.effects.as_deref().map(effects).transpose()?;
        let k = match (self.k, &effects) {
            (Some(k), _) => k as usize,
            (None, effects) => effects.as_ref().map_or(0, Vec::len),
        };
        Ok(Request {
            model: self.model.model(&self.model.file()?)?,
            k,
            sizes: self.n.parse::<Sizes>()?,
            lambda: truth.lambda,
            sigma2_fk: truth.sigma2_fk,
            sigma2_obs: truth.sigma2_obs,
            d0: truth.d0,
            at: truth.at,
            effects,
        })
    }

    fn output(&self) -> Result<Output, Error> {
        let format = match &self.format {
            Some(format) => format.parse()?,
            None => TableFormat::of_path(&self.out).ok_or_else(|| Error::Setting {
                setting: format!("--out {}", self.out.display()),
                problem: "ends in none of .csv, .parquet and .arrow; add --format csv, parquet or \
                          arrow"
                    .into(),
            })?,
        };
        Ok(Output {
            path: self.out.clone(),
            format,
            layout: self.layout.parse::<ScoreLayout>()?,
        })
    }
}

fn effects(text: &str) -> Result<Vec<f64>, Error> {
    let number = |word: &str| {
        let value = word.trim().parse::<f64>().ok();
        value
            .filter(|x| x.is_finite())
            .ok_or_else(|| Error::Setting {
                setting: format!("--effects '{text}'"),
                problem: format!("'{word}' is not a finite number; write them as 0.5,0,-0.1"),
            })
    };
    text.split(',').map(number).collect()
}
