//! Is the program right on this machine? The statistical checks of its tests, in about a minute.
//!
//! Every member of the model family is sampled and compared with what it should be, in three ways that know
//! nothing of each other: with the exact posterior by quadrature, by ranks of the truth among the draws
//! given its scores (Talts et al. 2018), and by the joint distribution of parameters and scores (Geweke
//! 2004). Besides, draws must not depend on the number of threads, and the diagnostics must give the figures
//! that ArviZ gives. The same checks must fail on a sampler with a planted error, or they say nothing.

mod exact;
mod known;
mod members;
mod planted;
mod record;
mod simulated;
mod threads;

pub use record::{CheckRecord, SelfTestRecord};

use crate::Error;
use crate::threads::pool;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Probability, at most, that a right program fails: the shares of the checks are 5e-5 together, and the
/// rest is for Monte-Carlo errors that are themselves estimated, so that deviations are not quite normal.
const FALSE_ALARM: f64 = 1e-4;
/// Shares of the three checks that rest on random numbers, each for all its figures together.
const OF_EXACT: f64 = 1e-5;
const OF_RANKS: f64 = 3e-5;
const OF_JOINT: f64 = 1e-5;

/// A self-test: the same seed gives the same figures whatever the number of threads.
///
/// ```no_run
/// use fkbayes::selftest::SelfTest;
/// let found = SelfTest::default().run(&Default::default())?;
/// assert!(found.ok);
/// # Ok::<(), fkbayes::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelfTest {
    /// Seed of the random numbers.
    pub seed: u64,
    /// Threads; 0 means all there are.
    pub threads: usize,
}

impl Default for SelfTest {
    fn default() -> Self {
        Self {
            seed: 1,
            threads: 0,
        }
    }
}

/// Which sampler is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// That of this crate.
    Ours,
    /// The one with the planted error.
    Planted,
}

impl SelfTest {
    /// Runs the checks, counting their runs in `progress` up to [`total`](Self::total).
    ///
    /// # Errors
    /// If threads cannot be started, or a simulated data set leaves the range of double precision.
    pub fn run(&self, progress: &AtomicU64) -> Result<SelfTestRecord, Error> {
        let started = Instant::now();
        let pool = pool(self.threads)?;
        let (checks, planted) = pool.install(|| {
            let of = |subject| -> Result<Vec<CheckRecord>, Error> {
                Ok(vec![
                    exact::check(self, subject, progress)?,
                    simulated::ranks(self, subject, progress)?,
                    simulated::joint(self, subject, progress)?,
                ])
            };
            let mut checks = of(Subject::Ours)?;
            checks.push(threads::check(self)?);
            checks.push(known::check());
            Ok::<_, Error>((checks, of(Subject::Planted)?))
        })?;
        let found = planted.iter().all(|check| !check.ok);
        Ok(SelfTestRecord {
            ok: found && checks.iter().all(|check| check.ok),
            version: env!("CARGO_PKG_VERSION"),
            seed: self.seed,
            false_alarm: FALSE_ALARM,
            checks,
            planted,
            planted_error: planted::ERROR,
            seconds: started.elapsed().as_secs_f64(),
        })
    }

    /// What [`run`](Self::run) counts up to.
    #[must_use]
    pub fn total(&self) -> u64 {
        [Subject::Ours, Subject::Planted]
            .map(|subject| exact::total(subject) + simulated::total(subject))
            .iter()
            .sum()
    }
}

fn count(progress: &AtomicU64, steps: u64) {
    progress.fetch_add(steps, Ordering::Relaxed);
}
