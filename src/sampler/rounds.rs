//! Chains in parallel, in rounds: between two rounds all of them have done the same sweeps, so that a
//! run can be stopped or saved there.

use super::chain::{Chain, ChainSink};
use super::row::RowLayout;
use super::schedule::Schedule;
use super::snapshot::Snapshot;
use super::state::Generator;
use crate::Error;
use crate::model::{Hierarchy, Kept, SamplerSettings};
use crate::posterior::ExactPosterior;
use crate::threads::pool;
use rand::SeedableRng;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Everything that determines the draws, and how the run is observed.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The model with its data.
    pub hierarchy: &'a Hierarchy,
    /// The exact posterior, which the exact sampler needs.
    pub exact: Option<&'a ExactPosterior>,
    /// Settings.
    pub settings: &'a SamplerSettings,
    /// What is stored of every draw; `None` for all of it.
    pub kept: Option<&'a Kept>,
    /// Threads to use; 0 means all there are. Where the caller is in a pool of threads already, it is
    /// that pool. The draws do not depend on it.
    pub threads: usize,
    /// Counts sweeps of all chains while they run.
    pub progress: &'a AtomicU64,
}

/// Runs one chain per sink, each with its own stream of random numbers.
///
/// # Errors
/// If a sink cannot store a draw, or the exact sampler has no exact posterior to draw from.
pub fn run<S: ChainSink>(run: Run<'_>, sinks: &mut [S]) -> Result<(), Error> {
    let mut chains = Chains::start(run, sinks.len())?;
    while !chains.are_complete() {
        chains.round(sinks)?;
    }
    sinks.iter_mut().try_for_each(ChainSink::finish)
}

/// Sweeps of the first round.
const FIRST_ROUND: u64 = 16;
/// Seconds that a round should take: short to whoever waits for its end, long beside the time for
/// which the first chain to end it waits for the last.
const ROUND_SECONDS: f64 = 0.075;
/// By how much a round may be longer than the one before; a few rounds tell how long a sweep takes.
const GROWTH: f64 = 32.0;

/// Chains that run side by side, each with its own stream of random numbers. What they draw does not
/// depend on the length of the rounds.
pub struct Chains<'a> {
    progress: &'a AtomicU64,
    schedule: Schedule,
    chains: Vec<Chain<'a>>,
    pool: Option<ThreadPool>,
    /// Sweeps that every chain has done.
    sweeps: u64,
    /// Sweeps of the next round.
    round: u64,
}

impl<'a> Chains<'a> {
    /// So many chains at their start.
    ///
    /// # Errors
    /// If the exact sampler has no exact posterior to draw from, or the system gives no threads.
    pub fn start(run: Run<'a>, count: usize) -> Result<Self, Error> {
        let streams: Vec<Generator> = streams(run.settings.seed).take(count).collect();
        Self::assemble(
            run,
            streams,
            |layout, rng| Chain::start(run, layout, rng),
            0,
        )
    }

    /// The chains of a snapshot, where they were.
    ///
    /// # Errors
    /// As [`start`](Self::start), and if the snapshot is not one of this run.
    pub fn restore(run: Run<'a>, saved: &Snapshot) -> Result<Self, Error> {
        let sweeps = saved.chains.first().map_or(0, |chain| chain.sweeps);
        let of_this_run = saved.chains.len() == run.settings.chains as usize
            && saved.chains.iter().all(|chain| chain.sweeps == sweeps);
        if !of_this_run {
            return Err(Error::Unfit(
                "the saved chains are not as many as these settings ask for".into(),
            ));
        }
        let done = sweeps.saturating_mul(saved.chains.len() as u64);
        run.progress.fetch_add(done, Ordering::Relaxed);
        let saved: Vec<_> = saved.chains.iter().collect();
        let chain = |layout, saved| Chain::restore(run, layout, saved);
        Self::assemble(run, saved, chain, sweeps)
    }

    fn assemble<T: Send>(
        run: Run<'a>,
        from: Vec<T>,
        chain: impl Fn(Arc<RowLayout>, T) -> Result<Chain<'a>, Error> + Sync + Send,
        sweeps: u64,
    ) -> Result<Self, Error> {
        // Threads of our own, unless the caller is in a pool of them.
        let pool = match rayon::current_thread_index() {
            Some(_) => None,
            None => Some(pool(run.threads.min(from.len()))?),
        };
        let layout = Arc::new(RowLayout::new(run.hierarchy, run.kept));
        let chain = |from| chain(layout.clone(), from);
        let chains = || from.into_par_iter().map(chain).collect::<Result<_, _>>();
        Ok(Self {
            progress: run.progress,
            schedule: Schedule::new(run.settings),
            chains: on(pool.as_ref(), chains)?,
            pool,
            sweeps,
            round: FIRST_ROUND,
        })
    }

    /// A round: long enough to keep the threads busy, short enough to wait for.
    ///
    /// # Errors
    /// As [`advance`](Self::advance).
    pub fn round<S: ChainSink>(&mut self, sinks: &mut [S]) -> Result<(), Error> {
        let (started, from) = (Instant::now(), self.sweeps);
        self.advance(self.round, sinks)?;
        let growth = (ROUND_SECONDS / started.elapsed().as_secs_f64()).min(GROWTH);
        self.round = (((self.sweeps - from) as f64 * growth) as u64).max(1);
        Ok(())
    }

    /// Moves all chains on by so many sweeps, or a few more up to the next draw once the warm-up is
    /// over, but not past their end.
    ///
    /// # Errors
    /// If a sink cannot store a draw, or draws leave the range of double precision. Chains may have
    /// done different numbers of sweeps then.
    pub fn advance<S: ChainSink>(&mut self, sweeps: u64, sinks: &mut [S]) -> Result<(), Error> {
        let until = self
            .schedule
            .end_of_round(self.sweeps.saturating_add(sweeps));
        let (chains, progress) = (&mut self.chains, self.progress);
        on(self.pool.as_ref(), || {
            chains
                .par_iter_mut()
                .zip(sinks)
                .try_for_each(|(chain, sink)| chain.advance(until, sink, progress))
        })?;
        self.sweeps = until;
        Ok(())
    }

    /// Whether every draw that was asked for has been drawn.
    #[must_use]
    pub fn are_complete(&self) -> bool {
        self.sweeps >= self.schedule.total()
    }

    /// Draws that every chain has given.
    #[must_use]
    pub fn draws(&self) -> u32 {
        u32::try_from(self.schedule.draws_after(self.sweeps)).unwrap_or(u32::MAX)
    }

    /// All that the chains carry on.
    pub fn snapshot(&mut self) -> Snapshot {
        Snapshot {
            chains: self.chains.iter_mut().map(Chain::snapshot).collect(),
        }
    }
}

/// Works on these threads, or on the caller's.
fn on<T: Send>(pool: Option<&ThreadPool>, work: impl FnOnce() -> T + Send) -> T {
    match pool {
        Some(pool) => pool.install(work),
        None => work(),
    }
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
