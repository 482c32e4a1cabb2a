//! Estimates of σ²_FK by the method of moments.

use crate::model::Evidence;

/// Sums over the FKs with scores, weights w = s/s_k with s the smallest s_k, lest they overflow: how
/// many there are, Σ w, Σ w², Σ w ȳ, Σ w ȳ²; and s.
fn weighted_sums(evidence: &Evidence, sigma2_obs: f64) -> ([f64; 5], f64) {
    let s = |unit_variance: f64| sigma2_obs * unit_variance;
    let smallest = evidence
        .observed()
        .map(|group| s(group.unit_variance))
        .fold(f64::INFINITY, f64::min);
    let mut sums = [0.0; 5];
    for group in evidence.observed() {
        let (count, weight) = (group.count as f64, smallest / s(group.unit_variance));
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
    (sums, smallest)
}

/// max(0, (Σ ȳ²/s - K')/Σ 1/s): analysis of variance between FKs about the known centre zero. The
/// evidence must be about zero.
#[must_use]
pub fn moments_about_zero(evidence: &Evidence, sigma2_obs: f64) -> f64 {
    let ([count, weights, _, _, squares], s) = weighted_sums(evidence, sigma2_obs);
    ((squares - count * s) / weights).max(0.0)
}

/// max(0, (Q - (K' - 1))/(Σ w - Σ w²/Σ w)), w = 1/s, Q = Σ w (ȳ - Σ w ȳ/Σ w)²: analysis of variance
/// about the grand mean. Under common noise it is the textbook estimate for unequal n, with
/// n₀ = (N - Σ n²/N)/(K' - 1); in general that of DerSimonian & Laird (1986). `None` for a single FK.
#[must_use]
pub fn anova(evidence: &Evidence, sigma2_obs: f64) -> Option<f64> {
    let ([count, weights, weights_sq, means, squares], s) = weighted_sums(evidence, sigma2_obs);
    let q = squares - means * (means / weights);
    let excess = q - (count - 1.0) * s;
    (count >= 2.0).then(|| (excess / (weights - weights_sq / weights)).max(0.0))
}
