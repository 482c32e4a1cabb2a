//! Whose the conclusion is, the data's or the hyperprior's, in words.

use super::power_scaling::{Figures, SENSITIVE};
use super::{Alternative, Sensitivity};
use crate::model::Hyperprior;
use serde::Serialize;
use std::fmt;

/// Ends of 90 % intervals that move by more than this many standard deviations are the hyperprior's.
const FAR: f64 = 0.5;
/// Moves by less than this many are none.
const HARDLY: f64 = 0.01;
/// FKs named at most.
const MOST_NAMED: usize = 3;

/// What the sensitivities to prior and likelihood say together: the table of Kallioinen et al. (2024).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Diagnosis {
    /// The prior's power changes little.
    None,
    /// Both powers move the posterior: prior and data pull in different directions.
    PriorDataConflict,
    /// Only the prior's power moves it: a strong prior, or a likelihood that says little.
    StrongPriorOrWeakLikelihood,
}

impl Diagnosis {
    /// Of a pair of figures.
    #[must_use]
    pub fn of(figures: Figures) -> Self {
        match (figures.prior > SENSITIVE, figures.likelihood > SENSITIVE) {
            (false, _) => Self::None,
            (true, true) => Self::PriorDataConflict,
            (true, false) => Self::StrongPriorOrWeakLikelihood,
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "not sensitive to the hyperprior",
            Self::PriorDataConflict => {
                "hyperprior and data both pull, perhaps a prior-data conflict"
            }
            Self::StrongPriorOrWeakLikelihood => "strong hyperprior or weak likelihood",
        })
    }
}

/// The hyperprior with its parameters to three digits, for people to read.
#[must_use]
pub fn rounded(hyperprior: &Hyperprior) -> Hyperprior {
    let short = |x: f64| format!("{x:.2e}").parse().unwrap_or(x);
    match *hyperprior {
        Hyperprior::InverseGamma { a0, b0 } => Hyperprior::InverseGamma {
            a0: short(a0),
            b0: short(b0),
        },
        Hyperprior::HalfT { nu, scale } => Hyperprior::HalfT {
            nu: short(nu),
            scale: short(scale),
        },
        Hyperprior::Flat => Hyperprior::Flat,
    }
}

/// One sentence for the whole; only recommended alternatives count.
pub(super) fn judge(found: &Sensitivity) -> String {
    let others: Vec<&Alternative> = found
        .alternatives
        .iter()
        .filter(|other| other.recommended)
        .collect();
    let top = found.current.top_fk.as_str();
    let changed: Vec<&&Alternative> = others
        .iter()
        .filter(|other| other.answer.top_fk != top)
        .collect();
    let far = found
        .movers
        .iter()
        .any(|mover| mover.interval_shift_sd > FAR);
    let sensitive = sensitive(found);
    let whose = match (changed.is_empty() && !far, &sensitive) {
        (false, _) => "in part the hyperprior's",
        (true, Some(_)) => "the data's for the most part",
        (true, None) => "the data's",
    };
    let mut parts = Vec::new();
    if found.fitted.data.k > 1 {
        parts.push(match changed.first() {
            None => stays(found, &others),
            Some(other) => format!(
                "the first FK, '{top}'{}, is '{}' under {}{}",
                found
                    .current
                    .p_best
                    .map_or_else(String::new, |p| format!(" with probability {p:.2}")),
                other.answer.top_fk,
                rounded(&other.answer.prior),
                and_others(changed.len() - 1)
            ),
        });
    }
    parts.push(intervals(found, far));
    parts.extend(sensitive);
    format!("the conclusion is {whose}: {}", parts.join("; "))
}

fn stays(found: &Sensitivity, others: &[&Alternative]) -> String {
    let answers = || {
        let others = others.iter().map(|other| &other.answer);
        others.chain([&found.current]).filter_map(|a| a.p_best)
    };
    let range = answers()
        .reduce(f64::min)
        .zip(answers().reduce(f64::max))
        .map_or_else(String::new, |(low, high)| match (low, high) {
            _ if high - low < 0.01 => format!(" with probability {low:.2}"),
            _ => format!(" with probability {low:.2} to {high:.2}"),
        });
    format!(
        "'{}' is first{range} under all {} recommended hyperpriors",
        found.current.top_fk,
        others.len() + 1
    )
}

fn and_others(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => " and one other".to_owned(),
        n => format!(" and {n} others"),
    }
}

fn intervals(found: &Sensitivity, far: bool) -> String {
    let Some(most) = found.movers.first() else {
        return "no interval can be compared".to_owned();
    };
    let prior = rounded(&most.prior);
    if most.interval_shift_sd < HARDLY {
        return format!("no end of a 90 % interval moves by {HARDLY} sd");
    }
    if !far {
        return format!(
            "no end of a 90 % interval moves by more than {:.2} sd (that of '{}', under {prior})",
            most.interval_shift_sd, most.fk
        );
    }
    let others = found.movers.iter().skip(1);
    let others: String = others
        .filter(|mover| mover.interval_shift_sd > FAR)
        .take(MOST_NAMED - 1)
        .map(|mover| format!(", '{}' by {:.2}", mover.fk, mover.interval_shift_sd))
        .collect();
    format!(
        "90 % intervals move by more than half a sd: that of '{}' by {:.2} sd under {prior}{others}",
        most.fk, most.interval_shift_sd
    )
}

/// Whether importances move with the power of the hyperprior, where that is known. σ²_FK, which nobody
/// ranks by, has no part in the verdict.
fn sensitive(found: &Sensitivity) -> Option<String> {
    let scaling = &found.power_scaling;
    let (figure, fk) = (scaling.alpha_prior?, scaling.alpha_prior_fk.as_ref()?);
    (figure > SENSITIVE)
        .then(|| format!("power-scaling finds '{fk}' sensitive to the hyperprior ({figure:.2})"))
}
