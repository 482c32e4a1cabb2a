//! Var(α_k | y) = E[V_k | y] + Var[μ_k | y], Rao-Blackwellised: averaged over draws of the variances.

use crate::diagnostics::{Workspace, mcse_mean_with};
use crate::model::{Evidence, Location};
use crate::numeric::normal_cdf;
use crate::posterior::{
    Conditional, LocationGiven, conditional, conditional_about, location_given,
};
use ndarray::{Array2, ArrayView2, Zip};

/// Draws of the variances, as (chain × draw), and what is known of the location given each.
#[derive(Debug, Clone)]
pub struct VarianceDraws {
    /// σ²_FK and σ²_obs.
    draws: Array2<(f64, f64)>,
    /// Given each draw; `None` where the location is zero.
    location: Option<Array2<LocationGiven>>,
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
    /// From draws of σ²_FK, and of σ²_obs where it is sampled.
    #[must_use]
    pub fn new(
        evidence: &Evidence,
        sigma2_fk: &Array2<f64>,
        sigma2_obs: Option<&Array2<f64>>,
        known_sigma2_obs: f64,
    ) -> Self {
        let draws = match sigma2_obs {
            None => sigma2_fk.mapv(|t| (t, known_sigma2_obs)),
            Some(noise) => Zip::from(sigma2_fk).and(noise).map_collect(|&t, &v| (t, v)),
        };
        let location = (evidence.location() == Location::Flat)
            .then(|| draws.mapv(|(t, noise)| location_given(evidence, t, noise)));
        Self { draws, location }
    }

    /// How many draws there are, over all chains.
    #[must_use]
    pub fn total(&self) -> usize {
        self.draws.len()
    }

    /// The conditional posterior of an importance in each draw, from the mean of its scores and their
    /// sampling variance per unit of noise; all means are about the evidence's centre.
    #[must_use]
    pub fn conditionals(&self, unit_variance: f64, mean: f64) -> Conditionals {
        Conditionals(match &self.location {
            None => self
                .draws
                .mapv(|(t, noise)| conditional(t, noise * unit_variance, mean)),
            Some(location) => {
                Zip::from(&self.draws)
                    .and(location)
                    .map_collect(|&(t, noise), &location| {
                        conditional_about(t, noise * unit_variance, mean, location)
                    })
            }
        })
    }
}

impl VarianceDraws {
    /// Each draw of an unknown location through the normal distribution function that it was drawn
    /// from; NaN where the location is zero.
    #[must_use]
    pub fn uniforms_of_location(&self, draws: ArrayView2<'_, f64>, center: f64) -> Array2<f64> {
        match &self.location {
            None => draws.mapv(|_| f64::NAN),
            Some(location) => Zip::from(location)
                .and(draws)
                .map_collect(|l, m| normal_cdf((m - center - l.mean) / l.variance.sqrt())),
        }
    }
}

/// The conditional posterior of one importance in each draw of the variances, as (chain × draw).
#[derive(Debug, Clone)]
pub struct Conditionals(Array2<Conditional>);

/// Draws that enter P(α > 0) at most: it is an average of smooth terms.
const MOST_TERMS: usize = 4000;

impl Conditionals {
    /// Decomposes the posterior variance.
    ///
    /// The error comes from the influence values V_k + (μ_k - E μ_k)², whose mean the sum is.
    #[must_use]
    pub fn decompose(&self, workspace: &mut Workspace) -> Decomposition {
        let size = self.0.len() as f64;
        let average = |f: &dyn Fn(&Conditional) -> f64| self.0.iter().map(f).sum::<f64>() / size;
        let center = average(&|c| c.mean);
        let influence = self.0.mapv(|c| c.variance + (c.mean - center).powi(2));
        Decomposition {
            shrinkage: average(&|c| c.shrinkage),
            expected_conditional: average(&|c| c.variance),
            variance_of_mean: average(&|c| (c.mean - center).powi(2)),
            mcse: mcse_mean_with(workspace, influence.view()),
        }
    }

    /// P(α_k > 0 | y), averaged over evenly spaced draws: smooth also where no draw is on the other
    /// side. `zero` is where 0 lies about the evidence's centre.
    #[must_use]
    pub fn p_positive(&self, zero: f64) -> f64 {
        let stride = self.0.len().div_ceil(MOST_TERMS).max(1);
        let terms = self.0.iter().step_by(stride);
        let count = terms.len() as f64;
        terms
            .map(|c| normal_cdf((c.mean - zero) / c.variance.sqrt()))
            .sum::<f64>()
            / count
    }

    /// Each draw of the importance through the distribution function that it was drawn from,
    /// Φ((α - μ_k)/√V_k): uniform whatever moments there are. `center` is the evidence's.
    #[must_use]
    pub fn uniforms(&self, draws: ArrayView2<'_, f64>, center: f64) -> Array2<f64> {
        Zip::from(&self.0)
            .and(draws)
            .map_collect(|c, a| normal_cdf((a - center - c.mean) / c.variance.sqrt()))
    }
}
