//! The location of the importances.

use super::state::Generator;
use crate::model::Evidence;
use crate::posterior::location_given;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// A standard normal, for all but the loop over importances in the grouped sweep: through a reference to
/// any generator, so that this is another function to the compiler, and the loop's only call of its
/// own is drawn inline.
pub(super) fn standard_normal(rng: &mut dyn Rng) -> f64 {
    rng.sample(StandardNormal)
}

/// Draws m | σ²_FK, σ²_obs, y, the importances integrated out.
pub(super) fn draw_location(
    evidence: &Evidence,
    sigma2_fk: f64,
    sigma2_obs: f64,
    rng: &mut Generator,
) -> f64 {
    let given = location_given(evidence, sigma2_fk, sigma2_obs);
    given.mean + given.variance.sqrt() * standard_normal(rng)
}
