//! What one hyperprior answers, and how far that is from the current one's answer.

use super::Depth;
use super::alternatives::Candidate;
use crate::Error;
use crate::data::Data;
use crate::model::{Hierarchy, Hyperprior, Role, SamplerKind, SamplerSettings};
use crate::numeric::{HALF_OF_90, finite};
use crate::posterior::{EmpiricalBayes, ExactPosterior};
use crate::sampler::{self, ChainSink, Run};
use crate::variance::plugin_interval;
use serde::Serialize;
use std::sync::atomic::AtomicU64;

/// What a hyperprior answers by the exact posterior; what does not exist is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The hyperprior.
    pub prior: Hyperprior,
    /// E[σ²_FK | y], in squared score units.
    pub sigma2_fk_mean: Option<f64>,
    /// 5 % quantile of σ²_FK, in the same units.
    pub sigma2_fk_q5: Option<f64>,
    /// Median of σ²_FK.
    pub sigma2_fk_q50: Option<f64>,
    /// 95 % quantile of σ²_FK.
    pub sigma2_fk_q95: Option<f64>,
    /// The FK whose importance has the largest posterior mean.
    pub top_fk: String,
    /// P(its importance is the largest | y), from independent draws of the exact posterior.
    pub p_best: Option<f64>,
    /// Smallest ratio, over the FKs, of the full posterior variance to the plug-in's; none where the
    /// plug-in's is 0.
    pub ratio_low: Option<f64>,
    /// Largest such ratio.
    pub ratio_high: Option<f64>,
}

/// The answer of another hyperprior, and how far it is from that of the current one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alternative {
    /// The answer.
    #[serde(flatten)]
    pub answer: Answer,
    /// Whether it enters the verdict; shown for contrast only where not.
    pub recommended: bool,
    /// The largest shift of an importance's posterior mean, in units of its posterior standard deviation
    /// under the current hyperprior.
    pub max_shift_sd: Option<f64>,
    /// The FK that shifts so far.
    pub max_shift_fk: Option<String>,
    /// The largest ratio of an importance's posterior standard deviations, either way: at least 1.
    pub max_sd_ratio: Option<f64>,
    /// The FK with that ratio.
    pub max_sd_ratio_fk: Option<String>,
    /// The farthest that an end of an importance's 90 % interval moves, in units of its posterior
    /// standard deviation under the current hyperprior, the interval taken as that of a normal law with
    /// the same mean and standard deviation.
    pub max_interval_shift_sd: Option<f64>,
    /// The FK whose interval moves so far.
    pub max_interval_shift_fk: Option<String>,
}

/// Posterior mean and standard deviation of an importance, where they exist, in score units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Importance {
    mean: Option<f64>,
    sd: Option<f64>,
}

/// An answer with what it rests on.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub answer: Answer,
    /// In input order.
    pub importances: Vec<Importance>,
}

/// Draws from which P(best) is found, and the most values that they may hold together: beyond 500 FKs
/// there are fewer draws.
const DRAWS: (usize, usize) = (4000, 2_000_000);
/// The same where FKs have scales of their own, each draw of which inverts a distribution function.
const DRAWS_OF_OWN_SCALES: (usize, usize) = (1000, 20_000);
/// Fewest such draws.
const FEWEST_DRAWS: usize = 400;
/// Seed of these draws: one for all hyperpriors, so that their answers differ by the hyperprior alone.
const SEED: u64 = 1;

/// How many draws P(best) is found from for `fks` FKs; its standard error is at most ½/√draws.
#[must_use]
pub(super) fn draws_for(hierarchy: &Hierarchy, fks: usize) -> usize {
    let (most, values) = if hierarchy.has_own_scales() {
        DRAWS_OF_OWN_SCALES
    } else {
        DRAWS
    };
    (values / fks.max(1)).clamp(FEWEST_DRAWS, most)
}

/// What the hyperprior of `hierarchy` answers.
pub(super) fn answer(
    hierarchy: &Hierarchy,
    exact: &ExactPosterior,
    data: &Data,
    estimate: &EmpiricalBayes,
    depth: Depth,
) -> Answered {
    let members = || data.fks().iter().zip(&hierarchy.roles);
    let importances: Vec<Importance> = members()
        .map(|(fk, role)| importance(exact, role, fk.sample.mean().unwrap_or(0.0)))
        .collect();
    let ratios: Vec<f64> = members()
        .zip(&importances)
        .filter_map(|((fk, role), importance)| {
            let Role::InHierarchy(k) = *role else {
                return None;
            };
            let mean = fk.sample.mean().unwrap_or(0.0);
            let plugin = plugin_interval(hierarchy, estimate, k, mean).variance;
            let ratio = importance.sd? * importance.sd? / plugin;
            finite(ratio).filter(|_| plugin > 0.0)
        })
        .collect();
    let (top, _) =
        largest(importances.iter().map(|importance| importance.mean)).unwrap_or_default();
    let quantile = |p| finite(exact.sigma2_fk_quantile(p));
    let answer = Answer {
        prior: hierarchy.hyperprior,
        sigma2_fk_mean: exact.sigma2_fk().mean,
        sigma2_fk_q5: quantile(0.05),
        sigma2_fk_q50: quantile(0.5),
        sigma2_fk_q95: quantile(0.95),
        top_fk: name(data, top),
        p_best: match depth {
            Depth::Whole => p_best(hierarchy, exact, data.fks().len(), top),
            Depth::Brief => None,
        },
        ratio_low: ratios.iter().copied().reduce(f64::min),
        ratio_high: ratios.iter().copied().reduce(f64::max),
    };
    Answered {
        answer,
        importances,
    }
}

