//! The joint-distribution test (Geweke 2004): scores given parameters and parameters given scores, drawn in
//! turn, leave the prior as it is.
//!
//! Nothing of a posterior density is looked at: figures over runs of such alternations are compared with
//! the same figures over draws from the prior. Every run begins at a draw from the prior, so that runs are
//! independent and their means have errors that are known.

use super::BoxedKernel;
use super::quantity::Lookup;
use super::replicate::{Replicator, Truth};
use super::settle::Calibrator;
use crate::Error;
use crate::model::{Hierarchy, NoiseVariance};
use crate::numeric::median;
use crate::sampler::Generator;
use crate::threads::pool;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Draws from the prior per run: their errors are then small beside those of the runs.
const PRIOR_DRAWS_PER_RUN: usize = 20;
/// Draws from the prior by which figures get their units.
const PILOTS: usize = 500;

/// How far the alternation is from the prior.
#[derive(Debug, Clone, PartialEq)]
pub struct JointCheck {
    /// Every figure that was compared, with its deviation in standard errors.
    pub figures: Vec<(String, f64)>,
    /// Runs behind each.
    pub runs: usize,
}

impl Calibrator {
    /// The joint-distribution test of the sampler of this crate: `replicates` runs of `draws` alternations
    /// each, counted in `progress`.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn joint(&self, progress: &AtomicU64) -> Result<JointCheck, Error> {
        self.joint_with(&|hierarchy| self.kernel(hierarchy), progress)
    }

    /// The same of any kernel. It is made anew for every step, so that nothing adapts.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn joint_with(
        &self,
        kernel: &(impl for<'a> Fn(&'a Hierarchy) -> Result<BoxedKernel<'a>, Error> + Sync),
        progress: &AtomicU64,
    ) -> Result<JointCheck, Error> {
        let replicator = Replicator::new(self)?;
        pool(self.threads)?.install(|| {
            let pilots: Vec<Vec<f64>> = replicator
                .pilot_streams(PILOTS)
                .into_par_iter()
                .map(|rng| prior_sizes(&replicator, rng))
                .collect::<Result<_, Error>>()?;
            let units = units(&pilots);
            let one = |rng: Generator| {
                let means = means_of_run(&replicator, kernel, &units, rng)?;
                progress.fetch_add(1, Ordering::Relaxed);
                Ok(means)
            };
            let runs = replicator
                .streams(self.replicates as usize)
                .into_par_iter()
                .map(one)
                .collect::<Result<Vec<(Vec<f64>, Vec<f64>)>, Error>>()?;
            Ok(compare(&replicator, &runs))
        })
    }
}

/// Mean figures of one run, and of draws from the prior.
fn means_of_run(
    replicator: &Replicator<'_>,
    kernel: &impl for<'a> Fn(&'a Hierarchy) -> Result<BoxedKernel<'a>, Error>,
    units: &[f64],
    mut rng: Generator,
) -> Result<(Vec<f64>, Vec<f64>), Error> {
    let mut prior = Mean::default();
    for _ in 0..PRIOR_DRAWS_PER_RUN {
        let truth = replicator.draw_truth(&mut rng)?;
        let hierarchy = replicator.observe(&truth, &mut rng)?;
        prior.add(&figures(&sizes(&truth, &hierarchy), units));
    }
    let mut run = Mean::default();
    let mut truth = replicator.draw_truth(&mut rng)?;
    for _ in 0..replicator.calibrator.draws {
        truth.center();
        let hierarchy = replicator.observe(&truth, &mut rng)?;
        let lookup = Lookup::new(&hierarchy);
        let mut state = lookup.truth(&truth.shared, &truth.fks);
        if hierarchy.nu().is_some() {
            // Drawn first by every sweep, given the importances.
            state.mixing = vec![1.0; state.alpha.len()];
        }
        kernel(&hierarchy)?.step(&mut state, &mut rng);
        lookup.store(&state, &mut truth);
        run.add(&figures(&sizes(&truth, &hierarchy), units));
    }
    Ok((run.mean(), prior.mean()))
}

#[derive(Default)]
struct Mean {
    sums: Vec<f64>,
    count: f64,
}

impl Mean {
    fn add(&mut self, values: &[f64]) {
        self.sums.resize(values.len(), 0.0);
        for (sum, value) in self.sums.iter_mut().zip(values) {
            *sum += value;
        }
        self.count += 1.0;
    }

    fn mean(self) -> Vec<f64> {
        self.sums.iter().map(|sum| sum / self.count).collect()
    }
}

