//! The scale move: (α, σ²_FK) → (cα, c²σ²_FK) by one draw of log c.

use super::slice::Slice;
use super::state::{Generator, State};
use crate::model::Hierarchy;

/// Moves importances and their scale together, which the conjugate alternation does slowly when
/// data are weak. With c = e^u, the density of u on the orbit of the current state is
///
/// ```text
/// h(log t + 2u) - ½ A e^(2u) + C e^u,   A = Σ α_k²/s_k,   C = Σ ȳ_k α_k/s_k
/// ```
///
/// h the log prior density of log t: p(α | t) changes by c^-K, which the Jacobian c^K of α undoes,
/// and the Jacobian of t is in h (generalised Gibbs step, Liu & Sabatti 2000). The move is invariant
/// only if the slice's width is the same wherever on the orbit it starts: it is fixed in u.
pub(super) fn scale_move(
    slice: &mut Slice,
    hierarchy: &Hierarchy,
    state: &mut State,
    rng: &mut Generator,
) {
    let log_t = state.sigma2_fk.ln();
    let sums = state.sums(hierarchy);
    let a = sums.weighted_alpha_sq / state.sigma2_obs;
    let c = sums.weighted_product / state.sigma2_obs;
    let log_density = |u: f64| {
        let scale = u.exp();
        hierarchy.hyperprior.log_kernel(log_t + 2.0 * u) - 0.5 * a * scale * scale + c * scale
    };
    let u = slice.update(0.0, log_density, rng);
    state.rescale_alpha(u.exp());
    state.sigma2_fk = (log_t + 2.0 * u).exp();
}
