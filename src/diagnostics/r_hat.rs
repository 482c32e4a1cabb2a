//! Potential scale reduction of chains as they come.

use super::moments::{constant, mean_and_sum_sq};

/// √((B/W + n - 1) / n) of chains of `chain_len` values, one after the other (section 3.1 of the
/// paper); infinite when no chain moves but they stand apart.
pub(super) fn r_hat(chains: &[f64], chain_len: usize) -> Option<f64> {
    if chain_len < 2 || chains.len() < 2 * chain_len || constant(chains) {
        return None;
    }
    let n = chain_len as f64;
    let (means, sums_sq): (Vec<f64>, Vec<f64>) =
        chains.chunks_exact(chain_len).map(mean_and_sum_sq).unzip();
    let count = means.len() as f64;
    let between = n * mean_and_sum_sq(&means).1 / (count - 1.0);
    let within = sums_sq.iter().sum::<f64>() / (n - 1.0) / count;
    let ratio = ((between / within + n - 1.0) / n).sqrt();
    (!ratio.is_nan()).then_some(ratio)
}

/// The larger of two, or the one there is.
pub(super) fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}
