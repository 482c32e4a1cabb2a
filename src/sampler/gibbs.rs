//! One sweep of the Gibbs sampler.

use super::collapsed::draw_sigma2_fk;
use super::interweave::scale_move;
use super::slice::Slice;
use super::state::{Generator, Kernel, State};
use crate::model::{Hierarchy, NoiseVariance, draw_inverse_gamma};

/// What keeps the alternation of conjugate draws mixing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Nothing: the textbook alternation.
    None,
    /// The scale move after the conjugate draws.
    Scale,
    /// σ²_FK drawn with the importances integrated out, in place of its conjugate draw.
    Collapsed,
}

/// The collapsed slice costs a few evaluations of one logarithm per group, the importances one
/// normal draw per FK: up to this many groups per FK the former's better mixing is worth its cost
/// (benches/moves.rs measures both).
const GROUPS_PER_FK: f64 = 0.25;
/// So few groups cost next to nothing, however few FKs there are.
const FEW_GROUPS: usize = 1;

impl Move {
    /// The move that gives more effective draws of σ²_FK per second.
    #[must_use]
    pub fn fastest(hierarchy: &Hierarchy) -> Self {
        let groups = hierarchy.evidence.observed().count();
        if groups <= FEW_GROUPS || groups as f64 <= GROUPS_PER_FK * hierarchy.evidence.k() as f64 {
            Self::Collapsed
        } else {
            Self::Scale
        }
    }
}

/// The Gibbs sweep: σ²_obs | α where it is sampled, σ²_FK, then α | σ²_FK, σ²_obs.
#[derive(Debug, Clone)]
pub struct GibbsKernel<'a> {
    hierarchy: &'a Hierarchy,
    with: Move,
    slice: Slice,
}

impl<'a> GibbsKernel<'a> {
    /// A kernel for the posterior of `hierarchy`.
    #[must_use]
    pub fn new(hierarchy: &'a Hierarchy, with: Move) -> Self {
        Self {
            hierarchy,
            with,
            slice: Slice::new(),
        }
    }

    fn draw_conjugate_sigma2_fk(&self, state: &mut State, rng: &mut Generator) {
        state.sigma2_fk = self.hierarchy.hyperprior.draw_given_importances(
            state.sigma2_fk,
            state.alpha.len(),
            state.sums(self.hierarchy).alpha_sq,
            rng,
        );
    }
}

/// Where one noise variance is sampled for all FKs:
/// σ²_obs | α, y ~ IG(c₀ + N/2, d₀ + ½ [SSW + Σ n_k (ȳ_k - α_k)²]).
pub(super) fn draw_common_noise(hierarchy: &Hierarchy, state: &mut State, rng: &mut Generator) {
    if let NoiseVariance::Sampled { c0, d0 } = hierarchy.noise {
        let (degrees, sum_sq) = hierarchy.evidence.within();
        let scores = degrees + hierarchy.evidence.k_observed() as f64;
        let scale = d0 + 0.5 * (sum_sq + state.sums(hierarchy).residual_sq);
        state.sigma2_obs = draw_inverse_gamma(c0 + 0.5 * scores, scale, rng);
    }
}

impl Kernel for GibbsKernel<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        draw_common_noise(self.hierarchy, state, rng);
        match self.with {
            Move::Collapsed => draw_sigma2_fk(&mut self.slice, self.hierarchy, state, rng),
            Move::None | Move::Scale => self.draw_conjugate_sigma2_fk(state, rng),
        }
        state.draw_alpha(self.hierarchy, rng);
        if self.with == Move::Scale {
            scale_move(&mut self.slice, self.hierarchy, state, rng);
        }
    }

    /// The collapsed slice reads no importance, and where the noise is known nothing else does.
    fn pass(&mut self, state: &mut State, rng: &mut Generator) {
        match (self.with, self.hierarchy.noise) {
            (Move::Collapsed, NoiseVariance::Known(_)) => {
                draw_sigma2_fk(&mut self.slice, self.hierarchy, state, rng);
            }
            _ => self.step(state, rng),
        }
    }

    fn slices(&mut self) -> Vec<&mut Slice> {
        vec![&mut self.slice]
    }
}
