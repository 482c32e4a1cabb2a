//! The cheapest useful thing to do now, in words, from the figures of a fit alone.

use super::record::Fit;
use crate::plan::{first_not, misordering};

/// A first rank that is right with this probability is settled.
const SETTLED: f64 = 0.95;
/// Permutations of an FK beyond which nothing is proposed.
const MOST: u64 = 1_000_000;

/// One FK's posterior variance W, and the variance σ² of one of its scores.
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

    /// What one permutation takes off the variance, about.
    fn gain(&self) -> f64 {
        self.variance * self.variance / self.noise
    }
}

/// The step, if any is worth one.
pub(super) fn next_step(fit: &Fit) -> Option<String> {
    if !fit.diagnostics.ok {
        return Some("first make the chains trustworthy: see the warnings".into());
    }
    if let Some(never) = fit.variance.iter().find(|row| row.n == Some(0)) {
        return Some(format!(
            "'{}' has no scores: permute it, even a few times",
            never.fk
        ));
    }
    let known = known(fit);
    let leader = fit
        .ranking
        .iter()
        .max_by(|a, b| a.p_best.total_cmp(&b.p_best))?;
    let open = leader.p_best < SETTLED && known.iter().any(|one| one.fk == leader.fk);
    let settle = open.then(|| settle_first_rank(&known)).flatten();
    settle.or_else(|| halve_a_variance(&known))
}

/// The FKs whose scores vary and are counted.
fn known(fit: &Fit) -> Vec<Known<'_>> {
    let first = fit.parameters.len() - fit.fitted.data.k;
    let alphas = fit.parameters.iter().skip(first).zip(&fit.ranking);
    let known = fit
        .variance
        .iter()
        .zip(alphas)
        .filter_map(|(row, (alpha, rank))| {
            Some(Known {
                fk: &row.fk,
                p_first: rank.p_best,
                median: alpha.q50?,
                variance: row.full.filter(|full| *full > 0.0)?,
                noise: row.no_pooling? * row.n? as f64,
            })
        });
    known.collect()
}

/// Permutations of the two likeliest to be first that would tell them apart.
fn settle_first_rank(known: &[Known<'_>]) -> Option<String> {
    let mut order: Vec<&Known<'_>> = known.iter().collect();
    order.sort_by(|a, b| b.p_first.total_cmp(&a.p_first));
    let [a, b, ..] = order.as_slice() else {
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

/// The FK of which every permutation takes off most.
fn halve_a_variance(known: &[Known<'_>]) -> Option<String> {
    let best = known.iter().max_by(|a, b| a.gain().total_cmp(&b.gain()))?;
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
