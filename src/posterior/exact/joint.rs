//! The joint log density of log σ²_FK and log σ²_obs, and its integrals.

use crate::model::{Evidence, Hierarchy, NoiseVariance};
use crate::numeric::{CdfTable, Rule, Span, integrate};
use crate::posterior::{LocationGiven, location_given, log_marginal};

/// Log weights further than this below the largest contribute nothing in double precision.
const NEGLIGIBLE: f64 = 42.0;

/// The posterior density of the variances, the importances integrated out.
#[derive(Debug, Clone)]
pub(super) struct Joint {
    hierarchy: Hierarchy,
    /// Moments of σ²_FK, then of σ²_obs, that will be integrated.
    powers: (Vec<f64>, Vec<f64>),
}

/// The posterior of log σ²_FK at one value of σ²_obs.
#[derive(Debug, Clone)]
pub(super) struct Slice {
    pub sigma2_obs: f64,
    /// Weights of the rule are posterior probabilities: over all slices they sum to 1.
    pub rule: Rule,
    /// The nodes that matter.
    pub nodes: Vec<Node>,
}

/// A value of the variances with its posterior probability.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub log_t: f64,
    pub t: f64,
    pub weight: f64,
    pub location: LocationGiven,
}

impl Slice {
    /// The rule's weights scaled so that the slice has the probability exp(log_share).
    pub fn normalised(
        evidence: &Evidence,
        sigma2_obs: f64,
        log_share: f64,
        mut rule: Rule,
    ) -> Self {
        let shift = log_share - rule.log_total;
        for w in &mut rule.log_weight {
            *w += shift;
        }
        rule.log_total = log_share;
        let heavy = rule
            .x
            .iter()
            .zip(&rule.log_weight)
            .filter(|(_, w)| **w > -NEGLIGIBLE);
        let nodes = heavy
            .map(|(x, w)| {
                let t = x.exp();
                let location = location_given(evidence, t, sigma2_obs);
                Node {
                    log_t: *x,
                    t,
                    weight: w.exp(),
                    location,
                }
            })
            .collect();
        Self {
            sigma2_obs,
            rule,
            nodes,
        }
    }
}

impl Joint {
    pub fn new(hierarchy: Hierarchy) -> Self {
        let existing = |has: &dyn Fn(f64) -> bool| -> Vec<f64> {
            [1.0, 2.0].into_iter().filter(|&r| has(r)).collect()
        };
        Self {
            powers: (
                existing(&|r| hierarchy.has_moment(r)),
                existing(&|r| hierarchy.has_noise_moment(r)),
            ),
            hierarchy,
        }
    }

    pub fn hierarchy(&self) -> &Hierarchy {
        &self.hierarchy
    }

    /// log p(log t | y, σ²_obs) up to a constant, the Jacobian included.
    fn log_density_t(&self, log_t: f64, sigma2_obs: f64) -> f64 {
        self.hierarchy.hyperprior.log_density(log_t)
            + log_marginal(&self.hierarchy.evidence, log_t.exp(), sigma2_obs)
    }

    /// What the prior and the within-FK spread say of log σ²_obs:
    /// IG(c₀, d₀) times SSW ~ σ²_obs χ²_{N-K'}.
    fn log_density_noise(&self, log_v: f64) -> f64 {
        let (shape, scale) = self.noise_posterior();
        -shape * log_v - scale * (-log_v).exp()
    }

    fn noise_posterior(&self) -> (f64, f64) {
        let (degrees, sum_sq) = self.hierarchy.evidence.within();
        match self.hierarchy.noise {
            NoiseVariance::Known(_) | NoiseVariance::PerFk { .. } => (0.0, 0.0),
            NoiseVariance::Sampled { c0, d0 } => (c0 + 0.5 * degrees, d0 + 0.5 * sum_sq),
        }
    }

    /// The posterior of log t at one σ²_obs.
    pub fn over_log_t(&self, sigma2_obs: f64) -> Option<Rule> {
        let (low, high) = self.hierarchy.modes_of_log_sigma2_fk(sigma2_obs);
        let span = Span {
            low,
            high,
            powers: &self.powers.0,
        };
        integrate(|x| self.log_density_t(x, sigma2_obs), span)
    }

