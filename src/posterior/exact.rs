//! The exact posterior of the hierarchy, by quadrature.
//!
//! With the importances integrated out, p(σ²_FK | y) is one-dimensional; with one more parameter
//! unknown (σ²_obs, the scale d₀ of per-FK noise, the location of Student-t importances) it is
//! two-dimensional. Given these, and the FK's own scale where there is one, every importance is normal.
//! So each posterior quantity is a sum over nodes.

mod grouped;
mod joint;
mod lambda;
mod location;
mod member;
mod moments;
mod own_scales;
mod points;
mod term;

use crate::model::{Evidence, Hierarchy, Unit};
use crate::numeric::{CdfTable, finite, normal_quantile, root};
use grouped::Grouped;
pub use lambda::LambdaPosterior;
pub use member::Hyperparameters;
use member::Member;
pub use moments::{GroupMoments, VarianceMoments};
use own_scales::OwnScales;

/// Why there is no exact posterior to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// Too many distinct precisions for about a second of work.
    #[error("too costly: the foreign keys have {groups} distinct numbers of permutations")]
    TooCostly {
        /// Distinct sampling variances.
        groups: usize,
    },
    /// Too many FKs with scales of their own for about a second of work.
    #[error("too costly: each of the {fks} foreign keys takes an integral of its own")]
    TooManyFks {
        /// Number of FKs.
        fks: usize,
    },
    /// Per-FK noise with an unknown location.
    #[error("per-FK noise with an unknown location would take an integral in three dimensions")]
    NoiseAndLocation,
    /// Student-t importances with per-FK noise.
    #[error(
        "Student-t importances with per-FK noise would take an integral in two dimensions for each \
         foreign key"
    )]
    StudentTAndPerFkNoise,
    /// Student-t importances with sampled noise and an unknown location.
    #[error(
        "Student-t importances with sampled noise and an unknown location would take an integral \
         in three dimensions"
    )]
    StudentTNoiseAndLocation,
    /// The quadrature did not settle.
    #[error("the quadrature did not settle")]
    Unsettled,
}

/// The posterior of σ²_FK, of σ²_obs where it is sampled, and through them of every importance.
///
/// Importances are addressed by their place `k` in the hierarchy (see
/// [`Role`](crate::model::Role)); all figures are in score units. It is integrated in units near the
/// scores' own size, so that scores of any size have the same posterior but for their unit.
#[derive(Debug, Clone)]
pub struct ExactPosterior {
    /// In terms of `unit`.
    kind: Kind,
    unit: Unit,
}

#[derive(Debug, Clone)]
enum Kind {
    Grouped(Box<Grouped>),
    OwnScales(Box<OwnScales>),
}

impl ExactPosterior {
    /// Integrates the posterior.
    ///
    /// # Errors
    /// [`Unavailable`] where that would take much longer than a second, or does not settle.
    pub fn new(hierarchy: &Hierarchy) -> Result<Self, Unavailable> {
        let unit = hierarchy.natural_unit();
        let member = if hierarchy.has_own_scales() {
            Member::of(&hierarchy.in_unit(unit))?
        } else {
            None
        };
        let kind = match member {
            None => Kind::Grouped(Box::new(Grouped::new(hierarchy.groups_in_unit(unit))?)),
            Some(member) => Kind::OwnScales(Box::new(OwnScales::new(member)?)),
        };
        Ok(Self { kind, unit })
    }

    fn hierarchy(&self) -> &Hierarchy {
        match &self.kind {
            Kind::Grouped(grouped) => grouped.hierarchy(),
            Kind::OwnScales(own) => own.hierarchy(),
        }
    }

    fn evidence(&self) -> &Evidence {
        &self.hierarchy().evidence
    }

    fn own_scales(&self) -> Option<&OwnScales> {
        match &self.kind {
            Kind::Grouped(_) => None,
            Kind::OwnScales(own) => Some(own),
        }
    }

    /// Mean and standard deviation of σ²_FK, where they exist.
    #[must_use]
    pub fn sigma2_fk(&self) -> VarianceMoments {
        let moments = match &self.kind {
            Kind::Grouped(grouped) => grouped.sigma2_fk(),
            Kind::OwnScales(own) => own.sigma2_fk(),
        };
        moments.restored(self.unit)
    }

    /// Mean and standard deviation of σ²_obs where one is sampled for all FKs and they exist.
    #[must_use]
    pub fn sigma2_obs(&self) -> Option<VarianceMoments> {
        let moments = match &self.kind {
            Kind::Grouped(grouped) => grouped.sigma2_obs(),
            Kind::OwnScales(own) => own.sigma2_obs(),
        };
        Some(moments?.restored(self.unit))
    }

    fn log_sigma2_fk(&self) -> &CdfTable {
        match &self.kind {
            Kind::Grouped(grouped) => grouped.log_sigma2_fk_table(),
            Kind::OwnScales(own) => own.log_sigma2_fk_table(),
        }
    }

