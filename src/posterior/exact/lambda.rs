//! The posterior of λ = σ²_obs/σ²_FK, where one noise variance serves all FKs.

use crate::numeric::{CdfTable, finite, root};

/// Exact posterior of λ: a mixture over σ²_obs of the posterior of σ²_FK given it.
#[derive(Debug, Clone)]
pub struct LambdaPosterior {
    mean: Option<f64>,
    parts: Vec<Part>,
}

/// The posterior at one σ²_obs.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Its share of the whole.
    pub probability: f64,
    /// log σ²_obs.
    pub log_noise: f64,
    /// Distribution of log σ²_FK.
    pub log_t: CdfTable,
}

impl LambdaPosterior {
    pub(super) fn new(mean: Option<f64>, parts: Vec<Part>) -> Self {
        Self { mean, parts }
    }

    /// E[λ | y] where it exists.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.mean
    }

    /// P(λ ≤ `lambda` | y).
    #[must_use]
    pub fn cdf(&self, lambda: f64) -> f64 {
        self.at_log(lambda.ln())
    }

    fn at_log(&self, log_lambda: f64) -> f64 {
        let parts = self.parts.iter();
        parts
            .map(|part| part.probability * (1.0 - part.log_t.cdf(part.log_noise - log_lambda)))
            .sum()
    }

    /// The p-quantile of λ.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let ends = |p: f64| {
            let quantiles = self.parts.iter();
            quantiles.map(move |part| part.log_noise - part.log_t.quantile(1.0 - p))
        };
        // The quantile of a mixture lies between those of its parts.
        let low = ends(p).fold(f64::INFINITY, f64::min);
        let high = ends(p).fold(f64::NEG_INFINITY, f64::max);
        if low == high {
            return finite(low.exp());
        }
        finite(root(|x| self.at_log(x) - p, low, high).exp())
    }
}
