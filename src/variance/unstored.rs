//! What the draws of the shared parameters alone say of every importance.

mod grouped;
mod own_scales;

use super::{Decomposition, VarianceDraws};
use crate::data::{Data, ForeignKey};
use crate::model::Hierarchy;
use crate::numeric::{HALF_OF_90, NormalMixture, normal_cdf_by_table, normal_density};
use grouped::Grouped;
use own_scales::OwnScales;
use rand::Rng;
use std::cell::LazyCell;

/// The importances of FKs whose draws are not stored.
///
/// Quantiles and probabilities are those of a mixture of normals at some of the draws, evenly spaced in their
/// order by the noise over σ²_FK; where the moments exist, it is moved and stretched to those of more
/// draws.
#[derive(Debug, Clone)]
pub enum Unstored {
    /// FKs differ in their means and sampling variances alone.
    Grouped(Grouped),
    /// They have scales of their own, which are integrated out.
    OwnScales(Box<OwnScales>),
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
    /// From the draws of the shared parameters, of which `ranked` enter the ranking.
    #[must_use]
    pub fn new(hierarchy: &Hierarchy, draws: &VarianceDraws, ranked: &[usize]) -> Self {
        if hierarchy.has_own_scales() {
            Self::OwnScales(Box::new(OwnScales::new(hierarchy, draws, ranked)))
        } else {
            Self::Grouped(Grouped::new(hierarchy, draws, ranked))
        }
    }

    /// The importance of `fk`, which stands at place `k` of the hierarchy.
    #[must_use]
    pub fn importance(&self, hierarchy: &Hierarchy, (fk, k): (&ForeignKey, usize)) -> Known {
        match self {
            Self::Grouped(grouped) => grouped.importance(hierarchy, k, mean(hierarchy, fk, k)),
            Self::OwnScales(own) => own.importance(hierarchy, fk, k),
        }
    }

    /// Draws all importances of the hierarchy, by place, given the shared parameters in the draw of this number
    /// among those that enter the ranking; about the evidence's centre.
    pub fn draw(
        &self,
        hierarchy: &Hierarchy,
        data: &Data,
        draw: usize,
        rng: &mut impl Rng,
        into: &mut Vec<f64>,
    ) {
        into.clear();
        match self {
            Self::Grouped(grouped) => grouped.draw(&hierarchy.evidence, draw, rng, into),
            Self::OwnScales(own) => own.draw(hierarchy, data, draw, rng, into),
        }
    }
}

/// The mean score about the evidence's centre.
fn mean(hierarchy: &Hierarchy, fk: &ForeignKey, k: usize) -> f64 {
    let mean = fk.sample.mean().unwrap_or(0.0);
    hierarchy.evidence.about_center(k, mean)
}

/// (weight, mean, variance) of a normal.
type Normal = (f64, f64, f64);

impl Known {
    /// From the moments, and from normals that have about these.
    fn of(
        hierarchy: &Hierarchy,
        k: usize,
        (mean, decomposition): (f64, Decomposition),
        normals: impl Iterator<Item = Normal> + Clone,
    ) -> Self {
        let shape = Shape::of(normals.clone());
        let exists = hierarchy.has_importance_moment(k, 2.0);
        let (to, stretch) = if exists {
            (mean, (decomposition.full() / shape.variance).sqrt())
        } else {
            (shape.mean, 1.0)
        };
        // Made where the expansions do not do.
        let mixture = LazyCell::new(|| NormalMixture::new(normals.clone()));
        let sd = shape.variance.sqrt();
        let quantile = |(p, z): (f64, f64)| {
            let near = shape.bent(z);
            let standard = if shape.is_almost_normal() {
                near
            } else {
                (mixture.quantile(p, shape.mean + sd * near, sd) - shape.mean) / sd
            };
            to + stretch * sd * standard
        };
        // Zero before the mixture is moved and stretched, in standard deviations from its mean.
        let zero = (-hierarchy.evidence.center() - to) / (stretch * sd);
        Self {
            mean,
            decomposition,
            quantiles: [(0.05, -HALF_OF_90), (0.5, 0.0), (0.95, HALF_OF_90)].map(quantile),
            p_positive: if shape.is_almost_normal() && zero.abs() < FAR {
                shape.above(zero)
            } else {
                mixture.above(shape.mean + sd * zero)
            },
        }
    }
}

/// Standard deviations from the mean up to which [`Shape::above`] is taken: beyond, small probabilities would
/// lose their digits.
const FAR: f64 = 3.5;

