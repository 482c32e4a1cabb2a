//! Which sweeps of a chain are warm-up, and which end in a draw that is kept.

use crate::model::{SamplerKind, SamplerSettings};

/// The course of every chain, counted in its sweeps from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schedule {
    /// Sweeps of warm-up.
    pub warmup: u64,
    thin: u64,
    draws: u64,
}

impl Schedule {
    pub fn new(settings: &SamplerSettings) -> Self {
        Self {
            // Independent draws need no warm-up.
            warmup: match settings.kind {
                SamplerKind::Gibbs => u64::from(settings.warmup),
                SamplerKind::Exact => 0,
            },
            thin: u64::from(settings.thin.max(1)),
            draws: u64::from(settings.draws),
        }
    }

    /// Sweeps of a complete chain.
    pub fn total(self) -> u64 {
        self.warmup + self.draws * self.thin
    }

    /// Whether the state after so many sweeps is a draw.
    pub fn keeps(self, sweeps: u64) -> bool {
        sweeps > self.warmup && (sweeps - self.warmup).is_multiple_of(self.thin)
    }

    /// Draws that so many sweeps have given.
    pub fn draws_after(self, sweeps: u64) -> u64 {
        sweeps.saturating_sub(self.warmup) / self.thin
    }

    /// Where a round may end that should end after so many sweeps: in the warm-up, or at a draw.
    pub fn end_of_round(self, sweeps: u64) -> u64 {
        let kept = sweeps.saturating_sub(self.warmup);
        let whole = kept.div_ceil(self.thin).saturating_mul(self.thin);
        (sweeps - kept).saturating_add(whole).min(self.total())
    }
}
