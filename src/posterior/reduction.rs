//! What further scores take off the conditional variance, and which λ an observed reduction means.

use crate::Error;

/// The share of V_k = σ²_obs/(n_k + λ) that `delta` more scores take away, Δn/(n + Δn + λ), from
/// `n` and λ = σ²_obs/σ²_FK; 0 where nothing is added.
///
/// ```
/// let reduction = fkbayes::posterior::variance_reduction(100, 100, 10.0);
/// assert_eq!((100.0 * reduction).round(), 48.0);
/// ```
#[must_use]
pub fn variance_reduction(n: u64, delta: u64, lambda: f64) -> f64 {
    if delta == 0 {
        return 0.0;
    }
    let delta = delta as f64;
    delta / (n as f64 + delta + lambda)
}

/// The λ = Δn/R - n - Δn at which `delta` more scores, after `n`, take the share `reduction` off the
/// conditional variance.
///
/// # Errors
/// Where no λ > 0 does: the reduction must lie between 0 and Δn/(n + Δn), which λ → 0 gives.
pub fn lambda_from_reduction(n: u64, delta: u64, reduction: f64) -> Result<f64, Error> {
    let largest = variance_reduction(n, delta, 0.0);
    if reduction > 0.0 && reduction < largest {
        let lambda = delta as f64 / reduction - n as f64 - delta as f64;
        // Rounding next to the end of the range.
        if lambda > 0.0 {
            return Ok(lambda);
        }
    }
    Err(Error::Setting {
        setting: format!("observed reduction {reduction}"),
        problem: format!(
            "no lambda explains it: {delta} scores after {n} reduce the variance by more than 0 and \
             less than {largest}"
        ),
    })
}
