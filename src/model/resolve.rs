//! The model with all its numbers settled for given data.

use super::moments::tail_index;
use super::noise::DEFAULT_C0;
use super::{Evidence, Hyperprior, Location, Model, Noise, log_bayes_factor_of_noise};
use crate::Error;
use crate::data::{Data, FkStats, ForeignKey, Sample};
use crate::numeric::{median, quantile_sorted};

/// Scores of an FK whose spread is below this share of the largest mean are all equal but for
/// rounding: the model never used its features.
const CONSTANT: f64 = 1e-9;

/// What the scores of one FK say about their noise.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spread {
    /// Number of scores n_k.
    pub n: f64,
    /// Within-FK sum of squares SSW_k, in squared score units.
    pub sum_sq: f64,
}

/// The noise of one score as the sampler and the exact posterior see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NoiseVariance {
    /// σ²_obs known, or 1 where each FK's sampling variance is known on its own.
    Known(f64),
    /// σ²_obs ~ InverseGamma(c₀, d₀); both zero mean p(σ²_obs) ∝ 1/σ²_obs.
    Sampled {
        /// Shape.
        c0: f64,
        /// Scale.
        d0: f64,
    },
    /// σ²_obs,k ~ InverseGamma(c₀, d₀) for every FK with scores, d₀ ~ Gamma(shape, rate); both zero
    /// mean p(d₀) ∝ 1/d₀.
    PerFk {
        /// Shape of the inverse-gamma.
        c0: f64,
        /// Shape and rate of the prior of its scale.
        scale_prior: (f64, f64),
    },
}

/// What becomes of an FK of the input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Role {
    /// It takes part in the hierarchy, at this place.
    InHierarchy(usize),
    /// Its scores are all equal: its importance is that value, and it takes no part.
    SetAside {
        /// The value.
        value: f64,
    },
}

/// A [`Model`] resolved for given data: no choice is left open, every number is settled.
///
/// # The default hyperprior
/// Without one, σ²_FK ~ InverseGamma(½, s̄/2), s̄ the median over the FKs with scores of the sampling
/// variance of their means: one pseudo-observation at the noise floor. It follows the scale of the
/// scores through their noise, and does not look at the importances.
#[derive(Debug, Clone, PartialEq)]
pub struct Hierarchy {
    /// The model in force, `auto` and defaults resolved.
    pub model: Model,
    /// Prior of σ²_FK.
    pub hyperprior: Hyperprior,
    /// Whether that prior is the default.
    pub hyperprior_is_default: bool,
    /// Noise of one score.
    pub noise: NoiseVariance,
    /// Whether one σ²_obs serves all FKs, so that λ = σ²_obs/σ²_FK makes sense.
    pub common_noise: bool,
    /// A point value of σ²_obs: known, pooled, or the mode of its prior where nothing else is there;
    /// 1 where each FK's sampling variance is known on its own.
    pub sigma2_obs: f64,
    /// The means and their precision.
    pub evidence: Evidence,
    /// Each FK of the input, in input order.
    pub roles: Vec<Role>,
    /// The spread of every FK of the hierarchy, by place.
    pub spreads: Vec<Spread>,
    /// The log Bayes factor by which `auto` chose the noise.
    pub(super) chosen_by: Option<f64>,
}

