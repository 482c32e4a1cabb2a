//! Scales that follow an inverse-gamma, as finite mixtures.
//!
//! Per-FK noise variances and the mixing scales of Student-t importances are both c·x with
//! x ~ InverseGamma(a, 1), where only c depends on other parameters. Integrating such a scale out is
//! therefore a sum over nodes x that are laid once: the trapezoidal rule in log x.

use super::conditional;
use crate::numeric::normal_cdf;

/// How finely a mixture is laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fineness {
    /// To about 1e-12, for quadrature.
    Exact,
    /// To about 1e-6, for averages over draws.
    Coarse,
    /// To about 1e-4, for what is simulated anyway.
    Sketch,
}

impl Fineness {
    /// Largest step in log x, in standard deviations and absolutely, and how far, in logs, the
    /// density falls before the nodes end.
    fn limits(self) -> (f64, f64, f64) {
        match self {
            Self::Exact => (0.5, 0.25, 34.0),
            Self::Coarse => (0.8, 0.5, 18.0),
            Self::Sketch => (1.1, 0.6, 12.0),
        }
    }
}

/// Largest |log x| of a node: its square is a number still.
const FARTHEST: f64 = 300.0;

/// x ~ InverseGamma(a, 1) as weighted nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleMixture {
    /// Nodes, increasing.
    pub x: Vec<f64>,
    /// Their probabilities.
    pub weight: Vec<f64>,
    /// Distance of the nodes in log x.
    pub step: f64,
    /// The nodes that hold the mixture itself; those beyond serve means far out.
    near: usize,
}

/// How far, in logs, the density falls before the nodes end that serve means far out: what costs more
/// than that no prior of the other parameters outweighs, and weights are numbers still.
const FAR_DROP: f64 = 600.0;

impl ScaleMixture {
    /// The mixture of shape a > 0.
    #[must_use]
    pub fn new(shape: f64, fineness: Fineness) -> Self {
        let (in_sds, absolute, drop) = fineness.limits();
        Self::up_to(shape, (in_sds, absolute), drop, drop)
    }

    /// The mixture of shape a > 0, as good also where an observation lies so far out that it moves the
    /// scale beyond what the prior expects: see [`needed`](Self::needed).
    #[must_use]
    pub fn far_reaching(shape: f64, fineness: Fineness) -> Self {
        let (in_sds, absolute, drop) = fineness.limits();
        Self::up_to(shape, (in_sds, absolute), drop, FAR_DROP)
    }

    /// How many of the nodes matter where an observation multiplies the density by at most
    /// exp(-q/x): the mode moves from 1/a to (1 + q)/a at most, and the nodes with it.
    #[must_use]
    pub fn needed(&self, q: f64) -> usize {
        let further = (q.ln_1p() / self.step).ceil();
        // A float beyond the range of the integer becomes its largest value.
        self.near.saturating_add(further as usize).min(self.x.len())
    }

    /// Nodes to the left until the density has fallen by `drop` logs, to the right by `far`.
    fn up_to(shape: f64, (in_sds, absolute): (f64, f64), drop: f64, far: f64) -> Self {
        let step = (in_sds / shape.sqrt()).min(absolute);
        let mode = -shape.ln();
        let node = |i: i32| {
            let from_mode = step * f64::from(i);
            (mode + from_mode, shape * fall(from_mode))
        };
        let within = |drop: f64| move |(z, fall): &(f64, f64)| *fall < drop && z.abs() < FARTHEST;
        let mut nodes: Vec<(f64, f64)> = (1..).map(|i| node(-i)).take_while(within(drop)).collect();
        nodes.reverse();
        nodes.extend((0..).map(node).take_while(within(far)));
        let right_end = nodes.iter().rposition(|(_, fall)| *fall < drop);
        let total: f64 = nodes.iter().map(|(_, fall)| (-fall).exp()).sum();
        Self {
            x: nodes.iter().map(|(z, _)| z.exp()).collect(),
            weight: nodes
                .iter()
                .map(|(_, fall)| (-fall).exp() / total)
                .collect(),
            step,
            near: right_end.map_or(0, |last| last + 1),
        }
    }
}

/// How far log x ~ -(δ + e^-δ - 1) has fallen at the distance δ from its mode, per unit of shape.
fn fall(distance: f64) -> f64 {
    if distance.abs() < 1e-3 {
        let square = distance * distance;
        return square * (0.5 - distance / 6.0 + square / 24.0);
    }
    distance + (-distance).exp_m1()
}

