//! A member of the model family as something to simulate from.

use crate::support::{inverse_gamma, named, normal, scores, sum_sq};
use fkbayes::data::Sample;
use fkbayes::model::{Hierarchy, Hyperprior, Importance, Location, Model, Noise, NoiseVariance};
use fkbayes::sampler::{Generator, State};
use rand::RngExt;
use rand_distr::{Gamma, StudentT};
use std::fmt;

/// (n_k, ȳ_k, SSW_k) of an FK.
pub type Fk = (u64, f64, f64);

/// The noise of one score.
#[derive(Debug, Clone, Copy)]
pub enum NoisePrior {
    Known(f64),
    /// Known of every FK on its own: the input has standard errors of the means.
    Given(&'static [f64]),
    Sampled {
        c0: f64,
        d0: f64,
    },
    /// d₀ ~ Gamma(shape, rate).
    PerFk {
        c0: f64,
        scale_prior: (f64, f64),
    },
}

#[derive(Debug, Clone, Copy)]
pub struct Member {
    pub hyperprior: Hyperprior,
    pub noise: NoisePrior,
    pub importance: Importance,
    pub location: Location,
}

pub const KNOWN: NoisePrior = NoisePrior::Known(10.0);
pub const SAMPLED: NoisePrior = NoisePrior::Sampled { c0: 3.0, d0: 20.0 };
pub const PER_FK: NoisePrior = NoisePrior::PerFk {
    c0: 2.0,
    scale_prior: (3.0, 0.3),
};
pub const HALF_T: Hyperprior = Hyperprior::HalfT {
    nu: 4.0,
    scale: 2.0,
};
pub const HALF_CAUCHY: Hyperprior = Hyperprior::HalfT {
    nu: 1.0,
    scale: 2.0,
};
/// Where a flat location is simulated: its prior cannot be drawn from, but whatever is the same
/// under translation of scores and location together has one distribution for every location.
const SIMULATED_LOCATION: f64 = 7.0;

impl Member {
    /// Normal importances about zero, an inverse-gamma hyperprior.
    pub const fn first(noise: NoisePrior) -> Self {
        Self {
            hyperprior: Hyperprior::InverseGamma { a0: 2.0, b0: 3.0 },
            noise,
            importance: Importance::Normal,
            location: Location::Zero,
        }
    }

    pub const fn hyperprior(self, hyperprior: Hyperprior) -> Self {
        Self { hyperprior, ..self }
    }

    /// Student-t importances.
    pub const fn student(self, nu: f64) -> Self {
        Self {
            importance: Importance::StudentT { nu },
            ..self
        }
    }

    pub const fn flat_location(self) -> Self {
        Self {
            location: Location::Flat,
            ..self
        }
    }

    /// The parameters of FKs with `n` scores, in their order.
    pub fn draw(&self, n: &[u64], rng: &mut Generator) -> State {
        let sigma2_fk = self.draw_sigma2_fk(rng);
        let (sigma2_obs, noise_scale, own_noise) = self.draw_noise(n, rng);
        let mixing: Vec<f64> = match self.importance {
            Importance::StudentT { nu } => n
                .iter()
                .map(|_| inverse_gamma(0.5 * nu, 0.5 * nu, rng))
                .collect(),
            _ => Vec::new(),
        };
        let location = match self.location {
            Location::Flat => SIMULATED_LOCATION,
            _ => 0.0,
        };
        let mut alpha = |k| {
            let variance = sigma2_fk * mixing.get(k).unwrap_or(&1.0);
            location + variance.sqrt() * normal(rng)
        };
        State {
            sigma2_fk,
            sigma2_obs,
            noise_scale,
            own_noise,
            location,
            alpha: (0..n.len()).map(&mut alpha).collect(),
            mixing,
        }
    }

