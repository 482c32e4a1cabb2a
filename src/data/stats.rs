//! Sufficient statistics of one foreign key's permutation scores.

/// Count, mean and within-FK sum of squares of the scores of one foreign key.
///
/// Constant memory whatever the number of scores: scores are [`observe`](Self::observe)d one at a
/// time (Welford 1962) and partial results [`merge`](Self::merge)d (Chan, Golub & LeVeque 1983).
///
/// ```
/// use fkbayes::data::FkStats;
/// let mut stats = FkStats::default();
/// for score in [1.0, 2.0, 4.0] {
///     stats.observe(score);
/// }
/// assert_eq!(stats.n(), 3);
/// assert!((stats.variance().unwrap() - 7.0 / 3.0).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FkStats {
    n: u64,
    mean: f64,
    sum_sq: f64,
}

impl FkStats {
    /// Statistics already aggregated elsewhere: count, mean and sample variance (divisor n - 1).
    ///
    /// `mean` is ignored at `n = 0`, `variance` at `n <= 1`.
    #[must_use]
    pub fn from_summary(n: u64, mean: f64, variance: f64) -> Self {
        match n {
            0 => Self::default(),
            1 => Self {
                n,
                mean,
                sum_sq: 0.0,
            },
            _ => Self {
                n,
                mean,
                sum_sq: (n - 1) as f64 * variance,
            },
        }
    }

    /// Statistics from their parts: count, mean and sum of squared deviations from the mean, which are ignored
    /// at `n = 0`.
    #[must_use]
    pub fn from_parts(n: u64, mean: f64, sum_sq: f64) -> Self {
        match n {
            0 => Self::default(),
            _ => Self { n, mean, sum_sq },
        }
    }

    /// Takes one more score into account.
    pub fn observe(&mut self, score: f64) {
        self.n += 1;
        let deviation = score - self.mean;
        self.mean += deviation / self.n as f64;
        self.sum_sq += deviation * (score - self.mean);
    }

    /// Takes another part of the same FK's scores into account.
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = *other;
            return;
        }
        let (n, m) = (self.n as f64, other.n as f64);
        let gap = other.mean - self.mean;
        self.mean += gap * (m / (n + m));
        self.sum_sq += other.sum_sq + gap * gap * (n * m / (n + m));
        self.n = self.n.saturating_add(other.n);
    }

    /// Number of scores.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Mean score ȳ_k, in score units; none without scores.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }

    /// Sum of squared deviations from the mean (SSW_k), in squared score units.
    #[must_use]
    pub fn sum_sq(&self) -> f64 {
        self.sum_sq
    }

    /// Sample variance (divisor n - 1), in squared score units; none below two scores.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.n > 1).then(|| self.sum_sq / (self.n - 1) as f64)
    }
}
