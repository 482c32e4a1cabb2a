//! From data to one record that table, JSON and page all consume.

mod advice;
mod assess;
mod checkpoint;
mod comparison;
mod control;
mod difference;
mod extend;
mod lambda;
mod next_step;
mod pass;
mod plan;
mod plan_record;
mod plan_request;
mod prepared;
mod record;
mod recording;

pub(crate) use assess::warnings as model_warnings;
pub use assess::{Run as AssessedRun, assess};
pub use checkpoint::{Checkpointing, LeftOver, left_over};
pub use comparison::{Comparison, compare_draws, compare_draws_exactly};
pub use control::Control;
pub use extend::extend;
pub use lambda::{About, CommonLambda, Inversion, Lambda, Splits};
pub use plan::plan_draws;
pub use plan_record::{
    AllocationRow, CurveRow, NeededRow, ObjectiveRecord, PlanRecord, ReductionRow,
    SimulationRecord, bend,
};
pub use plan_request::{PlanRequest, Question};
pub use record::{
    AlphaMoments, DataRecord, DiagnosticsRecord, ExactRecord, Fit, Fitted, FkFigures, FkRecord,
    Moments, NoiseChoice, Observed, PluginRecord, SamplerRecord, VarianceQuantiles,
};

use crate::Error;
use crate::data::Data;
use crate::draws::{
    Draws, DrawsFile, DrawsOutput, DrawsSource, Ending, Format, Layout, MemorySink, Metadata,
    check_target, observed_text,
};
use crate::model::Model;
use crate::posterior::{ExactPosterior, Unavailable};
use crate::sampler::{Chains, SamplerSettings};
use crate::summary::RanksWanted;
use crate::threads;
use prepared::Prepared;
pub(crate) use prepared::exact_sampler_unavailable;
use recording::{Drawn, Recording};
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
    /// What is found of the ranks.
    pub ranks: RanksWanted,
}

impl Default for Fitter {
    fn default() -> Self {
        Self {
            model: Model::default(),
            sampler: SamplerSettings::default(),
            exact: true,
            threads: 0,
            ranks: RanksWanted::All,
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
    /// Where to save the run while it is under way, if anywhere.
    pub checkpoint: Option<Checkpointing>,
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
            checkpoint: None,
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
        self.fit_in_memory_with(data, Control::counting(&AtomicU64::new(0)))
    }

    /// As [`fit_in_memory`](Self::fit_in_memory), under the eyes of somebody who may end it early: the
    /// record then is of the draws that there are, and says so.
    ///
    /// # Errors
    /// If settings or data make no sense, or it was ended before the first draw.
    pub fn fit_in_memory_with(
        &self,
        data: &Data,
        control: Control<'_>,
    ) -> Result<(Fit, Draws), Error> {
        threads::on(self.threads, || {
            self.fit_prepared(data, &Prepared::new(self, data, None)?, control)
        })?
    }

    /// The same once all is settled.
    fn fit_prepared(
        &self,
        data: &Data,
        prepared: &Prepared,
        control: Control<'_>,
    ) -> Result<(Fit, Draws), Error> {
        let (metadata, draws, seconds) = self.draw(prepared, control)?;
        let run = AssessedRun {
            metadata: &metadata,
            data,
            hierarchy: &prepared.hierarchy,
            draws_file: None,
            seconds: Some(seconds),
        };
        let fit = assess(run, &draws, prepared.exact_to_check(), self.ranks)?;
        Ok((fit, draws))
    }

    /// Draws alone, which nobody judges.
    pub(crate) fn draw_in_memory(&self, data: &Data) -> Result<Draws, Error> {
        let unseen = AtomicU64::new(0);
        let drawn = self.draw(
            &Prepared::new(self, data, None)?,
            Control::counting(&unseen),
        )?;
        Ok(drawn.1)
    }

    /// Draws, with the metadata of those that there are, and the seconds that sampling took.
    fn draw(
        &self,
        prepared: &Prepared,
        control: Control<'_>,
    ) -> Result<(Metadata, Draws, f64), Error> {
        let run = prepared.run(self.threads, control.progress)?;
        let started = Instant::now();
        let values = (self.sampler.draws as usize).saturating_mul(prepared.columns.len());
        let sinks = (0..self.sampler.chains).map(|_| MemorySink::with_room(values));
        let mut sinks: Vec<MemorySink> = sinks.collect();
        let mut chains = Chains::start(run, sinks.len())?;
        while !chains.are_complete() && !control.is_stopped() {
            chains.round(&mut sinks)?;
        }
        let metadata = prepared.metadata.cut_to(chains.draws());
        if metadata.sampler.draws == 0 {
            return Err(Error::Interrupted("before the first draw".into()));
        }
        let seconds = started.elapsed().as_secs_f64();
        let draws = Draws::from_sinks(prepared.columns.clone(), &sinks);
        Ok((metadata, draws, seconds))
    }

    /// Fits, and writes the draws to a file while sampling. Where it is ended early, the file holds the
    /// draws that there are, and file and record say so.
    ///
    /// # Errors
    /// If settings or data make no sense, it was ended before the first draw, a checkpoint is not one
    /// of this run, or the file cannot be written; what stands under its name is never damaged.
    pub fn fit_to_file(
        &self,
        data: &Data,
        target: &Target,
        control: Control<'_>,
    ) -> Result<Fit, Error> {
        threads::on(self.threads, || self.fit_and_write(data, target, control))?
    }

    fn fit_and_write(
        &self,
        data: &Data,
        target: &Target,
        control: Control<'_>,
    ) -> Result<Fit, Error> {
        let prepare = || {
            let prepared = Prepared::new(self, data, target.keep.as_deref())?;
            check_target(&target.path).map(|()| prepared)
        };
        let (prepared, observed) = rayon::join(prepare, || observed_text(data.fks()));
        let prepared = prepared?;
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
        let run = prepared.run(self.threads, control.progress)?;
        let started = Instant::now();
        let document = prepared.metadata.document_of(observed?)?;
        let recording = match &target.checkpoint {
            None => Some(Recording::start(run, output, document)?),
            Some(asked) => Recording::checkpointed(run, output, document, asked)?,
        };
        let drawn = match recording {
            Some(recording) => recording.until_done(control)?,
            // A run that was killed had come to its very end.
            None => Drawn::Stands(Ending::Complete),
        };
        let seconds = started.elapsed().as_secs_f64();
        prepared.judge(data, &output, drawn, seconds, self.ranks)
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
        RanksWanted::All,
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
