//! Who watches a run, and may end it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How a run is watched and ended from outside.
#[derive(Debug, Clone, Copy)]
pub struct Control<'a> {
    /// Counts sweeps of all chains.
    pub progress: &'a AtomicU64,
    /// Once set, the run ends within a fraction of a second, or one sweep where that takes longer, with
    /// the draws that it has.
    pub stop: &'a AtomicBool,
}

impl<'a> Control<'a> {
    /// Of a run that is only watched.
    #[must_use]
    pub fn counting(progress: &'a AtomicU64) -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Self {
            progress,
            stop: &NEVER,
        }
    }

    /// Whether the run is to end.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
