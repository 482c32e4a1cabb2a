//! The model on the command line: a flag beats the model file, which beats the default.

use super::suggestions::Suggestions;
use crate::Error;
use crate::model::{Hyperprior, Importance, Location, Model, ModelFile, Noise};
use clap::Args;
use std::path::{Path, PathBuf};

/// Hyperpriors by their first words.
pub(super) const PRIORS: Suggestions = Suggestions(&["ig=", "half-t=", "half-cauchy=", "flat"]);

#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(super) struct ModelArguments {
    /// Model file (TOML); flags beat what it says.
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Shape of the inverse-gamma hyperprior of sigma2_fk.
    #[arg(long, value_name = "X", requires = "b0", allow_hyphen_values = true)]
    a0: Option<f64>,
    /// Scale of the inverse-gamma hyperprior of sigma2_fk, in squared score units.
    #[arg(long, value_name = "X", requires = "a0", allow_hyphen_values = true)]
    b0: Option<f64>,
    /// Hyperprior of sigma2_fk: ig=A0,B0, half-t=NU,SCALE, half-cauchy=SCALE or flat.
    ///
    /// Without any it is IG(1/2, s/2), s the median sampling variance of the FKs' means: one
    /// pseudo-observation at the noise floor.
    #[arg(
        long,
        value_name = "PRIOR",
        allow_hyphen_values = true,
        conflicts_with_all = ["a0", "b0"],
        value_parser = PRIORS,
        hide_possible_values = true
    )]
    prior: Option<String>,
    /// Noise of one score: auto, pooled, known=V, sampled, sampled=C0,D0, per-fk, per-fk=C0 or
    /// per-fk=fixed [default: auto].
    ///
    /// auto is common noise (pooled) unless the scores say that it differs between FKs; then per-fk.
    #[arg(
        long,
        value_name = "NOISE",
        allow_hyphen_values = true,
        value_parser = Suggestions(&["auto", "pooled", "known=", "sampled", "per-fk", "per-fk=fixed"]),
        hide_possible_values = true
    )]
    noise: Option<String>,
    /// Law of the importances: normal, or student-t=NU where few of them tower over the rest.
    #[arg(
        long,
        value_name = "LAW",
        allow_hyphen_values = true,
        value_parser = Suggestions(&["normal", "student-t="]),
        hide_possible_values = true
    )]
    importance: Option<String>,
    /// Centre of the importances: zero, or flat to estimate it.
    #[arg(long, value_name = "WHERE", allow_hyphen_values = true)]
    location: Option<Location>,
}

impl ModelArguments {
    /// Whether anything of the model is said here.
    fn is_given(&self) -> bool {
        let words = [&self.prior, &self.noise, &self.importance];
        self.model.is_some()
            || self.a0.or(self.b0).is_some()
            || words.iter().any(|word| word.is_some())
            || self.location.is_some()
    }

    /// A draws file holds its model: another one beside it is refused.
    pub fn refuse_beside(&self, draws: &Path) -> Result<(), Error> {
        if !self.is_given() {
            return Ok(());
        }
        Err(Error::Setting {
            setting: "the model".into(),
            problem: format!(
                "is settled in the draws file {}; to try another, give the scores in its place",
                draws.display()
            ),
        })
    }

    /// The model file, if one is named.
    pub fn file(&self) -> Result<ModelFile, Error> {
        self.model
            .as_deref()
            .map_or_else(|| Ok(ModelFile::default()), ModelFile::read)
    }

    /// The model as flags and file state it.
    pub fn model(&self, file: &ModelFile) -> Result<Model, Error> {
        let mut model = file.model();
        if let Some(prior) = &self.prior {
            model.hyperprior = Some(prior.parse()?);
        }
        if let (Some(a0), Some(b0)) = (self.a0, self.b0) {
            model.hyperprior = Some(Hyperprior::inverse_gamma(a0, b0)?);
        }
        if let Some(noise) = &self.noise {
            model.noise = noise.parse::<Noise>()?;
        }
        if let Some(importance) = &self.importance {
            model.importance = importance.parse::<Importance>()?;
        }
        model.location = self.location.unwrap_or(model.location);
        Ok(model)
    }
}
