//! Chains: warm-up, thinning, one stream of random numbers each, in parallel.

use super::exact::ExactKernel;
use super::gibbs::{GibbsKernel, Move};
use super::own_scales::OwnScalesKernel;
use super::row::RowLayout;
use super::state::{Generator, Kernel, State};
use crate::Error;
use crate::model::{Hierarchy, SamplerKind, SamplerSettings};
use crate::posterior::ExactPosterior;
use rand::SeedableRng;
use rayon::prelude::*;
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

/// Everything that determines the draws, and how the run is observed.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The model with its data.
    pub hierarchy: &'a Hierarchy,
    /// The exact posterior, which the exact sampler needs.
    pub exact: Option<&'a ExactPosterior>,
    /// Settings.
    pub settings: &'a SamplerSettings,
    /// Threads to use; 0 means all there are. The draws do not depend on it.
    pub threads: usize,
    /// Counts sweeps of all chains while they run.
    pub progress: &'a AtomicU64,
}

/// Sweeps between two signs of life.
const REPORT_EVERY: u32 = 64;

/// Runs one chain per sink, each with its own stream of random numbers: on the threads of the pool that
/// the caller is in, else in a pool of its own.
///
/// # Errors
/// If a sink cannot store a draw, or the exact sampler has no exact posterior to draw from.
pub fn run<S: ChainSink>(run: Run<'_>, sinks: &mut [S]) -> Result<(), Error> {
    if rayon::current_thread_index().is_some() {
        return run_all(run, sinks);
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(run.threads.min(sinks.len()))
        .build()
        .map_err(|error| Error::Internal(format!("cannot start threads: {error}")))?;
    pool.install(|| run_all(run, sinks))
}

fn run_all<S: ChainSink>(run: Run<'_>, sinks: &mut [S]) -> Result<(), Error> {
    let streams: Vec<Generator> = streams(run.settings.seed).take(sinks.len()).collect();
    sinks
        .par_iter_mut()
        .zip(streams)
        .try_for_each(|(sink, rng)| run_chain(run, rng, sink))
}

/// Stream j is the generator of `seed` jumped j times: 2^128 numbers apart.
pub(crate) fn streams(seed: u64) -> impl Iterator<Item = Generator> {
    let first = Generator::seed_from_u64(seed);
    std::iter::successors(Some(first), |previous| {
        let mut next = previous.clone();
        next.jump();
        Some(next)
    })
}

fn run_chain(run: Run<'_>, mut rng: Generator, sink: &mut impl ChainSink) -> Result<(), Error> {
    let state = State::start(run.hierarchy, &mut rng);
    match (run.settings.kind, run.exact) {
        (SamplerKind::Gibbs, _) => {
            let with = if run.settings.interweave {
                Move::fastest(run.hierarchy)
            } else {
                Move::None
            };
            if state.has_own_scales() {
                let kernel = OwnScalesKernel::new(run.hierarchy, with);
                return drive(run, kernel, state, rng, sink);
            }
            drive(run, GibbsKernel::new(run.hierarchy, with), state, rng, sink)
        }
        (SamplerKind::Exact, Some(exact)) => drive(
            run,
            ExactKernel::new(run.hierarchy, exact),
            state,
            rng,
            sink,
        ),
        (SamplerKind::Exact, None) => Err(Error::Unfit(
            "the exact sampler needs the exact posterior, which is not available here; use \
             --sampler gibbs"
                .into(),
        )),
    }
}

fn drive(
    run: Run<'_>,
    mut kernel: impl Kernel,
    mut state: State,
    mut rng: Generator,
    sink: &mut impl ChainSink,
) -> Result<(), Error> {
    let settings = run.settings;
    let mut unreported = 0;
    let mut step = |kernel: &mut _, state: &mut _| {
        Kernel::step(kernel, state, &mut rng);
        unreported += 1;
        if unreported == REPORT_EVERY {
            run.progress
                .fetch_add(u64::from(unreported), Ordering::Relaxed);
            unreported = 0;
        }
    };
    // Independent draws need no warm-up.
    if settings.kind == SamplerKind::Gibbs {
        for _ in 0..settings.warmup {
            step(&mut kernel, &mut state);
        }
    }
    kernel.end_warmup();
    let layout = RowLayout::new(run.hierarchy);
    let mut row = layout.empty_row();
    for _ in 0..settings.draws {
        for _ in 0..settings.thin {
            step(&mut kernel, &mut state);
        }
        layout.fill(&mut row, &state, run.hierarchy);
        if !row.iter().all(|value| value.is_finite()) {
            return Err(out_of_range(run.hierarchy));
        }
        sink.record(&row)?;
    }
    sink.finish()
}

/// Draws are numbers or there are none.
fn out_of_range(hierarchy: &Hierarchy) -> Error {
    Error::Unfit(format!(
        "the posterior leaves the range of double precision under hyperprior {} and noise {}: give \
         both in the units of the scores, or rescale the scores",
        hierarchy.hyperprior, hierarchy.model.noise
    ))
}
