//! One chain: warm-up, thinning, and the draws that leave it.

use super::exact::ExactKernel;
use super::gibbs::{GibbsKernel, Move};
use super::own_scales::OwnScalesKernel;
use super::rounds::Run;
use super::row::RowLayout;
use super::schedule::Schedule;
use super::selected::SelectedKernel;
use super::snapshot::ChainSnapshot;
use super::state::{Generator, Kernel, State};
use crate::Error;
use crate::model::{Hierarchy, SamplerKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Takes the draws of one chain, in order.
pub trait ChainSink: Send {
    /// Takes one draw: a value per column of the draws (see [`crate::draws::Columns`]).
    ///
    /// # Errors
    /// If it cannot be stored.
    fn record(&mut self, row: &[f64]) -> Result<(), Error>;

    /// The chain is complete: what is buffered must be stored now.
    ///
    /// # Errors
    /// If it cannot be stored.
    fn finish(&mut self) -> Result<(), Error>;
}

/// Sweeps between two signs of life.
const REPORT_EVERY: u64 = 64;

/// A chain that goes on for as many sweeps as it is told, and can be saved in between.
pub(super) struct Chain<'a> {
    hierarchy: &'a Hierarchy,
    schedule: Schedule,
    kernel: Box<dyn Kernel + Send + 'a>,
    state: State,
    rng: Generator,
    sweeps: u64,
    layout: Arc<RowLayout>,
    row: Vec<f64>,
}

impl<'a> Chain<'a> {
    /// A chain at its start; `layout` is that of the run.
    pub fn start(run: Run<'a>, layout: Arc<RowLayout>, mut rng: Generator) -> Result<Self, Error> {
        let hierarchy = run.hierarchy;
        let kernel = kernel(run, &layout)?;
        let state = if kernel.reads_importances() {
            State::start(hierarchy, &mut rng)
        } else {
            State::start_but_for_importances(hierarchy, &mut rng)
        };
        Ok(Self {
            hierarchy,
            schedule: Schedule::new(run.settings),
            kernel,
            state,
            rng,
            sweeps: 0,
            row: layout.empty_row(),
            layout,
        })
    }

    /// A chain where `saved` says that it was.
    pub fn restore(
        run: Run<'a>,
        layout: Arc<RowLayout>,
        saved: &ChainSnapshot,
    ) -> Result<Self, Error> {
        let mut chain = Self::start(run, layout, saved.rng.clone())?;
        let mut state = saved.state.clone();
        if state.alpha.is_empty() && !chain.kernel.reads_importances() {
            state.alpha.clone_from(&chain.state.alpha);
        }
        let slices = chain.kernel.slices();
        let fits = chain.state.has_shape_of(&state)
            && slices.len() == saved.slices.len()
            && saved.sweeps <= chain.schedule.total();
        if !fits {
            return Err(Error::Unfit(
                "the saved chains are not those of this model and these settings".into(),
            ));
        }
        for (slice, saved) in slices.into_iter().zip(&saved.slices) {
            slice.clone_from(saved);
        }
        chain.state = state;
        chain.rng = saved.rng.clone();
        chain.sweeps = saved.sweeps;
        Ok(chain)
    }

    /// All that it carries on.
    pub fn snapshot(&mut self) -> ChainSnapshot {
        let state = if self.kernel.reads_importances() {
            self.state.clone()
        } else {
            self.state.without_importances()
        };
        ChainSnapshot {
            sweeps: self.sweeps,
            rng: self.rng.clone(),
            state,
            slices: self
                .kernel
                .slices()
                .into_iter()
                .map(|s| s.clone())
                .collect(),
        }
    }

    /// Goes on until it has done so many sweeps from its start.
    pub fn advance(
        &mut self,
        until: u64,
        sink: &mut impl ChainSink,
        progress: &AtomicU64,
    ) -> Result<(), Error> {
        while self.sweeps < until {
            let stretch = REPORT_EVERY.min(until - self.sweeps);
            for _ in 0..stretch {
                self.sweep(sink)?;
            }
            progress.fetch_add(stretch, Ordering::Relaxed);
        }
        Ok(())
    }

    fn sweep(&mut self, sink: &mut impl ChainSink) -> Result<(), Error> {
        if self.sweeps == self.schedule.warmup {
            self.kernel.end_warmup();
        }
        self.sweeps += 1;
        if self.schedule.keeps(self.sweeps) {
            self.kernel.step(&mut self.state, &mut self.rng);
            return self.record(sink);
        }
        self.kernel.pass(&mut self.state, &mut self.rng);
        Ok(())
    }

    /// Draws are numbers or there are none.
    fn record(&mut self, sink: &mut impl ChainSink) -> Result<(), Error> {
        self.layout.fill(&mut self.row, &self.state, self.hierarchy);
        if are_finite(&self.row) {
            return sink.record(&self.row);
        }
        Err(Error::Unfit(format!(
            "the posterior leaves the range of double precision under hyperprior {} and noise {}: \
             give both in the units of the scores, or rescale the scores",
            self.hierarchy.hyperprior, self.hierarchy.model.noise
        )))
    }
}

/// Without leaving off at the first that is not, so that several can be looked at at once.
fn are_finite(row: &[f64]) -> bool {
    row.iter().fold(true, |all, value| all & value.is_finite())
}

/// The kernel that the settings ask for.
fn kernel<'a>(run: Run<'a>, layout: &RowLayout) -> Result<Box<dyn Kernel + Send + 'a>, Error> {
    let hierarchy = run.hierarchy;
    if let Some(selected) = SelectedKernel::of(run, layout) {
        return Ok(Box::new(selected));
    }
    let with = if run.settings.interweave {
        Move::fastest(hierarchy)
    } else {
        Move::None
    };
    match (run.settings.kind, run.exact) {
        (SamplerKind::Gibbs, _) if hierarchy.has_own_scales() => {
            Ok(Box::new(OwnScalesKernel::new(hierarchy, with)))
        }
        (SamplerKind::Gibbs, _) => Ok(Box::new(GibbsKernel::new(hierarchy, with))),
        (SamplerKind::Exact, Some(exact)) => Ok(Box::new(ExactKernel::new(hierarchy, exact))),
        (SamplerKind::Exact, None) => Err(Error::Unfit(
            "the exact sampler needs the exact posterior, which is not available here; use \
             --sampler gibbs"
                .into(),
        )),
    }
}
