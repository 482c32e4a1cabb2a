//! The members of the family whose FKs have scales of their own, each as a density on a plane.
//!
//! With the importances and their scales integrated out (one sum per FK, see [`Term`]), at most two
//! parameters are left: log σ²_FK, and one of log d₀, log σ²_obs and the location.

use super::Unavailable;
use super::term::{Scaled, Term};
use crate::model::{Hierarchy, Location, NoiseVariance};
use crate::posterior::{Fineness, ScaleMixture};

/// The parameters that the FKs share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hyperparameters {
    /// σ²_FK, in squared score units.
    pub sigma2_fk: f64,
    /// σ²_obs, in squared score units; unused where every FK has its own.
    pub sigma2_obs: f64,
    /// d₀, the scale of per-FK noise, in squared score units; else 0.
    pub noise_scale: f64,
    /// m about the evidence's centre, in score units, where it is among what was integrated over;
    /// else 0.
    pub location: f64,
}

impl Hyperparameters {
    /// The same with variances through `square` and the location through `plain`; σ²_obs has a unit
    /// only where noise is common.
    pub(super) fn with(
        &self,
        square: impl Fn(f64) -> f64,
        plain: impl Fn(f64) -> f64,
        common_noise: bool,
    ) -> Self {
        Self {
            sigma2_fk: square(self.sigma2_fk),
            sigma2_obs: if common_noise {
                square(self.sigma2_obs)
            } else {
                self.sigma2_obs
            },
            noise_scale: square(self.noise_scale),
            location: plain(self.location),
        }
    }
}

/// What the second axis of the plane is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Second {
    /// log d₀ of per-FK noise: c₀, and shape and rate of the prior of d₀.
    NoiseScale { c0: f64, prior: (f64, f64) },
    /// Nothing: Student-t importances, noise known.
    Nothing,
    /// log σ²_obs, whose prior and within-FK spread are together IG(shape, scale).
    Noise { shape: f64, scale: f64 },
    /// y = m/√(t + unit²), m about the evidence's centre: over the scale on which m varies, whatever t.
    Location { unit: f64 },
}

/// One FK as the density sees it.
#[derive(Debug, Clone, Copy)]
struct Fk {
    /// ȳ about the evidence's centre.
    mean: f64,
    /// Number of scores; 0 where there are none, or only their standard error.
    n: f64,
    half_sum_sq: f64,
    /// Sampling variance of the mean per unit of common noise; infinite without scores.
    unit_variance: f64,
    /// Its scale's mixture.
    mixture: usize,
}

/// The density over the plane, and the terms of which it consists.
#[derive(Debug, Clone)]
pub(super) struct Member {
    hierarchy: Hierarchy,
    pub second: Second,
    /// By place in the hierarchy.
    fks: Vec<Fk>,
    mixtures: Vec<ScaleMixture>,
}

impl Member {
    /// Which member a hierarchy is; `None` where FKs have no scales of their own.
    pub fn of(hierarchy: &Hierarchy) -> Result<Option<Self>, Unavailable> {
        let flat = hierarchy.evidence.location() == Location::Flat;
        let second = match (hierarchy.nu(), hierarchy.noise, flat) {
            (None, NoiseVariance::Known(_) | NoiseVariance::Sampled { .. }, _) => return Ok(None),
            (None, NoiseVariance::PerFk { c0, scale_prior }, false) => Second::NoiseScale {
                c0,
                prior: scale_prior,
            },
            (None, NoiseVariance::PerFk { .. }, true) => return Err(Unavailable::NoiseAndLocation),
            (Some(_), NoiseVariance::PerFk { .. }, _) => {
                return Err(Unavailable::StudentTAndPerFkNoise);
            }
            (Some(_), NoiseVariance::Sampled { .. }, true) => {
                return Err(Unavailable::StudentTNoiseAndLocation);
            }
            (Some(_), NoiseVariance::Known(_), false) => Second::Nothing,
            (Some(_), NoiseVariance::Sampled { c0, d0 }, false) => {
                let (degrees, sum_sq) = hierarchy.evidence.within();
                Second::Noise {
                    shape: c0 + 0.5 * degrees,
                    scale: d0 + 0.5 * sum_sq,
                }
            }
            (Some(_), NoiseVariance::Known(_), true) => Second::Location {
                unit: spread_of_means(hierarchy),
            },
        };
        Ok(Some(Self::with(hierarchy, second)))
    }

