//! One cell by simulation: its replicates in parallel, then their averages.

use super::constant::constants;
use super::control::{Average, average, controlled};
use super::grid::Cell;
use super::layout::{Layout, Simulated};
use super::record::{CellRecord, ShareRecord};
use super::replicate::{Outcome, Wanted, replicate};
use super::settings::Settings;
use super::stream::stream;
use super::{WIDTH_REPLICATES, cost};
use crate::Error;
use crate::numeric::{finite, quantile_sorted};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Replicates on one stream of random numbers: the unit of work of a thread.
const BLOCK: usize = 16;
/// Ratios kept for their quantiles, over FKs and replicates.
const MOST_RATIOS: usize = 1_000_000;

/// Simulates a cell. Results do not depend on threads: blocks have their own streams, and their
/// outcomes are averaged in order.
pub(super) fn measure(
    cell: &Cell,
    settings: &Settings,
    progress: &AtomicU64,
) -> Result<CellRecord, Error> {
    let layout = Layout::new(cell, settings)?;
    let replicates = settings.replicates as usize;
    let blocks: Vec<Vec<Outcome>> = (0..replicates.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let first = block * BLOCK;
            let indices = first..(first + BLOCK).min(replicates);
            let done = cost(cell) * indices.len() as u64;
            let outcomes = simulate_block(&layout, block as u64, indices)?;
            progress.fetch_add(done, Ordering::Relaxed);
            Ok(outcomes)
        })
        .collect::<Result<_, Error>>()?;
    let outcomes: Vec<Outcome> = blocks.into_iter().flatten().collect();
    Ok(summarise(&layout, &outcomes))
}

fn simulate_block(
    layout: &Layout<'_>,
    block: u64,
    indices: std::ops::Range<usize>,
) -> Result<Vec<Outcome>, Error> {
    let mut rng = stream(layout.settings.seed, layout.cell, block);
    let (mut hierarchy, mut simulated) = (layout.template.clone(), Simulated::default());
    let replicates = layout.settings.replicates as usize;
    indices
        .map(|index| {
            let wanted = Wanted {
                widths: is_one_of(index, WIDTH_REPLICATES, replicates),
                ratios: (MOST_RATIOS / replicates).max(1),
            };
            let workspace = (&mut hierarchy, &mut simulated);
            replicate(layout, index, wanted, &mut rng, workspace)
        })
        .collect()
}

/// Whether `index` is one of `some` spread evenly over `all`.
fn is_one_of(index: usize, some: usize, all: usize) -> bool {
    some >= all || index * some / all != (index + 1) * some / all
}

fn summarise(layout: &Layout<'_>, outcomes: &[Outcome]) -> CellRecord {
    let in_strata = layout.in_strata();
    let mut record = CellRecord::empty(layout.cell, layout.template.hyperprior);
    record.replicates = Some(layout.settings.replicates);
    let every = |figure: fn(&Outcome) -> f64| -> (Option<f64>, Option<f64>) {
        let values: Vec<f64> = outcomes.iter().map(figure).collect();
        both(average(&values, in_strata))
    };
    (record.boundary_share, record.boundary_share_mcse) =
        every(|o| f64::from(u8::from(o.boundary)));
    (record.coverage_plugin, record.coverage_plugin_mcse) = every(|o| o.coverage_plugin);
    (record.coverage_full, record.coverage_full_mcse) = every(|o| o.coverage_full);
    (record.coverage_normal, record.coverage_normal_mcse) = every(|o| o.coverage_normal);
    (record.width_plugin, record.width_plugin_mcse) = every(|o| o.width_plugin);
    (record.risk_plugin, record.risk_plugin_mcse) = every(|o| o.risk_plugin);
    (record.risk_full, record.risk_full_mcse) = every(|o| o.risk_full);
    (record.coverage_corrected, record.coverage_corrected_mcse) =
        some(outcomes, |o| o.coverage_corrected);
    (record.width_full, record.width_full_mcse) = some(outcomes, |o| o.width_full);
    summarise_ratios(&mut record, outcomes);
    summarise_excess(&mut record, layout, outcomes);
    record
}

fn both(average: Average) -> (Option<f64>, Option<f64>) {
    (finite(average.mean), finite(average.mcse))
}

/// Of the replicates that have the figure, taken as independent.
fn some(outcomes: &[Outcome], figure: fn(&Outcome) -> Option<f64>) -> (Option<f64>, Option<f64>) {
    let values: Vec<f64> = outcomes.iter().filter_map(figure).collect();
    both(average(&values, false))
}

fn summarise_ratios(record: &mut CellRecord, outcomes: &[Outcome]) {
    let (mean, mcse) = some(outcomes, |o| o.ratio);
    record.ratio_mean = mean;
    let never_at_boundary = outcomes.iter().all(|o| !o.boundary);
    record.ratio_mean_mcse = mcse.filter(|_| never_at_boundary);
    let mut ratios: Vec<f64> = outcomes.iter().flat_map(|o| o.ratios.clone()).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let quantile = |p| quantile_sorted(&ratios, p).and_then(finite);
    record.ratio_q5 = quantile(0.05);
    record.ratio_q50 = quantile(0.5);
    record.ratio_q95 = quantile(0.95);
}

/// K times the excess, of each share and of all FKs, with control variates.
fn summarise_excess(record: &mut CellRecord, layout: &Layout<'_>, outcomes: &[Outcome]) {
    let k = layout.cell.k as f64;
    let controls: Vec<Vec<f64>> = outcomes.iter().map(|o| o.controls.clone()).collect();
    let estimate = |values: Vec<f64>| both(controlled(&values, &controls, layout.in_strata()));
    let of_all = |outcome: &Outcome| -> f64 {
        let terms = layout.shares.iter().zip(&outcome.excess);
        terms.map(|(share, excess)| share.count() * excess).sum()
    };
    (record.k_excess, record.k_excess_mcse) = estimate(outcomes.iter().map(of_all).collect());
    let numbers: Vec<u64> = layout.shares.iter().map(|share| share.n).collect();
    let c = constants(layout.cell, &record.hyperprior, &numbers);
    let weighted = layout.shares.iter().zip(&c);
    record.c = finite(weighted.map(|(share, c)| share.count() / k * c).sum());
    for (i, (share, &c)) in layout.shares.iter().zip(&c).enumerate() {
        let (k_excess, k_excess_mcse) = match layout.shares.len() {
            1 => (record.k_excess, record.k_excess_mcse),
            _ => estimate(outcomes.iter().map(|o| k * o.excess[i]).collect()),
        };
        record.by_n.push(ShareRecord {
            n: share.n,
            fks: share.fks.len(),
            k_excess,
            k_excess_mcse,
            c: finite(c),
        });
    }
}
