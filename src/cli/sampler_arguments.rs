//! Settings of the sampler on the command line.

use super::model_arguments::ModelArguments;
use super::suggestions::Suggestions;
use crate::Error;
use crate::fit::Fitter;
use crate::model::SamplerTable;
use crate::sampler::SamplerSettings;
use clap::Args;
use rand::TryRng;

#[derive(Debug, Args)]
#[command(next_help_heading = "Sampling")]
pub(super) struct SamplerArguments {
    /// Number of chains [default: 4].
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole)]
    chains: Option<u32>,
    /// Sweeps discarded first [default: 1000].
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole)]
    warmup: Option<u32>,
    /// Draws kept per chain [default: 2500].
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole)]
    draws: Option<u32>,
    /// Sweeps per kept draw [default: 1].
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole)]
    thin: Option<u32>,
    /// Seed of the random numbers; without one, one is drawn, printed and stored.
    #[arg(long, value_name = "S", allow_hyphen_values = true, value_parser = whole_seed)]
    pub seed: Option<u64>,
    /// gibbs, or exact for independent draws through the exact posterior [default: gibbs].
    #[arg(
        long,
        value_name = "KIND",
        allow_hyphen_values = true,
        value_parser = Suggestions(&["gibbs", "exact"]),
        hide_possible_values = true
    )]
    sampler: Option<String>,
    /// Only the textbook alternation, without the move that keeps it mixing.
    #[arg(long)]
    no_interweave: bool,
    /// Skip the exact posterior and the check against it.
    #[arg(long)]
    pub no_exact: bool,
    /// Threads; results do not depend on it [default: all].
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = threads)]
    pub threads: Option<u32>,
}

impl SamplerArguments {
    /// All that `model` and these say of a fit.
    pub fn fitter(&self, model: &ModelArguments) -> Result<Fitter, Error> {
        let file = model.file()?;
        Ok(Fitter {
            model: model.model(&file)?,
            sampler: self.settings(&file.sampler)?,
            exact: !self.no_exact,
            threads: self.threads.unwrap_or(0) as usize,
            ..Fitter::default()
        })
    }

    /// The settings as flags and model file state them.
    pub fn settings(&self, file: &SamplerTable) -> Result<SamplerSettings, Error> {
        let stated = file.over(SamplerSettings::default());
        let kind = self.sampler.as_ref().map(|kind| kind.parse()).transpose()?;
        let settings = SamplerSettings {
            kind: kind.unwrap_or(stated.kind),
            chains: self.chains.unwrap_or(stated.chains),
            warmup: self.warmup.unwrap_or(stated.warmup),
            draws: self.draws.unwrap_or(stated.draws),
            thin: self.thin.unwrap_or(stated.thin),
            seed: self.seed.map_or_else(fresh_seed, Ok)?,
            interweave: stated.interweave && !self.no_interweave,
        };
        settings.validate()?;
        Ok(settings)
    }
}

/// A seed short enough to be typed again.
pub(super) fn fresh_seed() -> Result<u64, Error> {
    let drawn = rand::rngs::SysRng.try_next_u32();
    drawn.map(u64::from).map_err(|error| {
        Error::Internal(format!(
            "the system has no random numbers ({error}); give --seed"
        ))
    })
}

pub(super) fn whole(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| format!("give a whole number from 0 to {}", u32::MAX))
}

/// A number of threads.
pub(super) fn threads(text: &str) -> Result<u32, String> {
    match whole(text) {
        Ok(threads) if threads > 0 => Ok(threads),
        _ => Err("give a whole number from 1 on, or leave it out for all there are".to_owned()),
    }
}

pub(super) fn whole_seed(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("give a whole number from 0 to {}", u64::MAX))
}
