//! The document that a draws file carries: all that is needed to report on it again.

use super::document::{Document, observed_text, to_json};
use super::observed;
use crate::Error;
use crate::data::{Data, ForeignKey};
use crate::model::{Hierarchy, Kept, Model, Noise};
use crate::sampler::SamplerSettings;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Version of the document; it changes when an older reader would misunderstand a newer file.
pub const FORMAT: u32 = 1;

/// How a document begins.
pub(super) const DOCUMENT_START: &str = "{\"format\":";
/// How a document without FKs ends.
const NO_FKS: &str = "[]}";

/// What the schema metadata key `fkbayes` holds, as JSON.
///
/// It holds nothing that differs between equal runs: no time, no thread count, no path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// [`FORMAT`].
    pub format: u32,
    /// Version of the crate that wrote the file.
    pub version: String,
    /// The effective model.
    pub model: Model,
    /// The noise model that was asked for, `auto` where it was chosen from the data.
    pub noise_requested: Noise,
    /// With `auto`, the log Bayes factor of per-FK noise against common noise by which it chose, where
    /// scores can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise_log_bayes_factor: Option<f64>,
    /// Whether the hyperprior is the default one.
    pub hyperprior_is_default: bool,
    /// Settings of the sampler.
    pub sampler: SamplerSettings,
    /// Whether the exact posterior was to be computed.
    pub exact: bool,
    /// Where the run ended before its time: `sampler.draws` is then what there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<Incomplete>,
    /// What is stored besides the parameters that all FKs share; absent where all is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Vec<String>>,
    /// What was observed of each FK, in input order; the same as the data's, not a copy.
    #[serde(with = "observed")]
    pub fks: Arc<Vec<ForeignKey>>,
}

/// A run that ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incomplete {
    /// Draws that each chain was to have.
    pub draws_requested: u32,
}

impl Metadata {
    /// The document of a run.
    #[must_use]
    pub fn new(
        data: &Data,
        requested: &Model,
        hierarchy: &Hierarchy,
        sampler: &SamplerSettings,
        exact: bool,
    ) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model: hierarchy.model.clone(),
            noise_requested: requested.noise,
            noise_log_bayes_factor: (requested.noise == Noise::Auto)
                .then(|| hierarchy.noise_log_bayes_factor())
                .flatten(),
            hyperprior_is_default: hierarchy.hyperprior_is_default,
            sampler: sampler.clone(),
            exact,
            incomplete: None,
            keep: None,
            fks: data.shared(),
        }
    }

    /// The same of a run that ended after `draws` draws of each chain, if that was too early.
    #[must_use]
    pub fn cut_to(&self, draws: u32) -> Self {
        let mut cut = self.clone();
        if draws < cut.sampler.draws {
            cut.incomplete = Some(Incomplete {
                draws_requested: cut.sampler.draws,
            });
            cut.sampler.draws = draws;
        }
        cut
    }

    /// The document as JSON.
    ///
    /// # Errors
    /// If that is not possible, which does not happen.
    pub(super) fn document(&self) -> Result<Document, Error> {
        self.document_of(observed_text(&self.fks)?)
    }

    /// The same where what was observed is told already, which takes longest.
    ///
    /// # Errors
    /// As [`document`](Self::document).
    pub(crate) fn document_of(&self, observed: Vec<String>) -> Result<Document, Error> {
        let rest = Self {
            fks: Arc::default(),
            ..self.clone()
        };
        let rest = to_json(&rest, 0)?;
        // They come last.
        let before = rest.strip_suffix(NO_FKS);
        let before = before.ok_or_else(|| Error::Internal("metadata in another order".into()))?;
        Ok(Document::around(observed, before, "}"))
    }

    /// The data that were fitted.
    ///
    /// # Errors
    /// If the stored statistics contradict themselves.
    pub fn data(&self) -> Result<Data, Error> {
        Data::of_shared(self.fks.clone())
    }

    /// The model as it was resolved, with its data.
    ///
    /// # Errors
    /// If the stored statistics contradict the stored model.
    pub fn hierarchy(&self, data: &Data) -> Result<Hierarchy, Error> {
        let mut hierarchy = Hierarchy::resolve(&self.model, data)?;
        hierarchy.hyperprior_is_default = self.hyperprior_is_default;
        Ok(hierarchy)
    }

    /// What is stored, where that is not all.
    ///
    /// # Errors
    /// If names are not those of the model and its data.
    pub fn kept(&self, hierarchy: &Hierarchy, data: &Data) -> Result<Option<Kept>, Error> {
        let kept = self.keep.as_ref();
        kept.map(|names| Kept::new(hierarchy, data, names))
            .transpose()
    }
}
