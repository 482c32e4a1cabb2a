//! Importances without scales of their own: FKs with one sampling variance share all averages.

use super::{Known, Normal, evenly};
use crate::model::Hierarchy;
use crate::posterior::{Conditional, LocationGiven, conditional_about};
use crate::variance::{Decomposition, VarianceDraws};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// Draws that stand for all of them in quantiles and probabilities: the fewest and the most, and how
/// many of all FKs together, which takes a fraction of a second.
const FEWEST_NODES: usize = 8;
const MOST_NODES: usize = 256;
const NODES_OF_ALL: usize = 1 << 20;

/// Given the shared parameters an importance is normal, with a mean that is linear in ȳ_k and a variance
/// that does not depend on it: the averages over the draws, which are of all draws, are those of a group.
#[derive(Debug, Clone)]
pub struct Grouped {
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

impl Grouped {
    /// From the draws of the shared parameters, of which `ranked` enter the ranking.
    pub fn new(hierarchy: &Hierarchy, draws: &VarianceDraws, ranked: &[usize]) -> Self {
        let shared: Vec<Shared> = draws
            .shared()
            .map(|(t, noise, location)| Shared { t, noise, location })
            .collect();
        let affordable = NODES_OF_ALL / hierarchy.evidence.k().max(1);
        let count = affordable.clamp(FEWEST_NODES, MOST_NODES);
        let groups = hierarchy.evidence.groups();
        Self {
            ranked: ranked
                .iter()
                .filter_map(|&i| shared.get(i).copied())
                .collect(),
            nodes: evenly(&shared, count, |at| at.noise / at.t),
            groups: groups
                .par_iter()
                .map(|group| Averages::new(&shared, group.unit_variance))
                .collect(),
        }
    }

    /// Importance `k` of the hierarchy, whose scores have the mean `mean` about the centre.
    pub fn importance(&self, hierarchy: &Hierarchy, k: usize, mean: f64) -> Known {
        let group = hierarchy.evidence.group_of(k);
        let over = &self.groups[group];
        let unit_variance = hierarchy.evidence.groups()[group].unit_variance;
        let normals: Vec<Normal> = self
            .nodes
            .iter()
            .map(|at| conditional_about(at.t, at.noise * unit_variance, mean, at.location))
            .map(|given: Conditional| (1.0, given.mean, given.variance))
            .collect();
        let moments = (
            over.shrinkage * mean + over.offset,
            over.decomposition(mean),
        );
        Known::of(hierarchy, k, moments, &normals)
    }

    /// Draws of the importance given the shared parameters, in each draw that enters the ranking; about
    /// the evidence's centre.
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
