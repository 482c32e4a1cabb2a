//! One FK given the shared parameters: its importance integrated out, its own scales summed over.

use super::{
    Component, Conditional, Fineness, Hyperparameters, Mixed, ScaleMixture, conditional, mix,
};
use crate::data::FkStats;
use crate::model::{Hierarchy, NoiseVariance};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// The noise of one score of an FK.
#[derive(Debug, Clone)]
pub enum FkNoise {
    /// σ²_obs of all FKs.
    Common,
    /// A variance known on its own, in squared score units.
    Fixed(f64),
    /// A variance of its own, (d₀ + SSW/2) x with x ~ IG(c₀ + (n-1)/2, 1).
    Own(ScaleMixture),
}

/// How scores hang on the shared parameters.
#[derive(Debug, Clone)]
pub struct Law {
    noise: NoiseVariance,
    /// ν/2 of Student-t importances, and x ~ IG(ν/2, 1): ω = (ν/2) x.
    tails: Option<(f64, ScaleMixture)>,
    fineness: Fineness,
}

/// One pair of variances that an FK may have, and how likely it is, up to a factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scales {
    pub weight: f64,
    /// Prior variance of the importance, σ²_FK or σ²_FK ω.
    pub t: f64,
    /// Variance of one score.
    pub noise: f64,
}

/// What the shared parameters leave of one FK.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Given {
    /// Log likelihood of its scores, up to a constant in the shared parameters.
    pub log_likelihood: f64,
    /// E[α | shared, y], in score units about the evidence's centre.
    pub mean: f64,
    /// Var(α | shared, y), in squared score units.
    pub variance: f64,
}

/// An importance, about the evidence's centre, and the variance of one score, drawn together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    pub alpha: f64,
    pub noise: f64,
}

/// Values x_i · unit with probabilities.
#[derive(Debug, Clone, Copy)]
struct Spread<'a> {
    x: &'a [f64],
    weight: &'a [f64],
    unit: f64,
}

impl<'a> Spread<'a> {
    fn certain(value: f64) -> Self {
        Self {
            x: &[1.0],
            weight: &[1.0],
            unit: value,
        }
    }

    /// The nodes that matter where an observation multiplies the density by at most exp(-q/x).
    fn of(mixture: &'a ScaleMixture, unit: f64, q: f64) -> Self {
        let used = mixture.needed(q);
        Self {
            x: &mixture.x[..used],
            weight: &mixture.weight[..used],
            unit,
        }
    }

    fn values(self) -> impl Iterator<Item = (f64, f64)> + Clone + 'a {
        let nodes = self.weight.iter().zip(self.x);
        nodes.map(move |(weight, x)| (*weight, self.unit * x))
    }
}

impl Law {
    pub fn new(hierarchy: &Hierarchy, fineness: Fineness) -> Self {
        let tails = hierarchy.nu().map(|nu| {
            let half_nu = 0.5 * nu;
            (half_nu, ScaleMixture::far_reaching(half_nu, fineness))
        });
        Self {
            noise: hierarchy.noise,
            tails,
            fineness,
        }
    }

    /// The noise of an FK whose variance is not known on its own, once it has `n` scores.
    pub fn noise_at(&self, n: u64) -> FkNoise {
        match self.noise {
            NoiseVariance::PerFk { c0, .. } => {
                FkNoise::Own(ScaleMixture::far_reaching(own_shape(c0, n), self.fineness))
            }
            NoiseVariance::Known(_) | NoiseVariance::Sampled { .. } => FkNoise::Common,
        }
    }

