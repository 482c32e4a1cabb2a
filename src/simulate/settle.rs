//! What a user asks for becomes a law, or is refused where it contradicts itself.

use super::draw::{Hyperparameters, Simulated};
use super::law::{Law, NoiseLaw, NoiseScale, ScaleLaw};
use super::sizes::Sizes;
use crate::Error;
use crate::model::{Hyperprior, Location, Model, Noise, Number, REPRESENTABLE};

/// FKs of one simulation.
const MOST_FKS: usize = 1_000_000;

/// Scores that somebody wants drawn. What is `None` is not said.
///
/// σ²_FK is `sigma2_fk`, or the typical noise variance over `lambda`, or else drawn from the model's
/// hyperprior; the noise is that of the model, at `sigma2_obs` or at `lambda` times σ²_FK where the
/// model does not say how large it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The model.
    pub model: Model,
    /// Number of FKs.
    pub k: usize,
    /// Their numbers of scores.
    pub sizes: Sizes,
    /// λ = σ²_obs/σ²_FK; under per-FK noise the typical σ²_obs,k counts.
    pub lambda: Option<f64>,
    /// σ²_FK, in squared score units.
    pub sigma2_fk: Option<f64>,
    /// σ²_obs, in squared score units; under per-FK noise the typical one.
    pub sigma2_obs: Option<f64>,
    /// d₀ of per-FK noise, in squared score units.
    pub d0: Option<f64>,
    /// Centre of the importances, in score units, where the model leaves it open.
    pub at: Option<f64>,
    /// The importances themselves, in score units.
    pub effects: Option<Vec<f64>>,
}

impl Request {
    /// Scores of `k` FKs from a model that says everything itself.
    #[must_use]
    pub fn new(model: Model, k: usize, sizes: Sizes) -> Self {
        Self {
            model,
            k,
            sizes,
            lambda: None,
            sigma2_fk: None,
            sigma2_obs: None,
            d0: None,
            at: None,
            effects: None,
        }
    }

    /// Draws parameters and scores.
    ///
    /// # Errors
    /// If the request contradicts itself or leaves something open, or a draw leaves the range of
    /// double precision.
    pub fn draw(&self, seed: u64) -> Result<Simulated, Error> {
        self.check_sizes()?;
        let law = self.law()?;
        let model = |shared: &Hyperparameters| self.effective(shared);
        Simulated::draw(&law, model, self.k, &self.sizes, seed)
    }

    fn check_sizes(&self) -> Result<(), Error> {
        check_number_of_fks(self.k)?;
        let given = self.effects.as_ref().map_or(self.k, Vec::len);
        if given != self.k {
            let problem = format!(
                "gives {given} importances, --k {} asks for another number; leave --k out, or give \
                 one for each",
                self.k
            );
            return Err(setting("--effects", &problem));
        }
        self.sizes.check(self.k)
    }

    fn law(&self) -> Result<Law, Error> {
        for (flag, value) in [
            ("--lambda", self.lambda),
            ("--sigma2-fk", self.sigma2_fk),
            ("--sigma2-obs", self.sigma2_obs),
            ("--d0", self.d0),
        ] {
            require_positive(flag, value)?;
        }
        let stated = self.stated_noise()?;
        Ok(Law {
            scale: self.scale(stated)?,
            noise: self.noise(stated)?,
            importance: self.model.importance,
            location: self.location()?,
            effects: self.effects.clone(),
        })
    }

    /// The noise variance that stands fixed, and who says so.
    fn stated_noise(&self) -> Result<Option<(&'static str, f64)>, Error> {
        let known = match self.model.noise {
            Noise::Known(variance) => Some(("noise known=V", variance)),
            _ => None,
        };
        let c0 = match self.model.noise {
            Noise::PerFk { c0 } => Some(c0),
            _ => None,
        };
        let typical = match (self.d0, c0) {
            (Some(_), None) => {
                let problem = format!(
                    "is the scale of per-FK noise, and the noise is '{}'; leave it out, or give \
                     --noise per-fk",
                    self.model.noise
                );
                return Err(setting("--d0", &problem));
            }
            (Some(d0), Some(c0)) => Some(("--d0", d0 / c0)),
            (None, _) => None,
        };
        let direct = self.sigma2_obs.map(|variance| ("--sigma2-obs", variance));
        match (direct, known.or(typical)) {
            (Some(_), Some((other, _))) => Err(setting(
                &format!("--sigma2-obs and {other}"),
                "both say how large the noise is; keep one",
            )),
            (direct, other) => Ok(direct.or(other)),
        }
    }

