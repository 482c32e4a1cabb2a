//! Posterior moments as sums over the nodes.

use super::joint::Slice;
use crate::model::Evidence;
use crate::numeric::{Rule, finite};

/// Moments, over the posterior of the variances, of what the conditional posterior of an importance
/// depends on; shared by all FKs with the same precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupMoments {
    /// E[B_k | y].
    pub shrinkage: f64,
    /// Var[B_k | y].
    pub shrinkage_variance: f64,
    /// E[V_k | y], in squared score units; without scores it is E[σ²_FK | y], which may not exist.
    pub conditional_variance: Option<f64>,
}

/// Mean and standard deviation of a variance, where they exist.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VarianceMoments {
    /// Mean, in squared score units.
    pub mean: Option<f64>,
    /// Standard deviation, in the same units.
    pub sd: Option<f64>,
}

impl VarianceMoments {
    pub(super) fn of_slices(slices: &[Slice], has_mean: bool, has_sd: bool) -> Self {
        let nodes = || {
            slices.iter().flat_map(|s| {
                s.rule
                    .x
                    .iter()
                    .copied()
                    .zip(s.rule.log_weight.iter().copied())
            })
        };
        Self::of_nodes(nodes, has_mean, has_sd)
    }

    pub(super) fn of_rule(rule: &Rule, has_mean: bool, has_sd: bool) -> Self {
        let nodes = || {
            rule.x
                .iter()
                .copied()
                .zip(rule.log_weight.iter().map(|w| w - rule.log_total))
        };
        Self::of_nodes(nodes, has_mean, has_sd)
    }

    /// Each term is formed in logs, as e^x alone may overflow where its weight makes it negligible.
    fn of_nodes<I: Iterator<Item = (f64, f64)>>(
        nodes: impl Fn() -> I,
        has_mean: bool,
        has_sd: bool,
    ) -> Self {
        let mean: f64 = nodes().map(|(x, w)| (w + x).exp()).sum();
        let variance: f64 = nodes()
            .map(|(x, w)| ((0.5 * w + x).exp() - (0.5 * w).exp() * mean).powi(2))
            .sum();
        Self {
            mean: finite(mean).filter(|_| has_mean),
            sd: finite(variance.sqrt()).filter(|_| has_sd),
        }
    }
}

/// The moments of every group.
pub(super) fn of_groups(
    evidence: &Evidence,
    slices: &[Slice],
    has_mean: bool,
) -> Vec<GroupMoments> {
    evidence
        .groups()
        .iter()
        .map(|g| of_group(g.unit_variance, slices, has_mean))
        .collect()
}

fn of_group(unit_variance: f64, slices: &[Slice], has_mean: bool) -> GroupMoments {
    if unit_variance.is_infinite() {
        return GroupMoments {
            shrinkage: 0.0,
            shrinkage_variance: 0.0,
            conditional_variance: VarianceMoments::of_slices(slices, has_mean, false).mean,
        };
    }
    let (mut shrinkage, mut variance) = (0.0, 0.0);
    for slice in slices {
        let s = slice.sigma2_obs * unit_variance;
        for (t, weight) in slice.nodes() {
            let b = super::super::conditional(t, s, 0.0).shrinkage;
            shrinkage += weight * b;
            variance += weight * b * s;
        }
    }
    let mut spread = 0.0;
    for slice in slices {
        let s = slice.sigma2_obs * unit_variance;
        for (t, weight) in slice.nodes() {
            let b = super::super::conditional(t, s, 0.0).shrinkage;
            spread += weight * (b - shrinkage).powi(2);
        }
    }
    GroupMoments {
        shrinkage,
        shrinkage_variance: spread,
        conditional_variance: Some(variance),
    }
}
