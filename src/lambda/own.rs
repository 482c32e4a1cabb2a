//! λ_k = σ²_obs,k/σ²_FK of every FK, where noise differs between FKs.

use crate::data::{Data, ForeignKey, Sample};
use crate::draws::Draws;
use crate::model::{Hierarchy, Noise, Role};
use crate::numeric::{finite, quantile_sorted};
use crate::posterior::ExactPosterior;
use serde::Serialize;

/// λ_k of one FK; what does not exist is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OwnLambda {
    /// The FK.
    pub fk: String,
    /// Number of scores n_k, where it is known.
    pub n: Option<u64>,
    /// Variance of its scores, σ̂²_obs,k; with a standard error given, n_k se².
    pub sigma2_obs: Option<f64>,
    /// σ̂²_obs,k/σ̂²_FK by marginal maximum likelihood; none at the boundary.
    pub lambda: Option<f64>,
    /// 5 % quantile of its posterior.
    pub q5: Option<f64>,
    /// Median.
    pub q50: Option<f64>,
    /// 95 % quantile.
    pub q95: Option<f64>,
}

/// What is known of the posterior of the variances.
#[derive(Debug, Clone, Copy)]
pub enum Known<'a> {
    /// Its draws.
    Draws(&'a Draws),
    /// That of σ²_FK by quadrature, where noise is known.
    Exactly(&'a ExactPosterior),
}

/// λ_k of every FK in input order; empty where noise is common. `sigma2_fk` is the plug-in estimate.
#[must_use]
pub fn own_lambdas(
    data: &Data,
    hierarchy: &Hierarchy,
    sigma2_fk: f64,
    known: Known<'_>,
) -> Vec<OwnLambda> {
    if hierarchy.common_noise {
        return Vec::new();
    }
    let row = |(fk, role): (&ForeignKey, &Role)| {
        let sigma2_obs = own_variance(fk);
        let in_hierarchy = matches!(role, Role::InHierarchy(_));
        let quantiles = if in_hierarchy {
            quantiles(&fk.name, sigma2_obs, hierarchy, known)
        } else {
            [None; 3]
        };
        OwnLambda {
            fk: fk.name.to_string(),
            n: fk.sample.n(),
            sigma2_obs,
            lambda: sigma2_obs
                .filter(|_| in_hierarchy)
                .and_then(|variance| finite(variance / sigma2_fk)),
            q5: quantiles[0],
            q50: quantiles[1],
            q95: quantiles[2],
        }
    };
    data.fks().iter().zip(&hierarchy.roles).map(row).collect()
}

fn own_variance(fk: &ForeignKey) -> Option<f64> {
    match fk.sample {
        Sample::Scores(stats) => stats.variance(),
        Sample::Estimate { n, se, .. } => n.map(|n| n as f64 * se * se),
    }
}

/// 5 %, 50 % and 95 % quantiles of λ_k: σ²_obs,k is `variance` where noise is taken as known, and drawn
/// elsewhere.
fn quantiles(
    fk: &str,
    variance: Option<f64>,
    hierarchy: &Hierarchy,
    known: Known<'_>,
) -> [Option<f64>; 3] {
    match known {
        Known::Exactly(exact) => {
            [0.95, 0.5, 0.05].map(|p| finite(variance? / exact.sigma2_fk_quantile(p)))
        }
        Known::Draws(draws) => {
            let known = variance.filter(|_| hierarchy.model.noise == Noise::PerFkFixed);
            let drawn = draws.get(&format!("sigma2_obs[{fk}]"));
            let mut lambdas: Vec<f64> = match (draws.get("sigma2_fk"), drawn, known) {
                (Some(t), Some(drawn), _) => drawn.iter().zip(&t).map(|(v, t)| v / t).collect(),
                (Some(t), None, Some(variance)) => t.iter().map(|t| variance / t).collect(),
                _ => Vec::new(),
            };
            lambdas.retain(|lambda| lambda.is_finite());
            lambdas.sort_unstable_by(f64::total_cmp);
            [0.05, 0.5, 0.95].map(|p| quantile_sorted(&lambdas, p))
        }
    }
}
