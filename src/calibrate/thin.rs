//! How far apart draws must stand for their ranks to be nearly independent.

use super::BoxedKernel;
use super::quantity::Lookup;
use super::replicate::{Replicator, drive};
use crate::Error;
use crate::diagnostics::ess_bulk;
use crate::model::{Hierarchy, SamplerKind};
use crate::sampler::Generator;
use ndarray::Array2;
use rayon::prelude::*;

/// Data sets on which a pilot chain runs.
const PILOTS: usize = 16;
const PILOT_DRAWS: u32 = 1000;
/// Sweeps before the first draw, at least.
const WARMUP: u32 = 200;
/// Beyond this a chain mixes too badly for calibration to be worth its time.
const MOST: f64 = 500.0;

/// Sweeps between draws, and before the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Thinning {
    pub warmup: u32,
    pub thin: u32,
    /// Whether draws are not as far apart as they should be.
    pub capped: bool,
}

/// Twice the longest autocorrelation time τ = S/ESS of any quantity on any of 16 pilot data sets: where
/// correlations fall as ρ^lag, τ = (1+ρ)/(1-ρ), and those between draws 2τ apart are below 0.02. Draws
/// of the exact sampler are independent.
pub(super) fn choose(
    replicator: &Replicator<'_>,
    kernel: &(impl for<'a> Fn(&'a Hierarchy) -> Result<BoxedKernel<'a>, Error> + Sync),
) -> Result<Thinning, Error> {
    if replicator.calibrator.kind == SamplerKind::Exact {
        return Ok(Thinning {
            warmup: 0,
            thin: 1,
            capped: false,
        });
    }
    let times = replicator
        .pilot_streams(PILOTS)
        .into_par_iter()
        .map(|rng| autocorrelation_time(replicator, kernel, rng))
        .collect::<Result<Vec<f64>, Error>>()?;
    let wanted = (2.0 * times.iter().copied().fold(0.5, f64::max)).ceil();
    let thin = wanted.min(MOST) as u32;
    Ok(Thinning {
        warmup: WARMUP.max(10 * thin),
        thin,
        capped: wanted > MOST,
    })
}

/// The longest autocorrelation time of any quantity on one data set, in sweeps.
fn autocorrelation_time(
    replicator: &Replicator<'_>,
    kernel: &impl for<'a> Fn(&'a Hierarchy) -> Result<BoxedKernel<'a>, Error>,
    mut rng: Generator,
) -> Result<f64, Error> {
    let replicate = replicator.draw(&mut rng)?;
    let lookup = Lookup::new(&replicate.hierarchy);
    let mut rows: Vec<Vec<Option<f64>>> = Vec::new();
    let kernel = kernel(&replicate.hierarchy)?;
    let lengths = (WARMUP, PILOT_DRAWS, 1);
    drive(&replicate.hierarchy, kernel, lengths, &mut rng, |state| {
        rows.push(replicator.values(&lookup, state));
    });
    let time = |quantity: usize| {
        let cell = |row: &Vec<Option<f64>>| row.get(quantity).copied().flatten();
        let draws: Vec<f64> = rows.iter().filter_map(cell).collect();
        let length = draws.len();
        let draws = Array2::from_shape_vec((1, length), draws).ok()?;
        Some(length as f64 / ess_bulk(draws.view())?)
    };
    let times = (0..replicator.quantities.len()).filter_map(time);
    Ok(times.fold(0.0, f64::max))
}
