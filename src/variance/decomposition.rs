//! Var(α_k | y) = E[V_k | y] + Var[μ_k | y], Rao-Blackwellised: averaged over draws of the variances.

use crate::diagnostics::{Workspace, mcse_mean_with};
use crate::model::Hierarchy;
use crate::numeric::{normal_cdf, normal_cdf_by_table};
use crate::posterior::{
    Conditional, Fineness, Hyperparameters, LocationGiven, MixingScales, conditional_about,
    location_given, mix, mixed_cdf,
};
use ndarray::{Array2, ArrayView2, Zip};

/// Draws of the variances, as (chain × draw), and what is known of the location given each.
#[derive(Debug, Clone)]
pub struct VarianceDraws {
    /// σ²_FK.
    sigma2_fk: Array2<f64>,
    /// σ²_obs; 1 where every FK's sampling variance is known, or drawn, on its own.
    sigma2_obs: Array2<f64>,
    /// Given each draw; 0 where the location is zero.
    location: Array2<LocationGiven>,
    /// d₀, where there is one.
    d0: Option<Array2<f64>>,
    /// Student-t importances: their mixing scales are integrated out here, as they are not kept.
    mixing: Option<MixingScales>,
}

/// Columns of draws, each (chain × draw).
#[derive(Debug, Clone)]
pub struct HyperparameterDraws {
    /// σ²_FK.
    pub sigma2_fk: Array2<f64>,
    /// σ²_obs where it is sampled in common.
    pub sigma2_obs: Option<Array2<f64>>,
    /// The location where it is unknown, in score units.
    pub location: Option<Array2<f64>>,
    /// The common scale d₀ of noise variances that FKs have of their own.
    pub d0: Option<Array2<f64>>,
}

/// The posterior variance of one importance and its two parts, in squared score units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decomposition {
    /// E[B_k | y].
    pub shrinkage: f64,
    /// E[V_k | y].
    pub expected_conditional: f64,
    /// Var[μ_k | y].
    pub variance_of_mean: f64,
    /// Monte-Carlo standard error of their sum.
    pub mcse: Option<f64>,
}

impl Decomposition {
    /// Their sum, Var(α_k | y).
    #[must_use]
    pub fn full(&self) -> f64 {
        self.expected_conditional + self.variance_of_mean
    }
}

impl VarianceDraws {
    /// From draws of the hyperparameters.
    ///
    /// An unknown location is integrated out where its law given the variances is normal and known;
    /// with noise or mixing scales of the FKs' own it is taken as drawn.
    #[must_use]
    pub fn new(hierarchy: &Hierarchy, draws: HyperparameterDraws) -> Self {
        let evidence = &hierarchy.evidence;
        let sigma2_obs = draws
            .sigma2_obs
            .unwrap_or_else(|| draws.sigma2_fk.mapv(|_| hierarchy.sigma2_obs));
        let as_drawn = |m: f64| LocationGiven {
            mean: m - evidence.center(),
            variance: 0.0,
        };
        let location = match draws.location {
            Some(drawn) if hierarchy.has_own_scales() => drawn.mapv(as_drawn),
            _ => Zip::from(&draws.sigma2_fk)
                .and(&sigma2_obs)
                .map_collect(|&t, &noise| location_given(evidence, t, noise)),
        };
        Self {
            sigma2_fk: draws.sigma2_fk,
            sigma2_obs,
            location,
            d0: draws.d0,
            mixing: hierarchy
                .nu()
                .map(|nu| MixingScales::new(nu, Fineness::Coarse)),
        }
    }

    /// σ²_FK, σ²_obs and what is known of the location in every draw, all chains one after the other.
    pub(super) fn shared(&self) -> impl Iterator<Item = (f64, f64, LocationGiven)> + '_ {
        let pairs = self.sigma2_fk.iter().zip(&self.sigma2_obs);
        let each = pairs.zip(&self.location);
        each.map(|((&t, &noise), &location)| (t, noise, location))
    }

    /// The shared parameters of every draw, all chains one after the other; the location is the mean of
    /// what is known of it.
    pub(super) fn hyperparameters(&self) -> impl Iterator<Item = Hyperparameters> + '_ {
        let d0 = self.d0.iter().flatten().copied();
        let d0 = d0.chain(std::iter::repeat(0.0));
        let each = self.shared().zip(d0);
        each.map(
            |((sigma2_fk, sigma2_obs, location), noise_scale)| Hyperparameters {
                sigma2_fk,
                sigma2_obs,
                noise_scale,
                location: location.mean,
            },
        )
    }

    /// How many draws there are, over all chains.
    #[must_use]
    pub fn total(&self) -> usize {
        self.sigma2_fk.len()
    }

    /// Draws of the sampling variance of an FK that has `unit_variance` per unit of common noise.
    #[must_use]
    pub fn sampling_variances(&self, unit_variance: f64) -> Array2<f64> {
        self.sigma2_obs.mapv(|noise| noise * unit_variance)
    }

    /// The conditional posterior of an importance in each draw, from the mean of its scores, about
    /// the evidence's centre, and draws of their sampling variance.
    #[must_use]
    pub fn conditionals(&self, s: Array2<f64>, mean: f64) -> Conditionals<'_> {
        let given = Zip::from(&self.sigma2_fk)
            .and(&s)
            .and(&self.location)
            .map_collect(|&t, &s, &location| match &self.mixing {
                None => conditional_about(t, s, mean, location),
                Some(mixing) => {
                    let mixed = mix(mean - location.mean, mixing.components(t, s));
                    Conditional {
                        shrinkage: mixed.shrinkage,
                        mean: location.mean + mixed.mean,
                        variance: mixed.variance,
                    }
                }
            });
        Conditionals {
            draws: self,
            s,
            mean,
            given,
        }
    }

    /// Each draw of an unknown location through the normal distribution function that it was drawn
    /// from; `None` where that is not known.
    #[must_use]
    pub fn uniforms_of_location(
        &self,
        draws: ArrayView2<'_, f64>,
        center: f64,
    ) -> Option<Array2<f64>> {
        let known = self.location.iter().all(|l| l.variance > 0.0);
        known.then(|| {
            Zip::from(&self.location)
                .and(draws)
                .map_collect(|l, m| normal_cdf((m - center - l.mean) / l.variance.sqrt()))
        })
    }
}

