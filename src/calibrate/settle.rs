//! What is to be calibrated, and whether there is a prior to draw from.

use crate::Error;
use crate::model::{Location, Model, Noise, REPRESENTABLE, SamplerKind};
use crate::simulate::{Law, NoiseLaw, NoiseScale, ScaleLaw, Sizes, proper};

/// Ranks per replicate at most: more resolve nothing.
const MOST_DRAWS: u32 = 999;
/// Fewer cannot tell uniform from anything.
const FEWEST_REPLICATES: u32 = 20;
/// Replicates at most: the p-value of more would take long.
const MOST_REPLICATES: u32 = 100_000;

/// Simulation-based calibration: the model, the design, and how much of it.
///
/// ```
/// use fkbayes::calibrate::Calibrator;
/// use fkbayes::model::{Hyperprior, Model, Noise};
/// use fkbayes::simulate::Sizes;
/// use std::sync::atomic::AtomicU64;
///
/// # fn main() -> Result<(), fkbayes::Error> {
/// let model = Model {
///     hyperprior: Some(Hyperprior::inverse_gamma(2.0, 1.0)?),
///     noise: Noise::known(10.0)?,
///     ..Model::default()
/// };
/// let calibrator = Calibrator {
///     replicates: 100,
///     ..Calibrator::new(model, 5, Sizes::Given(vec![20]))
/// };
/// assert!(calibrator.run(&AtomicU64::new(0))?.ok);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrator {
    /// The model; its priors must be proper, except that of the location.
    pub model: Model,
    /// Under per-FK noise, shape and rate of d₀ ~ Gamma.
    pub noise_scale: Option<(f64, f64)>,
    /// Number of FKs.
    pub k: usize,
    /// Their numbers of scores, drawn once for all replicates.
    pub sizes: Sizes,
    /// Number of replicates.
    pub replicates: u32,
    /// Draws L among which the truth is ranked.
    pub draws: u32,
    /// Bins of the histogram of ranks; they divide L + 1.
    pub bins: u32,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Threads; 0 means all there are. Results do not depend on it.
    pub threads: usize,
    /// Which sampler.
    pub kind: SamplerKind,
    /// Whether the Gibbs sampler may use more than the textbook alternation.
    pub interweave: bool,
}

impl Calibrator {
    /// 1,000 replicates, ranks among 99 draws in 20 bins, of the Gibbs sampler.
    #[must_use]
    pub fn new(model: Model, k: usize, sizes: Sizes) -> Self {
        Self {
            model,
            noise_scale: None,
            k,
            sizes,
            replicates: 1000,
            draws: 99,
            bins: 20,
            seed: 1,
            threads: 0,
            kind: SamplerKind::Gibbs,
            interweave: true,
        }
    }

    /// Refuses settings out of range.
    pub(super) fn check(&self) -> Result<(), Error> {
        if !(FEWEST_REPLICATES..=MOST_REPLICATES).contains(&self.replicates) {
            let problem = format!(
                "give {FEWEST_REPLICATES} to {MOST_REPLICATES}; fewer than 1000 find large errors \
                 only"
            );
            return Err(setting(
                &format!("--replicates {}", self.replicates),
                &problem,
            ));
        }
        if self.draws == 0 || self.draws > MOST_DRAWS {
            return Err(setting(
                &format!("--draws {}", self.draws),
                &format!("give 1 to {MOST_DRAWS} draws per replicate"),
            ));
        }
        if self.bins < 2 || !(self.draws + 1).is_multiple_of(self.bins) {
            return Err(setting(
                &format!("--bins {}", self.bins),
                &format!(
                    "must divide the {} possible ranks (--draws + 1) into at least two equal parts",
                    self.draws + 1
                ),
            ));
        }
        Ok(())
    }

    /// The law from which parameters and scores are drawn. A flat location stands at 0: ranks are the
    /// same wherever scores, location and importances are moved together.
    pub(super) fn law(&self) -> Result<Law, Error> {
        Ok(Law {
            scale: ScaleLaw::Drawn(proper(self.model.hyperprior).map_err(without_fixed_scale)?),
            noise: self.noise()?,
            importance: self.model.importance,
            location: 0.0,
            effects: None,
        })
    }

    fn noise(&self) -> Result<NoiseLaw, Error> {
        let noise = self.model.noise;
        let named = format!("noise '{noise}'");
        match (noise, self.noise_scale) {
            (Noise::PerFk { c0 }, Some((shape, rate)))
                if REPRESENTABLE.contains(&shape) && REPRESENTABLE.contains(&rate) =>
            {
                Ok(NoiseLaw::PerFkUnder { c0, shape, rate })
            }
            (Noise::PerFk { .. }, Some((shape, rate))) => Err(setting(
                &format!("--d0 {shape},{rate}"),
                "shape and rate must be positive and finite",
            )),
            (Noise::PerFk { .. }, None) => Err(setting(
                &named,
                "has the improper p(d0) ~ 1/d0, from which nothing can be drawn; give d0 a \
                 Gamma(G, R) prior with --d0 G,R",
            )),
            (_, Some(_)) => Err(setting(
                "--d0",
                &format!("is for per-FK noise, and the noise is '{noise}'; leave it out"),
            )),
            (Noise::Known(variance), _) => Ok(NoiseLaw::Common(NoiseScale::Fixed(variance))),
            (Noise::Sampled { c0, d0 }, _) if c0 > 0.0 => Ok(NoiseLaw::Sampled { c0, d0 }),
            (Noise::Sampled { .. }, _) => Err(setting(
                &named,
                "has the improper p ~ 1/sigma2_obs, from which nothing can be drawn; give \
                 --noise sampled=C0,D0",
            )),
            _ => Err(setting(
                &named,
                "estimates the noise from scores and has no prior to draw it from; give --noise \
                 known=V, sampled=C0,D0 or per-fk=C0 with --d0 G,R",
            )),
        }
    }

    /// Whether the location is estimated.
    pub(super) fn has_unknown_location(&self) -> bool {
        self.model.location == Location::Flat
    }
}

/// There is no truth to fix here: every parameter must be drawn.
fn without_fixed_scale(error: Error) -> Error {
    match error {
        Error::Setting { setting, .. } => Error::Setting {
            setting,
            problem:
                "cannot be drawn from: calibration needs a proper one; give --a0 and --b0, or \
                      --prior ig=A0,B0, half-t=NU,SCALE or half-cauchy=SCALE"
                    .into(),
        },
        other => other,
    }
}

fn setting(setting: &str, problem: &str) -> Error {
    Error::Setting {
        setting: setting.to_owned(),
        problem: problem.to_owned(),
    }
}
