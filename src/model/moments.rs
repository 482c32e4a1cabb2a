//! Which posterior moments exist.

use super::{Evidence, Hierarchy, Hyperprior, Importance, Location, NoiseVariance};

/// Excess of the tail's power over a moment's below which the moment is out of reach: double precision
/// ends 700 logs out, where such an integrand has fallen by 70 logs, and must have by 42.
const OUT_OF_REACH: f64 = 0.1;

/// a₀ + K'/2, an unknown location costing one FK.
pub(super) fn tail_index(hyperprior: &Hyperprior, evidence: &Evidence) -> f64 {
    let spent = match evidence.location() {
        Location::Zero => 0,
        Location::Flat => 1,
    };
    hyperprior.tail_index() + 0.5 * (evidence.k_observed() as f64 - f64::from(spent))
}

impl Hierarchy {
    /// The power a of the posterior's right tail, p(log t | y) ~ t^-a.
    #[must_use]
    pub fn tail_index(&self) -> f64 {
        tail_index(&self.hyperprior, &self.evidence)
    }

    /// Whether E[σ²_FK^r | y] exists within reach: where its integrand falls more slowly than t^-0.1 it
    /// rests on values beyond the range of double precision, and counts as absent.
    #[must_use]
    pub fn has_moment(&self, r: f64) -> bool {
        self.tail_index() > r + OUT_OF_REACH
    }

    /// Whether E[σ²_obs^r | y] exists: all do where it is known.
    ///
    /// As σ²_obs → ∞ its density falls as σ²_obs^-(c₀ + N/2 + 1), an unknown location costing ½; where
    /// the hyperprior of log t grows with t (flat: a = -½), t grows along and costs that much more.
    #[must_use]
    pub fn has_noise_moment(&self, r: f64) -> bool {
        let spent = match self.evidence.location() {
            Location::Zero => 0.0,
            Location::Flat => 0.5,
        };
        self.noise_tail()
            .is_none_or(|tail| tail - spent + self.hyperprior.tail_index().min(0.0) > r)
    }

    /// Whether E[σ²_obs,k^r | y] exists for FK `k` of the hierarchy under per-FK noise.
    ///
    /// One variance alone, or the scale d₀ and all variances with it, may run off: c₀ + n_k/2 and N/2
    /// are the powers by which the density then falls, an unknown location and a hyperprior that grows
    /// with t taking theirs from the latter.
    #[must_use]
    pub fn has_own_noise_moment(&self, k: usize, r: f64) -> bool {
        self.own_noise_tail(k).is_none_or(|tail| tail > r)
    }

    fn own_noise_tail(&self, k: usize) -> Option<f64> {
        let NoiseVariance::PerFk { c0, scale_prior } = self.noise else {
            return None;
        };
        let alone = c0 + 0.5 * self.spreads[k].n;
        let (degrees, _) = self.evidence.within();
        let all = 0.5 * (degrees + self.evidence.k_observed() as f64);
        let spent = match self.evidence.location() {
            Location::Zero => 0.0,
            Location::Flat => 0.5,
        };
        // A proper prior of d₀ falls exponentially: the variances cannot all run off.
        let together = if scale_prior.1 > 0.0 {
            f64::INFINITY
        } else {
            all - spent + self.hyperprior.tail_index().min(0.0)
        };
        Some(alone.min(together))
    }

    /// Degrees of freedom ν of Student-t importances; `None` for normal ones.
    #[must_use]
    pub fn nu(&self) -> Option<f64> {
        match self.model.importance {
            Importance::Normal => None,
            Importance::StudentT { nu } => Some(nu),
        }
    }

    /// Whether FKs have scales of their own that are sampled: noise variances, or the mixing scales of
    /// Student-t importances.
    #[must_use]
    pub fn has_own_scales(&self) -> bool {
        self.nu().is_some() || matches!(self.noise, NoiseVariance::PerFk { .. })
    }

    /// Whether E[|α_k|^r | y] exists, for FK `k` of the hierarchy.
    ///
    /// With scores, V_k is at most the smaller of t and s_k at location zero, and at most 2 s_k with
    /// an unknown location; without, it is t, and the location's variance more. Without scores a
    /// Student-t importance has r < ν.
    #[must_use]
    pub fn has_importance_moment(&self, k: usize, r: f64) -> bool {
        let observed = self.sampling_variance(k, 1.0).is_finite();
        self.has_moment_given_tail(observed, self.own_noise_tail(k), r)
    }

    /// The same for an FK with scores or without, where noise is not per FK.
    pub(crate) fn has_common_importance_moment(&self, observed: bool, r: f64) -> bool {
        self.has_moment_given_tail(observed, None, r)
    }

    fn has_moment_given_tail(&self, observed: bool, own_tail: Option<f64>, r: f64) -> bool {
        let half = 0.5 * r;
        let noise_exists = || match own_tail {
            Some(tail) => tail > half,
            None => self.has_noise_moment(half),
        };
        match (self.evidence.location(), observed) {
            (Location::Zero, true) => {
                // Both variances must run off together, which costs both powers.
                let noise = own_tail.or(self.noise_tail());
                let scale = self.nu().map_or(f64::INFINITY, |nu| 0.5 * nu);
                noise.is_none_or(|tail| tail + self.hyperprior.tail_index().min(scale) > half)
            }
            (Location::Flat, true) => noise_exists(),
            (Location::Zero, false) => self.has_unobserved_moment(r),
            (Location::Flat, false) => self.has_noise_moment(half) && self.has_unobserved_moment(r),
        }
    }

    fn has_unobserved_moment(&self, r: f64) -> bool {
        self.has_moment(0.5 * r) && self.nu().is_none_or(|nu| nu > r)
    }

    /// Whether E[|m|^r | y] exists for an unknown location m.
    #[must_use]
    pub fn has_location_moment(&self, r: f64) -> bool {
        self.has_noise_moment(0.5 * r) && self.has_moment(0.5 * r)
    }

    /// c₀ + N/2 where one noise variance is sampled.
    fn noise_tail(&self) -> Option<f64> {
        match self.noise {
            NoiseVariance::Known(_) | NoiseVariance::PerFk { .. } => None,
            NoiseVariance::Sampled { c0, .. } => {
                let (degrees, _) = self.evidence.within();
                Some(c0 + 0.5 * (degrees + self.evidence.k_observed() as f64))
            }
        }
    }

    /// Whether E[λ^r | y] exists, which needs a prior that keeps σ²_FK off 0.
    #[must_use]
    pub fn has_lambda_moment(&self, r: f64) -> bool {
        self.hyperprior.is_off_zero() && self.has_noise_moment(r)
    }
}