/// The conditional posterior of one importance in each draw of the variances, as (chain × draw).
#[derive(Debug, Clone)]
pub struct Conditionals<'a> {
    draws: &'a VarianceDraws,
    /// Its sampling variance.
    s: Array2<f64>,
    /// The mean of its scores about the evidence's centre.
    mean: f64,
    given: Array2<Conditional>,
}

/// Draws that enter P(α > 0) at most: it is an average of smooth terms.
const MOST_TERMS: usize = 4000;
/// Draws that are enough where they hardly differ: where the standard error is this share of the smaller of the
/// probability and its complement, as among many FKs.
const FEW_TERMS: usize = 256;
const ALIKE: f64 = 1e-3;

impl Conditionals<'_> {
    /// Shrinkage, mean (about the evidence's centre) and variance in each draw, as (chain × draw).
    #[must_use]
    pub fn given(&self) -> &Array2<Conditional> {
        &self.given
    }

    /// Decomposes the posterior variance.
    ///
    /// The error comes from the influence values V_k + (μ_k - E μ_k)², whose mean the sum is.
    #[must_use]
    pub fn decompose(&self, workspace: &mut Workspace) -> Decomposition {
        let size = self.given.len() as f64;
        let average =
            |f: &dyn Fn(&Conditional) -> f64| self.given.iter().map(f).sum::<f64>() / size;
        let center = average(&|c| c.mean);
        let influence = self.given.mapv(|c| c.variance + (c.mean - center).powi(2));
        Decomposition {
            shrinkage: average(&|c| c.shrinkage),
            expected_conditional: average(&|c| c.variance),
            variance_of_mean: average(&|c| (c.mean - center).powi(2)),
            mcse: mcse_mean_with(workspace, influence.view()),
        }
    }

    /// P(α_k ≤ a) in the draw (chain, draw), to within 2e-10; `a` is about the evidence's centre.
    fn cdf(&self, at: (usize, usize), a: f64) -> f64 {
        let given = self.given[at];
        match &self.draws.mixing {
            None => normal_cdf_by_table((a - given.mean) / given.variance.sqrt()),
            Some(mixing) => {
                let m = self.draws.location[at].mean;
                let components = mixing.components(self.draws.sigma2_fk[at], self.s[at]);
                mixed_cdf(self.mean - m, a - m, components)
            }
        }
    }

    /// P(α_k > a) in the same draw, which keeps its digits where it is small.
    fn above(&self, at: (usize, usize), a: f64) -> f64 {
        let given = self.given[at];
        match &self.draws.mixing {
            None => normal_cdf((given.mean - a) / given.variance.sqrt()),
            Some(mixing) => {
                let m = self.draws.location[at].mean;
                let components = mixing.components(self.draws.sigma2_fk[at], self.s[at]);
                mixed_cdf(m - self.mean, m - a, components)
            }
        }
    }

    /// P(α_k > 0 | y), averaged over evenly spaced draws: smooth also where no draw is on the other
    /// side. `zero` is where 0 lies about the evidence's centre.
    #[must_use]
    pub fn p_positive(&self, zero: f64) -> f64 {
        let (few, error) = self.average_above(zero, FEW_TERMS);
        if error < ALIKE * few.min(1.0 - few) {
            return few;
        }
        self.average_above(zero, MOST_TERMS).0
    }

    /// The average over so many draws, evenly spaced, with the standard error that it had if they were
    /// independent.
    fn average_above(&self, zero: f64, terms: usize) -> (f64, f64) {
        let draws = self.given.dim().1;
        let places = (0..self.given.len()).step_by(self.given.len().div_ceil(terms).max(1));
        let count = places.len() as f64;
        let above: Vec<f64> = places
            .map(|i| self.above((i / draws, i % draws), zero))
            .collect();
        let mean = above.iter().sum::<f64>() / count;
        let squares = above.iter().map(|term| (term - mean).powi(2));
        (mean, squares.sum::<f64>().sqrt() / count)
    }

    /// Each draw of the importance through the distribution function that it was drawn from, for
    /// normal importances Φ((α - μ_k)/√V_k): uniform whatever moments there are. `center` is the
    /// evidence's.
    #[must_use]
    pub fn uniforms(&self, draws: ArrayView2<'_, f64>, center: f64) -> Array2<f64> {
        Array2::from_shape_fn(draws.dim(), |at| self.cdf(at, draws[at] - center))
    }
}
