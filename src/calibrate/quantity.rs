//! What is ranked.

use super::replicate::Truth;
use super::settle::Calibrator;
use crate::model::{Hierarchy, Noise, Role};
use crate::sampler::State;
use crate::simulate::{Hyperparameters, TrueFk};

/// One quantity, a function of parameters and scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Sigma2Fk,
    Lambda,
    /// The importance of an FK, by its number in the input.
    Alpha(usize),
    Sigma2Obs,
    /// The noise of an FK, by its number in the input.
    OwnNoise(usize),
    NoiseScale,
    Location,
    LogDensity,
}

impl Quantity {
    /// Everything that is ranked under a model for FKs with `sizes` scores.
    pub fn all(calibrator: &Calibrator, sizes: &[u64]) -> Vec<Self> {
        let mut all = vec![Self::Sigma2Fk];
        let with_scores = sizes.iter().position(|&n| n > 0);
        match (calibrator.model.noise, with_scores) {
            (Noise::PerFk { .. }, Some(first)) => {
                all.extend([Self::OwnNoise(first), Self::NoiseScale]);
            }
            (Noise::Sampled { .. }, _) => all.extend([Self::Lambda, Self::Sigma2Obs]),
            _ => all.push(Self::Lambda),
        }
        if calibrator.has_unknown_location() {
            all.push(Self::Location);
        }
        all.push(Self::Alpha(0));
        if sizes.len() > 1 {
            all.push(Self::Alpha(sizes.len() - 1));
        }
        all.push(Self::LogDensity);
        all
    }

    /// Its name, as the columns of draws have it.
    pub fn name(self, fks: &[String]) -> String {
        let of =
            |name: &str, k: usize| format!("{name}[{}]", fks.get(k).map_or("", String::as_str));
        match self {
            Self::Sigma2Fk => "sigma2_fk".into(),
            Self::Lambda => "lambda".into(),
            Self::Alpha(k) => of("alpha", k),
            Self::Sigma2Obs => "sigma2_obs".into(),
            Self::OwnNoise(k) => of("sigma2_obs", k),
            Self::NoiseScale => "d0".into(),
            Self::Location => "location".into(),
            Self::LogDensity => "log_density".into(),
        }
    }
}

/// Looks up quantities in states of one hierarchy.
pub(super) struct Lookup<'a> {
    hierarchy: &'a Hierarchy,
    /// For each FK of the input, its index in a state; none where it was set aside.
    index: Vec<Option<usize>>,
}

impl<'a> Lookup<'a> {
    pub fn new(hierarchy: &'a Hierarchy) -> Self {
        let index_of_place = hierarchy.evidence.index_of_place();
        let index = |role: &Role| match *role {
            Role::InHierarchy(place) => index_of_place.get(place).copied(),
            Role::SetAside { .. } => None,
        };
        Self {
            index: hierarchy.roles.iter().map(index).collect(),
            hierarchy,
        }
    }

    /// A quantity; none for an FK that was set aside.
    pub fn get(&self, quantity: Quantity, state: &State) -> Option<f64> {
        let of = |values: &[f64], k: usize| {
            let index = self.index.get(k).copied().flatten()?;
            values.get(index).copied()
        };
        match quantity {
            Quantity::Sigma2Fk => Some(state.sigma2_fk),
            Quantity::Lambda => Some(state.sigma2_obs / state.sigma2_fk),
            Quantity::Alpha(k) => of(&state.alpha, k),
            Quantity::Sigma2Obs => Some(state.sigma2_obs),
            Quantity::OwnNoise(k) => of(&state.own_noise, k),
            Quantity::NoiseScale => Some(state.noise_scale),
            Quantity::Location => Some(state.location),
            Quantity::LogDensity => Some(state.log_density(self.hierarchy)),
        }
    }

    /// The truth as a state of the hierarchy, about its centre.
    pub fn truth(&self, shared: &Hyperparameters, fks: &[TrueFk]) -> State {
        let k = self.hierarchy.evidence.k();
        let center = self.hierarchy.evidence.center();
        let mut alpha = vec![0.0; k];
        let mut noise = vec![1.0; k];
        for (fk, index) in fks.iter().zip(&self.index) {
            let Some(index) = *index else { continue };
            if let (Some(alpha), Some(noise)) = (alpha.get_mut(index), noise.get_mut(index)) {
                (*alpha, *noise) = (fk.alpha - center, fk.sigma2_obs);
            }
        }
        State {
            sigma2_fk: shared.sigma2_fk.unwrap_or(f64::NAN),
            sigma2_obs: shared.sigma2_obs.unwrap_or(1.0),
            own_noise: if shared.d0.is_some() {
                noise
            } else {
                Vec::new()
            },
            noise_scale: shared.d0.unwrap_or(0.0),
            mixing: Vec::new(),
            location: shared.location - center,
            alpha,
        }
    }

    /// The converse: a state's parameters as the truth.
    pub fn store(&self, state: &State, truth: &mut Truth) {
        let center = self.hierarchy.evidence.center();
        let shared = &mut truth.shared;
        shared.sigma2_fk = Some(state.sigma2_fk);
        shared.sigma2_obs = shared.sigma2_obs.map(|_| state.sigma2_obs);
        shared.d0 = shared.d0.map(|_| state.noise_scale);
        shared.location = center + state.location;
        for (fk, index) in truth.fks.iter_mut().zip(&self.index) {
            let Some(index) = *index else { continue };
            if let Some(alpha) = state.alpha.get(index) {
                fk.alpha = center + alpha;
            }
            // Noise of its own, if the FK has any.
            fk.sigma2_obs = state
                .own_noise
                .get(index)
                .copied()
                .unwrap_or(state.sigma2_obs);
        }
    }
}
