//! The cheapest useful thing to do now, in words, from the figures of a fit alone.

use super::record::Fit;
use crate::plan::{first_not, misordering};

/// A first rank that is right with this probability is settled.
const SETTLED: f64 = 0.95;
/// Permutations of an FK beyond which nothing is proposed.
const MOST: u64 = 1_000_000;

/// One FK's posterior variance W, and the variance σ² of one of its scores.
#[derive(Debug, Clone, Copy)]
struct Known<'a> {
    fk: &'a str,
    p_first: f64,
    median: f64,
    variance: f64,
    noise: f64,
}

impl Known<'_> {
    /// 1/(1/W + Δ/σ²): what at most is expected to be left of the variance.
    fn after(&self, delta: u64) -> f64 {
        1.0 / (1.0 / self.variance + delta as f64 / self.noise)
    }

    /// What one permutation takes off the variance, about; squares of variances need not be numbers.
    fn gain(&self) -> f64 {
        self.variance * (self.variance / self.noise)
    }
}

/// The step, if any is worth one.
pub(super) fn next_step(fit: &Fit) -> Option<String> {
    if !fit.diagnostics.ok {
        return Some("first make the chains trustworthy: see the warnings".into());
    }
    let mut observed = fit.variance.both().map(|(fk, _)| fk);
    if let Some(never) = observed.find(|fk| fk.sample.n() == Some(0)) {
        return Some(format!(
            "'{}' has no scores: permute it, even a few times",
            never.name
        ));
    }
    let largest = fit.ranking.both().map(|(_, ranks)| ranks.p_best);
    let largest = largest.fold(0.0, f64::max);
    let candidates = Candidates::of(known(fit));
    let [first, _] = &candidates.likeliest;
    let open = first.as_ref().is_some_and(|one| {
        // Where an FK whose scores never vary is likelier to be first, permutations settle nothing.
        one.p_first < SETTLED && one.p_first == largest
    });
    let settle = open
        .then(|| settle_first_rank(&candidates.likeliest))
        .flatten();
    settle.or_else(|| halve_a_variance(candidates.gains_most))
}

/// The FKs whose scores vary and are counted.
fn known(fit: &Fit) -> impl Iterator<Item = Known<'_>> {
    let alphas = fit.parameters.importances().both().zip(fit.ranking.both());
    let each = fit.variance.both().zip(alphas);
    each.filter_map(|((fk, variances), ((_, alpha), (_, ranks)))| {
        let [_, median, _] = alpha.quantiles();
        Some(Known {
            fk: &fk.name,
            p_first: ranks.p_best,
            median: median?,
            variance: variances.full().filter(|full| *full > 0.0)?,
            noise: variances.no_pooling()? * fk.sample.n()? as f64,
        })
    })
}

/// The FKs of which something may be proposed; of equals those that come first.
struct Candidates<'a> {
    /// The two that are likeliest to be first.
    likeliest: [Option<Known<'a>>; 2],
    /// The one of which every permutation takes off most.
    gains_most: Option<Known<'a>>,
}

impl<'a> Candidates<'a> {
    /// In one pass: a hundred thousand rows fit no cache.
    fn of(known: impl Iterator<Item = Known<'a>>) -> Self {
        let mut found = Self {
            likeliest: [None, None],
            gains_most: None,
        };
        for one in known {
            let exceeds = |other: &Option<Known<'_>>, of: fn(&Known<'_>) -> f64| {
                other.as_ref().is_none_or(|other| of(&one) > of(other))
            };
            if exceeds(&found.gains_most, |one| one.gain()) {
                found.gains_most = Some(one);
            }
            let [first, second] = &mut found.likeliest;
            if exceeds(first, |one| one.p_first) {
                *second = first.replace(one);
            } else if exceeds(second, |one| one.p_first) {
                *second = Some(one);
            }
        }
        found
    }
}

/// Permutations of the two likeliest to be first that would tell them apart.
fn settle_first_rank(likeliest: &[Option<Known<'_>>; 2]) -> Option<String> {
    let [Some(a), Some(b)] = likeliest else {
        return None;
    };
    let doubt = |delta: u64| {
        let (now, then) = (a.variance + b.variance, a.after(delta) + b.after(delta));
        misordering(a.median - b.median, now, then)
    };
    let delta = first_not(MOST, |delta| doubt(delta) > 1.0 - SETTLED);
    (delta < MOST).then(|| {
        format!(
            "which FK is first is open ('{}' with probability {:.2}): about {} more permutations each \
             of '{}' and '{}' would tell these two apart with probability {SETTLED}; `fkbayes plan` \
             has more",
            a.fk,
            a.p_first,
            two_digits(delta.max(1)),
            a.fk,
            b.fk
        )
    })
}

/// Permutations that would halve the variance of the FK which gains most by each.
fn halve_a_variance(gains_most: Option<Known<'_>>) -> Option<String> {
    let best = gains_most?;
    let delta = (best.noise / best.variance).ceil().max(1.0);
    (delta <= MOST as f64).then(|| {
        format!(
        "'{}' gains most per permutation: about {} more would halve its variance; `fkbayes plan` has \
         more",
        best.fk,
        two_digits(delta as u64)
    )})
}

/// Plans are no more exact than that.
fn two_digits(n: u64) -> u64 {
    let unit = 10_u64.saturating_pow(n.max(1).ilog10().saturating_sub(1));
    n.div_ceil(unit) * unit
}
