//! The record of a plan; its fields are the keys of the JSON output.

use super::plan_request::Question;
use super::record::Fitted;
use crate::plan::{Allocated, Consistency, CurvePoint, Forecast, Objective};
use serde::Serialize;

/// Everything that a plan tells. What was not asked for is `None`, null in JSON, and so is a number that
/// does not exist. Standard deviations are in score units.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanRecord {
    /// Model and data.
    #[serde(flatten)]
    pub fitted: Fitted,
    /// What was asked.
    #[serde(skip)]
    pub question: Question,
    /// How the future was simulated.
    pub simulation: SimulationRecord,
    /// What permutations were spent on.
    pub objective: Objective,
    /// How many of the first ranks are meant by "top rank".
    pub top: usize,
    /// Whether permutations have costs: totals are then in their units.
    #[serde(skip)]
    pub with_costs: bool,
    /// What a given number of permutations of every FK would bring.
    pub reduction: Option<Vec<ReductionRow>>,
    /// How a budget is best spent, in input order.
    pub allocation: Option<Vec<AllocationRow>>,
    /// The objective now, as planned, and with the equal split.
    #[serde(flatten)]
    pub objective_figures: ObjectiveRecord,
    /// The fewest permutations that reach a target, in input order.
    pub needed: Option<Vec<NeededRow>>,
    /// All of them together; none where some FK needs more than was considered.
    pub total: Option<u64>,
    /// What all of them cost, where costs were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_cost: Option<f64>,
    /// The most that was considered: permutations of one FK, or, for a ranking, a total in the budget's
    /// units.
    #[serde(skip)]
    pub most: f64,
    /// Where a ranking was the target: the probability now that the first ranks are right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_rank_now: Option<f64>,
    /// And with the permutations needed, or the most considered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_rank_then: Option<f64>,
    /// Monte-Carlo standard error of the latter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_rank_then_mcse: Option<f64>,
    /// Total permutations against precision and ranking.
    pub curve: Vec<CurveRow>,
    /// Warnings about data and model, in words.
    pub warnings: Vec<String>,
}

impl PlanRecord {
    /// Whether nothing speaks against futures and chains.
    #[must_use]
    pub fn trusted(&self) -> bool {
        self.simulation.consistency.passed() && self.simulation.chains_ok.unwrap_or(true)
    }
}

/// How the future was simulated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulationRecord {
    /// Simulated futures.
    pub replicates: usize,
    /// Those behind each point of the curve.
    #[serde(skip)]
    pub curve_replicates: usize,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Where the posterior came from: `exact` (quadrature) or `chain`.
    pub posterior: &'static str,
    /// Whether the chains may be trusted, where planning rests on them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chains_ok: Option<bool>,
    /// Whether the futures agree with the present.
    pub consistency: Consistency,
}

/// What Δ more permutations of one FK would bring, as shares of the variance now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReductionRow {
    /// The FK.
    pub fk: String,
    /// Scores now.
    pub n: u64,
    /// Permutations added.
    pub delta: u64,
    /// Δ/(n + Δ + λ̂); none where σ̂²_FK is 0.
    pub plugin: Option<f64>,
    /// Expected reduction of the full posterior variance.
    pub expected: Option<f64>,
    /// Its Monte-Carlo standard error.
    pub expected_mcse: Option<f64>,
    /// 5 % quantile of the reduction over what the scores may turn out to be.
    pub q5: Option<f64>,
    /// 95 % quantile of the same.
    pub q95: Option<f64>,
    /// The expected reduction is at least this.
    pub at_least: Option<f64>,
    /// And at most this.
    pub at_most: Option<f64>,
    /// Posterior mean of Δ/(n + Δ + λ_k), the reduction of the conditional variance.
    pub formula: Option<f64>,
    /// 5 % quantile of the same.
    pub formula_q5: Option<f64>,
    /// 95 % quantile of the same.
    pub formula_q95: Option<f64>,
    /// Posterior standard deviation now.
    pub sd_now: Option<f64>,
    /// Root of the expected posterior variance then.
    pub sd_then: Option<f64>,
}

