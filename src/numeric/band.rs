//! Between the nodes of a trapezoidal rule.
//!
//! A function for which the rule has converged on every second of its nodes is band-limited, as far
//! as double precision can tell: the cardinal series Σ f(i) sinc(p - i) gives it everywhere, to about
//! the change that the rule made from the one set of nodes to the other.

use super::{Axis, CdfTable};
use std::f64::consts::PI;
use std::ops::Range;

/// Weights of `count` even nodes for the value at `position`, counted in nodes.
#[must_use]
pub fn sinc_weights(position: f64, count: usize) -> Vec<f64> {
    let nearest = position.round();
    let off = position - nearest;
    if off.abs() < 1e-12 {
        return (0..count)
            .map(|i| if i as f64 == nearest { 1.0 } else { 0.0 })
            .collect();
    }
    let sine = (PI * off).sin() / PI;
    (0..count)
        .map(|i| {
            let distance = nearest - i as f64;
            let sign = if distance.rem_euclid(2.0) == 0.0 {
                1.0
            } else {
                -1.0
            };
            sign * sine / (distance + off)
        })
        .collect()
}

/// Values at `factor` times as many nodes, between the same ends.
#[must_use]
pub fn upsampled(values: &[f64], factor: usize) -> Vec<f64> {
    let count = values.len();
    let last = count.saturating_sub(1);
    // The weights depend on the distance alone: those of a middle node, of twice the number.
    let kernels: Vec<Vec<f64>> = (0..factor)
        .map(|part| sinc_weights(last as f64 + part as f64 / factor as f64, 2 * count))
        .collect();
    let mut finer = Vec::with_capacity(factor * last + 1);
    for i in 0..last {
        for kernel in &kernels {
            let weights = &kernel[last - i..];
            finer.push(values.iter().zip(weights).map(|(f, w)| f * w).sum());
        }
    }
    finer.extend(values.last());
    finer
}

/// So many nodes need none between them.
const MANY: usize = 80;
/// Nodes of a smaller share of the highest are left out at both ends.
const NOTHING: f64 = 1e-18;

/// The nodes from the first that counts to the last.
fn counting(cells: &[f64]) -> Range<usize> {
    let least = NOTHING * cells.iter().copied().fold(0.0, f64::max);
    let counts = |cell: &f64| *cell > least;
    let first = cells.iter().position(counts).unwrap_or(0);
    let last = cells.iter().rposition(counts).unwrap_or(0);
    first.saturating_sub(1)..(last + 2).min(cells.len())
}

impl CdfTable {
    /// From the probabilities of the cells of an axis, on `factor` times as many knots.
    #[must_use]
    pub fn on_axis(axis: Axis, cells: &[f64], factor: usize) -> Self {
        let finer = axis.finer(factor);
        let range = counting(cells);
        let between = upsampled(&cells[range.clone()], factor);
        let first = factor * range.start;
        let nodes = first..first + between.len();
        let step: Vec<f64> = nodes.clone().map(|i| finer.du() * finer.slope(i)).collect();
        let density = between
            .iter()
            .zip(&step)
            .map(|(cell, step)| cell.max(0.0) / step)
            .collect();
        Self::from_density(nodes.map(|i| finer.x(i)).collect(), density, &step)
    }

    /// The distribution function of log x from the probabilities, up to a factor, of nodes x that are
    /// even in log x.
    #[must_use]
    pub fn on_log_axis(x: &[f64], step: f64, cells: &[f64]) -> Self {
        let range = counting(cells);
        let factor = if range.len() > MANY { 1 } else { 3 };
        let first = x.get(range.start).copied().unwrap_or(1.0).ln();
        let cells: Vec<f64> = upsampled(&cells[range], factor)
            .into_iter()
            .map(|cell| cell.max(0.0))
            .collect();
        let step = step / factor as f64;
        let knots = (0..cells.len()).map(|i| first + step * i as f64).collect();
        let steps = vec![step; cells.len()];
        Self::from_density(knots, cells, &steps)
    }
}
