//! The exact posterior of the hierarchy, by quadrature.
//!
//! With the importances integrated out, p(σ²_FK | y) is one-dimensional (two-dimensional where
//! σ²_obs is sampled); given the variances every importance is normal. So each posterior quantity
//! is a sum over a few hundred nodes on log σ²_FK.

mod joint;
mod moments;

use super::conditional_about;
use crate::model::{Evidence, Hierarchy, NoiseVariance};
use crate::numeric::{CdfTable, Rule, normal_cdf, root};
use joint::{Joint, Slice};
pub use moments::{GroupMoments, VarianceMoments};

/// Evaluations of one group's term that quadrature may cost: about a second.
const AFFORDABLE: f64 = 1e8;
/// Evaluations of the density that one integral over log σ²_FK takes, and integrals over it that
/// one integral over log σ²_obs takes, as counted.
const TYPICAL: (f64, f64) = (1500.0, 800.0);

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
    /// The quadrature did not settle.
    #[error("the quadrature did not settle")]
    Unsettled,
}

/// The posterior of σ²_FK, of σ²_obs where it is sampled, and through them of every importance.
///
/// Importances are addressed by their place `k` in the hierarchy (see
/// [`Role`](crate::model::Role)); all figures are in score units.
#[derive(Debug, Clone)]
pub struct ExactPosterior {
    evidence: Evidence,
    slices: Vec<Slice>,
    groups: Vec<GroupMoments>,
    location: Option<GroupMoments>,
    sigma2_fk: VarianceMoments,
    log_sigma2_fk: CdfTable,
    sigma2_obs: Option<NoiseMarginal>,
    joint: Joint,
}

/// The marginal posterior of σ²_obs and the grid on which it was found.
#[derive(Debug, Clone)]
struct NoiseMarginal {
    moments: VarianceMoments,
    log: CdfTable,
    grid: Rule,
}

impl ExactPosterior {
    /// Integrates the posterior.
    ///
    /// # Errors
    /// [`Unavailable`] where that would take much longer than a second, or does not settle.
    pub fn new(hierarchy: &Hierarchy) -> Result<Self, Unavailable> {
        let groups = hierarchy.evidence.observed().count();
        let integrals = match hierarchy.noise {
            NoiseVariance::Known(_) => 1.0,
            NoiseVariance::Sampled { .. } => TYPICAL.1,
        };
        if groups as f64 * integrals * TYPICAL.0 > AFFORDABLE {
            return Err(Unavailable::TooCostly { groups });
        }
        Self::integrate(hierarchy).ok_or(Unavailable::Unsettled)
    }

    fn integrate(hierarchy: &Hierarchy) -> Option<Self> {
        let joint = Joint::new(hierarchy);
        let (slices, noise_grid) = match hierarchy.noise {
            NoiseVariance::Known(sigma2_obs) => (
                vec![Slice::normalised(
                    &hierarchy.evidence,
                    sigma2_obs,
                    0.0,
                    joint.over_log_t(sigma2_obs)?,
                )],
                None,
            ),
            NoiseVariance::Sampled { .. } => {
                let (slices, grid) = joint.over_log_noise()?;
                (slices, Some(grid))
            }
        };
        let sigma2_obs = noise_grid.map(|grid| NoiseMarginal {
            moments: VarianceMoments::of_rule(
                &grid,
                hierarchy.has_noise_moment(1.0),
                hierarchy.has_noise_moment(2.0),
            ),
            log: tabulate(&grid),
            grid,
        });
        let has_mean = hierarchy.has_moment(1.0);
        let log_sigma2_fk = joint.marginal_of_log_t(&slices);
        Some(Self {
            groups: moments::of_groups(hierarchy, &slices),
            location: moments::of_location(hierarchy, &slices),
            sigma2_fk: VarianceMoments::of_slices(&slices, has_mean, hierarchy.has_moment(2.0)),
            evidence: hierarchy.evidence.clone(),
            slices,
            log_sigma2_fk,
            sigma2_obs,
            joint,
        })
    }

    /// Mean and standard deviation of σ²_FK, where they exist.
    #[must_use]
    pub fn sigma2_fk(&self) -> VarianceMoments {
        self.sigma2_fk
    }

    /// Mean and standard deviation of σ²_obs where it is sampled and they exist.
    #[must_use]
    pub fn sigma2_obs(&self) -> Option<VarianceMoments> {
        self.sigma2_obs.as_ref().map(|noise| noise.moments)
    }

    /// P(σ²_FK ≤ t | y).
    #[must_use]
    pub fn sigma2_fk_cdf(&self, t: f64) -> f64 {
        self.log_sigma2_fk.cdf(t.ln())
    }

    /// The p-quantile of σ²_FK.
    #[must_use]
    pub fn sigma2_fk_quantile(&self, p: f64) -> f64 {
        self.log_sigma2_fk.quantile(p).exp()
    }

