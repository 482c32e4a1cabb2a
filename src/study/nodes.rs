//! The posterior of σ²_FK as a few weighted values: what a study does tens of thousands of times.
//!
//! As in [`integrate`](crate::numeric::integrate), log t = x₀ + w sinh u about the highest mode, and
//! the trapezoidal rule in u; but started coarser and stopped sooner, since nothing but bounded
//! functions of t is averaged here (B, B², V ≤ s) and no density is tabulated.

use crate::model::Hierarchy;
use crate::numeric::maximum_near;
use crate::posterior::log_marginal;

/// How far, in logs, the integrand must have fallen at both ends.
const DROP: f64 = 26.0;
/// The change of E[B], in units of its spread, and of the logarithm of that spread between N and 2N
/// nodes at which the 2N are taken: their own error is about its square, and the coarse half, good to
/// about this, serves for distribution functions.
const STILL: f64 = 1e-5;
/// Nodes of the first and the last attempt.
const NODES: (usize, usize) = (32, 1 << 14);
/// Points of the first look for the highest mode: with one number of scores there are two modes at
/// most (the prior's and the likelihood's), with several there may be more.
const SCAN: (usize, usize) = (40, 256);
/// How near, in log t, the mode must be: well within the width of the posterior of a million FKs.
const NEAR: f64 = 1e-4;
/// Step of the search for the ends, in u, and steps at most.
const OUTWARD: (f64, usize) = (0.5, 60);

/// Values of σ²_FK with their posterior probabilities.
#[derive(Debug, Clone, Default)]
pub(super) struct Nodes {
    /// Values of t = σ²_FK, for moments.
    pub fine: Vec<(f64, f64)>,
    /// Fewer of them, for distribution functions.
    pub coarse: Vec<(f64, f64)>,
    /// The highest mode of log t, to four digits, where it was sought.
    pub log_mode: Option<f64>,
}

impl Nodes {
    /// The posterior of σ²_FK at known noise, by quadrature; `None` where it does not settle.
    pub fn by_quadrature(hierarchy: &Hierarchy) -> Option<Self> {
        let sigma2_obs = hierarchy.sigma2_obs;
        let prior = hierarchy.hyperprior;
        let log_f =
            |x: f64| prior.log_kernel(x) + log_marginal(&hierarchy.evidence, x.exp(), sigma2_obs);
        let (low, high) = hierarchy.modes_of_log_sigma2_fk(sigma2_obs);
        let points = if hierarchy.evidence.groups().len() == 1 {
            SCAN.0
        } else {
            SCAN.1
        };
        let center = maximum_near(log_f, (low, high), points, NEAR);
        let top = log_f(center);
        if !top.is_finite() {
            return None;
        }
        let relative = |x: f64| log_f(x) - top;
        let width = half_width(&relative, center);
        let at = |u: f64| {
            let x = center + width * u.sinh();
            (x.exp(), relative(x) + u.cosh().ln())
        };
        let ends = (end(&at, -OUTWARD.0)?, end(&at, OUTWARD.0)?);
        let scale = hierarchy
            .evidence
            .observed()
            .map(|group| sigma2_obs * group.unit_variance)
            .fold(0.0, f64::max);
        let nodes = refine(&at, ends, scale)?;
        Some(Self {
            log_mode: Some(center),
            ..nodes
        })
    }

    /// Draws of t, all with the same weight.
    pub fn of_draws(draws: &[f64]) -> Self {
        let weight = 1.0 / draws.len() as f64;
        let nodes: Vec<(f64, f64)> = draws.iter().map(|&t| (t, weight)).collect();
        Self {
            coarse: nodes.clone(),
            fine: nodes,
            log_mode: None,
        }
    }

    /// E[B] and Var[B], B = t/(t + s), of an FK with sampling variance `s`.
    pub fn shrinkage(&self, s: f64) -> (f64, f64) {
        let (mean, variance, of_rest) = share_moments(&self.fine, s);
        (if of_rest { 1.0 - mean } else { mean }, variance)
    }
}

/// Distance from the mode at which the density has fallen by half a log, on the steeper side.
fn half_width(relative: &impl Fn(f64) -> f64, mode: f64) -> f64 {
    let mut width = NEAR;
    while width < 4.0 && relative(mode + width).min(relative(mode - width)) > -0.5 {
        width *= 2.0;
    }
    width
}

/// The u beyond which the integrand stays [`DROP`] logs below its largest value.
fn end(at: &impl Fn(f64) -> (f64, f64), step: f64) -> Option<f64> {
    let mut top = 0.0;
    for i in 1..=OUTWARD.1 {
        let u = step * i as f64;
        let (_, log) = at(u);
        if log.is_nan() {
            return None;
        }
        top = f64::max(top, log);
        if log < top - DROP {
            return Some(u);
        }
    }
    None
}

/// Doubles the nodes until the moments of B stand still.
fn refine(at: &impl Fn(f64) -> (f64, f64), (from, to): (f64, f64), scale: f64) -> Option<Nodes> {
    let mut count = NODES.0;
    while count <= NODES.1 {
        let step = (to - from) / count as f64;
        let fine: Vec<(f64, f64)> = (0..=count)
            .map(|i| at(from + step * i as f64))
            .map(|(t, log)| (t, log.exp()))
            .collect();
        // Every second node is the rule of twice the step.
        let nodes = Nodes {
            coarse: normalised(fine.iter().step_by(2).copied()),
            fine: normalised(fine.iter().copied()),
            log_mode: None,
        };
        let (fine, coarse) = (moments(&nodes.fine, scale), moments(&nodes.coarse, scale));
        if (fine.0 - coarse.0).abs() <= STILL && (fine.1 - coarse.1).abs() <= STILL {
            return Some(nodes);
        }
        count *= 2;
    }
    None
}

fn normalised(nodes: impl Iterator<Item = (f64, f64)> + Clone) -> Vec<(f64, f64)> {
    let total: f64 = nodes.clone().map(|(_, weight)| weight).sum();
    nodes.map(|(t, weight)| (t, weight / total)).collect()
}

/// Mean and variance of B = t/(t + s), or of 1 - B where that is smaller, which is told: the larger of the
/// two has no digits left for its spread where it is all but 1.
fn share_moments(nodes: &[(f64, f64)], s: f64) -> (f64, f64, bool) {
    let average = |g: &dyn Fn(f64) -> f64| -> f64 { nodes.iter().map(|&(t, w)| w * g(t)).sum() };
    let mean = average(&|t| t / (t + s));
    if mean <= 0.5 {
        return (mean, average(&|t| (t / (t + s) - mean).powi(2)), false);
    }
    let rest = average(&|t| s / (t + s));
    (rest, average(&|t| (s / (t + s) - rest).powi(2)), true)
}

/// How far B reaches from its value at t = scale, and its square, relative to their own spread: for
/// many FKs that is narrow.
fn moments(nodes: &[(f64, f64)], scale: f64) -> (f64, f64) {
    let (mean, variance, _) = share_moments(nodes, scale);
    let sd = variance.sqrt();
    (mean / sd.max(f64::MIN_POSITIVE), sd.ln())
}
