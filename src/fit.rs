//! From data to one record that table, JSON and page all consume.

mod advice;
mod assess;
mod comparison;
mod lambda;
mod next_step;
mod pass;
mod plan;
mod plan_record;
mod plan_request;
mod record;

pub(crate) use assess::warnings as model_warnings;
pub use assess::{Run as AssessedRun, assess};
pub use comparison::{Comparison, compare_draws, compare_draws_exactly};
pub use lambda::{About, CommonLambda, Inversion, Lambda, Splits};
pub use plan::plan_draws;
pub use plan_record::{
    AllocationRow, CurveRow, NeededRow, ObjectiveRecord, PlanRecord, ReductionRow,
    SimulationRecord, bend,
};
pub use plan_request::{PlanRequest, Question};
pub use record::{
    AlphaMoments, DataRecord, DiagnosticsRecord, ExactRecord, Fit, Fitted, FkRecord, NoiseChoice,
    PluginRecord, SamplerRecord, VarianceQuantiles,
};

use crate::Error;
use crate::data::Data;
use crate::draws::{
    Columns, Draws, DrawsFile, DrawsOutput, DrawsSource, DrawsWriter, Ending, Format, Layout,
    MemorySink, Metadata, Scratch, StoredDraws,
};
use crate::model::{Hierarchy, Kept, Model};
use crate::posterior::{ExactPosterior, Unavailable};
use crate::sampler::{self, ChainSink, Run, SamplerKind, SamplerSettings};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::time::Instant;

/// Fits the hierarchy: model, settings, and how to run.
///
/// ```
/// use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
/// use fkbayes::fit::Fitter;
///
/// # fn main() -> Result<(), fkbayes::Error> {
/// let fks = [("orders.customer_id", 0.031), ("orders.store_id", 0.002)].map(|(name, mean)| {
///     ForeignKey { name: name.into(), sample: Sample::Scores(FkStats::from_summary(30, mean, 1e-4)) }
/// });
/// let (fit, draws) = Fitter::default().fit_in_memory(&Data::new(fks.into())?)?;
/// assert!(fit.diagnostics.ok);
/// assert!(fit.ranking[0].p_best > 0.99);
/// assert!(draws.get("alpha[orders.customer_id]").is_some());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fitter {
    /// The model.
    pub model: Model,
    /// Settings of the sampler.
    pub sampler: SamplerSettings,
    /// Whether to compute the exact posterior and check the chains against it.
    pub exact: bool,
    /// Threads; 0 means all there are. Results do not depend on it.
    pub threads: usize,
}

impl Default for Fitter {
    fn default() -> Self {
        Self {
            model: Model::default(),
            sampler: SamplerSettings::default(),
            exact: true,
            threads: 0,
        }
    }
}

/// Where draws are written, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The file.
    pub path: PathBuf,
    /// Its format.
    pub format: Format,
    /// Layout of the importances; `None` for wide up to 1,000 of them.
    pub layout: Option<Layout>,
    /// What to store besides the parameters that all FKs share, by name, each or with commas between;
    /// `None` for everything.
    pub keep: Option<Vec<String>>,
}

impl Target {
    /// A file whose format follows from its extension.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            format: Format::of_path(path),
            layout: None,
            keep: None,
        }
    }
}

impl Fitter {
    /// Fits, and keeps the draws in memory.
    ///
    /// # Errors
    /// If settings or data make no sense.
    pub fn fit_in_memory(&self, data: &Data) -> Result<(Fit, Draws), Error> {
        self.fit_in_memory_with(data, &AtomicU64::new(0))
    }

    /// As [`fit_in_memory`](Self::fit_in_memory), counting sweeps in `progress` while it runs.
    ///
    /// # Errors
    /// If settings or data make no sense.
    pub fn fit_in_memory_with(
        &self,
        data: &Data,
        progress: &AtomicU64,
    ) -> Result<(Fit, Draws), Error> {
        self.fit_prepared(data, &self.prepare(data)?, progress)
    }

    /// The same once all is settled.
    fn fit_prepared(
        &self,
        data: &Data,
        prepared: &Prepared,
        progress: &AtomicU64,
    ) -> Result<(Fit, Draws), Error> {
        let mut sinks = vec![MemorySink::default(); self.sampler.chains as usize];
        let seconds = self.sample(prepared, &mut sinks, progress)?;
        let draws = Draws::from_sinks(prepared.columns.clone(), &sinks);
        let fit = assess(
            AssessedRun {
                metadata: &prepared.metadata,
                data,
                hierarchy: &prepared.hierarchy,
                draws_file: None,
                seconds: Some(seconds),
            },
            &draws,
            prepared.exact.as_ref().filter(|_| self.exact),
        )?;
        Ok((fit, draws))
    }

