//! What the scores say about the importances, as the hierarchy uses it.

use super::{Location, Unit};
use crate::numeric::{SortScratch, for_each_tie};
use std::sync::Arc;

/// FKs whose means have the same sampling variance enter the marginal likelihood of σ²_FK together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// Sampling variance of the mean per unit of noise variance, r = 1/n; infinite without scores.
    pub unit_variance: f64,
    /// How many FKs share it.
    pub count: usize,
    /// Σ ȳ_k over them, in score units, about the evidence's centre.
    pub sum_means: f64,
    /// Σ ȳ_k² over them, in squared score units, about the same centre.
    pub sum_sq_means: f64,
}

/// FKs in a [`Block`].
pub const BLOCK: usize = 8;

/// Means (about the centre) and weights 1/r_k of a few FKs, n_k under common noise: enough that
/// divisions and roots for one block run while normals for another are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Block {
    /// ȳ_k about the centre; 0 without scores.
    pub means: [f64; BLOCK],
    /// 1/r_k; 0 without scores.
    pub weights: [f64; BLOCK],
}

impl Block {
    fn filled((means, weights): (&[f64], &[f64])) -> Self {
        let mut block = Self::default();
        block.means[..means.len()].copy_from_slice(means);
        block.weights[..weights.len()].copy_from_slice(weights);
        block
    }
}

/// The means of the FKs in the hierarchy and their precision, grouped by precision.
///
/// The sampling variance of FK k's mean is s_k = σ²_obs · r_k, where r_k = 1/n_k under common noise.
/// Where every FK's noise is known on its own, r_k is s_k itself and σ²_obs is 1.
/// Where the location of the importances is unknown, means are held about their average, so that no
/// digits are lost when an offset is large; elsewhere the centre is 0.
/// FKs are sorted by group, so that a sweep runs through each group with its constants in registers.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    groups: Vec<Group>,
    location: Location,
    center: f64,
    /// ȳ_k about the centre, in group order; 0 where there is no score.
    means: Vec<f64>,
    /// The same with their weights, in blocks.
    blocks: Vec<Block>,
    /// Number of FKs with scores.
    observed: usize,
    /// For each FK in group order, its place among the FKs of the hierarchy; the same in any unit.
    place: Arc<Vec<usize>>,
    /// For each FK of the hierarchy, its group; the same in any unit.
    group_of: Arc<Vec<usize>>,
    /// Σ (n_k - 1): degrees of freedom of the within-FK sum of squares.
    degrees: f64,
    /// Within-FK sum of squares SSW.
    sum_sq: f64,
}

impl Group {
    fn empty(unit_variance: f64) -> Self {
        Self {
            unit_variance,
            count: 0,
            sum_means: 0.0,
            sum_sq_means: 0.0,
        }
    }

    fn add(&mut self, mean: f64) {
        self.count += 1;
        self.sum_means += mean;
        self.sum_sq_means += mean * mean;
    }
}

/// Average of the means that there are.
fn average(means_and_unit_variances: &[(f64, f64)]) -> f64 {
    let observed = means_and_unit_variances
        .iter()
        .filter(|(_, r)| r.is_finite());
    let count = observed.clone().count().max(1) as f64;
    observed.map(|(mean, _)| mean / count).sum()
}

impl Evidence {
    /// From (ȳ_k, r_k) per FK, the within-FK sum of squares with its degrees of freedom, and the
    /// location of the importances.
    #[must_use]
    pub fn new(
        means_and_unit_variances: &[(f64, f64)],
        (degrees, sum_sq): (f64, f64),
        location: Location,
    ) -> Self {
        let center = match location {
            Location::Zero => 0.0,
            Location::Flat => average(means_and_unit_variances),
        };
        let k = means_and_unit_variances.len();
        let (mut place, mut group_of) = (Vec::with_capacity(k), vec![0; k]);
        let (mut means, mut weights) = (Vec::with_capacity(k), Vec::with_capacity(k));
        let mut groups: Vec<Group> = Vec::new();
        let precedence: Vec<f64> = means_and_unit_variances.iter().map(|&(_, r)| -r).collect();
        for_each_tie(&precedence, &mut SortScratch::default(), |_, members| {
            let unit_variance = -precedence[members[0]];
            let mut group = Group::empty(unit_variance);
            for &k in members {
                let mean = if unit_variance.is_finite() {
                    means_and_unit_variances[k].0 - center
                } else {
                    0.0
                };
                group.add(mean);
                group_of[k] = groups.len();
                means.push(mean);
                weights.push(1.0 / unit_variance);
            }
            place.extend_from_slice(members);
            groups.push(group);
        });
        Self {
            groups,
            location,
            center,
            observed: weights.iter().filter(|&&weight| weight > 0.0).count(),
            blocks: means
                .chunks(BLOCK)
                .zip(weights.chunks(BLOCK))
                .map(Block::filled)
                .collect(),
            means,
            place: Arc::new(place),
            group_of: Arc::new(group_of),
            degrees,
            sum_sq,
        }
    }

