//! The command that gives the same draws again.

use crate::draws::Metadata;
use crate::model::{Importance, Location, Noise, SamplerKind};
use crate::sampler::SamplerSettings;

/// What was left to the program then is left to it now; only what was said is said.
pub(super) fn command(metadata: &Metadata) -> String {
    let mut words = vec!["fkbayes fit SCORES".to_owned()];
    let model = &metadata.model;
    if let Some(prior) = model.hyperprior.filter(|_| !metadata.hyperprior_is_default) {
        words.push(format!("--prior {prior}"));
    }
    if metadata.noise_requested != Noise::Auto {
        words.push(format!("--noise {}", metadata.noise_requested));
    }
    if model.importance != Importance::Normal {
        words.push(format!("--importance {}", model.importance));
    }
    if model.location == Location::Flat {
        words.push("--location flat".to_owned());
    }
    words.extend(sampling(&metadata.sampler));
    if !metadata.exact {
        words.push("--no-exact".to_owned());
    }
    words.join(" ")
}

fn sampling(settings: &SamplerSettings) -> Vec<String> {
    let usual = SamplerSettings::default();
    let mut words = Vec::new();
    if settings.kind != SamplerKind::Gibbs {
        words.push(format!("--sampler {}", settings.kind));
    }
    let numbers = [
        ("chains", settings.chains, usual.chains),
        ("warmup", settings.warmup, usual.warmup),
        ("draws", settings.draws, usual.draws),
        ("thin", settings.thin, usual.thin),
    ];
    let unusual = numbers.iter().filter(|(_, value, usual)| value != usual);
    words.extend(unusual.map(|(name, value, _)| format!("--{name} {value}")));
    words.push(format!("--seed {}", settings.seed));
    if !settings.interweave {
        words.push("--no-interweave".to_owned());
    }
    words
}
