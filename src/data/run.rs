//! A short run of one foreign key's scores, summed without a division for each.

use super::FkStats;

/// Scores that a run holds before it is merged.
const FULL: u32 = 64;

/// Sums of up to 64 scores of one FK, about the first of them.
///
/// Every FK's scores are cut into such runs in the order in which they come: statistics depend on that
/// order alone, never on format, layout, number of files or threads.
///
/// Squares about the first score lose little: as that score x₁ is one of the n, the sum of squares
/// about the mean is at least n/(n-1) (x₁ - x̄)², so the cancelled term n (x₁ - x̄)² is at most n - 1
/// times what is left, and the relative error at most about 64 roundings, whatever the scores.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Run {
    n: u32,
    first: f64,
    sum: f64,
    squares: f64,
}

impl Run {
    /// Takes one more score; gives the statistics of a full run, and begins another.
    #[inline]
    pub(super) fn observe(&mut self, score: f64) -> Option<FkStats> {
        if self.n == 0 {
            self.first = score;
        }
        let deviation = score - self.first;
        self.n += 1;
        self.sum += deviation;
        self.squares += deviation * deviation;
        (self.n == FULL).then(|| std::mem::take(self).stats())
    }

    /// The statistics of the scores in the run.
    pub(super) fn stats(&self) -> FkStats {
        if self.n == 0 {
            return FkStats::default();
        }
        let n = f64::from(self.n);
        let mean = self.first + self.sum / n;
        let sum_sq = (self.squares - self.sum * self.sum / n).max(0.0);
        FkStats::from_parts(u64::from(self.n), mean, sum_sq)
    }
}
