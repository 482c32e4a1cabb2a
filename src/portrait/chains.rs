//! Chains of σ²_FK, on which all importances hang: their course, their ranks, and how their effective
//! size grows.

use super::Portrait;
use crate::Error;
use crate::diagnostics::{Workspace, diagnose_with};
use ndarray::{Array2, Axis, Slice};

/// Points of a chain's course at most.
const MOST_POINTS: usize = 300;
/// Bins of the ranks.
const BINS: usize = 20;
/// Lengths at which the effective size is computed.
const LENGTHS: usize = 12;
/// Fewest draws per chain that say anything about an effective size.
const FEWEST: usize = 20;

/// The chains of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Chains {
    /// Of each chain, (draw, value) at evenly spaced draws.
    pub course: Vec<Vec<(f64, f64)>>,
    /// Draws per chain.
    pub draws: usize,
    /// Of each chain, how many of its draws have a rank among all draws in each of the bins.
    pub ranks: Vec<Vec<usize>>,
    /// The effective size of the first draws.
    pub ess: Vec<EssPoint>,
    /// What the effective size should reach: 100 per chain.
    pub wanted: f64,
}

/// The effective size after some draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EssPoint {
    /// Draws of all chains together.
    pub draws: usize,
    /// For the centre.
    pub bulk: Option<f64>,
    /// For the tails.
    pub tail: Option<f64>,
}

impl Portrait {
    /// The chains of σ²_FK.
    ///
    /// # Errors
    /// If the draws cannot be read.
    pub fn chains(&self) -> Result<Chains, Error> {
        let values = self.sigma2_fk()?;
        let (chains, draws) = values.dim();
        let stride = draws.div_ceil(MOST_POINTS).max(1);
        let course = values.axis_iter(Axis(0)).map(|chain| {
            let points = chain.iter().enumerate().step_by(stride);
            points.map(|(i, &x)| (i as f64 + 1.0, x)).collect()
        });
        Ok(Chains {
            course: course.collect(),
            draws,
            ranks: ranks(&values),
            ess: growth(&values),
            wanted: 100.0 * chains as f64,
        })
    }
}

/// Ranks of each chain's draws among all, counted in bins.
fn ranks(values: &Array2<f64>) -> Vec<Vec<usize>> {
    let (chains, draws) = values.dim();
    let total = values.len();
    let mut order: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut counts = vec![vec![0; BINS]; chains];
    for (rank, (_, place)) in order.iter().enumerate() {
        counts[place / draws][rank * BINS / total] += 1;
    }
    counts
}

fn growth(values: &Array2<f64>) -> Vec<EssPoint> {
    let (chains, draws) = values.dim();
    let mut workspace = Workspace::default();
    let mut points = Vec::with_capacity(LENGTHS);
    for i in 1..=LENGTHS {
        let length = draws * i / LENGTHS;
        if length >= FEWEST.min(draws) {
            let found = diagnose_with(
                &mut workspace,
                values.slice_axis(Axis(1), Slice::from(..length)),
            );
            points.push(EssPoint {
                draws: chains * length,
                bulk: found.ess_bulk,
                tail: found.ess_tail,
            });
        }
    }
    points
}
