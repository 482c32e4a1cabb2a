//! Where a chain is, and what one step of a kernel does to it.

use super::location::draw_location;
use crate::model::{BLOCK, Hierarchy, Location, NoiseVariance};
use rand::RngExt;
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The generator of every chain. It is one concrete type, so that the sweep is compiled here, once,
/// and what the benches measure is what runs.
pub type Generator = Xoshiro256PlusPlus;

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
}

/// Sums over the importances that the conditionals of the variances need; all deviations are from
/// the location m.
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
    fn step(&mut self, state: &mut State, rng: &mut Generator);

    /// Ends the adaptation of the kernel: from here on its transition is fixed.
    fn end_warmup(&mut self) {}
}

impl State {
    /// A start that is over-dispersed: σ²_FK anywhere, on a log scale, from a hundredth of the
    /// smallest sampling variance to a hundred times the largest squared mean (or the prior's scale,
    /// where that is wider); σ²_obs within a factor of three.
    pub fn start(hierarchy: &Hierarchy, rng: &mut Generator) -> Self {
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
        };
        state.draw_alpha(hierarchy, rng);
        state
    }

    /// Draws (m, α) | σ²_FK, σ²_obs, y in one block: an unknown location with the importances
    /// integrated out, then α given it, independent normals N(B_k ȳ_k + (1 - B_k) m, V_k).
    pub fn draw_alpha(&mut self, hierarchy: &Hierarchy, rng: &mut Generator) {
        let evidence = &hierarchy.evidence;
        if evidence.location() == Location::Flat {
            self.location = draw_location(evidence, self.sigma2_fk, self.sigma2_obs, rng);
        }
        let m = self.location;
        let (prior, score) = (1.0 / self.sigma2_fk, 1.0 / self.sigma2_obs);
        for (alpha, block) in self.alpha.chunks_mut(BLOCK).zip(evidence.blocks()) {
            // In terms of precisions an FK without scores, whose weight is 0, is no special case.
            let (mut mean, mut sd) = ([0.0; BLOCK], [0.0; BLOCK]);
            for i in 0..BLOCK {
                let precision = score * block.weights[i];
                let variance = 1.0 / (prior + precision);
                mean[i] = m + variance * precision * (block.means[i] - m);
                sd[i] = variance.sqrt();
            }
            for ((alpha, mean), sd) in alpha.iter_mut().zip(&mean).zip(&sd) {
                let z: f64 = rng.sample(StandardNormal);
                *alpha = mean + sd * z;
            }
        }
    }

    /// Sums over the importances as they are.
    #[must_use]
    pub fn sums(&self, hierarchy: &Hierarchy) -> Sums {
        let evidence = &hierarchy.evidence;
        let m = self.location;
        // One sum per place in a block: additions that do not wait for each other.
        let mut lanes = [Sums::default(); BLOCK];
        for (alpha, block) in self.alpha.chunks(BLOCK).zip(evidence.blocks()) {
            let terms = alpha.iter().zip(&block.means).zip(&block.weights);
            for (lane, ((alpha, mean), weight)) in lanes.iter_mut().zip(terms) {
                let (deviation, mean) = (alpha - m, mean - m);
                lane.alpha_sq += deviation * deviation;
                lane.weighted_alpha_sq += weight * deviation * deviation;
                lane.weighted_product += weight * mean * deviation;
                lane.residual_sq += weight * (mean - deviation) * (mean - deviation);
            }
        }
        lanes.iter().fold(Sums::default(), |sum, lane| Sums {
            alpha_sq: sum.alpha_sq + lane.alpha_sq,
            weighted_alpha_sq: sum.weighted_alpha_sq + lane.weighted_alpha_sq,
            weighted_product: sum.weighted_product + lane.weighted_product,
            residual_sq: sum.residual_sq + lane.residual_sq,
        })
    }

    /// Multiplies every importance's deviation from the location by `c`.
    pub fn rescale_alpha(&mut self, c: f64) {
        for alpha in &mut self.alpha {
            *alpha = self.location + c * (*alpha - self.location);
        }
    }

    /// Log joint density of the parameters (σ²_FK, σ²_obs where sampled, α) and the scores, up to a
    /// constant that does not depend on the parameters; the densities are those of σ²_FK and
    /// σ²_obs themselves, not of their logarithms.
    #[must_use]
    pub fn log_density(&self, hierarchy: &Hierarchy) -> f64 {
        let log_t = self.sigma2_fk.ln();
        let k = self.alpha.len() as f64;
        let sums = self.sums(hierarchy);
        let prior = hierarchy.hyperprior.log_density(log_t) - log_t;
        let importances = -0.5 * (k * log_t + sums.alpha_sq / self.sigma2_fk);
        let (degrees, sum_sq) = hierarchy.evidence.within();
        let scores = degrees + hierarchy.evidence.k_observed() as f64;
        let noise = match hierarchy.noise {
            NoiseVariance::Known(v) => -0.5 * sums.residual_sq / v,
            NoiseVariance::Sampled { c0, d0 } => {
                let v = self.sigma2_obs;
                let rest = d0 + 0.5 * (sum_sq + sums.residual_sq);
                -(c0 + 1.0 + 0.5 * scores) * v.ln() - rest / v
            }
        };
        prior + importances + noise
    }
}
