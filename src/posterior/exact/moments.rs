//! Posterior moments as sums over the nodes.

use super::joint::{Node, Slice};
use crate::model::{Hierarchy, Location, Unit};
use crate::numeric::{Rule, finite};
use crate::posterior::conditional_about;

/// Moments, over the posterior of the variances, of what the conditional posterior of an importance
/// depends on; shared by all FKs with the same precision.
///
/// The conditional mean is μ_k = B_k ȳ_k + D_k, D_k = (1 - B_k) m̂ the pull of an unknown location,
/// 0 where the location is zero; all about the evidence's centre.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GroupMoments {
    /// E[B_k | y].
    pub shrinkage: f64,
    /// Var[B_k | y].
    pub shrinkage_variance: f64,
    /// E[D_k | y], in score units.
    pub pull: f64,
    /// Var[D_k | y], in squared score units.
    pub pull_variance: f64,
    /// Cov[B_k, D_k | y], in score units.
    pub covariance: f64,
    /// E[V_k | y], in squared score units; without scores it rests on E[σ²_FK | y], which may not
    /// exist.
    pub conditional_variance: Option<f64>,
}

impl GroupMoments {
    /// Figures in `unit`, in score units.
    pub(super) fn restored(self, unit: Unit) -> Self {
        let variance = self.conditional_variance;
        Self {
            pull: unit.restore(self.pull),
            pull_variance: unit.restore_square(self.pull_variance),
            covariance: unit.restore(self.covariance),
            conditional_variance: variance.and_then(|v| finite(unit.restore_square(v))),
            ..self
        }
    }

    /// Of a location itself: Var = E[1/P] + Var[m̂].
    pub(super) fn total_pull_variance(&self) -> Option<f64> {
        Some(self.conditional_variance? + self.pull_variance)
    }
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
    /// Figures in `unit`, in score units.
    pub(super) fn restored(self, unit: Unit) -> Self {
        let restored = |x: Option<f64>| x.and_then(|x| finite(unit.restore_square(x)));
        Self {
            mean: restored(self.mean),
            sd: restored(self.sd),
        }
    }

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
    pub(super) fn of_nodes<I: Iterator<Item = (f64, f64)>>(
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
pub(super) fn of_groups(hierarchy: &Hierarchy, slices: &[Slice]) -> Vec<GroupMoments> {
    let has_variance = |observed| hierarchy.has_common_importance_moment(observed, 2.0);
    let of = |unit_variance: f64| {
        let moments = average(slices, |node, noise| {
            let given = conditional_about(node.t, noise * unit_variance, 0.0, node.location);
            (given.shrinkage, given.mean, given.variance)
        });
        if unit_variance.is_finite() {
            let variance = moments.conditional_variance.filter(|_| has_variance(true));
            return GroupMoments {
                conditional_variance: variance,
                ..moments
            };
        }
        // V = t + 1/P: t in logs, as e^x alone may overflow where its weight makes it negligible.
        let t = VarianceMoments::of_slices(slices, has_variance(false), false).mean;
        let location = average(slices, |node, _| (0.0, 0.0, node.location.variance));
        let variance = t
            .zip(location.conditional_variance)
            .map(|(t, location)| t + location);
        GroupMoments {
            conditional_variance: variance,
            ..moments
        }
    };
    hierarchy
        .evidence
        .groups()
        .iter()
        .map(|group| of(group.unit_variance))
        .collect()
}

/// The moments of an unknown location, as those of an importance that is all pull.
pub(super) fn of_location(hierarchy: &Hierarchy, slices: &[Slice]) -> Option<GroupMoments> {
    if hierarchy.evidence.location() == Location::Zero {
        return None;
    }
    let moments = average(slices, |node, _| {
        (0.0, node.location.mean, node.location.variance)
    });
    let exists = hierarchy.has_location_moment(2.0);
    let variance = moments.conditional_variance.filter(|_| exists);
    Some(GroupMoments {
        conditional_variance: variance,
        ..moments
    })
}

/// Means, variances and covariance of (B, D), and the mean of V, over the nodes; second moments are
/// taken about the means.
fn average(slices: &[Slice], f: impl Fn(&Node, f64) -> (f64, f64, f64)) -> GroupMoments {
    let each = || {
        slices
            .iter()
            .flat_map(|slice| slice.nodes.iter().map(|node| (node, slice.sigma2_obs)))
    };
    let mut moments = GroupMoments::default();
    let mut variance = 0.0;
    for (node, noise) in each() {
        let (b, d, v) = f(node, noise);
        moments.shrinkage += node.weight * b;
        moments.pull += node.weight * d;
        variance += node.weight * v;
    }
    for (node, noise) in each() {
        let (b, d, _) = f(node, noise);
        let (b, d) = (b - moments.shrinkage, d - moments.pull);
        moments.shrinkage_variance += node.weight * b * b;
        moments.pull_variance += node.weight * d * d;
        moments.covariance += node.weight * b * d;
    }
    moments.conditional_variance = finite(variance);
    moments
}
