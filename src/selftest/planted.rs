//! A sampler with an error in it, which the checks must find.

use crate::Error;
use crate::calibrate::BoxedKernel;
use crate::model::Hierarchy;
use crate::sampler::{Generator, Kernel, State};

/// What is wrong with it.
pub(super) const ERROR: &str = "sigma2_fk drawn as if there were one foreign key more";

/// The Gibbs alternation for known noise, but with the shape a₀ + (K + 1)/2.
pub(super) struct Planted<'a>(pub &'a Hierarchy);

impl Kernel for Planted<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        state.sigma2_fk = self.0.hyperprior.draw_given_importances(
            state.sigma2_fk,
            state.alpha.len() + 1,
            state.sums(self.0).alpha_sq,
            rng,
        );
        state.draw_alpha(self.0, rng);
    }
}

/// As [`Calibrator`](crate::calibrate::Calibrator) asks for it.
pub(super) fn kernel(hierarchy: &Hierarchy) -> Result<BoxedKernel<'_>, Error> {
    Ok(Box::new(Planted(hierarchy)))
}
