//! What the figures mean: warnings about data and model, the choice of noise, the next step.

use super::assess::Run;
use super::record::{Fit, NoiseChoice};
use crate::model::{Hyperprior, Location, Noise, Role};
use crate::posterior::{EmpiricalBayes, NoiseCheck};
use crate::warning::Warning;

/// An inverse-gamma whose shape is below this, and scale in the larger of score variances and 1,
/// is tiny.
const TINY: f64 = 0.05;

/// Above this shrinkage factor an importance is known by its own scores.
const MOSTLY_OWN: f64 = 0.9;

/// Warnings about data and model; those about the chains come from their diagnostics.
pub(super) fn model_warnings(
    run: &Run<'_>,
    noise: Option<&NoiseCheck>,
    estimate: &EmpiricalBayes,
) -> Vec<Warning> {
    let hierarchy = run.hierarchy;
    let mut warnings = Vec::new();
    let fks: Vec<(String, f64)> = run
        .data
        .fks()
        .iter()
        .zip(&hierarchy.roles)
        .filter_map(|(fk, role)| match role {
            Role::SetAside { value } => Some((fk.name.clone(), *value)),
            Role::InHierarchy(_) => None,
        })
        .collect();
    if !fks.is_empty() {
        warnings.push(Warning::SetAside { fks });
    }
    if let Some(check) = noise.filter(|check| check.harmful()) {
        warnings.push(Warning::NoiseDiffers {
            sd_ratio: check.sd_ratio,
            noisiest: check.noisiest.clone(),
            quietest: check.quietest.clone(),
        });
    }
    if hierarchy.evidence.k_observed() == 1 {
        warnings.push(Warning::SingleFk);
    }
    if !hierarchy.hyperprior_is_default && is_tiny(&hierarchy.hyperprior, hierarchy.sigma2_obs) {
        warnings.push(Warning::TinyPrior);
    }
    if estimate.at_boundary() {
        let unknown_location = hierarchy.evidence.location() == Location::Flat;
        warnings.push(Warning::Boundary { unknown_location });
    }
    warnings
}

/// An inverse-gamma that pretends to say nothing: hardly a pseudo-observation, and of a size far
/// below one score's variance.
fn is_tiny(hyperprior: &Hyperprior, sigma2_obs: f64) -> bool {
    match hyperprior {
        Hyperprior::InverseGamma { a0, b0 } => *a0 < TINY && *b0 < TINY * sigma2_obs.max(1.0),
        _ => false,
    }
}

/// What became of `auto`; `None` where the noise model was given.
pub(super) fn noise_choice(run: &Run<'_>, noise: Option<&NoiseCheck>) -> Option<NoiseChoice> {
    if run.metadata.noise_requested != Noise::Auto {
        return None;
    }
    let chosen = run.hierarchy.model.noise;
    let reason = match (chosen, noise) {
        (Noise::PerFkFixed, _) => "the input gives standard errors".to_owned(),
        (_, None) => "too few FKs with two scores to compare their noise".to_owned(),
        (_, Some(check)) if check.harmful() => format!(
            "pooled by default, although it differs between FKs (Bartlett's p {}): see the warning",
            p_value(check.p_value)
        ),
        (_, Some(check)) => {
            format!(
                "no harmful difference in noise (Bartlett's p {})",
                p_value(check.p_value)
            )
        }
    };
    Some(NoiseChoice {
        chosen: chosen.to_string(),
        log_bayes_factor: None,
        sd_ratio: noise.map(|check| check.sd_ratio),
        reason,
    })
}

fn p_value(p: f64) -> String {
    if p < 1e-300 {
        "< 1e-300".to_owned()
    } else if p < 1e-3 {
        format!("= {p:.1e}")
    } else {
        format!("= {p:.2}")
    }
}

/// The most useful thing to do now, in words.
pub(super) fn next_step(fit: &Fit) -> Option<String> {
    if !fit.diagnostics.ok {
        return Some("first make the chains trustworthy: see the warnings".into());
    }
    if let Some(never) = fit.variance.iter().find(|row| row.n == Some(0)) {
        return Some(first_scores(&never.fk));
    }
    let widest = fit
        .variance
        .iter()
        .filter(|row| row.full.is_some_and(|full| full > 0.0))
        .max_by(|a, b| a.full.unwrap_or(0.0).total_cmp(&b.full.unwrap_or(0.0)))?;
    let (n, shrinkage) = (widest.n? as f64, widest.shrinkage?);
    // Where scores say much more than pooling, the variance is that of their mean, s = σ²/n.
    Some(if shrinkage > MOSTLY_OWN {
        format!(
            "'{}' is the least certain: about {n:.0} more permutations of it would halve its variance",
            widest.fk
        )
    } else {
        format!(
            "'{}' is the least certain, and its {n:.0} scores say less than pooling does: permute \
             it more often",
            widest.fk
        )
    })
}

fn first_scores(fk: &str) -> String {
    format!("'{fk}' has no scores: permute it, even a few times")
}