    fn with(hierarchy: &Hierarchy, second: Second) -> Self {
        let evidence = &hierarchy.evidence;
        let mut fks = vec![None; evidence.k()];
        let mut shapes: Vec<f64> = Vec::new();
        for (&mean, &place) in evidence.means().iter().zip(evidence.place()) {
            let spread = hierarchy.spreads[place];
            let shape = shape(hierarchy, second, spread.n);
            let mixture = shapes.iter().position(|known| *known == shape);
            let mixture = mixture.unwrap_or_else(|| {
                shapes.push(shape);
                shapes.len() - 1
            });
            fks[place] = Some(Fk {
                mean,
                n: spread.n,
                half_sum_sq: 0.5 * spread.sum_sq,
                unit_variance: hierarchy.sampling_variance(place, 1.0),
                mixture,
            });
        }
        Self {
            hierarchy: hierarchy.clone(),
            second,
            fks: fks.into_iter().flatten().collect(),
            mixtures: shapes
                .into_iter()
                .map(|shape| ScaleMixture::far_reaching(shape, Fineness::Exact))
                .collect(),
        }
    }

    /// Nodes of all FKs' mixtures: what one value of the density costs, about.
    pub fn cost(&self) -> usize {
        (0..self.fks.len())
            .filter(|&k| self.is_observed(k))
            .map(|k| self.mixtures[self.fks[k].mixture].needed(0.0))
            .sum()
    }

    /// Number of FKs.
    pub fn k(&self) -> usize {
        self.fks.len()
    }

    pub fn hierarchy(&self) -> &Hierarchy {
        &self.hierarchy
    }

    /// Whether FK `k` has scores.
    pub fn is_observed(&self, k: usize) -> bool {
        self.fks[k].unit_variance.is_finite()
    }

    /// The parameters at a point of the plane.
    pub fn at(&self, log_t: f64, y: f64) -> Hyperparameters {
        let mut at = Hyperparameters {
            sigma2_fk: log_t.exp(),
            sigma2_obs: self.hierarchy.sigma2_obs,
            noise_scale: 0.0,
            location: 0.0,
        };
        match self.second {
            Second::Nothing => {}
            Second::NoiseScale { .. } => at.noise_scale = y.exp(),
            Second::Noise { .. } => at.sigma2_obs = y.exp(),
            Second::Location { unit } => at.location = y * location_scale(log_t, unit),
        }
        at
    }

    /// log p(log t, y | scores) up to a constant, the Jacobians included.
    pub fn log_density(&self, log_t: f64, y: f64) -> f64 {
        let at = self.at(log_t, y);
        let terms = (0..self.fks.len())
            .filter(|&k| self.is_observed(k))
            .map(|k| self.term(k, &at).log_density());
        let jacobian = match self.second {
            Second::Location { unit } => location_scale(log_t, unit).ln(),
            _ => 0.0,
        };
        let prior = self.hierarchy.hyperprior.log_density(log_t) + self.log_second(y);
        prior + jacobian + terms.sum::<f64>()
    }

    /// What the prior and the within-FK spreads say of the second axis.
    ///
    /// Under per-FK noise p(SSW_k | d₀) ∝ d₀^c₀ D_k^-A_k, D_k = d₀ + SSW_k/2, A_k = c₀ + (n_k - 1)/2.
    fn log_second(&self, y: f64) -> f64 {
        match self.second {
            Second::Nothing | Second::Location { .. } => 0.0,
            Second::Noise { shape, scale } => -shape * y - scale * (-y).exp(),
            Second::NoiseScale { c0, prior } => {
                let observed = self.fks.iter().filter(|fk| fk.unit_variance.is_finite());
                let spreads = observed.map(|fk| {
                    let shape = c0 + 0.5 * (fk.n - 1.0);
                    c0 * y - shape * log_sum(y, fk.half_sum_sq)
                });
                prior.0 * y - prior.1 * y.exp() + spreads.sum::<f64>()
            }
        }
    }

