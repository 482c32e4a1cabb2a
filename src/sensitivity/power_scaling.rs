//! Power-scaling: how fast the posterior moves when the hyperprior, or the likelihood, is raised to a
//! power (Kallioinen, Paananen, Bürkner & Vehtari 2024, *Detecting and diagnosing prior and likelihood
//! sensitivity with power-scaling*, Statistics and Computing 34).
//!
//! # What is scaled
//! With c near 1, the posterior of σ²_FK = t becomes p_c(t | y) ∝ p(t)^c p(y | t) for the prior's figure,
//! and ∝ p(t) p(y | t)^c for the likelihood's:
//!
//! - p(t) is the density of the hyperprior as it is stated: of t for the inverse-gamma, of √t for half-t
//!   and flat. So the flat one to any power is itself, and its figure is 0 by construction;
//! - p(y | t) is the likelihood of t with everything below it integrated out: the importances, and noise
//!   variances where they are sampled. The priors of these are part of it.
//!
//! An importance follows: p_c(α_k | y) = ∫ p(α_k | t, y) p_c(t | y) dt.
//!
//! # The figure
//! The derivative with respect to log₂ c, at c = 1, of the cumulative Jensen-Shannon distance between the
//! distribution functions P = P₁ and P_c of a quantity x. Following the paper its square is
//!
//! ```text
//! ∫ [P log₂(P/M) + P_c log₂(P_c/M)] dx / ∫ (P + P_c) dx,     M = (P + P_c)/2
//! ```
//!
//! and the larger of the values for x and for -x is taken. The paper integrates over the range of the
//! draws; here it is the interval between the quantiles at 1/4000 and 1 - 1/4000, the range of 4,000 draws.
//! No difference quotient is needed: with ℓ the log density that is scaled, ∂P_c(x)/∂c = G(x) =
//! E[(ℓ - E ℓ) 1{X ≤ x}] at c = 1, and expanding the distance to first order in G the derivative is
//!
//! ```text
//! √( (ln 2 / 8) ∫ G²/P dx / ∫ P dx )
//! ```
//!
//! The quantities are log σ²_FK (its own tails are so heavy that they alone would decide) and the
//! importances.

use super::moved::{Moved, TAIL};
use crate::model::{Hierarchy, Hyperprior, NoiseVariance};
use crate::numeric::{Span, integrate, normal_cdf, root};
use crate::posterior::{
    Conditional, ExactPosterior, LocationGiven, conditional_about, location_given, log_marginal,
};

/// Above this a figure counts as sensitive, as in the paper.
pub const SENSITIVE: f64 = 0.05;

/// How fast one quantity moves with the power of the prior and of the likelihood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// With the prior's.
    pub prior: f64,
    /// With the likelihood's.
    pub likelihood: f64,
}

/// log p(t) at x = log t as the hyperprior is stated, up to a constant: its log density of x without the
/// Jacobian of t (inverse-gamma) or √t (half-t and flat).
fn stated_log_density(hyperprior: &Hyperprior, x: f64) -> f64 {
    let jacobian = match hyperprior {
        Hyperprior::InverseGamma { .. } => x,
        Hyperprior::HalfT { .. } | Hyperprior::Flat => 0.5 * x,
    };
    hyperprior.log_density(x) - jacobian
}

/// Cells into which the posterior of log σ²_FK is cut.
const CELLS: usize = 2000;
/// Probability left out on either side of them.
const LEFT_OUT: f64 = 1e-6;

