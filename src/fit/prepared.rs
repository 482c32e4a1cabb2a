//! What is settled before the first draw.

use super::assess::{Run as AssessedRun, assess};
use super::record::Fit;
use crate::Error;
use crate::data::Data;
use crate::draws::{Columns, DrawsFile, Metadata};
use crate::model::Hierarchy;
use crate::posterior::{ExactPosterior, Unavailable};
use crate::sampler::{Run, SamplerKind};
use std::path::Path;
use std::sync::atomic::AtomicU64;

pub(super) struct Prepared {
    pub hierarchy: Hierarchy,
    pub columns: Columns,
    pub metadata: Metadata,
    /// Where it is wanted: by the sampler, or to check the chains.
    pub exact: Option<Result<ExactPosterior, Unavailable>>,
}

impl Prepared {
    pub fn new(data: &Data, hierarchy: Hierarchy, metadata: Metadata) -> Self {
        let wanted = metadata.exact || metadata.sampler.kind == SamplerKind::Exact;
        Self {
            columns: Columns::new(&hierarchy, data.fks().iter().map(|fk| fk.name.as_str())),
            exact: wanted.then(|| ExactPosterior::new(&hierarchy)),
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
                return Err(Error::Unfit(format!(
                    "--sampler exact needs the exact posterior, which is {why}; use --sampler gibbs"
                )));
            }
            _ => None,
        };
        Ok(Run {
            hierarchy: &self.hierarchy,
            exact,
            settings,
            threads,
            progress,
        })
    }

    /// The exact posterior, if chains are to be checked against it.
    pub fn exact_to_check(&self) -> Option<&Result<ExactPosterior, Unavailable>> {
        self.exact.as_ref().filter(|_| self.metadata.exact)
    }

    /// The record of the draws in a file that was just written.
    pub fn judge_file(&self, data: &Data, path: &Path, seconds: f64) -> Result<Fit, Error> {
        let draws = DrawsFile::open(path)?;
        let run = AssessedRun {
            metadata: draws.metadata(),
            data,
            hierarchy: &self.hierarchy,
            draws_file: Some(path.display().to_string()),
            seconds: Some(seconds),
        };
        assess(run, &draws, self.exact_to_check())
    }
}
