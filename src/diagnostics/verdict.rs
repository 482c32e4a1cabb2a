//! One verdict on the chains, and one warning per distinct problem.

use super::ExactCheck;
use crate::warning::{R_HAT_BOUND, Warning};
use std::borrow::Cow;

/// Effective draws that each chain must contribute (Vehtari et al. 2021).
const ESS_PER_CHAIN: f64 = 100.0;

/// The figures of one parameter that decide; `None` where undefined.
#[derive(Debug, Clone, PartialEq)]
pub struct Convergence<'a> {
    /// Name of the parameter.
    pub name: Cow<'a, str>,
    /// Rank-normalised split R-hat.
    pub r_hat: Option<f64>,
    /// Bulk ESS.
    pub ess_bulk: Option<f64>,
    /// Tail ESS.
    pub ess_tail: Option<f64>,
}

impl Convergence<'_> {
    /// Whether any figure is defined; none is where a parameter's draws are not stored.
    #[must_use]
    pub fn is_known(&self) -> bool {
        let figures = [self.r_hat, self.ess_bulk, self.ess_tail];
        figures.iter().any(Option::is_some)
    }
}

/// What the diagnostics of all parameters together say.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether the draws may be trusted.
    pub ok: bool,
    /// Largest R-hat; none where no parameter has one.
    pub max_r_hat: Option<f64>,
    /// Smallest bulk ESS.
    pub min_ess_bulk: Option<f64>,
    /// Smallest tail ESS.
    pub min_ess_tail: Option<f64>,
    /// One warning per distinct problem of the chains.
    pub warnings: Vec<Warning>,
}

/// Judges chains by every defined figure: R-hat at most 1.01, bulk and tail ESS at least 100 per
/// chain, and the exact check passed.
#[must_use]
pub fn verdict(
    parameters: &[Convergence<'_>],
    chains: u32,
    exact_check: Option<&ExactCheck>,
) -> Verdict {
    let bound = ESS_PER_CHAIN * f64::from(chains);
    let r_hats = || parameters.iter().filter_map(|p| Some((p, p.r_hat?)));
    let bulks = || parameters.iter().filter_map(|p| Some((p, p.ess_bulk?)));
    let tails = || parameters.iter().filter_map(|p| Some((p, p.ess_tail?)));
    let max_r_hat = r_hats().max_by(|a, b| a.1.total_cmp(&b.1));
    let smallest = |a: &(&Convergence<'_>, f64), b: &(&Convergence<'_>, f64)| a.1.total_cmp(&b.1);
    let min_bulk = bulks().min_by(smallest);
    let min_tail = tails().min_by(smallest);
    let mut problems = Vec::new();
    if let Some((worst, r_hat)) = max_r_hat.filter(|(_, r_hat)| *r_hat > R_HAT_BOUND) {
        problems.push(Warning::RHat {
            count: r_hats().filter(|(_, r_hat)| *r_hat > R_HAT_BOUND).count(),
            worst: (worst.name.to_string(), r_hat),
        });
    }
    let poorest = min_bulk.into_iter().chain(min_tail).min_by(smallest);
    if let Some((worst, ess)) = poorest.filter(|(_, ess)| *ess < bound) {
        let poor = |p: &&Convergence<'_>| {
            p.ess_bulk.is_some_and(|e| e < bound) || p.ess_tail.is_some_and(|e| e < bound)
        };
        problems.push(Warning::LowEss {
            count: parameters.iter().filter(poor).count(),
            worst: (worst.name.to_string(), ess),
            bound,
        });
    }
    if let Some(check) = exact_check.filter(|check| !check.passed()) {
        problems.push(Warning::ExactCheck {
            max_abs_z: check.max_abs_z,
            worst: check.worst.clone(),
            bound: check.bound(),
        });
    }
    if max_r_hat.is_none() {
        problems.push(Warning::TooFewDraws);
    }
    let ok = problems.is_empty();
    if chains == 1 {
        problems.push(Warning::OneChain);
    }
    Verdict {
        ok,
        max_r_hat: max_r_hat.map(|(_, r_hat)| r_hat),
        min_ess_bulk: min_bulk.map(|(_, ess)| ess),
        min_ess_tail: min_tail.map(|(_, ess)| ess),
        warnings: problems,
    }
}