/// One component of an importance's conditional posterior: a prior variance t_i, a sampling variance
/// s_i (infinite without scores), and a weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Component {
    /// Weight; those of a mixture need not sum to 1.
    pub weight: f64,
    /// Prior variance of the importance, in squared score units.
    pub t: f64,
    /// Sampling variance of its mean score, in the same units.
    pub s: f64,
}

/// The posterior of an importance whose scale is integrated out: a mixture of normals.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Mixed {
    /// log Σ w_i N(ȳ; 0, t_i + s_i), up to log √2π; 0 without scores.
    pub log_density: f64,
    /// Mean of the shrinkage factor B.
    pub shrinkage: f64,
    /// Mean of μ, about where `mean` is measured from.
    pub mean: f64,
    /// Mean of V plus variance of μ.
    pub variance: f64,
}

/// The posterior of an importance given its mean score, over the components of its scales. Means are
/// deviations from the location.
pub fn mix(mean: f64, components: impl Iterator<Item = Component> + Clone) -> Mixed {
    let largest = largest_log(mean, components.clone());
    let (mut total, mut shrinkage, mut square, mut variance) = (0.0, 0.0, 0.0, 0.0);
    for component in components {
        let (weight, b) = weight_and_shrinkage(mean, component, largest);
        total += weight;
        shrinkage += weight * b;
        square += weight * b * b;
        variance += weight
            * if component.s.is_infinite() {
                component.t
            } else {
                b * component.s
            };
    }
    let shrinkage = shrinkage / total;
    let spread = (square / total - shrinkage * shrinkage).max(0.0);
    Mixed {
        log_density: largest + total.ln(),
        shrinkage,
        mean: shrinkage * mean,
        variance: variance / total + mean * mean * spread,
    }
}

/// Share of a mixture's weight so far below which a component is left out of its distribution function.
const LIGHT: f64 = 1e-11;

/// P(α ≤ a) of the same mixture; `a` too is a deviation from the location.
pub fn mixed_cdf(mean: f64, a: f64, components: impl Iterator<Item = Component> + Clone) -> f64 {
    let largest = largest_log(mean, components.clone());
    let (mut total, mut below) = (0.0, 0.0);
    for component in components {
        let (weight, _) = weight_and_shrinkage(mean, component, largest);
        let given = conditional(component.t, component.s, mean);
        total += weight;
        // Most nodes carry next to nothing, and distribution functions are what costs.
        if weight > LIGHT * total {
            below += weight * normal_cdf((a - given.mean) / given.variance.sqrt());
        }
    }
    below / total
}

/// The exponent of the likeliest component, by which all are scaled lest they underflow.
fn largest_log(mean: f64, components: impl Iterator<Item = Component>) -> f64 {
    let widest = components.map(|c| c.t + c.s).fold(0.0, f64::max);
    -0.5 * mean * mean / widest
}

/// Posterior weight of a component, up to a factor, and its shrinkage factor, in one division: millions of
/// them are wanted.
fn weight_and_shrinkage(mean: f64, component: Component, largest: f64) -> (f64, f64) {
    if component.s.is_infinite() {
        return (component.weight, 0.0);
    }
    let precision = 1.0 / (component.t + component.s);
    let likelihood = (-0.5 * mean * mean * precision - largest).exp() * precision.sqrt();
    let b = if component.t.is_infinite() {
        1.0
    } else {
        component.t * precision
    };
    (component.weight * likelihood, b)
}

/// The mixing scales ω ~ IG(ν/2, ν/2) of Student-t importances, integrated out.
#[derive(Debug, Clone, PartialEq)]
pub struct MixingScales {
    nodes: ScaleMixture,
    half_nu: f64,
}

impl MixingScales {
    /// For ν degrees of freedom.
    #[must_use]
    pub fn new(nu: f64, fineness: Fineness) -> Self {
        let half_nu = 0.5 * nu;
        Self {
            nodes: ScaleMixture::new(half_nu, fineness),
            half_nu,
        }
    }

    /// An importance with squared scale `t` whose mean score has the sampling variance `s`.
    pub fn components(&self, t: f64, s: f64) -> impl Iterator<Item = Component> + Clone + '_ {
        let nodes = self.nodes.x.iter().zip(&self.nodes.weight);
        nodes.map(move |(x, &weight)| Component {
            weight,
            t: t * self.half_nu * x,
            s,
        })
    }
}
