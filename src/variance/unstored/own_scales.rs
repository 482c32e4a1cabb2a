//! Importances with noise variances or mixing scales of their own, which are integrated out.

use super::{Known, Normal, evenly, mean};
use crate::data::{Data, FkStats, ForeignKey, Sample};
use crate::model::{Hierarchy, NoiseVariance, Role};
use crate::posterior::{
    Conditional, Fineness, FkNoise, Hyperparameters, Law, conditional, deviation,
};
use crate::variance::{Decomposition, VarianceDraws};
use rand::Rng;

/// Draws in the moments of an importance: the fewest, and how many values of its scales all FKs may
/// take there, which is a second or so. Where FKs are many, what they share is known well, and its draws
/// are alike.
const FEWEST_IN_MOMENTS: usize = 8;
const SCALES_IN_MOMENTS: usize = 1 << 26;
/// The same of its quantiles and probabilities: the fewest and the most.
const IN_QUANTILES: (usize, usize) = (4, 256);
const SCALES_IN_QUANTILES: usize = 1 << 22;
/// Values of an FK's scales in one draw, about.
const SCALES: usize = 32;
/// Normals of less weight than this do not count.
const LIGHT: f64 = 1e-9;

/// Given the shared parameters FKs are independent, and the scales of each a sum over nodes.
#[derive(Debug, Clone)]
pub struct OwnScales {
    law: Law,
    /// Draws for the moments.
    many: Vec<Hyperparameters>,
    /// Draws for quantiles and probabilities.
    few: Vec<Hyperparameters>,
    /// The draws from which ranks are taken.
    ranked: Vec<Hyperparameters>,
}

impl OwnScales {
    /// From the draws of the shared parameters, of which `ranked` enter the ranking.
    pub fn new(hierarchy: &Hierarchy, draws: &VarianceDraws, ranked: &[usize]) -> Self {
        let shared: Vec<Hyperparameters> = draws.hyperparameters().collect();
        let law = Law::new(hierarchy, Fineness::Coarse);
        let scales = if law.has_two_scales() {
            SCALES * SCALES
        } else {
            SCALES
        };
        let per_draw = scales * hierarchy.evidence.k().max(1);
        let (fewest, most) = IN_QUANTILES;
        let noise_over_t = |at: &Hyperparameters| {
            // σ²_obs is of no unit where FKs have their own.
            let own = at.noise_scale > 0.0;
            (if own { at.noise_scale } else { at.sigma2_obs }) / at.sigma2_fk
        };
        let chosen = |count: usize| evenly(&shared, count, noise_over_t);
        Self {
            many: chosen((SCALES_IN_MOMENTS / per_draw).max(FEWEST_IN_MOMENTS)),
            few: chosen((SCALES_IN_QUANTILES / per_draw).clamp(fewest, most)),
            ranked: ranked
                .iter()
                .filter_map(|&i| shared.get(i).copied())
                .collect(),
            law,
        }
    }

    pub fn importance(&self, hierarchy: &Hierarchy, fk: &ForeignKey, k: usize) -> Known {
        let (noise, scores) = self.observed(hierarchy, fk, k);
        let normals: Vec<Normal> = self
            .few
            .iter()
            .flat_map(|at| self.normals(at, &noise, &scores))
            .collect();
        Known::of(
            hierarchy,
            k,
            self.moments(&noise, &scores),
            normals.iter().copied(),
        )
    }

    pub fn draw(
        &self,
        hierarchy: &Hierarchy,
        data: &Data,
        draw: usize,
        rng: &mut impl Rng,
        into: &mut Vec<f64>,
    ) {
        let at = &self.ranked[draw];
        for (fk, role) in data.fks().iter().zip(&hierarchy.roles) {
            if let Role::InHierarchy(k) = *role {
                let (noise, scores) = self.observed(hierarchy, fk, k);
                into.push(self.law.draw(at, &noise, &scores, rng).alpha);
            }
        }
    }

    /// What the law takes of an FK; where its sampling variance is known, that is all.
    fn observed(&self, hierarchy: &Hierarchy, fk: &ForeignKey, k: usize) -> (FkNoise, FkStats) {
        let mean = mean(hierarchy, fk, k);
        match (hierarchy.noise, fk.sample) {
            (
                NoiseVariance::PerFk { .. } | NoiseVariance::Sampled { .. },
                Sample::Scores(stats),
            ) => {
                let scores = FkStats::from_parts(stats.n(), mean, stats.sum_sq());
                (self.law.noise_at(stats.n()), scores)
            }
            _ => {
                // One score that says as much as all of them, or none.
                let s = hierarchy.sampling_variance(k, hierarchy.sigma2_obs);
                let n = u64::from(s.is_finite());
                (FkNoise::Fixed(s), FkStats::from_parts(n, mean, 0.0))
            }
        }
    }

    /// The mean, and the variance in its parts: V_k and μ_k are given σ²_FK and the variance of a score.
    fn moments(&self, noise: &FkNoise, scores: &FkStats) -> (f64, Decomposition) {
        let given: Vec<(f64, Conditional)> = self
            .many
            .iter()
            .flat_map(|at| self.law.given_noise(at, noise, scores))
            .collect();
        let size = self.many.len() as f64;
        let average = |of: &dyn Fn(&Conditional) -> f64| {
            given.iter().map(|(w, one)| w * of(one)).sum::<f64>() / size
        };
        let mean = average(&|one| one.mean);
        let decomposition = Decomposition {
            shrinkage: average(&|one| one.shrinkage),
            expected_conditional: average(&|one| one.variance),
            variance_of_mean: average(&|one| (one.mean - mean).powi(2)),
            mcse: None,
        };
        (mean, decomposition)
    }

    /// The law of the importance given the shared parameters.
    fn normals(
        &self,
        at: &Hyperparameters,
        noise: &FkNoise,
        scores: &FkStats,
    ) -> impl Iterator<Item = Normal> {
        let (n, mean, location) = (scores.n() as f64, deviation(at, scores), at.location);
        let scales = self.law.posterior_scales(at, noise, scores).into_iter();
        scales.filter(|one| one.weight > LIGHT).map(move |one| {
            let given = conditional(one.t, one.noise / n, mean);
            (one.weight, location + given.mean, given.variance)
        })
    }
}
