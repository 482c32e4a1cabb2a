//! The posterior of the unknown location of Student-t importances.

use super::member::{Member, Second, location_scale};
use crate::numeric::{Axis, CdfTable, Plane};
use rayon::prelude::*;

/// Knots of the distribution function.
const KNOTS: usize = 768;
/// Rows and nodes of less probability do not count.
const NEGLIGIBLE: f64 = 1e-15;

/// Moments and distribution function of m about the evidence's centre.
#[derive(Debug, Clone)]
pub(super) struct LocationPosterior {
    pub mean: f64,
    /// Where it exists.
    pub variance: Option<f64>,
    pub cdf: CdfTable,
}

impl LocationPosterior {
    /// `None` where the location is not an axis of the plane.
    pub fn of(member: &Member, plane: &Plane) -> Option<Self> {
        let Second::Location { unit } = member.second else {
            return None;
        };
        let mean_of = |g: &dyn Fn(f64) -> f64| -> f64 {
            let terms = plane
                .nodes()
                .map(|(log_t, y, w)| w.exp() * g(y * location_scale(log_t, unit)));
            terms.sum()
        };
        let mean = mean_of(&|m| m);
        let variance = mean_of(&|m| (m - mean).powi(2));
        let exists = member.hierarchy().has_location_moment(2.0);
        Some(Self {
            mean,
            variance: exists.then_some(variance),
            cdf: cdf(plane, unit),
        })
    }
}

/// As y = m/√(t + unit²) at each t: p(m) = Σ p(t, y)/√(t + unit²), on knots of its own.
fn cdf(plane: &Plane, unit: f64) -> CdfTable {
    let rows: Vec<(f64, &[f64])> = plane
        .rows_at()
        .filter(|(_, row)| row.iter().sum::<f64>() > NEGLIGIBLE)
        .map(|(log_t, row)| (location_scale(log_t, unit), row))
        .collect();
    let axis = knots(plane, unit);
    let density: Vec<f64> = (0..axis.count())
        .into_par_iter()
        .map(|i| {
            let m = axis.x(i);
            let terms = rows
                .iter()
                .map(|(scale, row)| plane.row_density(row, m / scale) / scale);
            terms.sum()
        })
        .collect();
    let places = 0..axis.count();
    let step: Vec<f64> = places.clone().map(|i| axis.du() * axis.slope(i)).collect();
    CdfTable::from_density(places.map(|i| axis.x(i)).collect(), density, &step)
}

/// Knots as fine about the mode as the plane's own, out to the last node that counts.
fn knots(plane: &Plane, unit: f64) -> Axis {
    let second = plane.second;
    let heaviest = plane.nodes().max_by(|a, b| a.2.total_cmp(&b.2));
    let scale = heaviest.map_or(unit, |(log_t, _, _)| location_scale(log_t, unit));
    let (center, width) = (scale * second.center, scale * second.width);
    let (mut from, mut to) = (0.0_f64, 0.0_f64);
    for (log_t, y, w) in plane.nodes() {
        if w > NEGLIGIBLE.ln() {
            let u = ((y * location_scale(log_t, unit) - center) / width).asinh();
            (from, to) = (from.min(u), to.max(u));
        }
    }
    Axis {
        center,
        width,
        from,
        to,
        cells: KNOTS,
    }
}