/// The first four moments of a mixture.
#[derive(Debug, Clone, Copy)]
struct Shape {
    mean: f64,
    variance: f64,
    skewness: f64,
    /// In excess of the normal's.
    kurtosis: f64,
}

impl Shape {
    fn of(normals: impl Iterator<Item = Normal> + Clone) -> Self {
        let (mut total, mut mean) = (0.0, 0.0);
        for (weight, at, _) in normals.clone() {
            total += weight;
            mean += weight * at;
        }
        let share = 1.0 / total;
        mean *= share;
        let squares = normals
            .clone()
            .map(|(weight, at, own)| weight * (own + (at - mean).powi(2)));
        let variance = squares.sum::<f64>() * share;
        // Fourth powers of scores need not be numbers: those of standard deviations are.
        let (per_sd, per_variance) = (1.0 / variance.sqrt(), 1.0 / variance);
        let (mut third, mut fourth) = (0.0, 0.0);
        for (weight, at, own) in normals {
            let (off, own) = ((at - mean) * per_sd, own * per_variance);
            let square = off * off;
            third += weight * off * (3.0 * own + square);
            fourth += weight * (3.0 * own * own + square * (6.0 * own + square));
        }
        Self {
            mean,
            variance,
            skewness: third * share,
            kurtosis: fourth * share - 3.0,
        }
    }

    /// Whether [`bent`](Self::bent) is right to some 1e-5 standard deviations: terms of the third order are
    /// left out.
    fn is_almost_normal(&self) -> bool {
        self.skewness * self.skewness + self.kurtosis.abs() < 1e-3
    }

    /// About where the mixture has its quantile that is `z` in a standard normal, in standard deviations from
    /// its mean (Cornish & Fisher 1938); as in a normal where it is not much like one.
    fn bent(&self, z: f64) -> f64 {
        let (skewness, kurtosis) = (self.skewness, self.kurtosis);
        let is_alike = skewness * skewness + kurtosis.abs() <= 1.0;
        if !is_alike {
            return z;
        }
        z + (z * z - 1.0) * skewness / 6.0 + z * (z * z - 3.0) * kurtosis / 24.0
            - z * (2.0 * z * z - 5.0) * skewness * skewness / 36.0
    }

    /// About the probability of what is more than `z` standard deviations above the mean (Edgeworth 1905), where
    /// the mixture is almost normal.
    fn above(&self, z: f64) -> f64 {
        let (skewness, kurtosis, square) = (self.skewness, self.kurtosis, z * z);
        let bend = (square - 1.0) * skewness / 6.0
            + z * (square - 3.0) * kurtosis / 24.0
            + z * (square * (square - 10.0) + 15.0) * skewness * skewness / 72.0;
        normal_cdf_by_table(-z) + normal_density(z) * bend
    }
}

/// The middle of each of at most `count` equal parts of the draws in their order by `of`.
fn evenly<T: Copy>(draws: &[T], count: usize, of: impl Fn(&T) -> f64) -> Vec<T> {
    let mut order: Vec<(f64, usize)> = draws.iter().map(of).zip(0..).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = count.min(order.len());
    let middle = |i: usize| draws[order[(2 * i + 1) * order.len() / (2 * count)].1];
    (0..count).map(middle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Normals whose means and variances go together, nearly as far apart as may be.
    #[test]
    fn the_expansions_are_as_good_as_they_say() {
        for (apart, spread) in [(0.0, 0.018), (0.05, 0.012), (-0.07, 0.008), (0.1, 0.001)] {
            let place = |i: i32| f64::from(i - 5) / 10_f64.sqrt();
            let normal = |i: i32| (1.0, 3.0 + apart * place(i), (spread * place(i)).exp());
            let normals: Vec<Normal> = (0..11).map(normal).collect();
            let shape = Shape::of(normals.iter().copied());
            let mixture = NormalMixture::new(normals.into_iter());
            assert!(shape.is_almost_normal(), "{shape:?}");
            let sd = shape.variance.sqrt();
            for (p, z) in [(0.05, -HALF_OF_90), (0.5, 0.0), (0.95, HALF_OF_90)] {
                let quantile = mixture.quantile(p, shape.mean + sd * z, sd);
                let error = (shape.mean - quantile) / sd + shape.bent(z);
                assert!(error.abs() < 1e-5, "{p}: {error} {shape:?}");
            }
            for z in [-FAR, -1.0, 0.0, 2.0, FAR] {
                let above = mixture.above(shape.mean + sd * z);
                let error = shape.above(z) / above - 1.0;
                assert!(error.abs() < 1e-4, "{z}: {error} of {above} {shape:?}");
            }
        }
    }
}
