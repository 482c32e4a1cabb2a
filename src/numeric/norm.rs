//! The root of a sum of squares, of numbers of any size.

/// Below this a sum of squares has lost digits of its terms.
const SMALLEST: f64 = 1e-290;

/// √Σ x², also where squares leave the range of double precision.
///
/// ```
/// let long = fkbayes::numeric::norm([3e200, -4e200].into_iter());
/// assert!((long / 5e200 - 1.0).abs() < 1e-15);
/// ```
pub fn norm(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let sum: f64 = values.clone().map(|x| x * x).sum();
    if (SMALLEST..=f64::MAX).contains(&sum) || sum.is_nan() {
        return sum.sqrt();
    }
    let largest = values.clone().fold(0.0, |top: f64, x| top.max(x.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    largest * values.map(|x| (x / largest).powi(2)).sum::<f64>().sqrt()
}
