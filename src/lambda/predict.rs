//! What the posterior of a training part says about the scores that were held out.

use crate::Error;
use crate::data::Data;
use crate::draws::{Columns, Draws, MemorySink};
use crate::model::{Hierarchy, Location, NoiseVariance, Role};
use crate::numeric::normal_cdf;
use crate::posterior::ExactPosterior;
use crate::sampler::{self, Run, SamplerSettings};
use crate::variance::{HyperparameterDraws, VarianceDraws};
use ndarray::Array2;
use std::sync::atomic::AtomicU64;

/// Values of σ²_FK, equally probable, that stand for its exact posterior.
const NODES: usize = 200;
/// Sweeps of the chain where noise or importances take one: warm-up, and draws kept.
pub(super) const SWEEPS: (u32, u32) = (300, 1000);
/// Terms of a predictive distribution function at most.
const TERMS: usize = 250;

/// Whether hyperparameters come from quadrature: σ²_FK is the only one, importances are normal.
pub(super) fn is_exact(hierarchy: &Hierarchy) -> bool {
    hierarchy.nu().is_none() && matches!(hierarchy.noise, NoiseVariance::Known(_))
}

/// The posterior of a training part, as values of its hyperparameters.
pub(super) struct Predictor<'a> {
    data: &'a Data,
    hierarchy: &'a Hierarchy,
    variances: VarianceDraws,
    draws: Option<Draws>,
}

/// The posterior of one importance, and the predictive law of a mean of further scores.
pub(super) struct Prediction {
    /// E[α_k | training].
    pub mean: f64,
    /// Var(α_k | training).
    pub variance: f64,
    /// E[σ²_obs,k | training].
    pub noise: f64,
    /// Mean and variance of α_k, and the variance of a score, at each value of the hyperparameters.
    terms: Vec<(f64, f64, f64)>,
}

impl<'a> Predictor<'a> {
    /// Integrates, or samples with `seed`, the posterior of a training part.
    pub fn new(data: &'a Data, hierarchy: &'a Hierarchy, seed: u64) -> Result<Self, Error> {
        if is_exact(hierarchy) {
            let exact = ExactPosterior::new(hierarchy).map_err(|why| {
                Error::Unfit(format!("the exact posterior is not available: {why}"))
            })?;
            let at = |(_, i)| exact.hyperparameters_at((i as f64 + 0.5) / NODES as f64, 0.5);
            let hyperparameters = HyperparameterDraws {
                sigma2_fk: Array2::from_shape_fn((1, NODES), |i| at(i).sigma2_fk),
                sigma2_obs: None,
                location: None,
                d0: None,
            };
            return Ok(Self {
                data,
                hierarchy,
                variances: VarianceDraws::new(hierarchy, hyperparameters),
                draws: None,
            });
        }
        let draws = sample(data, hierarchy, seed)?;
        let column = |name: &str| draws.get(name).map(|values| values.to_owned());
        let located = hierarchy.evidence.location() == Location::Flat;
        let hyperparameters = HyperparameterDraws {
            sigma2_fk: column("sigma2_fk").unwrap_or_default(),
            sigma2_obs: column("sigma2_obs"),
            location: column("location").filter(|_| located),
            d0: column("d0"),
        };
        Ok(Self {
            data,
            hierarchy,
            variances: VarianceDraws::new(hierarchy, hyperparameters),
            draws: Some(draws),
        })
    }

    /// Of the FK at this place of the training data.
    pub fn of(&self, place: usize) -> Option<Prediction> {
        let (fk, role) = (
            self.data.fks().get(place)?,
            self.hierarchy.roles.get(place)?,
        );
        let (mean, n) = (fk.sample.mean()?, fk.sample.n()? as f64);
        let k = match *role {
            Role::InHierarchy(k) => k,
            // All training scores are equal: the importance counts as known.
            Role::SetAside { value } => return Some(Prediction::certain(value)),
        };
        let own = self
            .draws
            .as_ref()
            .and_then(|draws| draws.get(&format!("sigma2_obs[{}]", fk.name)));
        let s = match own {
            Some(drawn) => drawn.mapv(|variance| variance / n),
            None => {
                let unit_variance = self.hierarchy.sampling_variance(k, 1.0);
                self.variances.sampling_variances(unit_variance)
            }
        };
        let evidence = &self.hierarchy.evidence;
        let scores = s.mapv(|s| s * n);
        let given = self
            .variances
            .conditionals(s, evidence.about_center(k, mean));
        let terms = given.given().iter().zip(&scores);
        let terms = terms.map(|(c, noise)| (evidence.center() + c.mean, c.variance, *noise));
        Some(Prediction::mixing(terms.collect()))
    }
}

fn sample(data: &Data, hierarchy: &Hierarchy, seed: u64) -> Result<Draws, Error> {
    let settings = SamplerSettings {
        chains: 1,
        warmup: SWEEPS.0,
        draws: SWEEPS.1,
        seed,
        ..SamplerSettings::default()
    };
    let mut sinks = [MemorySink::default()];
    let run = Run {
        hierarchy,
        exact: None,
        settings: &settings,
        kept: None,
        threads: 1,
        progress: &AtomicU64::new(0),
    };
    sampler::run(run, &mut sinks)?;
    let columns = Columns::new(hierarchy, data.fks().iter().map(|fk| fk.name.as_str()));
    Ok(Draws::from_sinks(columns, &sinks))
}

impl Prediction {
    fn certain(value: f64) -> Self {
        Self::mixing(vec![(value, 0.0, 0.0)])
    }

    fn mixing(terms: Vec<(f64, f64, f64)>) -> Self {
        let count = terms.len() as f64;
        let mean = terms.iter().map(|term| term.0).sum::<f64>() / count;
        let variance = terms
            .iter()
            .map(|(m, v, _)| v + (m - mean).powi(2))
            .sum::<f64>();
        let noise = terms.iter().map(|term| term.2).sum::<f64>() / count;
        Self {
            mean,
            variance: variance / count,
            noise,
            terms,
        }
    }

    /// Predictive probability that the mean of `n` further scores is at most `x`.
    pub fn cdf(&self, x: f64, n: f64) -> f64 {
        let stride = self.terms.len().div_ceil(TERMS).max(1);
        let terms = self.terms.iter().step_by(stride);
        let count = terms.len() as f64;
        let below = terms.map(|(mean, variance, noise)| {
            let sd = (variance + noise / n).sqrt();
            // A certain value has half of itself below it.
            if sd > 0.0 {
                normal_cdf((x - mean) / sd)
            } else {
                0.5 * (1.0
                    + (x - mean)
                        .partial_cmp(&0.0)
                        .map_or(0.0, |o| f64::from(o as i8)))
            }
        });
        below.sum::<f64>() / count
    }
}