    /// Fits, and writes the draws to a file while sampling.
    ///
    /// # Errors
    /// If settings or data make no sense, or the file cannot be written; it is complete or not
    /// there.
    pub fn fit_to_file(
        &self,
        data: &Data,
        target: &Target,
        progress: &AtomicU64,
    ) -> Result<Fit, Error> {
        let mut prepared = self.prepare(data)?;
        if let Some(keep) = &target.keep {
            prepared.keep_only(keep, data)?;
        }
        let stored = prepared.columns.len() - prepared.columns.hyperparameters();
        let layout = match target.layout {
            Some(layout) if stored > 0 => layout,
            _ => Layout::for_fks(stored),
        };
        let output = DrawsOutput {
            path: &target.path,
            format: target.format,
            layout,
            columns: &prepared.columns,
            metadata: &prepared.metadata,
        };
        let mut writer = DrawsWriter::create(output, &Scratch::Beside)?;
        let seconds = self.sample(&prepared, writer.parts(), progress)?;
        writer.finish(Ending::Complete)?;
        let columns = prepared.columns.clone();
        let draws = StoredDraws::open(&target.path, columns, layout, &self.sampler)?;
        assess(
            AssessedRun {
                metadata: &prepared.metadata,
                data,
                hierarchy: &prepared.hierarchy,
                draws_file: Some(target.path.display().to_string()),
                seconds: Some(seconds),
            },
            &draws,
            prepared.exact.as_ref().filter(|_| self.exact),
        )
    }

    fn prepare(&self, data: &Data) -> Result<Prepared, Error> {
        self.sampler.validate()?;
        let hierarchy = Hierarchy::resolve(&self.model, data)?;
        let columns = Columns::new(&hierarchy, data.fks().iter().map(|fk| fk.name.as_str()));
        let metadata = Metadata::new(data, &self.model, &hierarchy, &self.sampler, self.exact);
        let wanted = self.exact || self.sampler.kind == SamplerKind::Exact;
        let exact = wanted.then(|| ExactPosterior::new(&hierarchy));
        Ok(Prepared {
            hierarchy,
            columns,
            metadata,
            exact,
            kept: None,
        })
    }

    /// Runs the chains; returns the seconds that took.
    fn sample<S: ChainSink>(
        &self,
        prepared: &Prepared,
        sinks: &mut [S],
        progress: &AtomicU64,
    ) -> Result<f64, Error> {
        let exact = match &prepared.exact {
            Some(Ok(exact)) => Some(exact),
            Some(Err(why)) if self.sampler.kind == SamplerKind::Exact => {
                return Err(Error::Unfit(format!(
                    "--sampler exact needs the exact posterior, which is {why}; use --sampler gibbs"
                )));
            }
            _ => None,
        };
        let started = Instant::now();
        sampler::run(
            Run {
                hierarchy: &prepared.hierarchy,
                exact,
                settings: &self.sampler,
                kept: prepared.kept.as_ref(),
                threads: self.threads,
                progress,
            },
            sinks,
        )?;
        Ok(started.elapsed().as_secs_f64())
    }
}

/// What is settled before the first draw.
struct Prepared {
    hierarchy: Hierarchy,
    columns: Columns,
    metadata: Metadata,
    exact: Option<Result<ExactPosterior, Unavailable>>,
    /// What is stored, where that is not all.
    kept: Option<Kept>,
}

impl Prepared {
    fn keep_only(&mut self, wanted: &[String], data: &Data) -> Result<(), Error> {
        let names: Vec<&str> = data.fks().iter().map(|fk| fk.name.as_str()).collect();
        let kept = Kept::new(&self.hierarchy, &names, wanted)?;
        self.columns = Columns::of(&self.hierarchy, names.iter().copied(), Some(&kept));
        self.metadata.keep = Some(kept.names(&names));
        self.kept = Some(kept);
        Ok(())
    }
}

/// A finished run read back from its draws file.
#[derive(Debug)]
pub struct OpenedFit {
    /// The file, from which draws can be read.
    pub file: DrawsFile,
    /// The exact posterior, where the run was to have one.
    pub exact: Option<Result<ExactPosterior, Unavailable>>,
    /// The record.
    pub fit: Fit,
}

/// Reads back a finished run from its draws file alone, and judges it again; all draws must be there, as
/// pictures need them.
///
/// # Errors
/// If the file is not a draws file, is damaged, or holds some of the parameters only.
pub fn open_fit(path: &Path) -> Result<OpenedFit, Error> {
    let file = DrawsFile::open(path)?;
    if !file.columns().are_complete() {
        return Err(Error::DrawsFile {
            file: path.display().to_string(),
            problem: "holds some of the parameters only, and pictures need all; fit again without \
                      --keep, with the same seed"
                .into(),
        });
    }
    judge(path, file)
}

fn judge(path: &Path, file: DrawsFile) -> Result<OpenedFit, Error> {
    let exact = file
        .metadata()
        .exact
        .then(|| ExactPosterior::new(file.hierarchy()));
    let fit = assess(
        AssessedRun {
            metadata: file.metadata(),
            data: file.data(),
            hierarchy: file.hierarchy(),
            draws_file: Some(path.display().to_string()),
            seconds: None,
        },
        &file,
        exact.as_ref(),
    )?;
    Ok(OpenedFit { file, exact, fit })
}

/// The record of a finished run from its draws file alone.
///
/// # Errors
/// If the file is not a draws file or is damaged.
pub fn summarise_file(path: &Path) -> Result<Fit, Error> {
    Ok(judge(path, DrawsFile::open(path)?)?.fit)
}
