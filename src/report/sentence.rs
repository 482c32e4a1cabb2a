//! The record in sentences.

use super::number::{count, parameter, significant};
use crate::draws::Incomplete;
use crate::fit::{DiagnosticsRecord, SamplerRecord};
use crate::model::{Hyperprior, Importance, Location, Model, Noise};

/// What the intervals cover, told once in every output.
pub(super) const COVERS: &str = "cover permutation noise for one trained model and one held-out \
                                 set, not retraining";

/// What was fitted, in one line each.
pub(super) fn model(model: &Model, hyperprior_is_default: bool, sigma2_obs: Option<f64>) -> String {
    let prior = match model.hyperprior {
        Some(Hyperprior::InverseGamma { a0, b0 }) => format!(
            "sigma2_fk ~ InverseGamma({}, {}){}",
            parameter(a0),
            parameter(b0),
            if hyperprior_is_default {
                ", the default"
            } else {
                ""
            }
        ),
        Some(Hyperprior::HalfT { nu: 1.0, scale }) => {
            format!("sigma_fk ~ half-Cauchy({})", parameter(scale))
        }
        Some(Hyperprior::HalfT { nu, scale }) => {
            format!("sigma_fk ~ half-t({}, {})", parameter(nu), parameter(scale))
        }
        Some(Hyperprior::Flat) => "sigma_fk ~ flat".to_owned(),
        None => String::new(),
    };
    let center = match model.location {
        Location::Zero => "0",
        Location::Flat => "m",
    };
    let location = if center == "m" { ", m flat" } else { "" };
    let law = match model.importance {
        Importance::Normal => format!("N({center}, sigma2_fk)"),
        Importance::StudentT { nu } => format!("t_{}({center}, sigma_fk)", parameter(nu)),
    };
    format!(
        "{prior}; alpha ~ {law}{location}; {}",
        noise(model, sigma2_obs)
    )
}

fn noise(model: &Model, sigma2_obs: Option<f64>) -> String {
    let value = significant(sigma2_obs, 3);
    match model.noise {
        Noise::Auto | Noise::Pooled => format!("noise pooled, sigma2_obs = {value}"),
        Noise::Known(_) => format!("noise known, sigma2_obs = {value}"),
        Noise::Sampled { c0: 0.0, .. } => "noise sampled, p ~ 1/sigma2_obs".to_owned(),
        Noise::Sampled { c0, d0 } => format!(
            "noise sampled, sigma2_obs ~ InverseGamma({}, {})",
            parameter(c0),
            parameter(d0)
        ),
        Noise::PerFk { c0 } => format!(
            "noise per FK, sigma2_obs ~ InverseGamma({}, d0)",
            parameter(c0)
        ),
        Noise::PerFkFixed => "noise per FK, taken as known".to_owned(),
    }
}

/// How draws were made.
pub(super) fn sampler(sampler: &SamplerRecord) -> String {
    let s = &sampler.settings;
    let thin = if s.thin > 1 {
        format!(", one sweep in {} kept", s.thin)
    } else {
        String::new()
    };
    format!(
        "{}, {} chains x {} draws after {} of warm-up{thin}, seed {}",
        s.kind, s.chains, s.draws, s.warmup, s.seed
    )
}

/// How far a run came that was cut short.
pub(super) fn incomplete(sampler: &SamplerRecord, incomplete: Incomplete) -> String {
    format!(
        "cut short after {} of {} draws per chain",
        sampler.settings.draws, incomplete.draws_requested
    )
}

/// The verdict on the chains, with the exact check.
pub(super) fn verdict(d: &DiagnosticsRecord, exact_unavailable: Option<&str>) -> String {
    let figures = match (d.max_r_hat, d.min_ess_bulk, d.min_ess_tail) {
        (Some(r_hat), Some(bulk), Some(tail)) => format!(
            "R-hat at most {r_hat:.3}, bulk ESS at least {}, tail ESS {}",
            count(bulk),
            count(tail)
        ),
        _ => "too few draws to judge".to_owned(),
    };
    let exact = match (&d.exact_check, exact_unavailable) {
        (Some(check), _) => format!(
            "{} figures {} the exact posterior {} {:.1} standard errors (bound {:.1})",
            check.parameters,
            if check.passed() {
                "agree with"
            } else {
                "DEVIATE from"
            },
            if check.passed() { "to" } else { "by up to" },
            check.max_abs_z,
            check.bound()
        ),
        (None, Some(why)) => format!("no exact posterior to compare with: {why}"),
        (None, None) => "nothing to compare with the exact posterior".to_owned(),
    };
    format!("{figures}; {exact}")
}
