//! The posterior of one importance given the variances.

/// Normal posterior of α_k given σ²_FK: shrinkage B_k, mean μ_k and variance V_k.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditional {
    /// B_k = σ²_FK/(σ²_FK + s_k) = n_k/(n_k + λ), between 0 and 1.
    pub shrinkage: f64,
    /// μ_k = B_k ȳ_k, in score units.
    pub mean: f64,
    /// V_k = B_k s_k = σ²_obs/(n_k + λ), in squared score units; σ²_FK without scores.
    pub variance: f64,
}

/// The conditional posterior of an importance whose scores have the mean `mean` with sampling
/// variance `s` (infinite without scores), given σ²_FK = `t`.
///
/// ```
/// let c = fkbayes::posterior::conditional(1.0, 3.0, 8.0);
/// assert_eq!((c.shrinkage, c.mean, c.variance), (0.25, 2.0, 0.75));
/// ```
#[must_use]
pub fn conditional(t: f64, s: f64, mean: f64) -> Conditional {
    if s.is_infinite() {
        return Conditional {
            shrinkage: 0.0,
            mean: 0.0,
            variance: t,
        };
    }
    let shrinkage = if t.is_infinite() { 1.0 } else { t / (t + s) };
    Conditional {
        shrinkage,
        mean: shrinkage * mean,
        variance: shrinkage * s,
    }
}