    fn draw_sigma2_fk(&self, rng: &mut Generator) -> f64 {
        match self.hyperprior {
            Hyperprior::InverseGamma { a0, b0 } => inverse_gamma(a0, b0, rng),
            Hyperprior::HalfT { nu, scale } => {
                let t: f64 = rng.sample(StudentT::new(nu).unwrap());
                (scale * t).powi(2)
            }
            other => panic!("no prior to simulate {other} from"),
        }
    }

    /// σ²_obs, d₀ and σ²_obs,k; an FK without scores keeps the 1 that it starts with.
    fn draw_noise(&self, n: &[u64], rng: &mut Generator) -> (f64, f64, Vec<f64>) {
        match self.noise {
            NoisePrior::Known(variance) => (variance, 0.0, Vec::new()),
            NoisePrior::Given(_) => (1.0, 0.0, Vec::new()),
            NoisePrior::Sampled { c0, d0 } => (inverse_gamma(c0, d0, rng), 0.0, Vec::new()),
            NoisePrior::PerFk { c0, scale_prior } => {
                let (shape, rate) = scale_prior;
                let d0 = rng.sample(Gamma::new(shape, 1.0 / rate).unwrap());
                let mut own = |&n: &u64| match n {
                    0 => 1.0,
                    _ => inverse_gamma(c0, d0, rng),
                };
                (1.0, d0, n.iter().map(&mut own).collect())
            }
        }
    }

    /// The variance of one score of the FK at `k`.
    pub fn variance(&self, state: &State, k: usize) -> f64 {
        match self.noise {
            NoisePrior::Known(_) | NoisePrior::Sampled { .. } => state.sigma2_obs,
            NoisePrior::Given(variances) => variances[k],
            NoisePrior::PerFk { .. } => state.own_noise[k],
        }
    }

    /// Scores given the parameters.
    pub fn scores(&self, n: &[u64], state: &State, rng: &mut Generator) -> Vec<Fk> {
        let variance = |k| self.variance(state, k);
        let mut simulate = |(k, &n): (usize, &u64)| {
            if n == 0 {
                return (0, 0.0, 0.0);
            }
            let mean = state.alpha[k] + (variance(k) / n as f64).sqrt() * normal(rng);
            (n, mean, sum_sq(n, variance(k), rng))
        };
        n.iter().enumerate().map(&mut simulate).collect()
    }

    /// The member resolved for scores.
    pub fn hierarchy(&self, fks: &[Fk]) -> Hierarchy {
        let (noise, data) = match self.noise {
            NoisePrior::Known(variance) => (Noise::Known(variance), scores(fks)),
            NoisePrior::Sampled { c0, d0 } => (Noise::Sampled { c0, d0 }, scores(fks)),
            NoisePrior::PerFk { c0, .. } => (Noise::PerFk { c0 }, scores(fks)),
            NoisePrior::Given(variances) => {
                let samples = fks.iter().zip(variances);
                let estimate = |(&(n, mean, _), variance): (&Fk, &f64)| match n {
                    0 => Sample::Scores(Default::default()),
                    _ => Sample::Estimate {
                        n: Some(n),
                        mean,
                        se: (variance / n as f64).sqrt(),
                    },
                };
                (Noise::PerFkFixed, named(samples.map(estimate)))
            }
        };
        let model = Model {
            hyperprior: Some(self.hyperprior),
            noise,
            importance: self.importance,
            location: self.location,
        };
        let mut hierarchy = Hierarchy::resolve(&model, &data).unwrap();
        if let NoisePrior::PerFk { c0, scale_prior } = self.noise {
            hierarchy.noise = NoiseVariance::PerFk { c0, scale_prior };
        }
        hierarchy
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noise = match self.noise {
            NoisePrior::Known(_) => "noise known",
            NoisePrior::Given(_) => "noise per-fk=fixed",
            NoisePrior::Sampled { .. } => "noise sampled",
            NoisePrior::PerFk { .. } => "noise per-fk",
        };
        write!(f, "{}, {noise}, {}", self.hyperprior, self.importance)?;
        match self.location {
            Location::Flat => write!(f, ", flat location"),
            _ => Ok(()),
        }
    }
}