fn prior_sizes(replicator: &Replicator<'_>, mut rng: Generator) -> Result<Vec<f64>, Error> {
    let truth = replicator.draw_truth(&mut rng)?;
    let hierarchy = replicator.observe(&truth, &mut rng)?;
    Ok(sizes(&truth, &hierarchy).iter().map(|x| x.abs()).collect())
}

/// The median size of each number.
fn units(draws: &[Vec<f64>]) -> Vec<f64> {
    let count = draws.first().map_or(0, Vec::len);
    let of = |i: usize| -> Vec<f64> { draws.iter().filter_map(|d| d.get(i).copied()).collect() };
    (0..count)
        .map(|i| median(&of(i)).filter(|unit| *unit > 0.0).unwrap_or(1.0))
        .collect()
}

/// What is looked at: α_k - m and ȳ_k - α_k of the first FK with scores, with their signs; σ²_FK, the
/// noise, and α_k - m of the last FK.
fn sizes(truth: &Truth, hierarchy: &Hierarchy) -> Vec<f64> {
    let m = truth.shared.location;
    let first = truth.fks.iter().position(|fk| fk.n > 0).unwrap_or(0);
    let mean = hierarchy.evidence.place().iter().position(|&k| k == first);
    let mean = mean.and_then(|i| hierarchy.evidence.means().get(i).copied());
    let alpha = |k: usize| truth.fks.get(k).map_or(0.0, |fk| fk.alpha);
    let error = hierarchy.evidence.center() + mean.unwrap_or(0.0) - alpha(first);
    let mut found = vec![alpha(first) - m, error];
    found.extend(truth.shared.sigma2_fk);
    match hierarchy.noise {
        NoiseVariance::Known(_) => {}
        NoiseVariance::Sampled { .. } => found.extend(truth.shared.sigma2_obs),
        NoiseVariance::PerFk { .. } => {
            found.extend(truth.shared.d0);
            found.extend(truth.fks.get(first).map(|fk| fk.sigma2_obs));
        }
    }
    found.push((alpha(truth.fks.len().saturating_sub(1)) - m).abs());
    found
}

/// Numbers of [`sizes`] that have a sign.
const SIGNED: usize = 2;

/// Bounded figures, whose means have errors even where nothing has a mean: of each number x in its unit
/// u = |x|/(1 + |x|), its square, its product with the others', and for the signed ones ± u.
fn figures(sizes: &[f64], units: &[f64]) -> Vec<f64> {
    let bounded: Vec<f64> = sizes
        .iter()
        .zip(units)
        .map(|(x, unit)| x.abs() / (unit + x.abs()) - 0.5)
        .collect();
    let signed = sizes.iter().zip(&bounded).take(SIGNED);
    let mut found: Vec<f64> = signed.map(|(x, u)| x.signum() * (u + 0.5)).collect();
    for (i, u) in bounded.iter().enumerate() {
        found.push(*u);
        found.extend(bounded.iter().take(i + 1).map(|other| u * other));
    }
    found
}

fn names(replicator: &Replicator<'_>, count: usize) -> Vec<String> {
    let mut names = vec!["alpha - m", "mean - alpha", "sigma2_fk"];
    names.extend(replicator.noise_names());
    names.push("last alpha - m");
    let mut found: Vec<String> = names
        .iter()
        .take(SIGNED)
        .map(|name| format!("sign of {name}"))
        .collect();
    for (i, name) in names.iter().enumerate() {
        found.push(format!("size of {name}"));
        found.extend(
            names
                .iter()
                .take(i + 1)
                .map(|other| format!("{name} with {other}")),
        );
    }
    found.truncate(count);
    found
}

/// Differences between runs and prior in standard errors.
fn compare(replicator: &Replicator<'_>, runs: &[(Vec<f64>, Vec<f64>)]) -> JointCheck {
    let count = runs.first().map_or(0, |(run, _)| run.len());
    let names = names(replicator, count);
    let z = |i: usize| {
        let differences: Vec<f64> = runs
            .iter()
            .filter_map(|(run, prior)| Some(run.get(i)? - prior.get(i)?))
            .collect();
        let n = differences.len() as f64;
        let mean = differences.iter().sum::<f64>() / n;
        let square: f64 = differences.iter().map(|d| (d - mean) * (d - mean)).sum();
        mean / (square / (n - 1.0) / n).sqrt()
    };
    JointCheck {
        figures: names
            .into_iter()
            .enumerate()
            .map(|(i, name)| (name, z(i)))
            .collect(),
        runs: runs.len(),
    }
}
