//! What is settled before the first draw.

use super::assess::{Run as AssessedRun, assess};
use super::record::Fit;
use crate::Error;
use crate::data::Data;
use crate::draws::{Columns, DrawsOutput, Ending, Metadata, StoredDraws};
use crate::model::{Hierarchy, Kept};
use crate::posterior::{ExactPosterior, Unavailable};
use crate::sampler::{Run, SamplerKind};
use std::borrow::Cow;
use std::sync::atomic::AtomicU64;

pub(super) struct Prepared {
    pub hierarchy: Hierarchy,
    pub columns: Columns,
    pub metadata: Metadata,
    /// Where it is wanted: by the sampler, or to check the chains.
    pub exact: Option<Result<ExactPosterior, Unavailable>>,
    /// What is stored, where that is not all.
    pub kept: Option<Kept>,
}

impl Prepared {
    /// `kept` is what the metadata say is stored, where that is not all.
    pub fn new(data: &Data, hierarchy: Hierarchy, metadata: Metadata, kept: Option<Kept>) -> Self {
        let wanted = metadata.exact || metadata.sampler.kind == SamplerKind::Exact;
        let names = data.fks().iter().map(|fk| fk.name.as_str());
        Self {
            columns: Columns::of(&hierarchy, names, kept.as_ref()),
            exact: wanted.then(|| ExactPosterior::new(&hierarchy)),
            kept,
            hierarchy,
            metadata,
        }
    }

    /// The run of the chains.
    pub fn run<'a>(&'a self, threads: usize, progress: &'a AtomicU64) -> Result<Run<'a>, Error> {
        let settings = &self.metadata.sampler;
        let exact = match &self.exact {
            Some(Ok(exact)) => Some(exact),
            Some(Err(why)) if settings.kind == SamplerKind::Exact => {
                return Err(exact_sampler_unavailable(why));
            }
            _ => None,
        };
        Ok(Run {
            hierarchy: &self.hierarchy,
            exact,
            settings,
            kept: self.kept.as_ref(),
            threads,
            progress,
        })
    }

    /// The exact posterior, if chains are to be checked against it.
    pub fn exact_to_check(&self) -> Option<&Result<ExactPosterior, Unavailable>> {
        self.exact.as_ref().filter(|_| self.metadata.exact)
    }

    /// The record of the draws in a file that was just written.
    pub fn judge_file(
        &self,
        data: &Data,
        output: &DrawsOutput<'_>,
        ending: Ending,
        seconds: f64,
    ) -> Result<Fit, Error> {
        let metadata = match ending {
            Ending::Complete => Cow::Borrowed(&self.metadata),
            Ending::Incomplete { draws } => Cow::Owned(self.metadata.cut_to(draws)),
        };
        let columns = self.columns.clone();
        let draws = StoredDraws::open(output.path, columns, output.layout, &metadata.sampler)?;
        let run = AssessedRun {
            metadata: &metadata,
            data,
            hierarchy: &self.hierarchy,
            draws_file: Some(output.path.display().to_string()),
            seconds: Some(seconds),
        };
        assess(run, &draws, self.exact_to_check())
    }
}

/// Independent draws are wanted, and there is nothing to draw them from.
pub(crate) fn exact_sampler_unavailable(why: &Unavailable) -> Error {
    Error::Unfit(format!(
        "--sampler exact needs the exact posterior, which is {why}; use --sampler gibbs"
    ))
}
