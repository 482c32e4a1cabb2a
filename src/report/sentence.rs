//! The record in sentences.

use super::number::{count, parameter, significant};
use crate::fit::Fit;
use crate::model::{Hyperprior, Location, Noise};

/// What the intervals cover, told once in every output.
pub(super) const COVERS: &str = "cover permutation noise for one trained model and one held-out \
                                 set, not retraining";
/// A plug-in interval that claims 90 % and covers less than this misleads.
const MISLEADING: f64 = 0.85;

/// What was fitted, in one line each.
pub(super) fn model(fit: &Fit) -> String {
    let prior = match fit.model.hyperprior {
        Some(Hyperprior::InverseGamma { a0, b0 }) => format!(
            "sigma2_fk ~ InverseGamma({}, {}){}",
            parameter(a0),
            parameter(b0),
            if fit.hyperprior_is_default {
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
    let center = match fit.model.location {
        Location::Zero => "0",
        Location::Flat => "m",
    };
    let location = if center == "m" { ", m flat" } else { "" };
    format!(
        "{prior}; alpha ~ N({center}, sigma2_fk){location}; {}",
        noise(fit)
    )
}

fn noise(fit: &Fit) -> String {
    let value = significant(fit.data.sigma2_obs, 3);
    match fit.model.noise {
        Noise::Auto | Noise::Pooled => format!("noise pooled, sigma2_obs = {value}"),
        Noise::Known(_) => format!("noise known, sigma2_obs = {value}"),
        Noise::Sampled { c0: 0.0, .. } => "noise sampled, p ~ 1/sigma2_obs".to_owned(),
        Noise::Sampled { c0, d0 } => format!(
            "noise sampled, sigma2_obs ~ InverseGamma({}, {})",
            parameter(c0),
            parameter(d0)
        ),
        Noise::PerFkFixed => "noise per FK, taken as known".to_owned(),
    }
}

/// How draws were made.
pub(super) fn sampler(fit: &Fit) -> String {
    let s = &fit.sampler.settings;
    let thin = if s.thin > 1 {
        format!(", every {}th kept", s.thin)
    } else {
        String::new()
    };
    format!(
        "{}, {} chains x {} draws after {} of warm-up{thin}, seed {}",
        s.kind, s.chains, s.draws, s.warmup, s.seed
    )
}

/// The verdict on the chains, with the exact check.
pub(super) fn verdict(fit: &Fit) -> String {
    let d = &fit.diagnostics;
    let figures = match (d.max_r_hat, d.min_ess_bulk, d.min_ess_tail) {
        (Some(r_hat), Some(bulk), Some(tail)) => format!(
            "R-hat at most {r_hat:.3}, bulk ESS at least {}, tail ESS {}",
            count(bulk),
            count(tail)
        ),
        _ => "too few draws to judge".to_owned(),
    };
    let exact = match (&d.exact_check, &fit.exact_unavailable) {
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

/// May the plug-in formula be used here?
pub(super) fn plugin(fit: &Fit) -> String {
    if fit.plugin.at_boundary {
        let claim = match fit.model.location {
            Location::Zero => "is known to be 0",
            Location::Flat => "equals the location",
        };
        return format!(
            "no: its estimate of sigma2_fk is 0, so it claims that every importance {claim}"
        );
    }
    let coverages = fit
        .variance
        .iter()
        .filter_map(|row| Some((row.fk.as_str(), row.plugin_coverage?)));
    let mut misled: Vec<(&str, f64)> = coverages.filter(|(_, c)| *c < MISLEADING).collect();
    let ratios: Vec<f64> = fit.variance.iter().filter_map(|row| row.ratio).collect();
    let (low, high) = ratios
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &r| {
            (low.min(r), high.max(r))
        });
    if ratios.is_empty() {
        return "nothing to compare".to_owned();
    }
    let range = if high < 1.005 && low > 0.995 {
        "full variances equal the plug-in's within 0.5 %".to_owned()
    } else {
        format!("full variances are {low:.2} to {high:.2} times the plug-in's")
    };
    misled.sort_by(|a, b| a.1.total_cmp(&b.1));
    match misled.as_slice() {
        [] => format!("may be used under this noise model: {range}"),
        [(fk, coverage), rest @ ..] => format!(
            "not for {} of {} FKs: {range}; its 90 % interval for '{fk}' covers {:.0} %",
            rest.len() + 1,
            fit.data.k,
            100.0 * coverage
        ),
    }
}