/// The figures of log σ²_FK. They need its distribution function alone: its density over that of the
/// prior is the likelihood.
#[must_use]
pub fn of_sigma2_fk(hierarchy: &Hierarchy, exact: &ExactPosterior) -> Option<Figures> {
    let end = |p: f64| exact.sigma2_fk_quantile(p).ln();
    let (low, high) = (end(LEFT_OUT), end(1.0 - LEFT_OUT));
    let step = (high - low) / CELLS as f64;
    let x: Vec<f64> = (0..=CELLS).map(|i| low + step * i as f64).collect();
    let p: Vec<f64> = x.iter().map(|x| exact.sigma2_fk_cdf(x.exp())).collect();
    let cells: Vec<(f64, f64)> = x
        .windows(2)
        .zip(p.windows(2))
        .map(|(x, p)| (0.5 * (x[0] + x[1]), (p[1] - p[0]).max(0.0)))
        .collect();
    let prior = |&(x, _): &(f64, f64)| stated_log_density(&hierarchy.hyperprior, x);
    let likelihood = |&(x, mass): &(f64, f64)| {
        if mass > 0.0 {
            (mass / step).ln() - hierarchy.hyperprior.log_density(x)
        } else {
            0.0
        }
    };
    let figure = |log: &dyn Fn(&(f64, f64)) -> f64| {
        let logs: Vec<f64> = cells.iter().map(log).collect();
        let g = cumulated(&cells, &logs, (*p.first()?, 1.0 - p.last()?))?;
        Moved {
            x: x.clone(),
            p: p.clone(),
            g,
        }
        .figure()
    };
    Some(Figures {
        prior: figure(&prior)?,
        likelihood: figure(&likelihood)?,
    })
}

/// G at the cells' ends, from their masses and the log density in them; what is left out on either side
/// is taken to be as in the outermost cell.
fn cumulated(cells: &[(f64, f64)], logs: &[f64], left_out: (f64, f64)) -> Option<Vec<f64>> {
    let (first, last) = (logs.first()?, logs.last()?);
    let inside = || cells.iter().zip(logs).map(|((_, mass), log)| (mass, log));
    let sum: f64 = inside().map(|(mass, log)| mass * log).sum();
    let mean = sum + left_out.0 * first + left_out.1 * last;
    let mut g = Vec::with_capacity(cells.len() + 1);
    g.push(left_out.0 * (first - mean));
    for (mass, log) in inside() {
        g.push(g.last()? + mass * (log - mean));
    }
    Some(g)
}

/// Importances whose figures are computed at most for either power: beyond that many, those whose mean
/// and standard deviation move fastest.
const MOST_IMPORTANCES: usize = 16;
/// Knots on which the distribution function of an importance is laid.
const KNOTS: usize = 400;
/// Log weights further than this below the whole contribute nothing in double precision.
const NEGLIGIBLE: f64 = 42.0;

/// A value of σ²_FK.
struct Node {
    t: f64,
    /// Posterior probability.
    weight: f64,
    /// The location given it.
    location: LocationGiven,
    /// ℓ - E ℓ of prior and likelihood.
    log: [f64; 2],
}

/// The figures of the importances that move fastest, by place in the hierarchy; `means` are those of the
/// scores, by place. `None` unless the importances are normal and the noise is known, so that they hang on
/// σ²_FK alone.
#[must_use]
pub fn of_importances(hierarchy: &Hierarchy, means: &[f64]) -> Option<Vec<(usize, Figures)>> {
    let NoiseVariance::Known(sigma2_obs) = hierarchy.noise else {
        return None;
    };
    if hierarchy.nu().is_some() {
        return None;
    }
    let nodes = nodes(hierarchy, sigma2_obs)?;
    let given: Vec<Vec<Conditional>> = means
        .iter()
        .enumerate()
        .map(|(k, &mean)| conditionals(hierarchy, sigma2_obs, &nodes, k, mean))
        .collect();
    let figures = fastest(&nodes, &given).into_iter().filter_map(|k| {
        let moved = importance(&nodes, given.get(k)?)?;
        let [prior, likelihood] = moved.map(|moved| moved.figure());
        Some((
            k,
            Figures {
                prior: prior?,
                likelihood: likelihood?,
            },
        ))
    });
    Some(figures.collect())
}

