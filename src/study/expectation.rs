//! One cell of equal n by integration over the data too: no random numbers, no Monte-Carlo error.
//!
//! With equal n all averages over FKs of variances and of risks depend on the data through
//! Q = Σ ȳ_k² ~ v χ²_K alone, so E g(Q) is a one-dimensional integral, taken in x = log(Q/(Kv)) by
//! Gauss-Legendre panels that meet where the plug-in reaches its boundary, Q = K s.

use super::constant::constants;
use super::grid::Cell;
use super::nodes::Nodes;
use super::record::{CellRecord, ShareRecord};
use super::replicate::quadrature;
use super::settings::Settings;
use super::{layout::Layout, layout::Share};
use crate::Error;
use crate::model::{Evidence, Hierarchy, Location};
use crate::numeric::{HALF_OF_90, finite};
use crate::posterior::conditional;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Nodes and weights of the eight-point Gauss-Legendre rule on [-1, 1], the positive half.
const GAUSS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
];
/// Panels on either side of the boundary.
const PANELS: usize = 48;
/// How far, in logs, the density of x falls before the integral ends.
const DROP: f64 = 40.0;

/// What is averaged over Q.
#[derive(Debug, Clone, Copy, Default)]
struct Terms {
    weight: f64,
    boundary: f64,
    excess: f64,
    risk_plugin: f64,
    risk_full: f64,
    width_plugin: f64,
}

/// Integrates a cell of equal n.
pub(super) fn expect(
    cell: &Cell,
    settings: &Settings,
    progress: &AtomicU64,
) -> Result<CellRecord, Error> {
    let layout = Layout::new(cell, settings)?;
    let Some(share) = layout.shares.first() else {
        return Err(Error::Internal("a cell without foreign keys".into()));
    };
    let nodes = data_nodes(share);
    let terms: Vec<Terms> = nodes
        .par_iter()
        .map(|&(q, weight)| {
            let terms = at(&layout.template, share, q, weight)?;
            progress.fetch_add(1, Ordering::Relaxed);
            Ok(terms)
        })
        .collect::<Result<_, Error>>()?;
    let total: f64 = terms.iter().map(|t| t.weight).sum();
    let mean = |figure: fn(&Terms) -> f64| {
        finite(terms.iter().map(|t| t.weight * figure(t)).sum::<f64>() / total)
    };
    let mut record = CellRecord::empty(cell, layout.template.hyperprior);
    record.boundary_share = mean(|t| t.boundary);
    record.risk_plugin = mean(|t| t.risk_plugin);
    record.risk_full = mean(|t| t.risk_full);
    record.width_plugin = mean(|t| t.width_plugin);
    record.k_excess = mean(|t| t.excess).map(|excess| share.count() * excess);
    record.k_excess_mcse = record.k_excess.map(|_| 0.0);
    record.c = constants(cell, &record.hyperprior, &[share.n])
        .first()
        .copied()
        .and_then(finite);
    record.by_n.push(ShareRecord {
        n: share.n,
        fks: share.fks.len(),
        k_excess: record.k_excess,
        k_excess_mcse: record.k_excess_mcse,
        c: record.c,
    });
    Ok(record)
}

/// How many values of Q a cell needs.
pub(super) const fn data_points() -> u64 {
    (2 * PANELS * 2 * GAUSS.len()) as u64
}

/// Values of Q with their unnormalised weights.
fn data_nodes(share: &Share) -> Vec<(f64, f64)> {
    let half = 0.5 * share.count();
    let log_density = |x: f64| half * (x - x.exp_m1());
    let end = |sign: f64| {
        let mut x = sign * 1e-4;
        while log_density(x) > -DROP {
            x *= 1.1;
        }
        x
    };
    let (low, high) = (end(-1.0), end(1.0));
    // Q = K s is x = log(s/v), below 0; the integral may end before.
    let boundary = (share.s / share.v()).ln().clamp(low, high);
    let mut nodes = Vec::with_capacity(data_points() as usize);
    for (from, to) in [(low, boundary), (boundary, high)] {
        let radius = 0.5 * (to - from) / PANELS as f64;
        for panel in 0..PANELS {
            let center = from + radius * (2 * panel + 1) as f64;
            for (z, weight) in GAUSS {
                for x in [center - radius * z, center + radius * z] {
                    let q = share.count() * share.v() * x.exp();
                    nodes.push((q, radius * weight * log_density(x).exp()));
                }
            }
        }
    }
    nodes
}

/// What the posteriors say at Σ ȳ² = `q`.
fn at(template: &Hierarchy, share: &Share, q: f64, weight: f64) -> Result<Terms, Error> {
    if weight == 0.0 {
        return Ok(Terms::default());
    }
    let mut hierarchy = template.clone();
    // Only the sum of squares of the means matters: all may be equal.
    let mean_sq = q / share.count();
    let pair = (mean_sq.sqrt(), 1.0 / share.n as f64);
    hierarchy.evidence = Evidence::new(
        &vec![pair; share.fks.len()],
        template.evidence.within(),
        Location::Zero,
    );
    let nodes: Nodes = quadrature(&hierarchy)?;
    let (shrinkage, spread) = nodes.shrinkage(share.s);
    let plugin = conditional((mean_sq - share.s).max(0.0), share.s, 0.0);
    let truth = (share.true_shrinkage(), share.true_variance());
    let risk = |b: f64| 1.0 + (truth.0 - b).powi(2) * mean_sq / truth.1;
    Ok(Terms {
        weight,
        boundary: f64::from(u8::from(mean_sq <= share.s)),
        excess: (shrinkage * share.s + mean_sq * spread) / truth.1 - 1.0,
        risk_plugin: risk(plugin.shrinkage),
        risk_full: risk(shrinkage),
        width_plugin: 2.0 * HALF_OF_90 * plugin.variance.sqrt(),
    })
}
