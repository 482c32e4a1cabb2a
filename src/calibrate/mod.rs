//! Simulation-based calibration of the sampler (Talts, Betancourt, Simpson, Vehtari & Gelman 2018).
//!
//! Parameters are drawn from the prior, scores given them, and then draws from the posterior given the
//! scores: if the sampler is right, the rank of the true value among L independent draws is uniform on
//! 0..=L, for every parameter and every function of parameters and scores. Whether the ranks of many
//! replicates are is judged by their empirical distribution function as a whole (Säilynoja, Bürkner &
//! Vehtari 2022).

mod joint;
mod quantity;
mod ranks;
mod record;
mod replicate;
mod settle;
mod thin;

pub use joint::JointCheck;
pub use ranks::p_value_of_uniform_ranks;
pub use record::{CalibratedSampler, Calibration, CalibrationData, QuantityRanks};
pub use settle::Calibrator;

use crate::Error;
use crate::model::Hierarchy;
use crate::posterior::ExactPosterior;
use crate::sampler::{
    ExactKernel, Generator, GibbsKernel, Kernel, Move, OwnScalesKernel, SamplerKind, State,
};
use crate::threads::pool;
use rayon::prelude::*;
use replicate::Replicator;
use std::sync::atomic::{AtomicU64, Ordering};

/// A kernel for the posterior of a hierarchy.
pub type BoxedKernel<'a> = Box<dyn Kernel + 'a>;

impl Calibrator {
    /// Calibrates the sampler of this crate, counting replicates in `progress`.
    ///
    /// # Errors
    /// If there is no prior to draw from, settings contradict each other, or a replicate fails.
    pub fn run(&self, progress: &AtomicU64) -> Result<Calibration, Error> {
        self.run_with(&|hierarchy| self.kernel(hierarchy), progress)
    }

    /// Calibrates any kernel: `kernel` makes one for each data set.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_with(
        &self,
        kernel: &(impl for<'a> Fn(&'a Hierarchy) -> Result<BoxedKernel<'a>, Error> + Sync),
        progress: &AtomicU64,
    ) -> Result<Calibration, Error> {
        let replicator = Replicator::new(self)?;
        pool(self.threads)?.install(|| {
            let thinning = thin::choose(&replicator, kernel)?;
            let one = |rng: Generator| {
                let ranks = replicator.ranks(kernel, &thinning, rng);
                progress.fetch_add(1, Ordering::Relaxed);
                ranks
            };
            let streams = replicator.streams(self.replicates as usize);
            let ranks: Vec<Vec<u32>> = streams
                .into_par_iter()
                .map(one)
                .collect::<Result<_, Error>>()?;
            Ok(record::calibration(&replicator, &thinning, &ranks))
        })
    }

    /// The kernel that `fit` would use.
    fn kernel<'a>(&self, hierarchy: &'a Hierarchy) -> Result<BoxedKernel<'a>, Error> {
        if self.kind == SamplerKind::Exact {
            return Exact::new(hierarchy).map(|kernel| Box::new(kernel) as BoxedKernel<'a>);
        }
        let with = if self.interweave {
            Move::fastest(hierarchy)
        } else {
            Move::None
        };
        Ok(if hierarchy.has_own_scales() {
            Box::new(OwnScalesKernel::new(hierarchy, with))
        } else {
            Box::new(GibbsKernel::new(hierarchy, with))
        })
    }
}

/// The exact sampler with the posterior that it draws through.
struct Exact<'a> {
    hierarchy: &'a Hierarchy,
    posterior: ExactPosterior,
}

impl<'a> Exact<'a> {
    fn new(hierarchy: &'a Hierarchy) -> Result<Self, Error> {
        let posterior = ExactPosterior::new(hierarchy).map_err(|why| {
            Error::Unfit(format!(
                "--sampler exact needs the exact posterior, which is {why}; use --sampler gibbs"
            ))
        })?;
        Ok(Self {
            hierarchy,
            posterior,
        })
    }
}

impl Kernel for Exact<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        ExactKernel::new(self.hierarchy, &self.posterior).step(state, rng);
    }
}
