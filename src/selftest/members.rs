//! Which members of the family are tested.

use crate::Error;
use crate::model::{Hyperprior, Importance, Location, Model, Noise};

/// Shape and rate of d₀ ~ Gamma where per-FK noise is simulated.
pub(super) const NOISE_SCALE: (f64, f64) = (3.0, 0.3);
/// Scores of each FK where they are simulated: few, and none at all.
pub(super) const SIZES: [u64; 4] = [4, 1, 12, 0];

const IMPORTANCES: [Importance; 2] = [Importance::Normal, Importance::StudentT { nu: 4.0 }];
const LOCATIONS: [Location; 2] = [Location::Zero, Location::Flat];

/// Every combination with a prior to simulate from.
pub(super) fn with_priors() -> Result<Vec<Model>, Error> {
    let hyperpriors = [
        Hyperprior::inverse_gamma(2.0, 3.0)?,
        Hyperprior::half_t(1.0, 2.0)?,
    ];
    let noises = [
        Noise::known(10.0)?,
        Noise::sampled(3.0, 20.0)?,
        Noise::per_fk(2.0)?,
    ];
    Ok(combined(&hyperpriors.map(Some), &noises))
}

/// Every combination that chains can be compared in with the exact posterior, where there is one:
/// improper priors too, and what is chosen or estimated from the data.
pub(super) fn all() -> Result<Vec<Model>, Error> {
    let hyperpriors = [
        None,
        Some(Hyperprior::inverse_gamma(2.0, 3.0)?),
        Some(Hyperprior::half_t(4.0, 2.0)?),
        Some(Hyperprior::half_t(1.0, 2.0)?),
        Some(Hyperprior::Flat),
    ];
    let noises = [
        Noise::Auto,
        Noise::known(10.0)?,
        Noise::sampled(0.0, 0.0)?,
        Noise::per_fk(1.0)?,
        Noise::PerFkFixed,
    ];
    Ok(combined(&hyperpriors, &noises))
}

fn combined(hyperpriors: &[Option<Hyperprior>], noises: &[Noise]) -> Vec<Model> {
    let mut found = Vec::new();
    for &hyperprior in hyperpriors {
        for &noise in noises {
            for importance in IMPORTANCES {
                found.extend(LOCATIONS.map(|location| Model {
                    hyperprior,
                    noise,
                    importance,
                    location,
                }));
            }
        }
    }
    found
}

/// A model in a few words.
pub(super) fn described(model: &Model) -> String {
    let hyperprior = model
        .hyperprior
        .map_or_else(|| "default".to_owned(), |prior| prior.to_string());
    let location = match model.location {
        Location::Zero => "",
        Location::Flat => ", flat location",
    };
    format!(
        "{hyperprior}, noise {}, {}{location}",
        model.noise, model.importance
    )
}