impl Hierarchy {
    /// Settles every number of `model` for `data`.
    ///
    /// # Errors
    /// If the noise can neither be estimated nor is given, if no FK has scores, or if settings and
    /// data contradict each other.
    pub fn resolve(model: &Model, data: &Data) -> Result<Self, Error> {
        let stated = refuse_contradiction(model.noise, data)?;
        let roles = roles(stated, data);
        let members = || {
            let all = data.fks().iter().zip(&roles);
            let members = all.filter(|(_, role)| matches!(role, Role::InHierarchy(_)));
            members.map(|(fk, _)| fk)
        };
        let spreads: Vec<Spread> = members().map(spread).collect();
        let chosen_by = match stated {
            Noise::Auto => log_bayes_factor_of_noise(&spreads, DEFAULT_C0),
            _ => None,
        };
        let noise = settle_noise(stated, chosen_by);
        let within = within(&spreads);
        let (variance, sigma2_obs) = noise_variance(noise, within)?;
        let means = means(noise, members(), &spreads)?;
        let evidence = Evidence::new(&means, within, model.location);
        if evidence.k_observed() == 0 {
            return Err(Error::Unfit(
                "no foreign key has scores that vary: there is nothing to fit".into(),
            ));
        }
        let hyperprior = match model.hyperprior {
            Some(hyperprior) => hyperprior,
            None => default_hyperprior(median_sampling_variance(
                noise, &evidence, sigma2_obs, &spreads,
            ))?,
        };
        refuse_improper(&hyperprior, &evidence)?;
        Ok(Self {
            model: Model {
                hyperprior: Some(hyperprior),
                noise,
                ..model.clone()
            },
            hyperprior,
            hyperprior_is_default: model.hyperprior.is_none(),
            noise: variance,
            common_noise: !matches!(noise, Noise::PerFk { .. } | Noise::PerFkFixed),
            sigma2_obs,
            evidence,
            roles,
            spreads,
            chosen_by,
        })
    }

    /// Log Bayes factor of per-FK noise against common noise, where scores can tell.
    #[must_use]
    pub fn noise_log_bayes_factor(&self) -> Option<f64> {
        let found = || log_bayes_factor_of_noise(&self.spreads, DEFAULT_C0);
        self.chosen_by.or_else(found)
    }

    /// ȳ_k of the FKs of the hierarchy, by place, in score units; 0 without scores.
    #[must_use]
    pub fn means_of(&self, data: &Data) -> Vec<f64> {
        let members = data.fks().iter().zip(&self.roles);
        members
            .filter(|(_, role)| matches!(role, Role::InHierarchy(_)))
            .map(|(fk, _)| fk.sample.mean().unwrap_or(0.0))
            .collect()
    }

    /// Sampling variance s_k of the mean of FK `k` of the hierarchy, in squared score units, at a
    /// given noise variance; infinite without scores.
    #[must_use]
    pub fn sampling_variance(&self, k: usize, sigma2_obs: f64) -> f64 {
        sigma2_obs * self.evidence.groups()[self.evidence.group_of(k)].unit_variance
    }

    /// An interval of log σ²_FK that holds every mode of its posterior at a noise variance: below it
    /// the density rises, above it it falls.
    ///
    /// With v = t + s the likelihood's slope in log t is ½ Σ (t/v)(ȳ²/v - 1), between -½ t Σ 1/s and
    /// ½ Σ ȳ²/t.
    #[must_use]
    pub fn modes_of_log_sigma2_fk(&self, sigma2_obs: f64) -> (f64, f64) {
        let groups = || self.evidence.observed();
        let sum_sq: f64 = groups().map(|g| g.sum_sq_means).sum();
        let precision: f64 = groups()
            .map(|g| g.count as f64 / (sigma2_obs * g.unit_variance))
            .sum();
        let largest_s = groups()
            .map(|g| sigma2_obs * g.unit_variance)
            .fold(0.0, f64::max);
        // No squared deviation from any location exceeds this.
        let largest = (4.0 * sum_sq).ln();
        let (low, high) = match self.hyperprior {
            Hyperprior::InverseGamma { a0, b0 } => {
                let pull = 0.5 * self.evidence.k_observed() as f64;
                ((b0 / (a0 + pull)).ln(), (b0 / a0).ln().max(largest))
            }
            Hyperprior::HalfT { nu, scale } => {
                let bend = (nu + 1.0) / nu * scale.powi(-2);
                (-(bend + precision).ln(), (2.0 * scale.ln()).max(largest))
            }
            // Above 4 (largest s + Σ ȳ²) every B exceeds 4/5 and Σ ȳ²/v is below 1/4; with an
            // unknown location the margin of 1 below covers the FK that it costs.
            Hyperprior::Flat => (-precision.ln(), (4.0 * (largest_s + sum_sq)).ln()),
        };
        (low - 1.0, high + 1.0)
    }
}

