//! The values of a density at the nodes of two axes, as they are doubled.

use super::plane::{Growth, Plane};
use super::quadrature::DROP;
use super::{Axis, log_sum_exp};
use rayon::prelude::*;

/// The step in u of the first lattice, on which the ends are found.
const FIRST_STEP: f64 = 0.25;
/// The farthest |u|.
const FARTHEST: f64 = 300.0;
/// Logs below the last value that counts at which no new node is computed.
const MARGIN: f64 = 8.0;

/// An axis on which a look for the ends begins.
pub(super) fn axis(center: f64, width: f64) -> Axis {
    let (from, to) = (-3.5, 3.5);
    Axis {
        center,
        width,
        from,
        to,
        cells: cells(from, to),
    }
}

/// An even number of steps, none longer than the first.
fn cells(from: f64, to: f64) -> usize {
    2 * ((to - from) / (2.0 * FIRST_STEP)).ceil() as usize
}

/// A lattice whose edges lie where every integrand has fallen by [`DROP`] logs below its largest
/// value.
pub(super) fn enclosing(
    log_f: &(impl Fn(f64, f64) -> f64 + Sync),
    mut axes: [Axis; 2],
    growths: &[Growth<'_>],
) -> Option<Lattice> {
    for _ in 0..40 {
        let lattice = Lattice::filled(axes, |i, j| log_f(axes[0].x(i), axes[1].x(j)))?;
        let counts = lattice.relevant(growths, DROP);
        let (rows, columns) = lattice.bounds(&counts)?;
        let moved = [rows, columns];
        let mut reaches = false;
        for (axis, (low, high)) in axes.iter_mut().zip(moved) {
            let (from, to, du) = (axis.from, axis.to, axis.du());
            let more = 1.0 + 0.25 * (to - from);
            (axis.from, axis.to) = (
                if low == 0 {
                    from - more
                } else {
                    from + du * (low - 1) as f64
                },
                if high == axis.cells {
                    to + more
                } else {
                    from + du * (high + 1) as f64
                },
            );
            reaches |= low == 0 || high == axis.cells;
            axis.cells = cells(axis.from, axis.to);
            if axis.from < -FARTHEST || axis.to > FARTHEST {
                return None;
            }
        }
        if !reaches {
            return Lattice::filled(axes, |i, j| log_f(axes[0].x(i), axes[1].x(j)));
        }
    }
    None
}

/// Log density times dx/du dy/dv at the nodes of two axes.
pub(super) struct Lattice {
    axes: [Axis; 2],
    logs: Vec<f64>,
}

impl Lattice {
    fn filled(axes: [Axis; 2], log_f: impl Fn(usize, usize) -> f64 + Sync) -> Option<Self> {
        let rows: Vec<Vec<f64>> = (0..axes[0].count())
            .into_par_iter()
            .map(|i| {
                let slope = axes[0].slope(i);
                let value = |j| log_f(i, j) + (slope * axes[1].slope(j)).ln();
                (0..axes[1].count()).map(value).collect()
            })
            .collect();
        let logs = rows.concat();
        let is_number = |log: &f64| !log.is_nan() && *log < f64::INFINITY;
        logs.iter().all(is_number).then_some(Self { axes, logs })
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.logs[i * self.axes[1].count() + j]
    }

    /// The nodes whose strides divide their places.
    fn nodes(&self, (a, b): (usize, usize)) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let rows = (0..self.axes[0].count()).step_by(a);
        rows.flat_map(move |i| {
            let x = self.axes[0].x(i);
            let columns = (0..self.axes[1].count()).step_by(b);
            columns.map(move |j| (x, self.axes[1].x(j), self.at(i, j)))
        })
    }

    /// Whether a node counts: whether some integrand there is at most `drop` logs below its largest
    /// value.
    fn relevant(&self, growths: &[Growth<'_>], drop: f64) -> Vec<bool> {
        let mut relevant = vec![false; self.logs.len()];
        let one: Growth<'_> = &|_, _| 0.0;
        for growth in std::iter::once(&one).chain(growths) {
            let values: Vec<f64> = self
                .nodes((1, 1))
                .map(|(x, y, log)| log + growth(x, y))
                .collect();
            let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            for (relevant, value) in relevant.iter_mut().zip(values) {
                *relevant |= value >= top - drop;
            }
        }
        relevant
    }

    /// First and last row, and first and last column, with a node that counts.
    fn bounds(&self, relevant: &[bool]) -> Option<((usize, usize), (usize, usize))> {
        let columns = self.axes[1].count();
        let places = || {
            let places = relevant
                .iter()
                .enumerate()
                .filter(|(_, relevant)| **relevant);
            places.map(|(at, _)| (at / columns, at % columns))
        };
        let rows = (places().map(|p| p.0).min()?, places().map(|p| p.0).max()?);
        let columns = (places().map(|p| p.1).min()?, places().map(|p| p.1).max()?);
        Some((rows, columns))
    }

    /// How many nodes were not left out as negligible.
    pub fn computed(&self) -> usize {
        self.logs.iter().filter(|log| log.is_finite()).count()
    }

    /// `factors` times as many nodes on each axis.
    pub fn doubled(
        &self,
        log_f: &(impl Fn(f64, f64) -> f64 + Sync),
        factors: [usize; 2],
        growths: &[Growth<'_>],
    ) -> Option<Self> {
        let relevant = self.relevant(growths, DROP + MARGIN);
        let columns = self.axes[1].count();
        let near = |place: usize, factor: usize, cells: usize| {
            let (low, high) = (place / factor, place.div_ceil(factor));
            low.saturating_sub(1)..=(high + 1).min(cells)
        };
        let counts = |i: usize, j: usize| {
            near(i, factors[0], self.axes[0].cells)
                .any(|i| near(j, factors[1], self.axes[1].cells).any(|j| relevant[i * columns + j]))
        };
        let is_old =
            |i: usize, j: usize| i.is_multiple_of(factors[0]) && j.is_multiple_of(factors[1]);
        let axes = [0, 1].map(|a| self.axes[a].finer(factors[a]));
        Self::filled(axes, |i, j| {
            if is_old(i, j) {
                let (i, j) = (i / factors[0], j / factors[1]);
                let slopes = self.axes[0].slope(i) * self.axes[1].slope(j);
                return self.at(i, j) - slopes.ln();
            }
            if counts(i, j) {
                log_f(axes[0].x(i), axes[1].x(j))
            } else {
                f64::NEG_INFINITY
            }
        })
    }

    /// The figures that must stop moving: log integrals, and mean and spread of both coordinates.
    pub fn figures(&self, strides: (usize, usize), growths: &[Growth<'_>]) -> Vec<f64> {
        let cell =
            (strides.0 as f64 * self.axes[0].du() * strides.1 as f64 * self.axes[1].du()).ln();
        let nodes: Vec<(f64, f64, f64)> = self.nodes(strides).filter(|n| n.2.is_finite()).collect();
        let log_sum = |growth: Growth<'_>| {
            let logs: Vec<f64> = nodes
                .iter()
                .map(|&(x, y, log)| log + growth(x, y))
                .collect();
            log_sum_exp(&logs) + cell
        };
        let log_total = log_sum(&|_, _| 0.0);
        let mut figures = vec![log_total];
        figures.extend(growths.iter().map(|&growth| log_sum(growth)));
        let shares: Vec<f64> = nodes
            .iter()
            .map(|node| (node.2 + cell - log_total).exp())
            .collect();
        let coordinates: [Vec<f64>; 2] = [
            nodes.iter().map(|n| n.0 - self.axes[0].center).collect(),
            nodes.iter().map(|n| n.1 - self.axes[1].center).collect(),
        ];
        for coordinates in &coordinates {
            figures.extend(mean_and_spread(&shares, coordinates));
        }
        figures
    }

    pub fn plane(self, log_total: f64, top: f64) -> Option<Plane> {
        let [first, second] = self.axes;
        let cell = (first.du() * second.du()).ln();
        let logs = self.logs.iter().map(|log| log + cell - log_total).collect();
        log_total
            .is_finite()
            .then(|| Plane::new(first, second, log_total + top, logs))
    }
}

/// Mean relative to the spread, and log spread.
fn mean_and_spread(shares: &[f64], coordinates: &[f64]) -> [f64; 2] {
    let mean_of = |g: &dyn Fn(f64) -> f64| -> f64 {
        shares.iter().zip(coordinates).map(|(w, &x)| w * g(x)).sum()
    };
    let mean = mean_of(&|x| x);
    let spread = mean_of(&|x| (x - mean).powi(2)).sqrt();
    [mean / spread.max(f64::MIN_POSITIVE), spread.ln()]
}
