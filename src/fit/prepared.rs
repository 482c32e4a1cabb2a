//! What is settled before the first draw.

use super::Fitter;
use super::assess::{Run as AssessedRun, assess};
use super::record::Fit;
use super::recording::{Drawn, Finishing};
use crate::Error;
use crate::data::Data;
use crate::draws::{Columns, DrawsOutput, Ending, Format, Metadata, StoredDraws};
use crate::model::{Hierarchy, Kept};
use crate::posterior::{ExactPosterior, Unavailable};
use crate::sampler::{Run, SamplerKind};
use crate::summary::RanksWanted;
use crate::threads::beside;
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
    /// From what `fitter` asks of the data; `keep` names what is stored, where that is not all.
    pub fn new(fitter: &Fitter, data: &Data, keep: Option<&[String]>) -> Result<Self, Error> {
        fitter.sampler.validate()?;
        let hierarchy = Hierarchy::resolve(&fitter.model, data)?;
        // A wrong name is told before anything long is done.
        let kept = keep.map(|wanted| Kept::new(&hierarchy, data, wanted));
        let kept = kept.transpose()?;
        let (model, sampler) = (&fitter.model, &fitter.sampler);
        let mut metadata = Metadata::new(data, model, &hierarchy, sampler, fitter.exact);
        metadata.keep = kept.as_ref().map(|kept| kept.names(data));
        Ok(Self::of(data, hierarchy, metadata, kept))
    }

    /// From what the metadata say; `kept` is what they say is stored, where that is not all.
    pub fn of(data: &Data, hierarchy: Hierarchy, metadata: Metadata, kept: Option<Kept>) -> Self {
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

    /// The record of draws that were just written. An Arrow file that is yet to be finished is brought to the
    /// disk while they are judged.
    pub fn judge(
        &self,
        data: &Data,
        output: &DrawsOutput<'_>,
        drawn: Drawn<'_>,
        seconds: f64,
        ranks: RanksWanted,
    ) -> Result<Fit, Error> {
        let metadata = match drawn {
            Drawn::Stands(Ending::Incomplete { draws }) => Cow::Owned(self.metadata.cut_to(draws)),
            Drawn::All(_) | Drawn::Stands(Ending::Complete) => Cow::Borrowed(&self.metadata),
        };
        let run = AssessedRun {
            metadata: &metadata,
            data,
            hierarchy: &self.hierarchy,
            draws_file: Some(output.path.display().to_string()),
            seconds: Some(seconds),
        };
        match drawn {
            Drawn::All(finishing) if output.format == Format::Arrow => {
                let draws = finishing.draws();
                let judge = || assess(run, &draws, self.exact_to_check(), ranks);
                let (finished, fit) = beside(*finishing, Finishing::finish, judge)?;
                return finished.and(fit);
            }
            // What is turned into another file is read from that.
            Drawn::All(finishing) => finishing.finish()?,
            Drawn::Stands(_) => {}
        }
        let columns = self.columns.clone();
        let draws = StoredDraws::open(output.path, columns, output.layout, &metadata.sampler)?;
        assess(run, &draws, self.exact_to_check(), ranks)
    }
}

/// Independent draws are wanted, and there is nothing to draw them from.
pub(crate) fn exact_sampler_unavailable(why: &Unavailable) -> Error {
    Error::Unfit(format!(
        "--sampler exact needs the exact posterior, which is {why}; use --sampler gibbs"
    ))
}
