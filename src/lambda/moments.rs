//! Estimates of σ²_FK by the method of moments.

use crate::model::Evidence;

/// Sums over the FKs with scores, weights 1/s_k: how many there are, Σ w, Σ w², Σ w ȳ, Σ w ȳ².
fn weighted_sums(evidence: &Evidence, sigma2_obs: f64) -> [f64; 5] {
    let mut sums = [0.0; 5];
    for group in evidence.observed() {
        let (count, weight) = (group.count as f64, 1.0 / (sigma2_obs * group.unit_variance));
        let terms = [
            count,
            count * weight,
            count * weight * weight,
            weight * group.sum_means,
            weight * group.sum_sq_means,
        ];
        for (sum, term) in sums.iter_mut().zip(terms) {
            *sum += term;
        }
    }
    sums
}

/// max(0, (Σ ȳ²/s - K')/Σ 1/s): analysis of variance between FKs about the known centre zero. The
/// evidence must be about zero.
#[must_use]
pub fn moments_about_zero(evidence: &Evidence, sigma2_obs: f64) -> f64 {
    let [count, weights, _, _, squares] = weighted_sums(evidence, sigma2_obs);
    ((squares - count) / weights).max(0.0)
}

/// max(0, (Q - (K' - 1))/(Σ w - Σ w²/Σ w)), w = 1/s, Q = Σ w (ȳ - Σ w ȳ/Σ w)²: analysis of variance
/// about the grand mean. Under common noise it is the textbook estimate for unequal n, with
/// n₀ = (N - Σ n²/N)/(K' - 1); in general that of DerSimonian & Laird (1986). `None` for a single FK.
#[must_use]
pub fn anova(evidence: &Evidence, sigma2_obs: f64) -> Option<f64> {
    let [count, weights, weights_sq, means, squares] = weighted_sums(evidence, sigma2_obs);
    let q = squares - means * means / weights;
    (count >= 2.0).then(|| ((q - (count - 1.0)) / (weights - weights_sq / weights)).max(0.0))
}
