//! Do successive scores resemble each other?

/// r = Σ (y_i - ȳ)(y_{i+1} - ȳ)/Σ (y_i - ȳ)², the autocorrelation of scores at lag 1; `None` where all
/// are equal.
#[must_use]
pub fn lag_one(scores: &[f64]) -> Option<f64> {
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    let deviation = |i: usize| scores[i] - mean;
    let products: f64 = (1..scores.len())
        .map(|i| deviation(i - 1) * deviation(i))
        .sum();
    let squares: f64 = (0..scores.len()).map(|i| deviation(i) * deviation(i)).sum();
    (squares > 0.0).then(|| products / squares)
}

/// Mean -1/n and variance of [`lag_one`] over independent normal scores, exactly (Dufour & Roy 1985):
/// (n⁴ - 4n³ + 3n² + 4n - 4)/((n + 1) n² (n - 1)²).
#[must_use]
pub fn null_moments_of_lag_one(n: usize) -> (f64, f64) {
    let n = n as f64;
    let above = (((n - 4.0) * n + 3.0) * n + 4.0) * n - 4.0;
    (
        -1.0 / n,
        above / ((n + 1.0) * n * n * (n - 1.0) * (n - 1.0)),
    )
}
