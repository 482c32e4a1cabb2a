//! The posterior where variances are shared: one- or two-dimensional, FKs of the same precision
//! taken together.

use super::joint::{Joint, Slice};
use super::lambda;
use super::member::Hyperparameters;
use super::{GroupMoments, LambdaPosterior, Unavailable, VarianceMoments, moments};
use crate::model::{Evidence, Hierarchy, NoiseVariance};
use crate::numeric::{CdfTable, NormalMixture, Rule, normal_cdf};
use crate::posterior::conditional_about;

/// Evaluations of one group's term that quadrature may cost: about a second.
const AFFORDABLE: f64 = 1e8;
/// Evaluations of the density that one integral over log σ²_FK takes, and integrals over it that
/// one integral over log σ²_obs takes, as counted.
const TYPICAL: (f64, f64) = (1500.0, 800.0);

/// Nodes of less probability are left out of quantiles: together they are rounding.
const LIGHT: f64 = 1e-17;

/// See [`ExactPosterior`](super::ExactPosterior), to which all methods belong.
#[derive(Debug, Clone)]
pub(super) struct Grouped {
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

impl Grouped {
    pub fn new(hierarchy: Hierarchy) -> Result<Self, Unavailable> {
        let groups = hierarchy.evidence.observed().count();
        let integrals = match hierarchy.noise {
            NoiseVariance::Sampled { .. } => TYPICAL.1,
            _ => 1.0,
        };
        if groups as f64 * integrals * TYPICAL.0 > AFFORDABLE {
            return Err(Unavailable::TooCostly { groups });
        }
        Self::integrate(hierarchy).ok_or(Unavailable::Unsettled)
    }

    fn integrate(hierarchy: Hierarchy) -> Option<Self> {
        let joint = Joint::new(hierarchy);
        let hierarchy = joint.hierarchy();
        let (slices, noise_grid) = match hierarchy.noise {
            NoiseVariance::PerFk { .. } => return None,
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
        let log_sigma2_fk = joint.marginal_of_log_t(&slices).for_quantiles();
        Some(Self {
            groups: moments::of_groups(hierarchy, &slices),
            location: moments::of_location(hierarchy, &slices),
            sigma2_fk: VarianceMoments::of_slices(&slices, has_mean, hierarchy.has_moment(2.0)),
            slices,
            log_sigma2_fk,
            sigma2_obs,
            joint,
        })
    }

    pub fn hierarchy(&self) -> &Hierarchy {
        self.joint.hierarchy()
    }

    pub fn evidence(&self) -> &Evidence {
        &self.hierarchy().evidence
    }

    pub fn slices(&self) -> &[Slice] {
        &self.slices
    }

    pub fn sigma2_fk(&self) -> VarianceMoments {
        self.sigma2_fk
    }

    pub fn sigma2_obs(&self) -> Option<VarianceMoments> {
        self.sigma2_obs.as_ref().map(|noise| noise.moments)
    }

    pub fn log_sigma2_fk_table(&self) -> &CdfTable {
        &self.log_sigma2_fk
    }

    /// Over the slices of constant σ²_obs.
    pub fn lambda(&self) -> Option<LambdaPosterior> {
        let hierarchy = self.joint.hierarchy();
        if !hierarchy.common_noise {
            return None;
        }
        let table = |slice: &Slice| match self.sigma2_obs {
            // The marginal's grid is finer.
            None => self.log_sigma2_fk.clone(),
            Some(_) => tabulate(&slice.rule),
        };
        let parts = self.slices.iter().map(|slice| lambda::Part {
            probability: slice.rule.log_total.exp(),
            log_noise: slice.sigma2_obs.ln(),
            log_t: table(slice),
        });
        let nodes = || {
            self.slices.iter().flat_map(|slice| {
                let log_noise = slice.sigma2_obs.ln();
                let nodes = slice.rule.x.iter().zip(&slice.rule.log_weight);
                nodes.map(move |(x, w)| (log_noise - x, *w))
            })
        };
        let moments = VarianceMoments::of_nodes(nodes, hierarchy.has_lambda_moment(1.0), false);
        Some(LambdaPosterior::new(moments.mean, parts.collect()))
    }

    pub fn log_sigma2_obs_table(&self) -> Option<&CdfTable> {
        self.sigma2_obs.as_ref().map(|noise| &noise.log)
    }

    pub fn moments(&self, k: usize) -> GroupMoments {
        self.groups[self.evidence().group_of(k)]
    }

    pub fn location(&self) -> Option<(f64, Option<f64>)> {
        let moments = self.location?;
        Some((
            self.evidence().center() + moments.pull,
            moments.total_pull_variance(),
        ))
    }

    /// P(α_k ≤ a | y): a mixture of normals over the nodes; mean and `a` about the evidence's centre.
    pub fn alpha_cdf(&self, k: usize, mean: f64, a: f64) -> f64 {
        let unit_variance = self.evidence().groups()[self.evidence().group_of(k)].unit_variance;
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

    /// The law of α_k about the evidence's centre: the same mixture, for its quantiles.
    pub fn alpha_law(&self, k: usize, mean: f64) -> NormalMixture {
        let unit_variance = self.evidence().groups()[self.evidence().group_of(k)].unit_variance;
        let slices = self.slices.iter();
        NormalMixture::new(slices.flat_map(|slice| {
            let s = slice.sigma2_obs * unit_variance;
            let heavy = slice.nodes.iter().filter(|node| node.weight > LIGHT);
            heavy.map(move |node| {
                let given = conditional_about(node.t, s, mean, node.location);
                (node.weight, given.mean, given.variance)
            })
        }))
    }

    /// The u-quantile of σ²_FK, and the v-quantile of σ²_obs given that.
    pub fn hyperparameters_at(&self, u: f64, v: f64) -> Hyperparameters {
        let log_t = self.log_sigma2_fk.quantile(u);
        let sigma2_obs = match &self.sigma2_obs {
            None => self.slices.first().map_or(f64::NAN, |s| s.sigma2_obs),
            Some(noise) => self
                .joint
                .noise_given_log_t(log_t, &noise.grid)
                .quantile(v)
                .exp(),
        };
        Hyperparameters {
            sigma2_fk: log_t.exp(),
            sigma2_obs,
            noise_scale: 0.0,
            location: 0.0,
        }
    }

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
