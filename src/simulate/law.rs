//! The law from which parameters and scores are drawn: the hierarchy with every choice made.

use super::draw::Hyperparameters;
use crate::Error;
use crate::model::{Hyperprior, Importance, REPRESENTABLE, draw_inverse_gamma};
use crate::sampler::Generator;
use rand::RngExt;
use rand_distr::{Gamma, StandardNormal, StudentT};

/// Where σ²_FK comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ScaleLaw {
    /// A number.
    Fixed(f64),
    /// The hyperprior, which is proper.
    Drawn(Hyperprior),
    /// Nowhere: the importances are given.
    Absent,
}

/// A variance of the noise as a number, or as a multiple λ of σ²_FK.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum NoiseScale {
    Fixed(f64),
    Lambda(f64),
}

/// The noise of one score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum NoiseLaw {
    /// One variance for all FKs.
    Common(NoiseScale),
    /// One variance for all, σ²_obs ~ InverseGamma(c₀, d₀).
    Sampled { c0: f64, d0: f64 },
    /// One for each FK, σ²_obs,k ~ InverseGamma(c₀, c₀ V) with V the typical variance: the density of
    /// log σ²_obs,k is highest at V, and the mean precision is 1/V.
    PerFk { c0: f64, typical: NoiseScale },
    /// The same with d₀ ~ Gamma(shape, rate).
    PerFkUnder { c0: f64, shape: f64, rate: f64 },
}

/// The whole law.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Law {
    pub scale: ScaleLaw,
    pub noise: NoiseLaw,
    pub importance: Importance,
    pub location: f64,
    /// The importances, where they are given.
    pub effects: Option<Vec<f64>>,
}

impl NoiseScale {
    /// The variance; none where it hangs on a σ²_FK that is not there.
    fn at(self, sigma2_fk: Option<f64>) -> Option<f64> {
        match self {
            Self::Fixed(variance) => Some(variance),
            Self::Lambda(lambda) => sigma2_fk.map(|t| lambda * t),
        }
    }
}

impl Law {
    /// Draws what all FKs share.
    pub fn draw_hyperparameters(&self, rng: &mut Generator) -> Result<Hyperparameters, Error> {
        let sigma2_fk = match self.scale {
            ScaleLaw::Fixed(t) => Some(t),
            ScaleLaw::Drawn(hyperprior) => hyperprior.draw(rng),
            ScaleLaw::Absent => None,
        };
        let mut drawn = Hyperparameters {
            sigma2_fk,
            sigma2_obs: None,
            d0: None,
            location: self.location,
        };
        match self.noise {
            NoiseLaw::Common(scale) => drawn.sigma2_obs = scale.at(sigma2_fk),
            NoiseLaw::Sampled { c0, d0 } => {
                drawn.sigma2_obs = Some(draw_inverse_gamma(c0, d0, rng));
            }
            NoiseLaw::PerFk { c0, typical } => drawn.d0 = typical.at(sigma2_fk).map(|v| c0 * v),
            NoiseLaw::PerFkUnder { shape, rate, .. } => {
                let law = Gamma::new(shape, 1.0 / rate).ok();
                drawn.d0 = law.map(|law| rng.sample(law));
            }
        }
        let variances = [drawn.sigma2_fk, drawn.sigma2_obs, drawn.d0];
        if variances
            .iter()
            .flatten()
            .all(|variance| REPRESENTABLE.contains(variance))
        {
            return Ok(drawn);
        }
        Err(out_of_range())
    }

    /// Draws σ²_obs,k of one FK.
    pub fn draw_noise(&self, shared: &Hyperparameters, rng: &mut Generator) -> Result<f64, Error> {
        let variance = match (self.noise, shared.d0) {
            (NoiseLaw::PerFk { c0, .. } | NoiseLaw::PerFkUnder { c0, .. }, Some(d0)) => {
                draw_inverse_gamma(c0, d0, rng)
            }
            _ => shared.sigma2_obs.unwrap_or(f64::NAN),
        };
        if REPRESENTABLE.contains(&variance) {
            Ok(variance)
        } else {
            Err(out_of_range())
        }
    }

    /// Draws α_k of FK `k`, counted from 0, unless it is given.
    pub fn draw_alpha(&self, k: usize, shared: &Hyperparameters, rng: &mut Generator) -> f64 {
        if let Some(effects) = &self.effects {
            return effects.get(k).copied().unwrap_or(f64::NAN);
        }
        let standard: f64 = match self.importance {
            Importance::Normal => rng.sample(StandardNormal),
            Importance::StudentT { nu } => {
                StudentT::new(nu).map_or(f64::NAN, |law| rng.sample(law))
            }
        };
        shared.location + shared.sigma2_fk.unwrap_or(f64::NAN).sqrt() * standard
    }
}

/// What was drawn is not a number to work with.
pub(super) fn out_of_range() -> Error {
    Error::Unfit(
        "a draw from the model leaves the range of double precision: choose variances nearer 1, or \
         a hyperprior with shorter tails"
            .into(),
    )
}
