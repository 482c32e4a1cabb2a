//! `fkbayes calibrate`.

use super::CommandResult;
use super::model_arguments::ModelArguments;
use super::output::{TalkArguments, print};
use super::progress::{Words, watch_as};
use super::sampler_arguments::{fresh_seed, threads, whole, whole_seed};
use super::suggestions::Suggestions;
use crate::Error;
use crate::calibrate::Calibrator;
use crate::report::{Detail, render_calibration, to_json};
use crate::simulate::Sizes;
use clap::Args;

const WORDS: Words = Words {
    doing: "calibrating",
    finishing: "judging the ranks",
    unit: Some("replicates"),
};

const RULES: &str = "\
Priors must be proper: --a0 and --b0 (or --prior, not flat), and --noise known=V, \
sampled=C0,D0, or per-fk=C0 with --d0 G,R. --location flat may stay: ranks are the same \
wherever the truth is.

Draws stand as many sweeps apart as twice the longest autocorrelation time in 16 pilot chains, \
so that their ranks are nearly independent. Whether ranks are uniform is judged by their whole \
empirical distribution function (Saeilynoja, Buerkner & Vehtari 2022), with an exact p-value \
per quantity; a right sampler fails on any of them with a probability of at most 1 %. With \
--strict that is exit code 3.";

const EXAMPLES: &str = "\
Examples:
  fkbayes calibrate --k 10 --n 5,20 --a0 2 --b0 1 --noise known=10
  fkbayes calibrate --model models/f1.toml --k 9 --n 551 --seed 7 --strict
  fkbayes calibrate --k 6 --n 4 --a0 2 --b0 1 --noise per-fk=2 --d0 3,0.3";

/// Check the sampler on data simulated from a model: simulation-based calibration.
///
/// Parameters are drawn from the prior, scores given them, draws from the posterior given the scores;
/// the rank of the true value among the draws is uniform if, and in practice only if, the sampler is
/// right.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{RULES}\n\n{EXAMPLES}"))]
pub(super) struct CalibrateArguments {
    /// Number of FKs.
    #[arg(long, value_name = "K", allow_hyphen_values = true, value_parser = whole)]
    k: u32,
    /// Scores per FK: a number, a list that is cycled through (5,20,80), or poisson:MEAN, drawn once.
    #[arg(long, value_name = "SPEC", allow_hyphen_values = true)]
    n: String,
    #[command(flatten)]
    model: ModelArguments,
    /// Gamma prior of the scale of per-FK noise: shape and rate.
    #[arg(
        long,
        value_name = "G,R",
        allow_hyphen_values = true,
        help_heading = "Model"
    )]
    d0: Option<String>,
    /// Data sets to simulate and sample.
    #[arg(long, value_name = "R", default_value = "1000", allow_hyphen_values = true, value_parser = whole, help_heading = "Sampling")]
    replicates: u32,
    /// Draws per data set among which the truth is ranked.
    #[arg(long, value_name = "L", default_value = "99", allow_hyphen_values = true, value_parser = whole, help_heading = "Sampling")]
    draws: u32,
    /// Bins of the histograms; they must divide draws + 1.
    #[arg(long, value_name = "N", default_value = "20", allow_hyphen_values = true, value_parser = whole, help_heading = "Sampling")]
    bins: u32,
    /// gibbs or exact [default: gibbs].
    #[arg(
        long,
        value_name = "KIND",
        allow_hyphen_values = true,
        value_parser = Suggestions(&["gibbs", "exact"]),
        hide_possible_values = true,
        help_heading = "Sampling"
    )]
    sampler: Option<String>,
    /// Only the textbook alternation, without the move that keeps it mixing.
    #[arg(long, help_heading = "Sampling")]
    no_interweave: bool,
    /// Seed of the random numbers; without one, one is drawn and told.
    #[arg(long, value_name = "S", allow_hyphen_values = true, value_parser = whole_seed, help_heading = "Sampling")]
    seed: Option<u64>,
    /// Threads to use; results do not depend on it [default: all].
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = threads, help_heading = "Sampling")]
    threads: Option<u32>,
    #[command(flatten)]
    talk: TalkArguments,
}

pub(super) fn run(arguments: &CalibrateArguments) -> CommandResult {
    let calibrator = arguments.calibrator()?;
    let total = u64::from(calibrator.replicates);
    let calibration = watch_as(WORDS, total, arguments.talk.quiet, |progress| {
        calibrator.run(progress)
    })?;
    arguments.talk.warn(&calibration.warnings);
    let text = if arguments.talk.json {
        to_json("fkbayes.calibrate/1", &calibration)? + "\n"
    } else {
        render_calibration(&calibration, arguments.talk.view(Detail::Answer))
    };
    print(&text)?;
    Ok(arguments.talk.outcome(calibration.ok))
}

impl CalibrateArguments {
    fn calibrator(&self) -> Result<Calibrator, Error> {
        let file = self.model.file()?;
        let kind = self.sampler.as_ref().map(|kind| kind.parse()).transpose()?;
        Ok(Calibrator {
            noise_scale: self.d0.as_deref().map(noise_scale).transpose()?,
            replicates: self.replicates,
            draws: self.draws,
            bins: self.bins,
            seed: self.seed.map_or_else(fresh_seed, Ok)?,
            threads: self.threads.unwrap_or(0) as usize,
            kind: kind.or(file.sampler.kind).unwrap_or_default(),
            interweave: file.sampler.interweave.unwrap_or(true) && !self.no_interweave,
            ..Calibrator::new(
                self.model.model(&file)?,
                self.k as usize,
                self.n.parse::<Sizes>()?,
            )
        })
    }
}

fn noise_scale(text: &str) -> Result<(f64, f64), Error> {
    let pair = text
        .split_once(',')
        .and_then(|(shape, rate)| Some((shape.trim().parse().ok()?, rate.trim().parse().ok()?)));
    pair.ok_or_else(|| Error::Setting {
        setting: format!("--d0 '{text}'"),
        problem: "takes shape and rate of a Gamma prior: --d0 3,0.3".into(),
    })
}
