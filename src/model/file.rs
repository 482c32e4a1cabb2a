//! Model files: the choices of [`Model`] and of the sampler in TOML.

use super::{Hyperprior, Importance, Location, Model, Noise, SamplerKind, SamplerSettings};
use crate::Error;
use crate::data::read_small;
use serde::Deserialize;
use std::path::Path;

/// Longest model file, in bytes.
const LONGEST: u64 = 1 << 20;

/// A model file as written: what it does not mention is `None` or the default.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelFile {
    /// As `--prior`.
    pub hyperprior: Option<Hyperprior>,
    /// As `--noise`.
    pub noise: Option<Noise>,
    /// As `--importance`.
    pub importance: Option<Importance>,
    /// As `--location`.
    pub location: Option<Location>,
    /// Settings of the sampler.
    pub sampler: SamplerTable,
}

/// The `[sampler]` table of a model file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SamplerTable {
    /// As `--chains`.
    pub chains: Option<u32>,
    /// As `--warmup`.
    pub warmup: Option<u32>,
    /// As `--draws`.
    pub draws: Option<u32>,
    /// As `--thin`.
    pub thin: Option<u32>,
    /// `false` as `--no-interweave`.
    pub interweave: Option<bool>,
    /// As `--sampler`: `gibbs` or `exact`.
    pub kind: Option<SamplerKind>,
}

impl SamplerTable {
    /// `settings`, with what the table mentions in their place.
    #[must_use]
    pub fn over(&self, settings: SamplerSettings) -> SamplerSettings {
        SamplerSettings {
            kind: self.kind.unwrap_or(settings.kind),
            chains: self.chains.unwrap_or(settings.chains),
            warmup: self.warmup.unwrap_or(settings.warmup),
            draws: self.draws.unwrap_or(settings.draws),
            thin: self.thin.unwrap_or(settings.thin),
            seed: settings.seed,
            interweave: self.interweave.unwrap_or(settings.interweave),
        }
    }
}

impl ModelFile {
    /// Reads a model file.
    ///
    /// # Errors
    /// If it cannot be read or is not a model: the message has line, column and a caret.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file = path.display().to_string();
        let unreadable = |error: std::io::Error| Error::ModelFile {
            file: file.clone(),
            problem: format!("cannot be read: {error}; check the name given to --model"),
        };
        let text = String::from_utf8(read_small(path, LONGEST).map_err(unreadable)?)
            .map_err(|_| unreadable(std::io::Error::other("it is not UTF-8")))?;
        Self::parse(&text).map_err(|problem| Error::ModelFile { file, problem })
    }

    /// Parses the text of a model file; the error is the parser's, with line and caret.
    ///
    /// # Errors
    /// If the text is not TOML, has unknown keys, or values that make no sense.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: Self =
            toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        file.sampler
            .over(SamplerSettings::default())
            .validate()
            .map_err(|e| e.to_string())?;
        Ok(file)
    }

    /// The model that the file states.
    #[must_use]
    pub fn model(&self) -> Model {
        Model {
            hyperprior: self.hyperprior,
            noise: self.noise.unwrap_or_default(),
            importance: self.importance.unwrap_or_default(),
            location: self.location.unwrap_or_default(),
        }
    }
}
