//! What one FK contributes, its own scale integrated out.

use crate::numeric::CdfTable;
use crate::posterior::{Component, ScaleMixture};

/// Which of the two variances of an importance the FK's own scale multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scaled {
    /// The sampling variance s: noise of each FK's own.
    Noise,
    /// The prior variance: the mixing scale of a Student-t.
    Prior,
}

/// ȳ ~ N(0, fixed + varying · x), x ~ InverseGamma(a, 1): one of prior and sampling variance is
/// `fixed`, the other is `varying · x`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term<'a> {
    /// ȳ about the location.
    pub mean: f64,
    pub fixed: f64,
    pub varying: f64,
    pub scaled: Scaled,
    pub mixture: &'a ScaleMixture,
}

/// Moments of an importance over its own scale, t and s the prior and sampling variance and v = t + s.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ScaleMoments {
    /// E[1 - B], 1 - B = s/v.
    pub rest: f64,
    /// E[(1 - B)²].
    pub rest_sq: f64,
    /// E[V], V = t s/v.
    pub variance: f64,
    /// E[log x] of a noise's scale.
    pub log_x: f64,
    /// E[log² x] of the same.
    pub log_x_sq: f64,
}

impl Term<'_> {
    /// How many nodes of the mixture matter.
    fn used(&self) -> usize {
        self.mixture
            .needed(0.5 * self.mean * self.mean / self.varying)
    }

    fn variance(&self, x: f64) -> f64 {
        self.fixed + self.varying * x
    }

    /// The exponent of the likeliest node, by which all are scaled lest they underflow.
    fn largest(&self, used: usize) -> f64 {
        let widest = self.variance(self.mixture.x[used - 1]);
        0.5 * self.mean * self.mean / widest
    }

    /// log p(ȳ), up to log √2π: Σ w_i N(ȳ; 0, v_i).
    pub fn log_density(&self) -> f64 {
        let used = self.used();
        let largest = self.largest(used);
        let half_square = 0.5 * self.mean * self.mean;
        let nodes = self.mixture.x[..used].iter().zip(&self.mixture.weight);
        let sum: f64 = nodes
            .map(|(x, weight)| {
                let precision = 1.0 / self.variance(*x);
                weight * (largest - half_square * precision).exp() * precision.sqrt()
            })
            .sum();
        sum.ln() - largest
    }

    /// Nodes x with 1/v and their probabilities given ȳ, up to a factor; without scores the sampling
    /// variance is infinite.
    fn posterior_weights(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let used = self.used();
        let largest = self.largest(used);
        let half_square = 0.5 * self.mean * self.mean;
        let nodes = self.mixture.x[..used].iter().zip(&self.mixture.weight);
        let without_scores = self.scaled == Scaled::Prior && self.fixed.is_infinite();
        nodes.map(move |(&x, weight)| {
            let precision = 1.0 / self.variance(x);
            let likelihood = if without_scores {
                1.0
            } else {
                (largest - half_square * precision).exp() * precision.sqrt()
            };
            (x, precision, weight * likelihood)
        })
    }

    pub fn moments(&self) -> ScaleMoments {
        let mut total = 0.0;
        let mut sums = ScaleMoments::default();
        for (x, precision, weight) in self.posterior_weights() {
            let varying_share = self.varying * x * precision;
            let rest = match self.scaled {
                Scaled::Noise => varying_share,
                Scaled::Prior => self.fixed * precision,
            };
            // Of use for noise alone.
            let log_x = match self.scaled {
                Scaled::Noise => x.ln(),
                Scaled::Prior => 0.0,
            };
            total += weight;
            sums.rest += weight * rest;
            sums.rest_sq += weight * rest * rest;
            sums.variance += weight * self.fixed * varying_share;
            sums.log_x += weight * log_x;
            sums.log_x_sq += weight * log_x * log_x;
        }
        ScaleMoments {
            rest: sums.rest / total,
            rest_sq: sums.rest_sq / total,
            variance: sums.variance / total,
            log_x: sums.log_x / total,
            log_x_sq: sums.log_x_sq / total,
        }
    }

    /// The mixture as components of the importance's posterior.
    pub fn components(&self) -> impl Iterator<Item = Component> + Clone + '_ {
        let nodes = self.mixture.x[..self.used()]
            .iter()
            .zip(&self.mixture.weight);
        nodes.map(|(x, &weight)| {
            let varying = self.varying * x;
            let (t, s) = match self.scaled {
                Scaled::Noise => (self.fixed, varying),
                Scaled::Prior => (varying, self.fixed),
            };
            Component { weight, t, s }
        })
    }

    /// The distribution function of log x given ȳ.
    pub fn log_x_cdf(&self) -> CdfTable {
        let cells: Vec<f64> = self.posterior_weights().map(|node| node.2).collect();
        CdfTable::on_log_axis(&self.mixture.x, self.mixture.step, &cells)
    }

    /// Normal distribution functions that the importance's own takes.
    pub fn count(&self) -> usize {
        self.used()
    }
}
