//! Where a chain is, and what one step of a kernel does to it.

use crate::model::{Hierarchy, Location, NoiseVariance};
use crate::posterior::{conditional, location_given};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// The parameters of the hierarchy; importances in group order (see
/// [`Evidence::place`](crate::model::Evidence::place)), in score units about the evidence's centre.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// σ²_FK.
    pub sigma2_fk: f64,
    /// σ²_obs; constant where it is known.
    pub sigma2_obs: f64,
    /// m, 0 where the location is zero.
    pub location: f64,
    /// α.
    pub alpha: Vec<f64>,
    /// Sums over the current α that the conditionals of the variances need.
    pub sums: Sums,
}

/// Sums over the importances; all deviations are from the location m.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sums {
    /// Σ (α_k - m)².
    pub alpha_sq: f64,
    /// Σ (α_k - m)²/r_k over the FKs with scores, r_k = 1/n_k (see [`crate::model::Evidence`]).
    pub weighted_alpha_sq: f64,
    /// Σ (ȳ_k - m)(α_k - m)/r_k over the FKs with scores.
    pub weighted_product: f64,
    /// Σ (ȳ_k - α_k)²/r_k over the FKs with scores.
    pub residual_sq: f64,
}

/// One transition that leaves the posterior invariant.
pub trait Kernel: Sync {
    /// Moves the chain one step.
    fn step(&mut self, state: &mut State, rng: &mut impl Rng);

    /// Ends the adaptation of the kernel: from here on its transition is fixed.
    fn end_warmup(&mut self) {}
}

impl State {
    /// A start that is over-dispersed: σ²_FK anywhere, on a log scale, from a hundredth of the
    /// smallest sampling variance to a hundred times the largest squared mean (or the prior's scale,
    /// where that is wider); σ²_obs within a factor of three.
    pub fn start(hierarchy: &Hierarchy, rng: &mut impl Rng) -> Self {
        let evidence = &hierarchy.evidence;
        let (mut low, mut high) = match hierarchy.hyperprior.log_mode() {
            Some(mode) => (mode - 2.0, mode + 2.0),
            None => (f64::INFINITY, f64::NEG_INFINITY),
        };
        for group in evidence.observed() {
            let log_s = (hierarchy.sigma2_obs * group.unit_variance).ln();
            low = low.min(log_s - 2.0);
            high = high.max(log_s);
            let mean_sq = group.sum_sq_means / group.count as f64;
            if mean_sq > 0.0 {
                high = high.max(mean_sq.ln() + 2.0);
            }
        }
        let spread: f64 = rng.random::<f64>() * 2.0 - 1.0;
        let sigma2_obs = match hierarchy.noise {
            NoiseVariance::Known(v) => v,
            NoiseVariance::Sampled { .. } => hierarchy.sigma2_obs * (3f64.ln() * spread).exp(),
        };
        let mut state = Self {
            sigma2_fk: (low + (high - low) * rng.random::<f64>()).exp(),
            sigma2_obs,
            location: 0.0,
            alpha: vec![0.0; evidence.k()],
            sums: Sums::default(),
        };
        state.draw_alpha(hierarchy, rng);
        state
    }

    /// Draws (m, α) | σ²_FK, σ²_obs, y in one block: an unknown location with the importances
    /// integrated out, then α given it, independent normals N(B_k ȳ_k + (1 - B_k) m, V_k). Keeps
    /// their sums.
    pub fn draw_alpha(&mut self, hierarchy: &Hierarchy, rng: &mut impl Rng) {
        let evidence = &hierarchy.evidence;
        if evidence.location() == Location::Flat {
            let given = location_given(evidence, self.sigma2_fk, self.sigma2_obs);
            let z: f64 = rng.sample(StandardNormal);
            self.location = given.mean + given.variance.sqrt() * z;
        }
        let m = self.location;
        let mut sums = Sums::default();
        let mut first = 0;
        for group in evidence.groups() {
            let given = conditional(self.sigma2_fk, self.sigma2_obs * group.unit_variance, 0.0);
            let sd = given.variance.sqrt();
            // 0 without scores: such an FK says nothing about the noise or the scale.
            let weight = 1.0 / group.unit_variance;
            let members = first..first + group.count;
            first = members.end;
            let (mut alpha_sq, mut product, mut residual_sq) = (0.0, 0.0, 0.0);
            for (alpha, &mean) in self.alpha[members.clone()]
                .iter_mut()
                .zip(&evidence.means()[members])
            {
                let z: f64 = rng.sample(StandardNormal);
                let mean = mean - m;
                let draw = given.shrinkage * mean + sd * z;
                *alpha = m + draw;
                alpha_sq += draw * draw;
                product += mean * draw;
                residual_sq += (mean - draw) * (mean - draw);
            }
            sums.alpha_sq += alpha_sq;
            sums.weighted_alpha_sq += weight * alpha_sq;
            sums.weighted_product += weight * product;
            sums.residual_sq += weight * residual_sq;
        }
        self.sums = sums;
    }

    /// Multiplies every importance's deviation from the location by `c`, the sums with them.
    pub fn rescale_alpha(&mut self, c: f64, hierarchy: &Hierarchy) {
        let evidence = &hierarchy.evidence;
        let mut residual_sq = 0.0;
        let mut first = 0;
        for group in evidence.groups() {
            let members = first..first + group.count;
            first = members.end;
            let mut sum = 0.0;
            for (alpha, &mean) in self.alpha[members.clone()]
                .iter_mut()
                .zip(&evidence.means()[members])
            {
                *alpha = self.location + c * (*alpha - self.location);
                sum += (mean - *alpha) * (mean - *alpha);
            }
            residual_sq += sum / group.unit_variance;
        }
        let sums = &mut self.sums;
        sums.alpha_sq *= c * c;
        sums.weighted_alpha_sq *= c * c;
        sums.weighted_product *= c;
        sums.residual_sq = residual_sq;
    }

    /// Log joint density of the parameters (σ²_FK, σ²_obs where sampled, α) and the scores, up to a
    /// constant that does not depend on the parameters; the densities are those of σ²_FK and
    /// σ²_obs themselves, not of their logarithms.
    #[must_use]
    pub fn log_density(&self, hierarchy: &Hierarchy) -> f64 {
        let log_t = self.sigma2_fk.ln();
        let k = self.alpha.len() as f64;
        let prior = hierarchy.hyperprior.log_density(log_t) - log_t;
        let importances = -0.5 * (k * log_t + self.sums.alpha_sq / self.sigma2_fk);
        let (degrees, sum_sq) = hierarchy.evidence.within();
        let scores = degrees + hierarchy.evidence.k_observed() as f64;
        let noise = match hierarchy.noise {
            NoiseVariance::Known(v) => -0.5 * self.sums.residual_sq / v,
            NoiseVariance::Sampled { c0, d0 } => {
                let v = self.sigma2_obs;
                let rest = d0 + 0.5 * (sum_sq + self.sums.residual_sq);
                -(c0 + 1.0 + 0.5 * scores) * v.ln() - rest / v
            }
        };
        prior + importances + noise
    }
}