/// The posterior of σ²_FK.
fn nodes(hierarchy: &Hierarchy, sigma2_obs: f64) -> Option<Vec<Node>> {
    let (low, high) = hierarchy.modes_of_log_sigma2_fk(sigma2_obs);
    let span = Span {
        low,
        high,
        powers: &[],
    };
    let prior = &hierarchy.hyperprior;
    let likelihood = |x: f64| log_marginal(&hierarchy.evidence, x.exp(), sigma2_obs);
    let rule = integrate(|x| prior.log_density(x) + likelihood(x), span)?;
    let mut nodes: Vec<Node> = rule
        .x
        .iter()
        .zip(&rule.log_weight)
        .map(|(&x, w)| (x, w - rule.log_total))
        .filter(|(_, w)| *w > -NEGLIGIBLE)
        .map(|(x, w)| Node {
            t: x.exp(),
            weight: w.exp(),
            location: location_given(&hierarchy.evidence, x.exp(), sigma2_obs),
            log: [stated_log_density(prior, x), likelihood(x)],
        })
        .collect();
    for which in 0..2 {
        let mean: f64 = nodes.iter().map(|n| n.weight * n.log[which]).sum();
        nodes.iter_mut().for_each(|n| n.log[which] -= mean);
    }
    Some(nodes)
}

/// The conditional posterior of an importance at every node, about the evidence's centre.
fn conditionals(
    hierarchy: &Hierarchy,
    sigma2_obs: f64,
    nodes: &[Node],
    k: usize,
    mean: f64,
) -> Vec<Conditional> {
    let s = hierarchy.sampling_variance(k, sigma2_obs);
    let mean = hierarchy.evidence.about_center(k, mean);
    nodes
        .iter()
        .map(|node| conditional_about(node.t, s, mean, node.location))
        .collect()
}

/// The importances whose mean and standard deviation, in units of the latter, move fastest with either
/// power.
fn fastest(nodes: &[Node], given: &[Vec<Conditional>]) -> Vec<usize> {
    let speed = |given: &[Conditional], which: usize| {
        let both = || nodes.iter().zip(given);
        let mean: f64 = both().map(|(n, c)| n.weight * c.mean).sum();
        let square = |c: &Conditional| c.variance + (c.mean - mean).powi(2);
        let variance: f64 = both().map(|(n, c)| n.weight * square(c)).sum();
        let moves = |f: &dyn Fn(&Conditional) -> f64| -> f64 {
            both().map(|(n, c)| n.weight * n.log[which] * f(c)).sum()
        };
        moves(&|c| c.mean).abs() / variance.sqrt() + 0.5 * moves(&square).abs() / variance
    };
    let mut chosen: Vec<usize> = (0..2)
        .flat_map(|which| {
            let speeds: Vec<f64> = given.iter().map(|given| speed(given, which)).collect();
            let mut order: Vec<usize> = (0..given.len()).collect();
            order.sort_by(|&i, &j| speeds[j].total_cmp(&speeds[i]));
            order.into_iter().take(MOST_IMPORTANCES)
        })
        .collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// P and G of an importance for either power, on knots that are dense about its middle.
fn importance(nodes: &[Node], given: &[Conditional]) -> Option<[Moved; 2]> {
    let sums = |a: f64| {
        let (mut p, mut g) = (0.0, [0.0; 2]);
        for (node, given) in nodes.iter().zip(given) {
            let below = node.weight * normal_cdf((a - given.mean) / given.variance.sqrt());
            p += below;
            g[0] += node.log[0] * below;
            g[1] += node.log[1] * below;
        }
        (p, g)
    };
    let cdf = |a: f64| sums(a).0;
    let quantile = |p: f64| {
        let (center, mut reach) = (given.first()?.mean, given.first()?.variance.sqrt());
        while cdf(center - reach) > p || cdf(center + reach) < p {
            reach *= 2.0;
            if !reach.is_finite() {
                return None;
            }
        }
        Some(root(|a| cdf(a) - p, center - reach, center + reach))
    };
    let (low, high) = (quantile(TAIL)?, quantile(1.0 - TAIL)?);
    let (center, width) = (quantile(0.5)?, 0.5 * (quantile(0.75)? - quantile(0.25)?));
    let ends = [low, high].map(|a| ((a - center) / width).asinh());
    let step = (ends[1] - ends[0]) / KNOTS as f64;
    let x: Vec<f64> = (0..=KNOTS)
        .map(|i| center + width * (ends[0] + step * i as f64).sinh())
        .collect();
    let (p, g): (Vec<f64>, Vec<[f64; 2]>) = x.iter().map(|&a| sums(a)).unzip();
    Some([0, 1].map(|which| Moved {
        x: x.clone(),
        p: p.clone(),
        g: g.iter().map(|g| g[which]).collect(),
    }))
}
