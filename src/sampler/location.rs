//! The location of the importances.

use super::state::Generator;
use crate::model::Evidence;
use crate::posterior::location_given;
use rand::RngExt;
use rand_distr::StandardNormal;

/// Draws m | σ²_FK, σ²_obs, y, the importances integrated out. In a file of its own, so that the
/// loop over importances is the only place in its own where a normal is drawn: the compiler then
/// draws it inline there.
pub(super) fn draw_location(
    evidence: &Evidence,
    sigma2_fk: f64,
    sigma2_obs: f64,
    rng: &mut Generator,
) -> f64 {
    let given = location_given(evidence, sigma2_fk, sigma2_obs);
    let z: f64 = rng.sample(StandardNormal);
    given.mean + given.variance.sqrt() * z
}
