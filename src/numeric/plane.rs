//! Integrals over the plane of densities given by their logarithm.
//!
//! As in one dimension: both axes are mapped by x = x₀ + w sinh u around the highest mode, and the
//! trapezoidal rule is summed over the lattice. Nodes of an axis are doubled until leaving out every
//! second of them no longer changes the integrals. Each value of the density is computed once; new
//! nodes amid negligible ones are not computed at all. Values are computed in parallel and summed in
//! order, so that the results do not depend on the number of threads.

use super::lattice::{axis, enclosing};
use super::quadrature::{STILL, half_width};
use super::{Axis, CdfTable, Rule, sinc_weights};
use rayon::prelude::*;

/// Knots of a distribution function per node.
const KNOTS_PER_NODE: usize = 8;
/// The same for one that serves a single draw.
const KNOTS_PER_NODE_FOR_DRAWS: usize = 3;

/// log g(x, y) of an integrand g that is used besides 1.
pub type Growth<'a> = &'a (dyn Fn(f64, f64) -> f64 + Sync);

/// Where the modes of a density on the plane are to be sought, and what will be integrated against
/// it.
#[derive(Clone, Copy)]
pub struct Region<'a> {
    /// An interval of x about the modes.
    pub first: (f64, f64),
    /// An interval of y about them.
    pub second: (f64, f64),
    /// The integrands in use besides 1; each integral must exist.
    pub growths: &'a [Growth<'a>],
    /// Values of the density that may be computed.
    pub budget: usize,
}

/// A density as probabilities of the nodes of a lattice.
#[derive(Debug, Clone)]
pub struct Plane {
    /// Nodes x.
    pub first: Axis,
    /// Nodes y.
    pub second: Axis,
    /// log ∫∫ f.
    pub log_total: f64,
    /// Log probabilities of the nodes (x_i, y_j), by i, then j.
    log_weight: Vec<f64>,
    /// The same as probabilities.
    weight: Vec<f64>,
}

impl Plane {
    /// A density on a line, as one on a plane whose second axis has the single node 0.
    #[must_use]
    pub fn line(rule: &Rule) -> Self {
        let logs = rule.log_weight.iter().map(|w| w - rule.log_total).collect();
        Self::new(rule.axis(), Axis::point(0.0), rule.log_total, logs)
    }

    pub(super) fn new(first: Axis, second: Axis, log_total: f64, log_weight: Vec<f64>) -> Self {
        Self {
            first,
            second,
            log_total,
            weight: log_weight.iter().map(|w| w.exp()).collect(),
            log_weight,
        }
    }

    /// The nodes (x, y) with their log probabilities.
    pub fn nodes(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let rows = self.log_weight.chunks(self.second.count()).enumerate();
        rows.flat_map(move |(i, row)| {
            let x = self.first.x(i);
            let row = row.iter().enumerate();
            row.filter(|(_, w)| w.is_finite())
                .map(move |(j, &w)| (x, self.second.x(j), w))
        })
    }

    /// Each x with the probabilities of the nodes (x, y_j).
    pub fn rows_at(&self) -> impl Iterator<Item = (f64, &[f64])> {
        let places = 0..self.first.count();
        places.map(|i| self.first.x(i)).zip(self.rows())
    }

    /// The density in y of a row of probabilities.
    #[must_use]
    pub fn row_density(&self, row: &[f64], y: f64) -> f64 {
        let position = self.second.position(y);
        if !(0.0..=self.second.cells as f64).contains(&position) {
            return 0.0;
        }
        let weights = sinc_weights(position, row.len());
        let cell: f64 = row.iter().zip(&weights).map(|(cell, w)| cell * w).sum();
        cell.max(0.0) / (self.second.du() * self.second.slope_at(y))
    }

    fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.weight.chunks(self.second.count())
    }

    /// The distribution function of x.
    #[must_use]
    pub fn first_cdf(&self) -> CdfTable {
        let cells: Vec<f64> = self.rows().map(|row| row.iter().sum()).collect();
        CdfTable::on_axis(self.first, &cells, KNOTS_PER_NODE)
    }

    /// The distribution function of y.
    #[must_use]
    pub fn second_cdf(&self) -> CdfTable {
        let weights = vec![1.0; self.first.count()];
        CdfTable::on_axis(self.second, &self.weighted_sum(&weights), KNOTS_PER_NODE)
    }

    /// The distribution function of y given x, up to about 1e-6 where x is at all likely.
    #[must_use]
    pub fn second_cdf_given(&self, x: f64) -> CdfTable {
        let weights = sinc_weights(self.first.position(x), self.first.count());
        let cells = self.weighted_sum(&weights);
        CdfTable::on_axis(self.second, &cells, KNOTS_PER_NODE_FOR_DRAWS)
    }

    fn weighted_sum(&self, weights: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.second.count()];
        for (row, weight) in self.rows().zip(weights) {
            for (sum, cell) in sums.iter_mut().zip(row) {
                *sum += weight * cell;
            }
        }
        sums
    }
}

