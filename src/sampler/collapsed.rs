//! The collapsed slice: σ²_FK with the importances integrated out.

use super::slice::Slice;
use super::state::{Generator, State};
use crate::model::Hierarchy;
use crate::posterior::log_marginal;

/// Updates log σ²_FK on p(log σ²_FK | y, σ²_obs). The importances must be drawn given the new value
/// before anything reads them.
pub(super) fn draw_sigma2_fk(
    slice: &mut Slice,
    hierarchy: &Hierarchy,
    state: &mut State,
    rng: &mut Generator,
) {
    let sigma2_obs = state.sigma2_obs;
    let log_density = |log_t: f64| {
        hierarchy.hyperprior.log_kernel(log_t)
            + log_marginal(&hierarchy.evidence, log_t.exp(), sigma2_obs)
    };
    state.sigma2_fk = slice.update(state.sigma2_fk.ln(), log_density, rng).exp();
}
