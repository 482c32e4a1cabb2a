//! Independent draws through the exact posterior.

use super::state::{Generator, Kernel, State};
use crate::model::Hierarchy;
use crate::posterior::ExactPosterior;
use rand::RngExt;

/// Draws the variances by inverting their distribution functions, then the importances given them:
/// successive draws are independent.
#[derive(Debug, Clone)]
pub struct ExactKernel<'a> {
    hierarchy: &'a Hierarchy,
    posterior: &'a ExactPosterior,
}

impl<'a> ExactKernel<'a> {
    /// A kernel that draws from `posterior`, which must be that of `hierarchy`.
    #[must_use]
    pub fn new(hierarchy: &'a Hierarchy, posterior: &'a ExactPosterior) -> Self {
        Self {
            hierarchy,
            posterior,
        }
    }
}

impl Kernel for ExactKernel<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        (state.sigma2_fk, state.sigma2_obs) =
            self.posterior.variances_at(rng.random(), rng.random());
        state.draw_alpha(self.hierarchy, rng);
    }
}