/// Standard errors in the input admit one noise model only.
fn refuse_contradiction(noise: Noise, data: &Data) -> Result<Noise, Error> {
    let estimate = data
        .fks()
        .iter()
        .find(|fk| matches!(fk.sample, Sample::Estimate { .. }));
    match (noise, estimate) {
        (Noise::Auto | Noise::PerFkFixed, Some(_)) => Ok(Noise::PerFkFixed),
        (noise, None) => Ok(noise),
        (noise, Some(fk)) => Err(Error::Setting {
            setting: format!("noise '{noise}'"),
            problem: format!(
                "contradicts the standard errors (column 'se', as for FK '{}') that the input \
                 gives; leave the noise at auto, or give sd in place of se",
                fk.name
            ),
        }),
    }
}

/// `auto` becomes a choice: common noise unless the spreads say otherwise.
fn settle_noise(noise: Noise, log_bayes_factor: Option<f64>) -> Noise {
    match noise {
        Noise::Auto if log_bayes_factor.is_some_and(|log| log > 0.0) => {
            Noise::PerFk { c0: DEFAULT_C0 }
        }
        Noise::Auto => Noise::Pooled,
        stated => stated,
    }
}

fn roles(noise: Noise, data: &Data) -> Vec<Role> {
    let noise_is_given = matches!(noise, Noise::Known(_));
    let largest_mean = data
        .fks()
        .iter()
        .filter_map(|fk| fk.sample.mean())
        .fold(0.0, |top: f64, mean| top.max(mean.abs()));
    let mut place = 0;
    data.fks()
        .iter()
        .map(|fk| match fk.sample {
            Sample::Scores(stats) if !noise_is_given && is_constant(&stats, largest_mean) => {
                Role::SetAside {
                    value: stats.mean().unwrap_or(0.0),
                }
            }
            _ => {
                place += 1;
                Role::InHierarchy(place - 1)
            }
        })
        .collect()
}

fn is_constant(stats: &FkStats, largest_mean: f64) -> bool {
    stats.n() >= 2 && stats.sum_sq() <= (stats.n() - 1) as f64 * (CONSTANT * largest_mean).powi(2)
}

fn spread(fk: &ForeignKey) -> Spread {
    match fk.sample {
        Sample::Scores(stats) => Spread {
            n: stats.n() as f64,
            sum_sq: stats.sum_sq(),
        },
        Sample::Estimate { .. } => Spread::default(),
    }
}

impl Spread {
    /// The sample variance, where two scores differ.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.n >= 2.0 && self.sum_sq > 0.0).then(|| self.sum_sq / (self.n - 1.0))
    }
}

/// N - K' and SSW.
fn within(spreads: &[Spread]) -> (f64, f64) {
    spreads
        .iter()
        .fold((0.0, 0.0), |(degrees, sum_sq), spread| {
            (degrees + (spread.n - 1.0).max(0.0), sum_sq + spread.sum_sq)
        })
}

/// The noise in force and a point value of it.
fn noise_variance(
    noise: Noise,
    (degrees, sum_sq): (f64, f64),
) -> Result<(NoiseVariance, f64), Error> {
    let pooled = (degrees > 0.0 && sum_sq > 0.0).then(|| sum_sq / degrees);
    let not_estimable = || {
        Error::Unfit(
            "the noise cannot be estimated: no foreign key has two scores that differ by more than \
             rounding; give the variance of one score with --noise known=V"
                .into(),
        )
    };
    match noise {
        Noise::Known(variance) => Ok((NoiseVariance::Known(variance), variance)),
        Noise::PerFkFixed => Ok((NoiseVariance::Known(1.0), 1.0)),
        Noise::PerFk { c0 } => {
            let scale_prior = (0.0, 0.0);
            pooled.ok_or_else(not_estimable)?;
            Ok((NoiseVariance::PerFk { c0, scale_prior }, 1.0))
        }
        Noise::Auto | Noise::Pooled => {
            let variance = pooled.ok_or_else(not_estimable)?;
            Ok((NoiseVariance::Known(variance), variance))
        }
        Noise::Sampled { c0, d0 } => {
            let prior_mode = (c0 > 0.0).then(|| d0 / (c0 + 1.0));
            let variance = pooled.or(prior_mode).ok_or_else(not_estimable)?;
            Ok((NoiseVariance::Sampled { c0, d0 }, variance))
        }
    }
}