/// What one FK gets of a budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AllocationRow {
    /// The FK.
    pub fk: String,
    /// Scores now.
    pub n: u64,
    /// Permutations to add.
    pub delta: u64,
    /// What the equal split would add.
    pub delta_equal_split: u64,
    /// Posterior standard deviation now.
    pub sd_now: Option<f64>,
    /// Root of the expected posterior variance with the plan.
    pub sd_then: Option<f64>,
    /// The same with the equal split.
    pub sd_equal_split: Option<f64>,
}

/// The objective now and then: a variance, a probability or a share.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ObjectiveRecord {
    /// Without further permutations.
    pub objective_now: Option<f64>,
    /// With the plan.
    pub objective_planned: Option<f64>,
    /// Monte-Carlo standard error of the latter.
    pub objective_planned_mcse: Option<f64>,
    /// With the equal split.
    pub objective_equal_split: Option<f64>,
    /// No plan can reach less, where that is known.
    pub objective_bound: Option<f64>,
}

impl ObjectiveRecord {
    pub(super) fn new(objective: Objective, now: &Forecast, found: &Allocated) -> Self {
        let planned = objective.of(&found.best.forecast);
        Self {
            objective_now: objective.of(now).map(|now| now.value),
            objective_planned: planned.map(|planned| planned.value),
            objective_planned_mcse: planned.map(|planned| planned.mcse),
            objective_equal_split: objective.of(&found.equal.forecast).map(|equal| equal.value),
            // The bound stands on fewer figures than the plan: by a little it may come out above.
            objective_bound: found
                .bound
                .zip(planned)
                .map(|(bound, plan)| bound.min(plan.value)),
        }
    }
}

/// What one FK needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NeededRow {
    /// The FK.
    pub fk: String,
    /// Scores now.
    pub n: u64,
    /// Permutations to add, 0 where the target is reached already; none where more than were considered.
    pub delta: Option<u64>,
    /// Posterior standard deviation now.
    pub sd_now: Option<f64>,
    /// Root of the expected posterior variance then.
    pub sd_then: Option<f64>,
}

/// One point of the curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurveRow {
    /// Permutations added, or what they cost.
    pub total: f64,
    /// Average over the FKs of the root of the expected posterior variance.
    pub mean_sd: Option<f64>,
    /// Probability that the first ranks are right.
    pub p_top_rank: f64,
    /// Its Monte-Carlo standard error.
    pub p_top_rank_mcse: f64,
    /// Expected share of neighbours in the ranking that stand in the right order.
    pub neighbours_right: f64,
}

impl From<&CurvePoint> for CurveRow {
    fn from(point: &CurvePoint) -> Self {
        Self {
            total: point.total,
            mean_sd: point.mean_sd,
            p_top_rank: point.top.value,
            p_top_rank_mcse: point.top.mcse,
            neighbours_right: point.order.value,
        }
    }
}

/// Where a curve bends: its last total, and that at which half of what it takes off the mean standard
/// deviation is gained, between points on a logarithmic scale and to two digits; none where the present
/// has no mean standard deviation, or more would take nothing off it.
#[must_use]
pub fn bend(curve: &[CurveRow]) -> Option<(f64, f64)> {
    let sds: Option<Vec<(f64, f64)>> = curve
        .iter()
        .map(|row| Some((row.total, row.mean_sd?)))
        .collect();
    let sds = sds?;
    let (first, last) = (sds.first()?, sds.last()?);
    if first.1 <= last.1 {
        return None;
    }
    let half = 0.5 * (first.1 + last.1);
    let (before, after) = sds
        .windows(2)
        .map(|pair| (pair[0], pair[1]))
        .find(|(_, after)| after.1 <= half)?;
    let share = (before.1 - half) / (before.1 - after.1);
    let total = if before.0 > 0.0 {
        before.0 * (after.0 / before.0).powf(share)
    } else {
        after.0 * share
    };
    let unit = 10f64.powf((total.log10().floor() - 1.0).max(0.0));
    Some((last.0, (total / unit).round() * unit))
}