fn importance(exact: &ExactPosterior, role: &Role, mean: f64) -> Importance {
    match *role {
        Role::SetAside { value } => Importance {
            mean: Some(value),
            sd: Some(0.0),
        },
        Role::InHierarchy(k) => Importance {
            mean: finite(exact.alpha_mean(k, mean)),
            sd: exact
                .alpha_variance(k, mean)
                .and_then(|variance| finite(variance.sqrt())),
        },
    }
}

fn name(data: &Data, place: usize) -> String {
    data.fks()
        .get(place)
        .map_or_else(String::new, |fk| fk.name.to_string())
}

/// The largest of the values that there are, and its place.
fn largest(values: impl Iterator<Item = Option<f64>>) -> Option<(usize, f64)> {
    values
        .enumerate()
        .filter_map(|(place, value)| Some((place, value?)))
        .reduce(|best, other| if other.1 > best.1 { other } else { best })
}

/// How far the importances of another answer are from those of the current one.
pub(super) fn compare(
    current: &Answered,
    other: Answered,
    candidate: &Candidate,
    data: &Data,
) -> Alternative {
    let pairs = || current.importances.iter().zip(&other.importances);
    let most = |measure: &dyn Fn(&Importance, &Importance) -> Option<f64>| {
        let found = largest(pairs().map(|(now, then)| measure(now, then).and_then(finite)));
        found
            .map(|(place, value)| (value, name(data, place)))
            .unzip()
    };
    let (max_shift_sd, max_shift_fk) = most(&shift);
    let (max_sd_ratio, max_sd_ratio_fk) = most(&sd_ratio);
    let (max_interval_shift_sd, max_interval_shift_fk) = most(&interval_shift);
    Alternative {
        answer: other.answer,
        recommended: candidate.recommended,
        max_shift_sd,
        max_shift_fk,
        max_sd_ratio,
        max_sd_ratio_fk,
        max_interval_shift_sd,
        max_interval_shift_fk,
    }
}

/// The standard deviation as a unit: none where an importance is known.
fn unit(importance: &Importance) -> Option<f64> {
    importance.sd.filter(|sd| *sd > 0.0)
}

fn shift(now: &Importance, then: &Importance) -> Option<f64> {
    Some((then.mean? - now.mean?).abs() / unit(now)?)
}

fn sd_ratio(now: &Importance, then: &Importance) -> Option<f64> {
    let ratio = unit(then)? / unit(now)?;
    Some(ratio.max(1.0 / ratio))
}

/// Of the two ends mean ± z sd the one that moves farther moves by |Δ mean| + z |Δ sd|.
pub(super) fn interval_shift(now: &Importance, then: &Importance) -> Option<f64> {
    let widened = (unit(then)? / unit(now)? - 1.0).abs();
    Some(shift(now, then)? + HALF_OF_90 * widened)
}

/// Counts how often the importance at one place is the largest; ties share the first place.
struct Tally {
    /// Number of FKs: the importances are the last columns of a row.
    fks: usize,
    place: usize,
    first: f64,
}

impl ChainSink for Tally {
    fn record(&mut self, row: &[f64]) -> Result<(), Error> {
        let alphas = row.get(row.len().saturating_sub(self.fks)..).unwrap_or(&[]);
        let top = alphas.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if alphas.get(self.place) == Some(&top) {
            let tied = alphas.iter().filter(|alpha| **alpha == top).count();
            self.first += 1.0 / tied as f64;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// P(rank 1) of the FK at `place`, from independent draws; none where they leave the range of double
/// precision.
fn p_best(hierarchy: &Hierarchy, exact: &ExactPosterior, fks: usize, place: usize) -> Option<f64> {
    let draws = draws_for(hierarchy, fks);
    let settings = SamplerSettings {
        kind: SamplerKind::Exact,
        chains: 1,
        warmup: 0,
        draws: u32::try_from(draws).ok()?,
        seed: SEED,
        ..SamplerSettings::default()
    };
    let mut sinks = [Tally {
        fks,
        place,
        first: 0.0,
    }];
    let run = Run {
        hierarchy,
        exact: Some(exact),
        settings: &settings,
        kept: None,
        threads: 1,
        progress: &AtomicU64::new(0),
    };
    sampler::run(run, &mut sinks).ok()?;
    let [tally] = sinks;
    Some(tally.first / draws as f64)
}