    /// The variances that one score may have, and the prior variances of the importance, before the
    /// mean score is taken into account.
    fn spreads<'a>(
        &'a self,
        at: &Hyperparameters,
        noise: &'a FkNoise,
        scores: &FkStats,
    ) -> (Spread<'a>, Spread<'a>) {
        let half_square = 0.5 * deviation(at, scores).powi(2);
        let noises = match noise {
            FkNoise::Common => Spread::certain(at.sigma2_obs),
            FkNoise::Fixed(variance) => Spread::certain(*variance),
            FkNoise::Own(mixture) => {
                let unit = at.noise_scale + 0.5 * scores.sum_sq();
                Spread::of(mixture, unit, half_square * scores.n() as f64 / unit)
            }
        };
        let priors = match &self.tails {
            None => Spread::certain(at.sigma2_fk),
            Some((half_nu, mixture)) => {
                let unit = at.sigma2_fk * half_nu;
                Spread::of(mixture, unit, half_square / unit)
            }
        };
        (noises, priors)
    }

    /// Their pairs.
    fn scales<'a>(
        &'a self,
        at: &Hyperparameters,
        noise: &'a FkNoise,
        scores: &FkStats,
    ) -> impl Iterator<Item = Scales> + Clone + 'a {
        let (noises, priors) = self.spreads(at, noise, scores);
        priors.values().flat_map(move |(prior_weight, t)| {
            noises.values().map(move |(weight, noise)| Scales {
                weight: prior_weight * weight,
                t,
                noise,
            })
        })
    }

    /// The posterior of an importance given the shared parameters and the FK's scores, whose mean is
    /// about the evidence's centre.
    pub fn given(&self, at: &Hyperparameters, noise: &FkNoise, scores: &FkStats) -> Given {
        let n = scores.n() as f64;
        let components = self.scales(at, noise, scores).map(move |one| Component {
            weight: one.weight,
            t: one.t,
            s: one.noise / n,
        });
        let mixed = mix(deviation(at, scores), components);
        Given {
            log_likelihood: mixed.log_density + self.log_spread(at, scores),
            mean: at.location + mixed.mean,
            variance: mixed.variance,
        }
    }

    /// The posterior of an importance given the shared parameters and the variance of one score, for each
    /// value that this may have, with its probability; means are about the evidence's centre.
    pub fn given_noise(
        &self,
        at: &Hyperparameters,
        noise: &FkNoise,
        scores: &FkStats,
    ) -> Vec<(f64, Conditional)> {
        let (noises, priors) = self.spreads(at, noise, scores);
        let n = scores.n() as f64;
        let each = noises.values().map(|(weight, noise)| {
            let s = noise / n;
            let components = priors
                .values()
                .map(|(weight, t)| Component { weight, t, s });
            (weight, mix(deviation(at, scores), components))
        });
        let mixed: Vec<_> = each.collect();
        let logs = mixed.iter().map(|(_, mixed)| mixed.log_density);
        let top = logs.fold(f64::NEG_INFINITY, f64::max);
        let weight = |(w, mixed): &(f64, Mixed)| w * (mixed.log_density - top).exp();
        let total: f64 = mixed.iter().map(weight).sum();
        let given = mixed.iter().map(|one| {
            let given = Conditional {
                shrinkage: one.1.shrinkage,
                mean: at.location + one.1.mean,
                variance: one.1.variance,
            };
            (weight(one) / total, given)
        });
        given.collect()
    }

    /// Whether an FK has two scales of its own: then what it takes is a double sum.
    pub fn has_two_scales(&self) -> bool {
        self.tails.is_some() && matches!(self.noise, NoiseVariance::PerFk { .. })
    }

    /// Terms that an FK takes at a point.
    pub fn terms(&self, at: &Hyperparameters, noise: &FkNoise, scores: &FkStats) -> usize {
        self.scales(at, noise, scores).count()
    }

    /// A value of the variance of one score that follows from the shared parameters alone.
    pub fn typical_noise(&self, at: &Hyperparameters, noise: &FkNoise, scores: &FkStats) -> f64 {
        match (noise, self.noise) {
            (FkNoise::Fixed(variance), _) => *variance,
            (FkNoise::Own(_), NoiseVariance::PerFk { c0, .. }) => {
                (at.noise_scale + 0.5 * scores.sum_sq()) / own_shape(c0, scores.n())
            }
            _ => at.sigma2_obs,
        }
    }

    /// What the within-FK spread says of the shared parameters; under per-FK noise
    /// d₀^c₀ (d₀ + SSW/2)^-(c₀ + (n-1)/2).
    fn log_spread(&self, at: &Hyperparameters, scores: &FkStats) -> f64 {
        if scores.n() == 0 {
            return 0.0;
        }
        let half_degrees = 0.5 * (scores.n() - 1) as f64;
        match self.noise {
            NoiseVariance::Known(_) => 0.0,
            NoiseVariance::Sampled { .. } => {
                -half_degrees * at.sigma2_obs.ln() - 0.5 * scores.sum_sq() / at.sigma2_obs
            }
            NoiseVariance::PerFk { c0, .. } => {
                let scale = at.noise_scale + 0.5 * scores.sum_sq();
                c0 * at.noise_scale.ln() - (c0 + half_degrees) * scale.ln()
            }
        }
    }

    /// The pairs of variances with their posterior probabilities, which sum to 1.
    pub fn posterior_scales(
        &self,
        at: &Hyperparameters,
        noise: &FkNoise,
        scores: &FkStats,
    ) -> Vec<Scales> {
        let n = scores.n() as f64;
        let half_square = 0.5 * deviation(at, scores).powi(2);
        let mut found: Vec<Scales> = self.scales(at, noise, scores).collect();
        if n > 0.0 {
            let widest = found.iter().map(|one| one.t + one.noise / n);
            let top = half_square / widest.fold(0.0, f64::max);
            for one in &mut found {
                let v = one.t + one.noise / n;
                one.weight *= (top - half_square / v).exp() / v.sqrt();
            }
        }
        let total: f64 = found.iter().map(|one| one.weight).sum();
        for one in &mut found {
            one.weight /= total;
        }
        found
    }

    /// A draw of the importance and of the variance of one score from their posterior.
    pub fn draw(
        &self,
        at: &Hyperparameters,
        noise: &FkNoise,
        scores: &FkStats,
        rng: &mut impl Rng,
    ) -> Drawn {
        let scales = self.posterior_scales(at, noise, scores);
        let mut left: f64 = rng.random();
        let z: f64 = rng.sample(StandardNormal);
        let chosen = scales.iter().find(|one| {
            left -= one.weight;
            left < 0.0
        });
        // Rounding may leave a little of the sum over.
        let Some(one) = chosen.or(scales.last()) else {
            return Drawn {
                alpha: f64::NAN,
                noise: f64::NAN,
            };
        };
        let given = conditional(one.t, one.noise / scores.n() as f64, deviation(at, scores));
        Drawn {
            alpha: at.location + given.mean + given.variance.sqrt() * z,
            noise: one.noise,
        }
    }
}

/// The mean score about the location; 0 without scores.
pub fn deviation(at: &Hyperparameters, scores: &FkStats) -> f64 {
    scores.mean().map_or(0.0, |mean| mean - at.location)
}

/// Shape of a variance of the FK's own once its within-FK spread is known.
fn own_shape(c0: f64, n: u64) -> f64 {
    c0 + 0.5 * n.saturating_sub(1) as f64
}
