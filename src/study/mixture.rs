//! The full posterior of one importance: a mixture of normals over the values of σ²_FK.

use crate::numeric::{normal_cdf, normal_quantile};

/// Newton steps at most, and the accuracy of a quantile in probability.
const STEPS: usize = 60;
const CLOSE: f64 = 1e-7;

/// The mixture for FKs of one sampling variance: their mean score is all that differs.
#[derive(Debug, Clone)]
pub(super) struct Mixture {
    components: Vec<Normal>,
}

#[derive(Debug, Clone, Copy)]
struct Normal {
    weight: f64,
    shrinkage: f64,
    /// 1/√V.
    per_sd: f64,
}

impl Mixture {
    /// From values of σ²_FK with their probabilities.
    pub fn new(nodes: &[(f64, f64)], s: f64) -> Self {
        let component = |&(t, weight): &(f64, f64)| {
            let shrinkage = t / (t + s);
            Normal {
                weight,
                shrinkage,
                per_sd: 1.0 / (shrinkage * s).sqrt(),
            }
        };
        // What weighs nothing is left out.
        let heavy = nodes
            .iter()
            .filter(|(t, weight)| *weight > 1e-12 && *t > 0.0);
        Self {
            components: heavy.map(component).collect(),
        }
    }

    /// Whether the central interval of probability `1 - 2 tail` covers `a`: whether the distribution
    /// function at `a` is between `tail` and `1 - tail`. Where all components agree, nothing needs to
    /// be averaged; `limit` is Φ⁻¹(1 - tail).
    pub fn covers(&self, mean: f64, a: f64, tail: f64, limit: f64) -> bool {
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        for c in &self.components {
            let z = (a - c.shrinkage * mean) * c.per_sd;
            lowest = lowest.min(z);
            highest = highest.max(z);
        }
        if lowest >= -limit && highest <= limit {
            return true;
        }
        if lowest > limit || highest < -limit {
            return false;
        }
        (tail..=1.0 - tail).contains(&self.cdf(mean, a))
    }

    /// P(α ≤ a).
    pub fn cdf(&self, mean: f64, a: f64) -> f64 {
        let below = |c: &Normal| c.weight * normal_cdf((a - c.shrinkage * mean) * c.per_sd);
        self.components.iter().map(below).sum()
    }

    /// The p-quantile: Newton's method from a normal guess, kept inside a bracket.
    pub fn quantile(&self, mean: f64, p: f64) -> f64 {
        let z = normal_quantile(p);
        let ends = self
            .components
            .iter()
            .map(|c| c.shrinkage * mean + z / c.per_sd);
        // The mixture's quantile lies among those of its components.
        let (mut low, mut high) = ends
            .clone()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), end| {
                (low.min(end), high.max(end))
            });
        let weighted = ends.zip(&self.components).map(|(end, c)| c.weight * end);
        let mut a: f64 = weighted.sum::<f64>().clamp(low, high);
        for _ in 0..STEPS {
            let (off, density) = self.off_and_density(mean, a, p);
            if off.abs() < CLOSE {
                break;
            }
            if off > 0.0 {
                high = a;
            } else {
                low = a;
            }
            let next = a - off / density;
            a = if next > low && next < high {
                next
            } else {
                0.5 * (low + high)
            };
        }
        a
    }

    fn off_and_density(&self, mean: f64, a: f64, p: f64) -> (f64, f64) {
        const PER_ROOT_TWO_PI: f64 = 0.398_942_280_401_432_7;
        let (mut below, mut density) = (0.0, 0.0);
        for c in &self.components {
            let z = (a - c.shrinkage * mean) * c.per_sd;
            below += c.weight * normal_cdf(z);
            density += c.weight * c.per_sd * PER_ROOT_TWO_PI * (-0.5 * z * z).exp();
        }
        (below - p, density)
    }
}