/// (ȳ_k, r_k) of each FK of the hierarchy.
///
/// Under per-FK noise r_k stands on the sample variance, and on the median of the others' where an
/// FK has a single score: a point value, for what needs one.
fn means<'a>(
    noise: Noise,
    members: impl Iterator<Item = &'a ForeignKey>,
    spreads: &[Spread],
) -> Result<Vec<(f64, f64)>, Error> {
    let borrowed = || {
        let variances = spreads.iter().filter_map(Spread::variance);
        median(&variances.collect::<Vec<f64>>())
    };
    let borrowed = matches!(noise, Noise::PerFk { .. })
        .then(borrowed)
        .flatten();
    let own = |fk: &ForeignKey, stats: &FkStats| {
        let variance = match noise {
            Noise::PerFkFixed => stats.variance(),
            _ => spread(fk).variance().or(borrowed),
        };
        variance.ok_or_else(|| {
            Error::Unfit(format!(
                "FK '{}' has a single score, so its own variance is unknown; choose --noise \
                 per-fk, under which it borrows from the others, or add scores",
                fk.name
            ))
        })
    };
    members
        .map(|fk| match fk.sample {
            Sample::Estimate { mean, se, .. } => Ok((mean, se * se)),
            Sample::Scores(stats) => match (stats.mean(), noise) {
                (None, _) => Ok((0.0, f64::INFINITY)),
                (Some(mean), Noise::PerFk { .. } | Noise::PerFkFixed) => {
                    Ok((mean, own(fk, &stats)? / stats.n() as f64))
                }
                (Some(mean), _) => Ok((mean, 1.0 / stats.n() as f64)),
            },
        })
        .collect()
}

/// The posterior is proper if and only if its right tail t^-a has a > 0.
fn refuse_improper(hyperprior: &Hyperprior, evidence: &Evidence) -> Result<(), Error> {
    if tail_index(hyperprior, evidence) > 0.0 {
        return Ok(());
    }
    let (needed, location) = match evidence.location() {
        Location::Zero => (2, ""),
        Location::Flat => (3, " with a flat location"),
    };
    Err(Error::Unfit(format!(
        "the flat hyperprior{location} needs at least {needed} foreign keys whose scores vary, and \
         there are {}: the posterior would not be proper; give --a0 and --b0, or leave the \
         hyperprior out",
        evidence.k_observed()
    )))
}

/// The median of the sampling variances s_k, by which the default hyperprior finds the noise floor: under
/// sampled per-FK noise of those that stand on an FK's own spread.
fn median_sampling_variance(
    noise: Noise,
    evidence: &Evidence,
    sigma2_obs: f64,
    spreads: &[Spread],
) -> Option<f64> {
    if matches!(noise, Noise::PerFk { .. }) {
        let own = spreads.iter();
        let own = own.filter_map(|spread| Some(spread.variance()? / spread.n));
        return median(&own.collect::<Vec<f64>>());
    }
    // Groups come by increasing sampling variance.
    let at = |place: usize| {
        let mut up_to = 0;
        let mut groups = evidence.observed();
        let found = groups.find(|group| {
            up_to += group.count;
            up_to > place
        });
        found.map(|group| sigma2_obs * group.unit_variance)
    };
    let last = evidence.k_observed().checked_sub(1)?;
    quantile_sorted(&[at(last / 2)?, at(last.div_ceil(2))?], 0.5)
}

fn default_hyperprior(sampling_variance: Option<f64>) -> Result<Hyperprior, Error> {
    let floor = sampling_variance.unwrap_or(0.0);
    Hyperprior::inverse_gamma(0.5, 0.5 * floor).map_err(|_| {
        Error::Unfit(format!(
            "the noise of the means, {floor:e}, is beyond double precision once squared; rescale \
             the scores, or give --a0 and --b0"
        ))
    })
}