    fn log_sigma2_obs(&self) -> Option<&CdfTable> {
        match &self.kind {
            Kind::Grouped(grouped) => grouped.log_sigma2_obs_table(),
            Kind::OwnScales(own) => own.log_sigma2_obs_table(),
        }
    }

    /// P(σ²_FK ≤ t | y).
    #[must_use]
    pub fn sigma2_fk_cdf(&self, t: f64) -> f64 {
        self.log_sigma2_fk().cdf(self.unit.reduce_square(t).ln())
    }

    /// The p-quantile of σ²_FK.
    #[must_use]
    pub fn sigma2_fk_quantile(&self, p: f64) -> f64 {
        let t = self.log_sigma2_fk().quantile(p).exp();
        self.unit.restore_square(t)
    }

    /// P(σ²_obs ≤ v | y) where one is sampled for all FKs.
    #[must_use]
    pub fn sigma2_obs_cdf(&self, v: f64) -> Option<f64> {
        let v = self.unit.reduce_square(v);
        Some(self.log_sigma2_obs()?.cdf(v.ln()))
    }

    /// The p-quantile of σ²_obs where one is sampled for all FKs.
    #[must_use]
    pub fn sigma2_obs_quantile(&self, p: f64) -> Option<f64> {
        let v = self.log_sigma2_obs()?.quantile(p).exp();
        Some(self.unit.restore_square(v))
    }

    /// The posterior of λ = σ²_obs/σ²_FK where noise is common; none where it is not, or where Student-t
    /// importances meet sampled noise.
    #[must_use]
    pub fn lambda(&self) -> Option<LambdaPosterior> {
        match &self.kind {
            Kind::Grouped(grouped) => grouped.lambda(),
            Kind::OwnScales(own) => own.lambda(),
        }
    }

    /// P(d₀ ≤ x | y) under per-FK noise.
    #[must_use]
    pub fn d0_cdf(&self, x: f64) -> Option<f64> {
        self.own_scales()?.d0_cdf(self.unit.reduce_square(x))
    }

    /// Mean and variance of log σ²_obs,k of FK `k`, under per-FK noise and with scores.
    #[must_use]
    pub fn log_own_noise(&self, k: usize) -> Option<(f64, f64)> {
        let (mean, variance) = self.own_scales()?.log_own_noise(k)?;
        Some((mean + self.unit.restore_square(1.0).ln(), variance))
    }

    /// P(m ≤ x | y) for the unknown location of Student-t importances.
    #[must_use]
    pub fn location_cdf(&self, x: f64) -> Option<f64> {
        self.own_scales()?.location_cdf(self.unit.reduce(x))
    }

    /// Posterior moments of shrinkage and conditional variance of importance `k`.
    #[must_use]
    pub fn moments(&self, k: usize) -> GroupMoments {
        self.own_moments(k).restored(self.unit)
    }

    /// The same in `unit`.
    fn own_moments(&self, k: usize) -> GroupMoments {
        match &self.kind {
            Kind::Grouped(grouped) => grouped.moments(k),
            Kind::OwnScales(own) => own.moments(k),
        }
    }

    /// `mean` in `unit` about the evidence's centre.
    fn about_center(&self, k: usize, mean: f64) -> f64 {
        self.evidence().about_center(k, self.unit.reduce(mean))
    }

    /// E[α_k | y] for an FK whose scores have the mean `mean`.
    #[must_use]
    pub fn alpha_mean(&self, k: usize, mean: f64) -> f64 {
        self.unit.restore(self.own_alpha_mean(k, mean))
    }

    fn own_alpha_mean(&self, k: usize, mean: f64) -> f64 {
        let moments = self.own_moments(k);
        let about = self.about_center(k, mean);
        self.evidence().center() + moments.shrinkage * about + moments.pull
    }

    /// Var(α_k | y) = E[V_k | y] + Var[μ_k | y]; none where it does not exist.
    #[must_use]
    pub fn alpha_variance(&self, k: usize, mean: f64) -> Option<f64> {
        finite(self.unit.restore_square(self.own_alpha_variance(k, mean)?))
    }

    fn own_alpha_variance(&self, k: usize, mean: f64) -> Option<f64> {
        let conditional = self.own_moments(k).conditional_variance?;
        Some(conditional + self.own_variance_of_mean(k, mean))
    }

    /// Var[μ_k | y], which is ȳ_k² Var[B_k | y] at location zero.
    #[must_use]
    pub fn variance_of_mean(&self, k: usize, mean: f64) -> f64 {
        self.unit.restore_square(self.own_variance_of_mean(k, mean))
    }

    fn own_variance_of_mean(&self, k: usize, mean: f64) -> f64 {
        let (moments, mean) = (self.own_moments(k), self.about_center(k, mean));
        mean * mean * moments.shrinkage_variance
            + 2.0 * mean * moments.covariance
            + moments.pull_variance
    }

