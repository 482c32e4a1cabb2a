//! Independent draws through the exact posterior.

use super::gibbs::Move;
use super::own_scales::OwnScalesKernel;
use super::state::{Generator, Kernel, State};
use crate::model::Hierarchy;
use crate::posterior::{ExactPosterior, Hyperparameters};
use rand::RngExt;

/// Draws the shared parameters by inverting their distribution functions, then every FK's own scale
/// and the importances given them: successive draws are independent.
#[derive(Debug, Clone)]
pub struct ExactKernel<'a> {
    hierarchy: &'a Hierarchy,
    posterior: &'a ExactPosterior,
    importances: OwnScalesKernel<'a>,
}

impl<'a> ExactKernel<'a> {
    /// A kernel that draws from `posterior`, which must be that of `hierarchy`.
    #[must_use]
    pub fn new(hierarchy: &'a Hierarchy, posterior: &'a ExactPosterior) -> Self {
        Self {
            hierarchy,
            posterior,
            importances: OwnScalesKernel::new(hierarchy, Move::None),
        }
    }

    fn draw_own_scales(&self, at: &Hyperparameters, state: &mut State, rng: &mut Generator) {
        let scales = if state.own_noise.is_empty() {
            &mut state.mixing
        } else {
            &mut state.own_noise
        };
        for (scale, &place) in scales.iter_mut().zip(self.hierarchy.evidence.place()) {
            if let Some(drawn) = self.posterior.own_scale_at(place, at, rng.random()) {
                *scale = drawn;
            }
        }
    }
}

impl Kernel for ExactKernel<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        let at = self
            .posterior
            .hyperparameters_at(rng.random(), rng.random());
        (state.sigma2_fk, state.sigma2_obs) = (at.sigma2_fk, at.sigma2_obs);
        if !state.has_own_scales() {
            state.draw_alpha(self.hierarchy, rng);
            return;
        }
        (state.noise_scale, state.location) = (at.noise_scale, at.location);
        self.draw_own_scales(&at, state, rng);
        self.importances.draw_alpha_at_location(state, rng);
    }

    /// A draw owes nothing to the one before.
    fn pass(&mut self, _: &mut State, _: &mut Generator) {}

    fn reads_importances(&self) -> bool {
        false
    }
}