    /// The posterior of (log t, log σ²_obs) in slices of constant σ²_obs, and the marginal of the
    /// latter.
    pub fn over_log_noise(&self) -> Option<(Vec<Slice>, Rule)> {
        let (shape, scale) = self.noise_posterior();
        let between: f64 = self
            .hierarchy
            .evidence
            .observed()
            .map(|g| g.sum_sq_means / g.unit_variance)
            .sum();
        let k = self.hierarchy.evidence.k_observed() as f64;
        let span = Span {
            low: (scale / (shape + 0.5 * k)).ln() - 1.0,
            high: ((scale + 0.5 * between) / shape).ln() + 1.0,
            powers: &self.powers.1,
        };
        let log_slice = |z: f64| match self.over_log_t(z.exp()) {
            Some(rule) => self.log_density_noise(z) + rule.log_total,
            None => f64::NAN,
        };
        let marginal = integrate(log_slice, span)?;
        let mut slices = Vec::new();
        for (&z, &w) in marginal.x.iter().zip(&marginal.log_weight) {
            let log_share = w - marginal.log_total;
            if log_share > -NEGLIGIBLE {
                let rule = self.over_log_t(z.exp())?;
                let evidence = &self.hierarchy.evidence;
                slices.push(Slice::normalised(evidence, z.exp(), log_share, rule));
            }
        }
        Some((slices, marginal))
    }

    /// The marginal distribution of log t over the slices, on a grid of its own: interpolation needs
    /// a finer one than integration does, above all around a second mode.
    pub fn marginal_of_log_t(&self, slices: &[Slice]) -> CdfTable {
        const KNOTS: usize = 768;
        let ends = slices
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), s| {
                let x = &s.rule.x;
                (
                    low.min(x.first().copied().unwrap_or(low)),
                    high.max(x.last().copied().unwrap_or(high)),
                )
            });
        let (center, width) = center_and_width(slices);
        let (from, to) = (
            ((ends.0 - center) / width).asinh(),
            ((ends.1 - center) / width).asinh(),
        );
        let du = (to - from) / KNOTS as f64;
        let mut x = Vec::with_capacity(KNOTS + 1);
        let mut density = Vec::with_capacity(KNOTS + 1);
        let mut step = Vec::with_capacity(KNOTS + 1);
        let offsets: Vec<f64> = slices.iter().map(|s| self.log_offset(s)).collect();
        for i in 0..=KNOTS {
            let u = from + du * i as f64;
            let log_t = center + width * u.sinh();
            x.push(log_t);
            step.push(du * width * u.cosh());
            let at_slice = |(slice, offset): (&Slice, &f64)| {
                (self.log_density_t(log_t, slice.sigma2_obs) + offset).exp()
            };
            density.push(slices.iter().zip(&offsets).map(at_slice).sum());
        }
        CdfTable::from_density(x, density, &step)
    }

    /// What turns the unnormalised log density of a slice into its share of the posterior density:
    /// read off the likeliest node, as logs far out may be too large to keep their last digits.
    fn log_offset(&self, slice: &Slice) -> f64 {
        let rule = &slice.rule;
        rule.log_weight
            .iter()
            .zip(&rule.log_density)
            .zip(rule.step())
            .max_by(|a, b| a.0.0.total_cmp(b.0.0))
            .map_or(f64::NEG_INFINITY, |((weight, density), step)| {
                weight - density - step.ln()
            })
    }

    /// The distribution of log σ²_obs at a given log t, on the marginal's grid.
    pub fn noise_given_log_t(&self, log_t: f64, grid: &Rule) -> CdfTable {
        let log_density: Vec<f64> = grid
            .x
            .iter()
            .map(|&z| {
                self.log_density_noise(z)
                    + log_marginal(&self.hierarchy.evidence, log_t.exp(), z.exp())
            })
            .collect();
        let top = log_density
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max);
        let density = log_density.iter().map(|f| (f - top).exp()).collect();
        CdfTable::from_density(grid.x.clone(), density, grid.step())
    }
}

/// Mean and standard deviation of log t over the slices.
fn center_and_width(slices: &[Slice]) -> (f64, f64) {
    let mean_of = |g: &dyn Fn(f64) -> f64| -> f64 {
        slices
            .iter()
            .flat_map(|s| &s.nodes)
            .map(|node| node.weight * g(node.log_t))
            .sum()
    };
    let mean = mean_of(&|x| x);
    (mean, mean_of(&|x| (x - mean).powi(2)).sqrt().max(1e-6))
}
