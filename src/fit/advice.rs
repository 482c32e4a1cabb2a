//! What the figures mean: warnings about data and model, the choice of noise, the next step.

use super::assess::Run;
use super::record::NoiseChoice;
use crate::data::ForeignKey;
use crate::model::{Hyperprior, Location, Noise, NoiseVariance, Role, Spread};
use crate::posterior::{EmpiricalBayes, HeavyTails, NoiseCheck, heavy_tails};
use crate::summary::ParameterSummary;
use crate::warning::Warning;
use std::collections::HashMap;

/// An inverse-gamma whose shape is below this, and scale in the larger of score variances and 1,
/// is tiny.
const TINY: f64 = 0.05;

/// Warnings about data and model; those about the chains come from their diagnostics.
pub(super) fn model_warnings(
    run: &Run<'_>,
    noise: Option<&NoiseCheck>,
    estimate: &EmpiricalBayes,
) -> Vec<Warning> {
    let hierarchy = run.hierarchy;
    let mut warnings = Vec::new();
    if let Some(incomplete) = run.metadata.incomplete {
        let draws = run.metadata.sampler.draws;
        warnings.push(Warning::Incomplete {
            draws,
            missing: incomplete.draws_requested.saturating_sub(draws),
        });
    }
    let fks: Vec<(String, f64)> = run
        .data
        .fks()
        .iter()
        .zip(&hierarchy.roles)
        .filter_map(|(fk, role)| match role {
            Role::SetAside { value } => Some((fk.name.to_string(), *value)),
            Role::InHierarchy(_) => None,
        })
        .collect();
    if !fks.is_empty() {
        warnings.push(Warning::SetAside { fks });
    }
    let chosen = run.metadata.noise_requested == Noise::Auto;
    if let Some(check) = noise.filter(|check| !chosen && check.harmful()) {
        warnings.push(Warning::NoiseDiffers {
            sd_ratio: check.sd_ratio,
            noisiest: check.noisiest.clone(),
            quietest: check.quietest.clone(),
        });
    }
    if let Some(heavy) = heavy_tails(hierarchy, estimate).filter(HeavyTails::win_clearly) {
        warnings.push(heavy_tails_warning(run, &heavy));
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

/// A noise variance this many times what the scores and their borrowed scale alone say is taken from
/// the mean.
const FAR_ABOVE: f64 = 4.0;

/// Under per-FK noise: FKs whose mean is explained as noise, the importance as next to nothing.
pub(super) fn means_taken_for_noise(
    run: &Run<'_>,
    hyperparameters: &[ParameterSummary],
) -> Option<Warning> {
    let NoiseVariance::PerFk { c0, .. } = run.hierarchy.noise else {
        return None;
    };
    let medians: HashMap<&str, f64, ahash::RandomState> = hyperparameters
        .iter()
        .filter_map(|p| Some((p.name.as_str(), p.q50?)))
        .collect();
    let median = |name: &str| medians.get(name).copied();
    let d0 = median("d0")?;
    let taken = |(fk, role): (&ForeignKey, &Role)| {
        let Role::InHierarchy(place) = role else {
            return None;
        };
        let spread = run.hierarchy.spreads[*place];
        let own = spread.variance()?;
        let expected = (d0 + 0.5 * spread.sum_sq) / (c0 + 0.5 * (spread.n - 1.0));
        let found = median(&format!("sigma2_obs[{}]", fk.name))?;
        (found > FAR_ABOVE * expected).then(|| (fk.name.to_string(), (found / own).sqrt()))
    };
    let members = run.data.fks().iter().zip(&run.hierarchy.roles);
    let fks: Vec<(String, f64)> = members.filter_map(taken).collect();
    (!fks.is_empty()).then_some(Warning::MeanTakenForNoise { fks })
}

fn heavy_tails_warning(run: &Run<'_>, heavy: &HeavyTails) -> Warning {
    let name = |place: usize| {
        let members = run.data.fks().iter().zip(&run.hierarchy.roles);
        let mut owner = members.filter(|(_, role)| **role == Role::InHierarchy(place));
        owner
            .next()
            .map_or(String::new(), |(fk, _)| fk.name.to_string())
    };
    Warning::HeavyTails {
        nu: heavy.nu,
        log_bayes_factor: heavy.log_bayes_factor,
        largest: name(heavy.largest),
        p_largest: heavy.p_largest,
        shrunk_more: heavy.shrunk_more.iter().map(|&place| name(place)).collect(),
    }
}

/// An inverse-gamma that pretends to say nothing: hardly a pseudo-observation, and of a size far
/// below one score's variance.
fn is_tiny(hyperprior: &Hyperprior, sigma2_obs: f64) -> bool {
    match hyperprior {
        Hyperprior::InverseGamma { a0, b0 } => *a0 < TINY && *b0 < TINY * sigma2_obs.max(1.0),
        _ => false,
    }
}

/// What became of `auto`, by which figures, and how to have it otherwise; `None` where the noise model
/// was given.
pub(super) fn noise_choice(run: &Run<'_>) -> Option<NoiseChoice> {
    if run.metadata.noise_requested != Noise::Auto {
        return None;
    }
    let hierarchy = run.hierarchy;
    let log_bayes_factor = hierarchy.noise_log_bayes_factor();
    let sd_ratio = sd_ratio(&hierarchy.spreads);
    let figures = log_bayes_factor.zip(sd_ratio);
    let reason = match (hierarchy.model.noise, figures) {
        (Noise::PerFkFixed, _) => "the input gives standard errors".to_owned(),
        (_, None) => "common: too few FKs with two scores to compare their noise".to_owned(),
        (Noise::PerFk { .. }, Some((log, ratio))) => format!(
            "per FK: standard deviations differ by a factor of {ratio:.1}, log Bayes factor {} \
             against common noise (--noise pooled has it common)",
            signed(log)
        ),
        (_, Some((log, ratio))) => format!(
            "common: standard deviations differ by a factor of {ratio:.1} only, log Bayes factor {} \
             for noise of each FK's own (--noise per-fk has it so)",
            signed(log)
        ),
    };
    Some(NoiseChoice {
        chosen: hierarchy.model.noise.to_string(),
        log_bayes_factor,
        sd_ratio,
        reason,
    })
}

/// Largest over smallest within-FK standard deviation.
fn sd_ratio(spreads: &[Spread]) -> Option<f64> {
    let variances = || spreads.iter().filter_map(Spread::variance);
    let smallest = variances().min_by(f64::total_cmp)?;
    let largest = variances().max_by(f64::total_cmp)?;
    (variances().count() >= 2).then(|| (largest / smallest).sqrt())
}

fn signed(log: f64) -> String {
    if log.abs() < 100.0 {
        format!("{log:+.1}")
    } else {
        format!("{log:+.0}")
    }
}