    /// The same means seen about another location.
    #[must_use]
    pub fn about(&self, location: Location) -> Self {
        let mut means = vec![(0.0, f64::INFINITY); self.k()];
        for (mean, &place) in self.means.iter().zip(self.place()) {
            let unit_variance = self.groups[self.group_of[place]].unit_variance;
            means[place] = (self.center + mean, unit_variance);
        }
        Self::new(&means, (self.degrees, self.sum_sq), location)
    }

    /// The same with means in another unit, and with r_k in its square where they are not plain
    /// reciprocals of counts.
    pub(super) fn in_unit(&self, unit: Unit, common_noise: bool) -> Self {
        let weight = match common_noise {
            true => 1.0,
            false => unit.restore_square(1.0),
        };
        let block = |block: &Block| Block {
            means: block.means.map(|mean| unit.reduce(mean)),
            weights: block.weights.map(|w| w * weight),
        };
        Self {
            means: self.means.iter().map(|mean| unit.reduce(*mean)).collect(),
            blocks: self.blocks.iter().map(block).collect(),
            ..self.groups_in_unit(unit, common_noise)
        }
    }

    /// The same without the mean of each FK.
    pub(super) fn groups_in_unit(&self, unit: Unit, common_noise: bool) -> Self {
        let square = |x| unit.reduce_square(x);
        let r = match common_noise {
            true => 1.0,
            false => square(1.0),
        };
        let group = |group: &Group| Group {
            unit_variance: group.unit_variance * r,
            count: group.count,
            sum_means: unit.reduce(group.sum_means),
            sum_sq_means: square(group.sum_sq_means),
        };
        Self {
            groups: self.groups.iter().map(group).collect(),
            location: self.location,
            center: unit.reduce(self.center),
            means: Vec::new(),
            blocks: Vec::new(),
            observed: self.observed,
            place: Arc::clone(&self.place),
            group_of: Arc::clone(&self.group_of),
            degrees: self.degrees,
            sum_sq: square(self.sum_sq),
        }
    }

    /// Number of FKs in the hierarchy, K.
    #[must_use]
    pub fn k(&self) -> usize {
        self.place.len()
    }

    /// Number of FKs in the hierarchy that have scores, K'.
    #[must_use]
    pub fn k_observed(&self) -> usize {
        self.observed
    }

    /// The groups, by increasing sampling variance.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The groups that have scores: those that say something about σ²_FK.
    pub fn observed(&self) -> impl Iterator<Item = &Group> {
        self.groups
            .iter()
            .filter(|group| group.unit_variance.is_finite())
    }

    /// The location of the importances.
    #[must_use]
    pub fn location(&self) -> Location {
        self.location
    }

    /// What was subtracted from every mean, in score units.
    #[must_use]
    pub fn center(&self) -> f64 {
        self.center
    }

    /// The mean of FK `k` of the hierarchy about the centre; 0 without scores.
    #[must_use]
    pub fn about_center(&self, k: usize, mean: f64) -> f64 {
        if self.groups[self.group_of[k]].unit_variance.is_finite() {
            mean - self.center
        } else {
            0.0
        }
    }

    /// ȳ_k about the centre, in group order.
    #[must_use]
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// Means and weights in group order, in blocks of a fixed size; the last is filled up with FKs
    /// without scores.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// For each FK in group order, its place among the FKs of the hierarchy.
    #[must_use]
    pub fn place(&self) -> &[usize] {
        &self.place
    }

    /// For each FK of the hierarchy, its index in group order.
    #[must_use]
    pub fn index_of_place(&self) -> Vec<usize> {
        let mut indices = vec![0; self.k()];
        for (index, &place) in self.place.iter().enumerate() {
            indices[place] = index;
        }
        indices
    }

    /// The group of FK `k` of the hierarchy.
    #[must_use]
    pub fn group_of(&self, k: usize) -> usize {
        self.group_of[k]
    }

    /// Degrees of freedom N - K' of the within-FK sum of squares, and that sum (SSW).
    #[must_use]
    pub fn within(&self) -> (f64, f64) {
        (self.degrees, self.sum_sq)
    }
}
