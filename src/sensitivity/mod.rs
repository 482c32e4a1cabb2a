//! How the answers move when the hyperprior moves, all by the exact posterior: no chain.
//!
//! ```
//! use fkbayes::{data::Collector, model::Model, sensitivity::sensitivity};
//! let mut scores = Collector::default();
//! for (customer, store) in [(0.031, 0.002), (0.027, -0.001), (0.035, 0.004)] {
//!     scores.observe("orders.customer_id", customer)?;
//!     scores.observe("orders.store_id", store)?;
//! }
//! let found = sensitivity(&Model::default(), &scores.finish()?, &[])?;
//! assert!(found.alternatives.iter().all(|other| other.answer.top_fk == "orders.customer_id"));
//! # Ok::<(), fkbayes::Error>(())
//! ```

mod alternatives;
mod answer;
mod moved;
pub mod power_scaling;
mod verdict;

use alternatives::is_extreme;
pub use alternatives::{Candidate, candidates};
pub use answer::{Alternative, Answer};
pub use verdict::{Diagnosis, rounded};

use crate::Error;
use crate::data::Data;
use crate::draws::Metadata;
use crate::fit::{AssessedRun, Fitted, model_warnings};
use crate::model::{Hierarchy, Hyperprior, Model, NoiseVariance, Role, SamplerSettings};
use crate::posterior::{EmpiricalBayes, ExactPosterior, Unavailable, empirical_bayes};
use answer::{Answered, answer, compare, draws_for, interval_shift};
use rayon::prelude::*;
use serde::Serialize;

/// How the answers move with the hyperprior; its fields are the keys of the JSON output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sensitivity {
    /// Model and data.
    #[serde(flatten)]
    pub fitted: Fitted,
    /// What the current hyperprior answers.
    pub current: Answer,
    /// What others answer.
    pub alternatives: Vec<Alternative>,
    /// Hyperpriors that were left out, and why.
    pub left_out: Vec<LeftOut>,
    /// The FKs whose 90 % intervals move farthest over the recommended alternatives, the farthest first.
    pub movers: Vec<Mover>,
    /// How many independent draws every P(best) rests on.
    pub p_best_draws: usize,
    /// How fast the posterior moves with the power of prior and likelihood.
    pub power_scaling: PowerScaling,
    /// Whether the conclusion is the data's or the hyperprior's.
    pub verdict: String,
    /// Warnings about data and model, in words.
    pub warnings: Vec<String>,
}

/// A hyperprior that was left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// The hyperprior.
    pub prior: Hyperprior,
    /// Why.
    pub why: String,
}

/// An FK whose interval moves with the hyperprior.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mover {
    /// The FK.
    pub fk: String,
    /// The farthest that an end of its 90 % interval moves, in units of its posterior standard deviation
    /// under the current hyperprior (see [`Alternative::max_interval_shift_sd`]).
    pub interval_shift_sd: f64,
    /// The hyperprior under which it does.
    pub prior: Hyperprior,
}

/// Power-scaling sensitivity (see [`power_scaling`]); what is not computed is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PowerScaling {
    /// Of log σ²_FK to the power of the hyperprior.
    pub prior: Option<f64>,
    /// Of log σ²_FK to the power of the likelihood.
    pub likelihood: Option<f64>,
    /// What the two say together.
    pub diagnosis: Option<Diagnosis>,
    /// The largest sensitivity of an importance to the power of the hyperprior; none where importances
    /// hang on more than σ²_FK: noise that is sampled, or Student-t importances.
    pub alpha_prior: Option<f64>,
    /// The FK with that sensitivity.
    pub alpha_prior_fk: Option<String>,
    /// The largest sensitivity of an importance to the power of the likelihood.
    pub alpha_likelihood: Option<f64>,
    /// The FK with that sensitivity.
    pub alpha_likelihood_fk: Option<String>,
}

/// FKs in [`Sensitivity::movers`] at most.
const MOST_MOVERS: usize = 5;

/// Fits `data` under `model` and under other hyperpriors (see [`candidates`]; `against` are added to
/// them), each by the exact posterior.
///
/// # Errors
/// If model and data make no sense together, or have no exact posterior.
pub fn sensitivity(
    model: &Model,
    data: &Data,
    against: &[Hyperprior],
) -> Result<Sensitivity, Error> {
    let hierarchy = Hierarchy::resolve(model, data)?;
    let exact = ExactPosterior::new(&hierarchy).map_err(|why| unavailable(&hierarchy, why))?;
    let metadata = Metadata::new(data, model, &hierarchy, &SamplerSettings::default(), true);
    let run = AssessedRun {
        metadata: &metadata,
        data,
        hierarchy: &hierarchy,
        draws_file: None,
        seconds: None,
    };
    Ok(sensitivity_of(&run, &exact, against, Depth::Whole))
}

/// How much work to put into the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Every candidate, with P(best) of each.
    Whole,
    /// Only the most and the least restrictive of the usual ones, and no P(best), which takes draws.
    Brief,
}

