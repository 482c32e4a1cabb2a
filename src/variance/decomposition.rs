//! Var(α_k | y) = E[V_k | y] + Var[μ_k | y], Rao-Blackwellised: averaged over draws of the variances.

use crate::diagnostics::{Workspace, diagnose_with};
use crate::numeric::normal_cdf;
use crate::posterior::conditional;
use ndarray::{Array2, Zip};

/// Draws of the variances, as (chain × draw).
#[derive(Debug, Clone)]
pub struct VarianceDraws {
    /// σ²_FK.
    pub sigma2_fk: Array2<f64>,
    /// σ²_obs where it is sampled.
    pub sigma2_obs: Option<Array2<f64>>,
    /// σ²_obs where it is not.
    pub known_sigma2_obs: f64,
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
    /// Calls `f(t, σ²_obs)` for each draw.
    fn map(&self, f: impl Fn(f64, f64) -> f64) -> Array2<f64> {
        match &self.sigma2_obs {
            None => self.sigma2_fk.mapv(|t| f(t, self.known_sigma2_obs)),
            Some(noise) => Zip::from(&self.sigma2_fk)
                .and(noise)
                .map_collect(|&t, &v| f(t, v)),
        }
    }

    /// Decomposes the variance of an importance whose scores have the mean `mean`, with sampling
    /// variance `unit_variance` per unit of noise.
    ///
    /// The error comes from the influence values V_k + (μ_k - E μ_k)², whose mean the sum is.
    #[must_use]
    pub fn decompose(
        &self,
        unit_variance: f64,
        mean: f64,
        workspace: &mut Workspace,
    ) -> Decomposition {
        let shrinkages = self.map(|t, noise| conditional(t, noise * unit_variance, 0.0).shrinkage);
        let variances = self.map(|t, noise| conditional(t, noise * unit_variance, 0.0).variance);
        let size = shrinkages.len() as f64;
        let shrinkage = shrinkages.sum() / size;
        let influence = Zip::from(&shrinkages)
            .and(&variances)
            .map_collect(|&b, &v| v + (mean * (b - shrinkage)).powi(2));
        let expected_conditional = variances.sum() / size;
        let spread: f64 = shrinkages.iter().map(|b| (b - shrinkage).powi(2)).sum();
        Decomposition {
            shrinkage,
            expected_conditional,
            variance_of_mean: mean * mean * spread / size,
            mcse: diagnose_with(workspace, influence.view()).mcse_mean,
        }
    }

    /// P(α_k > 0 | y), averaged over the chosen draws: smooth also where no draw is on the other
    /// side.
    #[must_use]
    pub fn p_positive(&self, unit_variance: f64, mean: f64, chosen: &[usize]) -> f64 {
        if unit_variance.is_infinite() {
            return 0.5;
        }
        let noise = self.sigma2_obs.as_ref().and_then(|noise| noise.as_slice());
        let Some(t) = self.sigma2_fk.as_slice() else {
            return f64::NAN;
        };
        let terms = chosen.iter().filter_map(|&i| {
            let noise = match noise {
                None => self.known_sigma2_obs,
                Some(noise) => *noise.get(i)?,
            };
            let given = conditional(*t.get(i)?, noise * unit_variance, mean);
            Some(normal_cdf(given.mean / given.variance.sqrt()))
        });
        terms.sum::<f64>() / chosen.len().max(1) as f64
    }
}
