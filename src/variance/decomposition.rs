//! Var(α_k | y) = E[V_k | y] + Var[μ_k | y], Rao-Blackwellised: averaged over draws of the variances.

use crate::diagnostics::{Workspace, diagnose_with};
use crate::model::{Evidence, Location};
use crate::numeric::normal_cdf;
use crate::posterior::{
    Conditional, LocationGiven, conditional, conditional_about, location_given,
};
use ndarray::{Array2, Zip};

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

    /// The conditional posterior of an importance in each draw. `mean` is about the evidence's
    /// centre, and so are the conditional means.
    fn conditionals(&self, unit_variance: f64, mean: f64) -> Array2<Conditional> {
        match &self.location {
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
        }
    }

    /// Decomposes the variance of an importance whose scores have the mean `mean` (about the
    /// evidence's centre), with sampling variance `unit_variance` per unit of noise.
    ///
    /// The error comes from the influence values V_k + (μ_k - E μ_k)², whose mean the sum is.
    #[must_use]
    pub fn decompose(
        &self,
        unit_variance: f64,
        mean: f64,
        workspace: &mut Workspace,
    ) -> Decomposition {
        let given = self.conditionals(unit_variance, mean);
        let size = given.len() as f64;
        let average = |f: &dyn Fn(&Conditional) -> f64| given.iter().map(f).sum::<f64>() / size;
        let center = average(&|c| c.mean);
        let influence = given.mapv(|c| c.variance + (c.mean - center).powi(2));
        Decomposition {
            shrinkage: average(&|c| c.shrinkage),
            expected_conditional: average(&|c| c.variance),
            variance_of_mean: average(&|c| (c.mean - center).powi(2)),
            mcse: diagnose_with(workspace, influence.view()).mcse_mean,
        }
    }

    /// P(α_k > 0 | y), averaged over the chosen draws: smooth also where no draw is on the other
    /// side. `zero` is where 0 lies about the evidence's centre.
    #[must_use]
    pub fn p_positive(&self, unit_variance: f64, mean: f64, zero: f64, chosen: &[usize]) -> f64 {
        let given = self.conditionals(unit_variance, mean);
        let Some(given) = given.as_slice() else {
            return f64::NAN;
        };
        let terms = chosen.iter().filter_map(|&i| {
            let c = given.get(i)?;
            Some(normal_cdf((c.mean - zero) / c.variance.sqrt()))
        });
        terms.sum::<f64>() / chosen.len().max(1) as f64
    }
}