/// Why there is no integral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaneFault {
    /// It would take more values of the density than were allowed.
    OverBudget,
    /// The density is not integrable, or not a number.
    Unsettled,
}

/// Integrates exp(log_f) over the plane.
///
/// # Errors
/// If it does not settle, or not within the budget.
pub fn integrate_plane(
    log_f: impl Fn(f64, f64) -> f64 + Sync,
    region: Region<'_>,
) -> Result<Plane, PlaneFault> {
    let unsettled = PlaneFault::Unsettled;
    let (x, y, top) = highest(&log_f, region).ok_or(unsettled)?;
    // Relative to the mode: a log density of 1e9 has no digits left for changes of 1e-9.
    let relative = |x: f64, y: f64| log_f(x, y) - top;
    let axes = [
        axis(x, half_width(&|x| relative(x, y), x)),
        axis(y, half_width(&|y| relative(x, y), y)),
    ];
    let mut lattice = enclosing(&relative, axes, region.growths).ok_or(unsettled)?;
    let mut spent = lattice.computed();
    loop {
        let figures = lattice.figures((1, 1), region.growths);
        let still = |stride| {
            let fewer = lattice.figures(stride, region.growths);
            let change = figures.iter().zip(&fewer).map(|(a, b)| (a - b).abs());
            change.into_iter().all(|change| change <= STILL)
        };
        let factors = [(2, 1), (1, 2)].map(|stride| if still(stride) { 1 } else { 2 });
        if factors == [1, 1] {
            return lattice.plane(figures[0], top).ok_or(unsettled);
        }
        spent += lattice.computed() * (factors[0] * factors[1] - 1);
        if spent > region.budget {
            return Err(PlaneFault::OverBudget);
        }
        let doubled = lattice.doubled(&relative, factors, region.growths);
        lattice = doubled.ok_or(unsettled)?;
    }
}

/// The highest of the modes that a coarse look at the region finds, to about a hundredth of its
/// width, and the log density there.
fn highest(
    log_f: &(impl Fn(f64, f64) -> f64 + Sync),
    region: Region<'_>,
) -> Option<(f64, f64, f64)> {
    const SCAN: usize = 32;
    let at = |(low, high): (f64, f64), i: usize| low + (high - low) * i as f64 / SCAN as f64;
    let values: Vec<(f64, f64, f64)> = (0..(SCAN + 1) * (SCAN + 1))
        .into_par_iter()
        .map(|i| {
            let x = at(region.first, i / (SCAN + 1));
            let y = at(region.second, i % (SCAN + 1));
            (x, y, log_f(x, y))
        })
        .collect();
    let mut best = (0.0, 0.0, f64::NEG_INFINITY);
    for value in values {
        if value.2 > best.2 {
            best = value;
        }
    }
    let step = |(low, high): (f64, f64)| (high - low) / SCAN as f64;
    climb(log_f, best, (step(region.first), step(region.second)))
}

/// Steps along the axes, halved where none leads up, until they change the density by little.
fn climb(
    log_f: &impl Fn(f64, f64) -> f64,
    mut best: (f64, f64, f64),
    mut step: (f64, f64),
) -> Option<(f64, f64, f64)> {
    for _ in 0..1000 {
        let steps = [(step.0, 0.0), (-step.0, 0.0), (0.0, step.1), (0.0, -step.1)];
        let tried = steps.map(|(dx, dy)| {
            let (x, y) = (best.0 + dx, best.1 + dy);
            (x, y, log_f(x, y))
        });
        let lowest = tried.iter().map(|at| at.2).fold(best.2, f64::min);
        let higher = tried.into_iter().max_by(|a, b| a.2.total_cmp(&b.2))?;
        if best.2 - lowest < 0.01 && higher.2 <= best.2 {
            return Some(best);
        }
        if higher.2 > best.2 {
            best = higher;
        } else {
            step = (0.5 * step.0, 0.5 * step.1);
        }
    }
    None
}
