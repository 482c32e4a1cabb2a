//! Where a chain is, and what one step of a kernel does to it.

use super::alpha::{Given, draw_importances};
use super::gibbs::Move;
use super::location::draw_location;
use super::own_scales::{OwnScales, OwnScalesKernel};
use super::slice::Slice;
use crate::model::{BLOCK, Hierarchy, Location, NoiseVariance};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

/// The generator of every chain. It is one concrete type, so that the sweep is compiled here, once,
/// and what the benches measure is what runs.
pub type Generator = Xoshiro256PlusPlus;

/// The parameters of the hierarchy; importances in group order (see
/// [`Evidence::place`](crate::model::Evidence::place)), in score units about the evidence's centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// σ²_FK.
    pub sigma2_fk: f64,
    /// σ²_obs; constant where it is known, unused where every FK has its own.
    pub sigma2_obs: f64,
    /// σ²_obs,k where every FK has its own, in group order; else empty. An FK without scores has none:
    /// its entry stands still.
    pub own_noise: Vec<f64>,
    /// d₀, the scale from which they come.
    pub noise_scale: f64,
    /// The mixing scales ω_k of Student-t importances, in group order; empty for normal ones.
    pub mixing: Vec<f64>,
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

    /// Moves the chain one step that ends in no draw: parameters that the next step does not start
    /// from may be left as they were.
    fn pass(&mut self, state: &mut State, rng: &mut Generator) {
        self.step(state, rng);
    }

    /// Ends the adaptation of the kernel: from here on its transition is fixed.
    fn end_warmup(&mut self) {
        for slice in self.slices() {
            slice.end_warmup();
        }
    }

    /// Whether the next step starts from the importances as they are.
    fn reads_importances(&self) -> bool {
        true
    }

    /// What adapts while warming up, and is all that a kernel carries from step to step.
    fn slices(&mut self) -> Vec<&mut Slice> {
        Vec::new()
    }
}

impl State {
    /// A start that is over-dispersed: σ²_FK anywhere, on a log scale, from a hundredth of the
    /// smallest sampling variance to a hundred times the largest squared mean (or the prior's scale,
    /// where that is wider); σ²_obs within a factor of three.
    pub fn start(hierarchy: &Hierarchy, rng: &mut Generator) -> Self {
        let mut state = Self::start_but_for_importances(hierarchy, rng);
        if state.has_own_scales() {
            OwnScalesKernel::new(hierarchy, Move::None).draw_alpha(&mut state, rng);
        } else {
            state.draw_alpha(hierarchy, rng);
        }
        state
    }

    /// The same for a kernel that draws importances without a look at those before: they are 0.
    pub(super) fn start_but_for_importances(hierarchy: &Hierarchy, rng: &mut Generator) -> Self {
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
            NoiseVariance::PerFk { .. } => 1.0,
            NoiseVariance::Sampled { .. } => hierarchy.sigma2_obs * (3f64.ln() * spread).exp(),
        };
        let own = OwnScales::start(hierarchy, spread);
        Self {
            sigma2_fk: (low + (high - low) * rng.random::<f64>()).exp(),
            sigma2_obs,
            own_noise: own.noise,
            noise_scale: own.noise_scale,
            mixing: own.mixing,
            location: 0.0,
            alpha: vec![0.0; evidence.k()],
        }
    }

    /// Draws (m, α) | σ²_FK, σ²_obs, y in one block: an unknown location with the importances
    /// integrated out, then α given it, independent normals N(B_k ȳ_k + (1 - B_k) m, V_k).
    pub fn draw_alpha(&mut self, hierarchy: &Hierarchy, rng: &mut Generator) {
        let evidence = &hierarchy.evidence;
        if evidence.location() == Location::Flat {
            self.location = draw_location(evidence, self.sigma2_fk, self.sigma2_obs, rng);
        }
        let given = Given::of(self);
        draw_importances(&mut self.alpha, evidence.blocks(), given, rng);
    }

    /// Sums over the importances as they are. Inlined: what is not asked for is not computed.
    #[must_use]
    #[inline(always)]
    pub fn sums(&self, hierarchy: &Hierarchy) -> Sums {
        let m = self.location;
        // The last block is filled up with importances at the location, which add nothing.
        let (full, rest) = self.alpha.as_chunks::<BLOCK>();
        let mut last = [m; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        // One sum per place in a block: additions that do not wait for each other.
        let mut sums = [[0.0; BLOCK]; 4];
        let [alpha_sq, weighted_alpha_sq, weighted_product, residual_sq] = &mut sums;
        let blocks = hierarchy.evidence.blocks();
        for (alpha, block) in full.iter().chain([&last]).zip(blocks) {
            for i in 0..BLOCK {
                let (deviation, mean) = (alpha[i] - m, block.means[i] - m);
                let weight = block.weights[i];
                alpha_sq[i] += deviation * deviation;
                weighted_alpha_sq[i] += weight * deviation * deviation;
                weighted_product[i] += weight * mean * deviation;
                residual_sq[i] += weight * (mean - deviation) * (mean - deviation);
            }
        }
        let [alpha_sq, weighted_alpha_sq, weighted_product, residual_sq] =
            sums.map(|lanes| lanes.iter().sum::<f64>());
        Sums {
            alpha_sq,
            weighted_alpha_sq,
            weighted_product,
            residual_sq,
        }
    }

    /// Multiplies every importance's deviation from the location by `c`.
    pub fn rescale_alpha(&mut self, c: f64) {
        for alpha in &mut self.alpha {
            *alpha = self.location + c * (*alpha - self.location);
        }
    }

    /// All of it but the importances.
    pub(super) fn without_importances(&self) -> Self {
        Self {
            sigma2_fk: self.sigma2_fk,
            sigma2_obs: self.sigma2_obs,
            own_noise: self.own_noise.clone(),
            noise_scale: self.noise_scale,
            mixing: self.mixing.clone(),
            location: self.location,
            alpha: Vec::new(),
        }
    }

    /// Whether it has as many parameters of each kind.
    pub(super) fn has_shape_of(&self, other: &Self) -> bool {
        let shape = |state: &Self| [&state.own_noise, &state.mixing, &state.alpha].map(Vec::len);
        shape(self) == shape(other)
    }

    /// Whether FKs have scales of their own: noise variances, or mixing scales.
    #[must_use]
    pub fn has_own_scales(&self) -> bool {
        !(self.own_noise.is_empty() && self.mixing.is_empty())
    }
}