    /// Where σ²_FK comes from.
    fn scale(&self, noise: Option<(&str, f64)>) -> Result<ScaleLaw, Error> {
        match (self.sigma2_fk, self.lambda, noise) {
            (Some(_), Some(_), Some((name, _))) => Err(setting(
                &format!("--lambda, --sigma2-fk and {name}"),
                "lambda = sigma2_obs/sigma2_fk: any two settle the third; leave one out",
            )),
            (Some(t), _, _) => Ok(ScaleLaw::Fixed(t)),
            (None, Some(lambda), Some((_, variance))) => {
                let t = variance / lambda;
                require_positive("sigma2_fk = sigma2_obs/lambda", Some(t))?;
                Ok(ScaleLaw::Fixed(t))
            }
            _ if self.effects.is_some() => Ok(ScaleLaw::Absent),
            _ => proper(self.model.hyperprior).map(ScaleLaw::Drawn),
        }
    }

    fn noise(&self, stated: Option<(&str, f64)>) -> Result<NoiseLaw, Error> {
        let needs_scale = self.effects.is_some() && self.sigma2_fk.is_none();
        let scale = match (stated, self.lambda) {
            (Some((_, variance)), _) => Some(NoiseScale::Fixed(variance)),
            (None, Some(_)) if needs_scale => {
                return Err(setting(
                    "--lambda",
                    "cannot be turned into a noise variance where --effects gives the importances: \
                     add --sigma2-fk, or give --sigma2-obs in place of --lambda",
                ));
            }
            (None, lambda) => lambda.map(NoiseScale::Lambda),
        };
        let noise = self.model.noise;
        match (noise, scale) {
            (Noise::PerFkFixed, _) => Err(setting(
                "noise 'per-fk=fixed'",
                "has no law to draw variances from; give --noise per-fk=C0 with --d0 or \
                 --sigma2-obs, and fit with per-fk=fixed",
            )),
            (Noise::PerFk { c0 }, Some(typical)) => Ok(NoiseLaw::PerFk { c0, typical }),
            (_, Some(scale)) => Ok(NoiseLaw::Common(scale)),
            (Noise::Sampled { c0, d0 }, None) if c0 > 0.0 => Ok(NoiseLaw::Sampled { c0, d0 }),
            (Noise::PerFk { .. }, None) => Err(setting(
                &format!("noise '{noise}'"),
                "leaves the scale of the noise open: give --d0, or the typical variance of a score \
                 with --sigma2-obs or --lambda",
            )),
            _ => Err(setting(
                &format!("noise '{noise}'"),
                "says nothing of its size before there are scores: give --sigma2-obs, --lambda, or \
                 --noise known=V or sampled=C0,D0",
            )),
        }
    }

    fn location(&self) -> Result<f64, Error> {
        match (self.model.location, self.at) {
            (_, Some(m)) if !m.is_finite() => {
                Err(setting(&format!("--at {m}"), "give a finite number"))
            }
            (_, Some(_)) if self.effects.is_some() => Err(setting(
                "--at and --effects",
                "both say where the importances are; leave --at out",
            )),
            (Location::Zero, Some(m)) if m != 0.0 => Err(setting(
                &format!("--at {m}"),
                "contradicts location zero; give --location flat",
            )),
            (Location::Flat, None) if self.effects.is_none() => Err(setting(
                "location 'flat'",
                "has no prior to draw from; say where the importances are centred with --at M",
            )),
            (_, at) => Ok(at.unwrap_or(0.0)),
        }
    }

    /// The model drawn from: common noise whose size was given is known.
    fn effective(&self, shared: &Hyperparameters) -> Model {
        let noise = match (self.model.noise, shared.sigma2_obs) {
            (Noise::Auto | Noise::Pooled, Some(variance)) => Noise::Known(variance),
            (stated, _) => stated,
        };
        Model {
            noise,
            ..self.model.clone()
        }
    }
}

/// Refuses none, and more than memory holds.
pub(crate) fn check_number_of_fks(k: usize) -> Result<(), Error> {
    if (1..=MOST_FKS).contains(&k) {
        return Ok(());
    }
    Err(setting(
        &format!("--k {k}"),
        &format!("give a number of foreign keys from 1 to {MOST_FKS}"),
    ))
}

/// A hyperprior that can be drawn from.
pub(crate) fn proper(hyperprior: Option<Hyperprior>) -> Result<Hyperprior, Error> {
    match hyperprior {
        None => Err(setting(
            "the hyperprior",
            "is missing, and the default one follows the noise of scores that are not there yet: \
             give --a0 and --b0, --prior, or sigma2_fk itself with --sigma2-fk",
        )),
        Some(Hyperprior::Flat) => Err(setting(
            "hyperprior 'flat'",
            "is improper: nothing can be drawn from it; give --sigma2-fk, or a proper one such as \
             --prior half-t=4,1",
        )),
        Some(hyperprior) => Ok(hyperprior),
    }
}

fn require_positive(flag: &str, value: Option<f64>) -> Result<(), Error> {
    match value.filter(|value| !REPRESENTABLE.contains(value)) {
        None => Ok(()),
        Some(value) => Err(setting(
            &format!("{flag} {}", Number(value)),
            "must be positive and finite (1e-300 to 1e300)",
        )),
    }
}

fn setting(setting: &str, problem: &str) -> Error {
    Error::Setting {
        setting: setting.to_owned(),
        problem: problem.to_owned(),
    }
}