/// The same for a model that is resolved and whose exact posterior is at hand.
#[must_use]
pub fn sensitivity_of(
    run: &AssessedRun<'_>,
    exact: &ExactPosterior,
    against: &[Hyperprior],
    depth: Depth,
) -> Sensitivity {
    let (hierarchy, data) = (run.hierarchy, run.data);
    let estimate = empirical_bayes(hierarchy);
    let current = answer(hierarchy, exact, data, &estimate, depth);
    let mut candidates = candidates(hierarchy, data, against);
    if depth == Depth::Brief {
        candidates.retain(|other| is_extreme(&other.hyperprior));
    }
    let answered: Vec<Result<Answered, LeftOut>> = candidates
        .par_iter()
        .map(|candidate| under(candidate.hyperprior, hierarchy, data, &estimate, depth))
        .collect();
    let movers = movers(&current, &candidates, &answered, data);
    let (mut alternatives, mut left_out) = (Vec::new(), Vec::new());
    for (candidate, answered) in candidates.iter().zip(answered) {
        match answered {
            Ok(other) => alternatives.push(compare(&current, other, candidate, data)),
            Err(why) => left_out.push(why),
        }
    }
    let mut found = Sensitivity {
        fitted: Fitted::of(run),
        current: current.answer,
        alternatives,
        left_out,
        movers,
        p_best_draws: match depth {
            Depth::Whole => draws_for(hierarchy, data.fks().len()),
            Depth::Brief => 0,
        },
        power_scaling: scale(hierarchy, exact, data),
        verdict: String::new(),
        warnings: model_warnings(run, &estimate),
    };
    found.verdict = verdict::judge(&found);
    found
}

/// What to do where there is no exact posterior.
fn unavailable(hierarchy: &Hierarchy, why: Unavailable) -> Error {
    let mut remedies = Vec::new();
    if hierarchy.nu().is_some() {
        remedies.push("--importance normal");
    }
    match hierarchy.noise {
        NoiseVariance::Known(_) => {}
        NoiseVariance::Sampled { .. } => remedies.push("--noise pooled"),
        NoiseVariance::PerFk { .. } => {
            remedies.push("--noise per-fk=fixed, each FK's own variance taken as known");
        }
    }
    let remedy = if remedies.is_empty() {
        "fit each hyperprior by fkbayes fit instead".to_owned()
    } else {
        format!("try {}", remedies.join(" or "))
    };
    Error::Unfit(format!(
        "sensitivity needs the exact posterior, which is not available under noise {} and \
         importance {} ({why}); {remedy}",
        hierarchy.model.noise, hierarchy.model.importance
    ))
}

/// What another hyperprior answers, everything else as it is.
fn under(
    hyperprior: Hyperprior,
    current: &Hierarchy,
    data: &Data,
    estimate: &EmpiricalBayes,
    depth: Depth,
) -> Result<Answered, LeftOut> {
    let left_out = |why: String| LeftOut {
        prior: hyperprior,
        why,
    };
    let mut hierarchy = current.clone();
    hierarchy.hyperprior = hyperprior;
    hierarchy.hyperprior_is_default = false;
    hierarchy.model.hyperprior = Some(hyperprior);
    if hierarchy.tail_index() <= 0.0 {
        let k = hierarchy.evidence.k_observed();
        let fks = if k == 1 { "FK" } else { "FKs" };
        return Err(left_out(format!(
            "with {k} {fks} its posterior is not proper"
        )));
    }
    let exact = ExactPosterior::new(&hierarchy).map_err(|why| left_out(why.to_string()))?;
    Ok(answer(&hierarchy, &exact, data, estimate, depth))
}

fn movers(
    current: &Answered,
    candidates: &[Candidate],
    answered: &[Result<Answered, LeftOut>],
    data: &Data,
) -> Vec<Mover> {
    let others: Vec<&Answered> = candidates
        .iter()
        .zip(answered)
        .filter(|(candidate, _)| candidate.recommended)
        .filter_map(|(_, answered)| answered.as_ref().ok())
        .collect();
    let fks = data.fks().iter().zip(&current.importances).enumerate();
    let mut movers: Vec<Mover> = fks
        .filter_map(|(place, (fk, now))| {
            let shifts = others.iter().filter_map(|other| {
                let shift = interval_shift(now, other.importances.get(place)?)?;
                Some((shift, other.answer.prior))
            });
            let (shift, prior) = shifts.max_by(|a, b| a.0.total_cmp(&b.0))?;
            Some(Mover {
                fk: fk.name.to_string(),
                interval_shift_sd: crate::numeric::finite(shift)?,
                prior,
            })
        })
        .collect();
    movers.sort_by(|a, b| b.interval_shift_sd.total_cmp(&a.interval_shift_sd));
    movers.truncate(MOST_MOVERS);
    movers
}

fn scale(hierarchy: &Hierarchy, exact: &ExactPosterior, data: &Data) -> PowerScaling {
    let members: Vec<&str> = data
        .fks()
        .iter()
        .zip(&hierarchy.roles)
        .filter(|(_, role)| matches!(role, Role::InHierarchy(_)))
        .map(|(fk, _)| fk.name.as_str())
        .collect();
    let means = hierarchy.means_of(data);
    let top = power_scaling::of_sigma2_fk(hierarchy, exact);
    let importances = power_scaling::of_importances(hierarchy, &means).unwrap_or_default();
    let most = |figure: &dyn Fn(&power_scaling::Figures) -> f64| {
        let found = importances
            .iter()
            .map(|(k, figures)| (figure(figures), *k))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let named = found.and_then(|(value, k)| Some((value, (*members.get(k)?).to_owned())));
        named.unzip()
    };
    let (alpha_prior, alpha_prior_fk) = most(&|figures| figures.prior);
    let (alpha_likelihood, alpha_likelihood_fk) = most(&|figures| figures.likelihood);
    PowerScaling {
        prior: top.map(|figures| figures.prior),
        likelihood: top.map(|figures| figures.likelihood),
        diagnosis: top.map(Diagnosis::of),
        alpha_prior,
        alpha_prior_fk,
        alpha_likelihood,
        alpha_likelihood_fk,
    }
}
