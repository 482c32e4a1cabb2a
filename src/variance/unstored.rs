//! What the draws of the shared parameters alone say of every importance.

use super::{Decomposition, VarianceDraws};
use crate::model::Hierarchy;
use crate::numeric::{NormalMixture, normal_quantile};
use crate::posterior::{Conditional, LocationGiven, conditional_about};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// Draws that stand for all of them in quantiles and probabilities: the fewest and the most, and how
/// many of all FKs together, which takes a fraction of a second.
const FEWEST_NODES: usize = 16;
const MOST_NODES: usize = 256;
const NODES_OF_ALL: usize = 1 << 20;

/// The importances of FKs whose draws are not stored.
///
/// Given the shared parameters an importance is normal, with a mean that is linear in ȳ_k and a variance
/// that does not depend on it: FKs with the same sampling variance share all averages over the draws,
/// which are of all draws. Quantiles and probabilities are those of a mixture of 16 to 256 normals, at draws
/// evenly spaced in their order by λ, moved and stretched to the mean and the variance of all.
#[derive(Debug, Clone)]
pub struct Unstored {
    groups: Vec<Averages>,
    nodes: Vec<Shared>,
    /// The draws from which ranks are taken.
    ranked: Vec<Shared>,
}

/// The shared parameters in one draw.
#[derive(Debug, Clone, Copy)]
struct Shared {
    t: f64,
    noise: f64,
    location: LocationGiven,
}

/// Averages over the draws for FKs of one sampling variance: μ = B ȳ + A.
#[derive(Debug, Clone, Copy, Default)]
struct Averages {
    shrinkage: f64,
    offset: f64,
    variance: f64,
    var_shrinkage: f64,
    var_offset: f64,
    covariance: f64,
}

/// What is known of one importance; means are about the evidence's centre.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// E[α_k | y].
    pub mean: f64,
    /// Var(α_k | y) in its parts.
    pub decomposition: Decomposition,
    /// 5 %, 50 % and 95 % quantiles.
    pub quantiles: [f64; 3],
    /// P(α_k > 0), in score units.
    pub p_positive: f64,
}

impl Unstored {
    /// From the draws of the shared parameters, of which `ranked` enter the ranking; the FKs must have
    /// no scales of their own.
    #[must_use]
    pub fn new(hierarchy: &Hierarchy, draws: &VarianceDraws, ranked: &[usize]) -> Self {
        let shared: Vec<Shared> = draws
            .shared()
            .map(|(t, noise, location)| Shared { t, noise, location })
            .collect();
        let mut order: Vec<usize> = (0..shared.len()).collect();
        let lambda = |i: usize| shared[i].noise / shared[i].t;
        order.sort_by(|&i, &j| lambda(i).total_cmp(&lambda(j)));
        let affordable = NODES_OF_ALL / hierarchy.evidence.k().max(1);
        let count = affordable.clamp(FEWEST_NODES, MOST_NODES).min(order.len());
        // The middle of each of `count` equal parts.
        let node = |i: usize| shared[order[(2 * i + 1) * order.len() / (2 * count)]];
        let groups = hierarchy.evidence.groups();
        Self {
            ranked: ranked
                .iter()
                .filter_map(|&i| shared.get(i).copied())
                .collect(),
            nodes: (0..count).map(node).collect(),
            groups: groups
                .par_iter()
                .map(|group| Averages::new(&shared, group.unit_variance))
                .collect(),
        }
    }

    /// Importance `k` of the hierarchy, whose scores have the mean `mean` about the centre `center`.
    #[must_use]
    pub fn importance(&self, hierarchy: &Hierarchy, k: usize, mean: f64, center: f64) -> Known {
        let group = hierarchy.evidence.group_of(k);
        let over = &self.groups[group];
        let decomposition = over.decomposition(mean);
        let target = (
            over.shrinkage * mean + over.offset,
            decomposition.full().sqrt(),
        );
        let unit_variance = hierarchy.evidence.groups()[group].unit_variance;
        let mixture = self.mixture(unit_variance, mean, target);
        let start = |p| target.0 + target.1 * normal_quantile(p);
        Known {
            mean: target.0,
            decomposition,
            quantiles: [0.05, 0.5, 0.95].map(|p| mixture.quantile(p, start(p), target.1)),
            p_positive: mixture.above(-center),
        }
    }

    /// Draws of the importance given the shared parameters, in each draw that enters the ranking; about
    /// the evidence's centre.
    #[must_use]
    pub fn draw(&self, hierarchy: &Hierarchy, k: usize, mean: f64, rng: &mut impl Rng) -> Vec<f64> {
        let evidence = &hierarchy.evidence;
        let unit_variance = evidence.groups()[evidence.group_of(k)].unit_variance;
        let mut drawn = Vec::with_capacity(self.ranked.len());
        for at in &self.ranked {
            let given = conditional_about(at.t, at.noise * unit_variance, mean, at.location);
            let z: f64 = rng.sample(StandardNormal);
            drawn.push(given.mean + given.variance.sqrt() * z);
        }
        drawn
    }

    /// The normals, moved and stretched together to the mean and sd that are wanted.
    fn mixture(&self, unit_variance: f64, mean: f64, target: (f64, f64)) -> NormalMixture {
        let given = self
            .nodes
            .iter()
            .map(|at| conditional_about(at.t, at.noise * unit_variance, mean, at.location));
        let given: Vec<Conditional> = given.collect();
        let average =
            |f: &dyn Fn(&Conditional) -> f64| given.iter().map(f).sum::<f64>() / given.len() as f64;
        let center = average(&|c| c.mean);
        let variance = average(&|c| c.variance + (c.mean - center).powi(2));
        let stretch = target.1 / variance.sqrt();
        let moved = |c: &Conditional| {
            let mean = target.0 + stretch * (c.mean - center);
            (1.0, mean, stretch * stretch * c.variance)
        };
        NormalMixture::new(given.iter().map(moved))
    }
}

impl Averages {
    fn new(shared: &[Shared], unit_variance: f64) -> Self {
        let given = |at: &Shared| {
            let none = conditional_about(at.t, at.noise * unit_variance, 0.0, at.location);
            (none.shrinkage, none.mean, none.variance)
        };
        let size = shared.len() as f64;
        let mut means = Self::default();
        for (b, a, v) in shared.iter().map(given) {
            means.shrinkage += b / size;
            means.offset += a / size;
            means.variance += v / size;
        }
        for (b, a, _) in shared.iter().map(given) {
            let (b, a) = (b - means.shrinkage, a - means.offset);
            means.var_shrinkage += b * b / size;
            means.var_offset += a * a / size;
            means.covariance += a * b / size;
        }
        means
    }

    fn decomposition(&self, mean: f64) -> Decomposition {
        Decomposition {
            shrinkage: self.shrinkage,
            expected_conditional: self.variance,
            variance_of_mean: mean * (mean * self.var_shrinkage + 2.0 * self.covariance)
                + self.var_offset,
            mcse: None,
        }
    }
}
