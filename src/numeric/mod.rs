//! Numerics in one dimension and two: quadrature in logs, maxima and roots, quantiles, the laws of
//! test statistics.

mod axis;
mod band;
mod beta;
mod chi_squared;
mod lattice;
mod norm;
mod normal;
mod normal_mixture;
mod normal_table;
mod placed;
mod plane;
mod possible;
mod quadrature;
mod quantile;
mod search;
mod table;

pub use axis::Axis;
pub use band::{sinc_weights, upsampled};
pub use beta::{beta_quantile, f_tail};
pub use chi_squared::{chi_squared_quantile, chi_squared_tail};
pub use norm::norm;
pub use normal::{HALF_OF_90, normal_cdf, normal_density, normal_quantile, two_sided_normal_bound};
pub use normal_mixture::NormalMixture;
pub use normal_table::normal_cdf_by_table;
pub use placed::{Placed, SortScratch, for_each_tie, sort_placed};
pub use plane::{Growth, Plane, PlaneFault, Region, integrate_plane};
pub use possible::Possible;
pub use quadrature::{Rule, Span, integrate};
pub use quantile::{median, quantile_sorted};
pub use search::{maximum, maximum_near, root};
pub use table::CdfTable;

/// log Σ exp(xᵢ), without overflow; -∞ for an empty slice.
#[must_use]
pub fn log_sum_exp(logs: &[f64]) -> f64 {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return top;
    }
    top + logs.iter().map(|x| (x - top).exp()).sum::<f64>().ln()
}

/// The number if it is one: what does not exist is reported as absent, never as NaN or infinity.
#[must_use]
pub fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}
