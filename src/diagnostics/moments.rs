//! Mean and sums of powers, safe far from zero.
//!
//! Sums are compiled for several instruction sets, of which the best is taken that this processor has:
//! the same operations in the same order, so the same bits.

use fearless_simd::{Level, dispatch};

/// Mean of `values`; exact when they are all equal. NaN without values.
pub(super) fn mean(values: &[f64]) -> f64 {
    let origin = values.first().copied().unwrap_or(f64::NAN);
    origin + sum(values, |x| x - origin) / values.len() as f64
}

/// Mean, and sum of squared deviations from it.
pub(super) fn mean_and_sum_sq(values: &[f64]) -> (f64, f64) {
    let mean = mean(values);
    (mean, sum(values, |x| (x - mean) * (x - mean)))
}

/// Whether no value differs from the first.
pub(super) fn constant(values: &[f64]) -> bool {
    values
        .first()
        .is_none_or(|first| values.iter().all(|x| x == first))
}

/// Accumulators of a sum, so that the additions need not wait for each other.
const LANES: usize = 8;

/// Sum of `f` over the values.
pub(super) fn sum(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    dispatch!(Level::new(), _ => sum_here(values, f))
}

#[inline(always)]
fn sum_here(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += f(x);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|&x| f(x)).sum::<f64>()
}

/// Largest |x|; 0 without values.
pub(super) fn largest_magnitude(values: &[f64]) -> f64 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0_f64; LANES];
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane = if x.abs() > *lane { x.abs() } else { *lane };
        }
    }
    lanes
        .iter()
        .chain(rest)
        .fold(0.0, |largest, x| largest.max(x.abs()))
}

/// Scalar product of the common length of `a` and `b`.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    dispatch!(Level::new(), _ => dot_here(a, b))
}

/// The same where it is called, for few values.
#[inline(always)]
pub(super) fn dot_here(a: &[f64], b: &[f64]) -> f64 {
    let len = a.len().min(b.len());
    let ((a, a_rest), (b, b_rest)) = (a[..len].as_chunks::<LANES>(), b[..len].as_chunks::<LANES>());
    let mut lanes = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}