    /// Mean and variance of the location where it is unknown; the variance where it exists.
    #[must_use]
    pub fn location(&self) -> Option<(f64, Option<f64>)> {
        let (mean, variance) = match &self.kind {
            Kind::Grouped(grouped) => grouped.location(),
            Kind::OwnScales(own) => own.location(),
        }?;
        let variance = variance.and_then(|variance| finite(self.unit.restore_square(variance)));
        Some((self.unit.restore(mean), variance))
    }

    /// P(α_k ≤ a | y) for an FK whose scores have the mean `mean`: a mixture of normals over the
    /// nodes.
    #[must_use]
    pub fn alpha_cdf(&self, k: usize, mean: f64, a: f64) -> f64 {
        self.own_alpha_cdf(k, self.about_center(k, mean), self.unit.reduce(a))
    }

    /// The same in `unit`, `about` the mean about the centre.
    fn own_alpha_cdf(&self, k: usize, about: f64, a: f64) -> f64 {
        let a = a - self.evidence().center();
        match &self.kind {
            Kind::Grouped(grouped) => grouped.alpha_cdf(k, about, a),
            Kind::OwnScales(own) => own.alpha_cdf(k, a),
        }
    }

    /// The p-quantile of α_k.
    #[must_use]
    pub fn alpha_quantile(&self, k: usize, mean: f64, p: f64) -> f64 {
        self.alpha_quantiles(k, mean, [p])[0]
    }

    /// The quantiles of α_k at several probabilities.
    #[must_use]
    pub fn alpha_quantiles<const N: usize>(&self, k: usize, mean: f64, p: [f64; N]) -> [f64; N] {
        let (center, about) = (self.own_alpha_mean(k, mean), self.about_center(k, mean));
        let typical = (0.5 * self.log_sigma2_fk().quantile(0.5)).exp();
        let reach = typical.max(about.abs()) + f64::MIN_POSITIVE;
        let quantiles = match &self.kind {
            Kind::Grouped(grouped) => {
                let middle = self.evidence().center();
                let law = grouped.alpha_law(k, about);
                let sd = self.own_alpha_variance(k, mean).map_or(reach, f64::sqrt);
                p.map(|p| {
                    let start = center - middle + normal_quantile(p) * sd.min(reach);
                    middle + law.quantile(p, start, reach)
                })
            }
            Kind::OwnScales(_) => p.map(|p| self.quantile_by_cdf((k, about), p, (center, reach))),
        };
        quantiles.map(|quantile| self.unit.restore(quantile))
    }

    /// In `unit`, as all that is given.
    fn quantile_by_cdf(
        &self,
        (k, about): (usize, f64),
        p: f64,
        (center, mut reach): (f64, f64),
    ) -> f64 {
        let off = |a: f64| self.own_alpha_cdf(k, about, a) - p;
        while off(center - reach) > 0.0 || off(center + reach) < 0.0 {
            reach *= 2.0;
            if !reach.is_finite() {
                return f64::NAN;
            }
        }
        root(off, center - reach, center + reach)
    }

    /// The shared parameters at two probabilities: the u-quantile of σ²_FK, and the v-quantile of the
    /// second unknown, where there is one, given that. Uniform u and v give independent draws.
    #[must_use]
    pub fn hyperparameters_at(&self, u: f64, v: f64) -> Hyperparameters {
        self.restored(&self.own_hyperparameters_at(u, v))
    }

    /// The same in `unit`.
    fn own_hyperparameters_at(&self, u: f64, v: f64) -> Hyperparameters {
        match &self.kind {
            Kind::Grouped(grouped) => grouped.hyperparameters_at(u, v),
            Kind::OwnScales(own) => own.hyperparameters_at(u, v),
        }
    }

    /// Parameters in `unit`, in score units.
    fn restored(&self, at: &Hyperparameters) -> Hyperparameters {
        let square = |x| self.unit.restore_square(x);
        at.with(
            square,
            |x| self.unit.restore(x),
            self.hierarchy().common_noise,
        )
    }

    /// The converse.
    fn reduced(&self, at: &Hyperparameters) -> Hyperparameters {
        let square = |x| self.unit.reduce_square(x);
        at.with(
            square,
            |x| self.unit.reduce(x),
            self.hierarchy().common_noise,
        )
    }

    /// The p-quantile of FK `k`'s own scale given the shared parameters: σ²_obs,k of per-FK noise (none
    /// without scores), or the ω_k of a Student-t.
    #[must_use]
    pub fn own_scale_at(&self, k: usize, at: &Hyperparameters, p: f64) -> Option<f64> {
        let scale = self.own_scales()?.own_scale_at(k, &self.reduced(at), p)?;
        // An ω_k has no unit.
        Some(match self.hierarchy().nu() {
            Some(_) => scale,
            None => self.unit.restore_square(scale),
        })
    }

    /// How many normal distribution functions that of an importance takes.
    #[must_use]
    pub fn nodes(&self) -> usize {
        match &self.kind {
            Kind::Grouped(grouped) => grouped.nodes(),
            Kind::OwnScales(own) => own.nodes(),
        }
    }
}