    /// P(σ²_obs ≤ v | y) where it is sampled.
    #[must_use]
    pub fn sigma2_obs_cdf(&self, v: f64) -> Option<f64> {
        self.sigma2_obs.as_ref().map(|noise| noise.log.cdf(v.ln()))
    }

    /// The p-quantile of σ²_obs where it is sampled.
    #[must_use]
    pub fn sigma2_obs_quantile(&self, p: f64) -> Option<f64> {
        self.sigma2_obs
            .as_ref()
            .map(|noise| noise.log.quantile(p).exp())
    }

    /// Posterior moments of shrinkage and conditional variance of importance `k`.
    #[must_use]
    pub fn moments(&self, k: usize) -> GroupMoments {
        self.groups[self.evidence.group_of(k)]
    }

    /// E[α_k | y] for an FK whose scores have the mean `mean`.
    #[must_use]
    pub fn alpha_mean(&self, k: usize, mean: f64) -> f64 {
        let moments = self.moments(k);
        self.evidence.center()
            + moments.shrinkage * self.evidence.about_center(k, mean)
            + moments.pull
    }

    /// Var(α_k | y) = E[V_k | y] + Var[μ_k | y]; none where it does not exist.
    #[must_use]
    pub fn alpha_variance(&self, k: usize, mean: f64) -> Option<f64> {
        Some(self.moments(k).conditional_variance? + self.variance_of_mean(k, mean))
    }

    /// Var[μ_k | y], which is ȳ_k² Var[B_k | y] at location zero.
    #[must_use]
    pub fn variance_of_mean(&self, k: usize, mean: f64) -> f64 {
        let (moments, mean) = (self.moments(k), self.evidence.about_center(k, mean));
        mean * mean * moments.shrinkage_variance
            + 2.0 * mean * moments.covariance
            + moments.pull_variance
    }

    /// Mean and variance of the location where it is unknown; the variance where it exists.
    #[must_use]
    pub fn location(&self) -> Option<(f64, Option<f64>)> {
        let moments = self.location?;
        Some((
            self.evidence.center() + moments.pull,
            moments.total_pull_variance(),
        ))
    }

    fn unit_variance(&self, k: usize) -> f64 {
        self.evidence.groups()[self.evidence.group_of(k)].unit_variance
    }

    /// P(α_k ≤ a | y): a mixture of normals over the nodes.
    #[must_use]
    pub fn alpha_cdf(&self, k: usize, mean: f64, a: f64) -> f64 {
        let unit_variance = self.unit_variance(k);
        let (mean, a) = (
            self.evidence.about_center(k, mean),
            a - self.evidence.center(),
        );
        let mut sum = 0.0;
        for slice in &self.slices {
            let s = slice.sigma2_obs * unit_variance;
            for node in &slice.nodes {
                let given = conditional_about(node.t, s, mean, node.location);
                sum += node.weight * normal_cdf((a - given.mean) / given.variance.sqrt());
            }
        }
        sum
    }

    /// The p-quantile of α_k.
    #[must_use]
    pub fn alpha_quantile(&self, k: usize, mean: f64, p: f64) -> f64 {
        let center = self.alpha_mean(k, mean);
        let away = self.evidence.about_center(k, mean).abs();
        let mut reach = self.sigma2_fk_quantile(0.5).sqrt().max(away) + f64::MIN_POSITIVE;
        let off = |a: f64| self.alpha_cdf(k, mean, a) - p;
        while off(center - reach) > 0.0 || off(center + reach) < 0.0 {
            reach *= 2.0;
            if !reach.is_finite() {
                return f64::NAN;
            }
        }
        root(off, center - reach, center + reach)
    }

    /// (σ²_FK, σ²_obs) at two probabilities: the u-quantile of σ²_FK, and the v-quantile of σ²_obs given
    /// that (its known value where it is known). Uniform u and v give independent draws.
    #[must_use]
    pub fn variances_at(&self, u: f64, v: f64) -> (f64, f64) {
        let log_t = self.log_sigma2_fk.quantile(u);
        let noise = match &self.sigma2_obs {
            None => self.slices.first().map_or(f64::NAN, |s| s.sigma2_obs),
            Some(noise) => self
                .joint
                .noise_given_log_t(log_t, &noise.grid)
                .quantile(v)
                .exp(),
        };
        (log_t.exp(), noise)
    }

    /// How many nodes each mixture over the posterior of the variances has.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.slices.iter().map(|slice| slice.nodes.len()).sum()
    }
}

fn tabulate(rule: &Rule) -> CdfTable {
    let top = rule
        .log_density
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    let density = rule.log_density.iter().map(|f| (f - top).exp()).collect();
    CdfTable::from_density(rule.x.clone(), density, rule.step())
}
