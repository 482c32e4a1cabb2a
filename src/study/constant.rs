//! What theory says of many FKs: the constant c of the excess of the full posterior variance.

use super::grid::Cell;
use crate::model::Hyperprior;

/// c_k for FKs with each of the numbers of scores in `n`: E Var(α_k | y) = V_k(1)(1 + c_k/K) + o(1/K)
/// over data drawn at σ²_FK = 1 (docs/theory.md, section 9).
///
/// ```text
/// c_k/K = { (s_k/v_k)² [w² Σ v_j⁻³ + w (log p)′(1)] - (s_k²/v_k³) w } / V_k(1),   w = 2/Σ v_j⁻²
/// ```
///
/// With h the log prior density of log t, (log p)′(1) = h′(0) - 1, which is b₀ - a₀ - 1 for the
/// inverse-gamma. For equal n this is c = 2r[1 + (1 + r)(log p)′(1)], r = λ/n.
pub(super) fn constants(cell: &Cell, hyperprior: &Hyperprior, n: &[u64]) -> Vec<f64> {
    let sampling = |n: u64| cell.lambda / n as f64;
    // Every number of the design has the same share of the FKs, up to one FK.
    let all = cell.n.over(cell.k);
    let power = |p: i32| -> f64 {
        let terms = all.iter().map(|&n| (1.0 + sampling(n)).powi(-p));
        terms.sum()
    };
    let w = 2.0 / power(2);
    let slope = hyperprior.derivative(0.0) - 1.0;
    let shift = w * w * power(3) + w * slope;
    n.iter()
        .map(|&n| {
            let s = sampling(n);
            let v = 1.0 + s;
            let excess = (s / v).powi(2) * shift - s * s / v.powi(3) * w;
            all.len() as f64 * excess / (s / v)
        })
        .collect()
}