    /// What FK `k` contributes. It must have scores where noise is its own.
    pub fn term(&self, k: usize, at: &Hyperparameters) -> Term<'_> {
        let fk = self.fks[k];
        let mixture = &self.mixtures[fk.mixture];
        match self.hierarchy.nu() {
            None => Term {
                mean: fk.mean,
                fixed: at.sigma2_fk,
                varying: self.own_scale(k, at) / fk.n,
                scaled: Scaled::Noise,
                mixture,
            },
            Some(_) => Term {
                mean: fk.mean - at.location,
                fixed: at.sigma2_obs * fk.unit_variance,
                varying: at.sigma2_fk * self.own_scale(k, at),
                scaled: Scaled::Prior,
                mixture,
            },
        }
    }

    /// What multiplies x to give the FK's own scale: D_k of σ²_obs,k = D_k x, or ν/2 of
    /// ω_k = (ν/2) x.
    pub fn own_scale(&self, k: usize, at: &Hyperparameters) -> f64 {
        match self.hierarchy.nu() {
            None => at.noise_scale + self.fks[k].half_sum_sq,
            Some(nu) => 0.5 * nu,
        }
    }

    /// Normal distribution functions that the one of importance `k` takes at a node.
    pub fn normals(&self, k: usize, at: &Hyperparameters) -> usize {
        if self.hierarchy.nu().is_none() && !self.is_observed(k) {
            return 1;
        }
        self.term(k, at).count()
    }

    /// A rectangle of the plane about the modes.
    pub fn region(&self) -> ((f64, f64), (f64, f64)) {
        let (low, high) = self
            .hierarchy
            .modes_of_log_sigma2_fk(self.hierarchy.sigma2_obs);
        let second = match self.second {
            Second::Nothing => (0.0, 0.0),
            Second::NoiseScale { c0, .. } => {
                let point = |fk: &Fk| (c0 * fk.unit_variance * fk.n).ln();
                let observed = self.fks.iter().filter(|fk| fk.unit_variance.is_finite());
                let ends = observed
                    .map(point)
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), log| {
                        (low.min(log), high.max(log))
                    });
                (ends.0 - 3.0, ends.1 + 3.0)
            }
            Second::Noise { .. } => {
                let point = self.hierarchy.sigma2_obs.ln();
                (point - 3.0, point + 3.0)
            }
            Second::Location { .. } => (-1.0, 1.0),
        };
        ((low - 3.0, high + 3.0), second)
    }
}

/// Shape of the inverse-gamma of an FK's own scale, its within-FK spread taken into account.
fn shape(hierarchy: &Hierarchy, second: Second, n: f64) -> f64 {
    match (second, hierarchy.nu()) {
        (Second::NoiseScale { c0, .. }, _) => c0 + 0.5 * (n - 1.0).max(0.0),
        (_, nu) => 0.5 * nu.unwrap_or(1.0),
    }
}

/// √(t + unit²).
pub(super) fn location_scale(log_t: f64, unit: f64) -> f64 {
    (0.5 * log_t).exp().hypot(unit)
}

/// log(e^y + x), x ≥ 0, without overflow.
fn log_sum(y: f64, x: f64) -> f64 {
    if x == 0.0 {
        return y;
    }
    let log_x = x.ln();
    y.max(log_x) + (-(y - log_x).abs()).exp().ln_1p()
}

/// The largest deviation of a mean from their average; where there is none, the largest error of one.
fn spread_of_means(hierarchy: &Hierarchy) -> f64 {
    let evidence = &hierarchy.evidence;
    let largest = evidence
        .means()
        .iter()
        .fold(0.0, |top: f64, mean| top.max(mean.abs()));
    if largest > 0.0 {
        return largest;
    }
    let errors = evidence
        .observed()
        .map(|group| (hierarchy.sigma2_obs * group.unit_variance).sqrt());
    errors.fold(0.0, f64::max)
}
