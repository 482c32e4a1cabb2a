//! Importances without scales of their own: FKs with one sampling variance share all averages.

use super::{Known, Normal, evenly};
use crate::model::{Evidence, Group, Hierarchy};
use crate::posterior::{LocationGiven, conditional_about};
use crate::variance::{Decomposition, VarianceDraws};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use rayon::prelude::*;
use std::borrow::Cow;

/// Draws that stand for all of them in quantiles and probabilities: the fewest and the most, and how
/// many of all FKs together, which takes a fraction of a second.
const FEWEST_NODES: usize = 8;
const MOST_NODES: usize = 256;
const NODES_OF_ALL: usize = 1 << 20;
/// Laws that are worked out once for all FKs of a group, at most; of more they are worked out FK by FK.
const MOST_LAWS: usize = 1 << 18;

/// Given the shared parameters an importance is normal, with a mean that is linear in ȳ_k and a variance
/// that does not depend on it: the averages over the draws, which are of all draws, are those of a group.
#[derive(Debug, Clone)]
pub struct Grouped {
    groups: Vec<Averages>,
    nodes: Laws,
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

/// What an importance of a group is given the shared parameters: N(B ȳ + A, V).
#[derive(Debug, Clone, Copy)]
struct Law {
    shrinkage: f64,
    offset: f64,
    variance: f64,
    sd: f64,
}

impl Law {
    fn new(at: &Shared, unit_variance: f64) -> Self {
        let none = conditional_about(at.t, at.noise * unit_variance, 0.0, at.location);
        Self {
            shrinkage: none.shrinkage,
            offset: none.mean,
            variance: none.variance,
            sd: none.variance.sqrt(),
        }
    }

    fn mean(&self, mean: f64) -> f64 {
        self.shrinkage * mean + self.offset
    }
}

/// The laws of each group in some of the draws.
#[derive(Debug, Clone)]
struct Laws {
    draws: Vec<Shared>,
    /// Group by group; empty where they are too many.
    known: Vec<Law>,
}

impl Laws {
    fn new(draws: Vec<Shared>, groups: &[Group]) -> Self {
        let known = if draws.len().saturating_mul(groups.len()) <= MOST_LAWS {
            let of_group = |group: &Group| {
                let unit_variance = group.unit_variance;
                draws.iter().map(move |at| Law::new(at, unit_variance))
            };
            groups.iter().flat_map(of_group).collect()
        } else {
            Vec::new()
        };
        Self { draws, known }
    }

    /// Those of one group, one for each draw.
    fn of(&self, evidence: &Evidence, group: usize) -> Cow<'_, [Law]> {
        let first = group * self.draws.len();
        match self.known.get(first..first + self.draws.len()) {
            Some(known) => Cow::Borrowed(known),
            None => {
                let unit_variance = evidence.groups()[group].unit_variance;
                let each = self.draws.iter();
                each.map(|at| Law::new(at, unit_variance)).collect()
            }
        }
    }
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
        let ranked = ranked.iter().filter_map(|&i| shared.get(i).copied());
        Self {
            nodes: Laws::new(evenly(&shared, count, |at| at.noise / at.t), groups),
            ranked: ranked.collect(),
            groups: groups
                .par_iter()
                .map(|group| Averages::new(&shared, group.unit_variance))
                .collect(),
        }
    }

    /// Importance `k` of the hierarchy, whose scores have the mean `mean` about the centre.
    pub fn importance(&self, hierarchy: &Hierarchy, k: usize, mean: f64) -> Known {
        let evidence = &hierarchy.evidence;
        let group = evidence.group_of(k);
        let over = &self.groups[group];
        let laws = self.nodes.of(evidence, group);
        let normal = |law: &Law| -> Normal { (1.0, law.mean(mean), law.variance) };
        let moments = (
            over.shrinkage * mean + over.offset,
            over.decomposition(mean),
        );
        Known::of(hierarchy, k, moments, laws.iter().map(normal))
    }

    /// Draws all importances by place, given the shared parameters in the draw of this number among those that
    /// enter the ranking; about the evidence's centre.
    pub fn draw(&self, evidence: &Evidence, draw: usize, rng: &mut impl Rng, into: &mut Vec<f64>) {
        into.resize(evidence.k(), 0.0);
        let mut members = evidence.means().iter().zip(evidence.place());
        for group in evidence.groups() {
            let law = Law::new(&self.ranked[draw], group.unit_variance);
            for (&mean, &place) in members.by_ref().take(group.count) {
                let z: f64 = rng.sample(StandardNormal);
                into[place] = law.mean(mean) + law.sd * z;
            }
        }
    }
}

impl Averages {
    fn new(shared: &[Shared], unit_variance: f64) -> Self {
        let laws = || shared.iter().map(|at| Law::new(at, unit_variance));
        let size = shared.len() as f64;
        let mut means = Self::default();
        for law in laws() {
            means.shrinkage += law.shrinkage / size;
            means.offset += law.offset / size;
            means.variance += law.variance / size;
        }
        for law in laws() {
            let b = law.shrinkage - means.shrinkage;
            let a = law.offset - means.offset;
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
