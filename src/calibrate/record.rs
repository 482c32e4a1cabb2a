//! The record of a calibration; its fields are the keys of the JSON output.

use super::ranks::p_value_of_uniform_ranks;
use super::replicate::Replicator;
use super::thin::Thinning;
use crate::model::{Model, SamplerKind};
use serde::Serialize;

/// Probability that the calibration of a right sampler fails, at most: over all quantities together.
pub(super) const FALSE_ALARM: f64 = 0.01;

/// Why ranks need not be uniform.
const DEPENDENT: &str = "the chain mixes so slowly that draws depend on each other even 500 sweeps \
                         apart: ranks need not be uniform however right the sampler is; leave \
                         --no-interweave out, or use --sampler exact";

/// Whether a sampler draws from the posterior that it should draw from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// The model.
    pub model: Model,
    /// The design.
    pub data: CalibrationData,
    /// How draws were made.
    pub sampler: CalibratedSampler,
    /// Number of replicates.
    pub replicates: u32,
    /// Probability, at most, that `ok` is false for a right sampler.
    pub false_alarm: f64,
    /// Every quantity whose rank was taken.
    pub quantities: Vec<QuantityRanks>,
    /// Whether all of them are ok.
    pub ok: bool,
    /// Why a right sampler may fail all the same.
    pub warnings: Vec<String>,
}

/// The design that was simulated again and again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalibrationData {
    /// Number of FKs.
    pub k: usize,
    /// Number of scores.
    pub n_total: u64,
    /// Scores of each FK.
    pub n: Vec<u64>,
    /// Shape and rate of d₀ ~ Gamma, under per-FK noise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub d0: Option<(f64, f64)>,
}

/// How draws were made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalibratedSampler {
    /// Which sampler.
    pub kind: SamplerKind,
    /// Whether it used more than the textbook alternation.
    pub interweave: bool,
    /// Sweeps before the first draw.
    pub warmup: u32,
    /// Draws per replicate.
    pub draws: u32,
    /// Sweeps per draw, chosen from pilot runs.
    pub thin: u32,
    /// Seed of the random numbers.
    pub seed: u64,
}

/// The ranks of one quantity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuantityRanks {
    /// Its name.
    pub name: String,
    /// Replicates by rank, in bins of equal width.
    pub ranks: Vec<u64>,
    /// p-value of uniform ranks, for this quantity alone.
    pub p_value: f64,
    /// Whether it is at least the false-alarm rate over the number of quantities (Bonferroni).
    pub ok: bool,
}

/// The record of all replicates' ranks.
pub(super) fn calibration(
    replicator: &Replicator<'_>,
    thinning: &Thinning,
    ranks: &[Vec<u32>],
) -> Calibration {
    let settings = replicator.calibrator;
    let level = FALSE_ALARM / replicator.quantities.len() as f64;
    let one = |(i, quantity): (usize, &super::quantity::Quantity)| {
        let of_it: Vec<u32> = ranks.iter().filter_map(|r| r.get(i).copied()).collect();
        let p_value = p_value_of_uniform_ranks(&of_it, settings.draws);
        QuantityRanks {
            name: quantity.name(&replicator.names),
            ranks: binned(&of_it, settings.draws, settings.bins),
            p_value,
            ok: p_value >= level,
        }
    };
    let quantities: Vec<QuantityRanks> =
        replicator.quantities.iter().enumerate().map(one).collect();
    Calibration {
        model: settings.model.clone(),
        data: CalibrationData {
            k: settings.k,
            n_total: replicator.sizes.iter().sum(),
            n: replicator.sizes.clone(),
            d0: settings.noise_scale,
        },
        sampler: CalibratedSampler {
            kind: settings.kind,
            interweave: settings.interweave,
            warmup: thinning.warmup,
            draws: settings.draws,
            thin: thinning.thin,
            seed: settings.seed,
        },
        replicates: settings.replicates,
        false_alarm: FALSE_ALARM,
        ok: quantities.iter().all(|quantity| quantity.ok),
        quantities,
        warnings: Vec::from_iter(thinning.capped.then(|| DEPENDENT.to_owned())),
    }
}

fn binned(ranks: &[u32], draws: u32, bins: u32) -> Vec<u64> {
    let width = ((draws + 1) / bins.max(1)).max(1);
    let mut counts = vec![0; bins as usize];
    for rank in ranks {
        if let Some(count) = counts.get_mut((rank / width) as usize) {
            *count += 1;
        }
    }
    counts
}
