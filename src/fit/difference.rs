//! In what two runs differ, in words.

use super::checkpoint::Header;
use crate::data::ForeignKey;
use crate::draws::StoredFk;
use crate::model::Location;

/// What a run had that `now` has not: empty if the two draw the same.
pub(super) fn differences(left: &Header, now: &Header) -> Vec<String> {
    let pairs = settings(left).into_iter().zip(settings(now));
    let differing = pairs.filter(|((_, old), (_, new))| old != new);
    let mut found: Vec<String> = differing
        .map(|((name, old), (_, new))| format!("{name} {old}, not {new}"))
        .collect();
    found.extend(in_data(&left.metadata.fks, &now.metadata.fks));
    if found.is_empty() && left.metadata != now.metadata {
        found.push("another model once its defaults were settled".into());
    }
    found
}

fn settings(header: &Header) -> Vec<(&'static str, String)> {
    let metadata = &header.metadata;
    let (sampler, model) = (&metadata.sampler, &metadata.model);
    let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
    let hyperprior = model.hyperprior.filter(|_| !metadata.hyperprior_is_default);
    let location = match model.location {
        Location::Zero => "zero",
        Location::Flat => "flat",
    };
    vec![
        ("version", metadata.version.clone()),
        ("--sampler", sampler.kind.to_string()),
        ("--chains", sampler.chains.to_string()),
        ("--warmup", sampler.warmup.to_string()),
        ("--draws", sampler.draws.to_string()),
        ("--thin", sampler.thin.to_string()),
        ("--seed", sampler.seed.to_string()),
        ("--no-interweave", switch(!sampler.interweave)),
        ("--no-exact", switch(!metadata.exact)),
        ("--layout", header.layout.to_string()),
        (
            "--prior",
            hyperprior.map_or("as by default".to_owned(), |prior| prior.to_string()),
        ),
        ("--noise", metadata.noise_requested.to_string()),
        ("--importance", model.importance.to_string()),
        ("--location", location.to_owned()),
    ]
}

/// The first FK that was observed otherwise.
fn in_data(left: &[ForeignKey], now: &[ForeignKey]) -> Option<String> {
    if left.len() != now.len() {
        return Some(format!("{} foreign keys, not {}", left.len(), now.len()));
    }
    let (old, new) = left.iter().zip(now).find(|(old, new)| old != new)?;
    if old.name != new.name {
        return Some(format!("FK '{}' in place of '{}'", old.name, new.name));
    }
    Some(format!(
        "other scores of FK '{}': {}, not {}",
        old.name,
        observed(old),
        observed(new)
    ))
}

fn observed(fk: &ForeignKey) -> String {
    let fk = StoredFk::from(fk);
    let figures = [
        ("n", fk.n.map(|n| n as f64)),
        ("mean", fk.mean),
        ("sum of squares", fk.sum_sq),
        ("se", fk.se),
    ];
    let told = figures.into_iter();
    let told: Vec<String> = told
        .filter_map(|(name, figure)| Some(format!("{name} {}", figure?)))
        .collect();
    told.join(", ")
}
