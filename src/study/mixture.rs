//! The full posterior of one importance: a mixture of normals over the values of σ²_FK.

use crate::numeric::{normal_cdf, normal_quantile};
use std::sync::LazyLock;

/// Newton steps at most, and how near in probability the last one starts: it squares the error.
const STEPS: usize = 60;
const CLOSE: f64 = 3e-5;

/// Components of less weight are left out.
const LIGHT: f64 = 1e-8;

/// The mixture for FKs of one sampling variance: their mean score is all that differs.
#[derive(Debug, Clone)]
pub(super) struct Mixture {
    components: Vec<Normal>,
}

#[derive(Debug, Clone, Copy)]
struct Normal {
    weight: f64,
    shrinkage: f64,
    /// √V, and its reciprocal.
    sd: f64,
    per_sd: f64,
}

impl Mixture {
    /// From values of σ²_FK with their probabilities.
    pub fn new(nodes: &[(f64, f64)], s: f64) -> Self {
        let component = |&(t, weight): &(f64, f64)| {
            let shrinkage = t / (t + s);
            let sd = (shrinkage * s).sqrt();
            Normal {
                weight,
                shrinkage,
                sd,
                per_sd: 1.0 / sd,
            }
        };
        let heavy = nodes
            .iter()
            .filter(|(t, weight)| *weight > LIGHT && *t > 0.0);
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
        let table = &*NORMAL;
        let below = |c: &Normal| c.weight * table.cdf((a - c.shrinkage * mean) * c.per_sd);
        self.components.iter().map(below).sum()
    }

    /// The p-quantile: Newton's method from a normal guess, kept inside a bracket.
    pub fn quantile(&self, mean: f64, p: f64) -> f64 {
        let z = normal_quantile(p);
        // The mixture's quantile lies among those of its components.
        let (mut low, mut high, mut a) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
        for c in &self.components {
            let end = c.shrinkage * mean + z * c.sd;
            low = low.min(end);
            high = high.max(end);
            a += c.weight * end;
        }
        a = a.clamp(low, high);
        for _ in 0..STEPS {
            let (off, density) = self.off_and_density(mean, a, p);
            let next = a - off / density;
            if off.abs() < CLOSE {
                return next.clamp(low, high);
            }
            if off > 0.0 {
                high = a;
            } else {
                low = a;
            }
            a = if next > low && next < high {
                next
            } else {
                0.5 * (low + high)
            };
        }
        a
    }

    fn off_and_density(&self, mean: f64, a: f64, p: f64) -> (f64, f64) {
        let table = &*NORMAL;
        let (mut below, mut density) = (0.0, 0.0);
        for c in &self.components {
            let z = (a - c.shrinkage * mean) * c.per_sd;
            let (cdf, slope) = table.cdf_and_density(z);
            below += c.weight * cdf;
            density += c.weight * c.per_sd * slope;
        }
        (below - p, density)
    }
}

/// Φ in cubic Hermite pieces, to 2e-10: a study asks for it a hundred million times.
struct NormalTable {
    /// Φ and its density times the step, at the knots.
    knots: Vec<(f64, f64)>,
}

/// Where the table ends on either side, and knots per unit.
const REACH: f64 = 8.0;
const PER_UNIT: f64 = 64.0;

static NORMAL: LazyLock<NormalTable> = LazyLock::new(NormalTable::new);

impl NormalTable {
    fn new() -> Self {
        const PER_ROOT_TWO_PI: f64 = 0.398_942_280_401_432_7;
        let knots = (0..=(2.0 * REACH * PER_UNIT) as usize).map(|i| {
            let z = i as f64 / PER_UNIT - REACH;
            let density = PER_ROOT_TWO_PI * (-0.5 * z * z).exp();
            (normal_cdf(z), density / PER_UNIT)
        });
        Self {
            knots: knots.collect(),
        }
    }

    /// The knots around `z`, and where between them it is.
    fn around(&self, z: f64) -> Option<([(f64, f64); 2], f64)> {
        let place = (z + REACH) * PER_UNIT;
        // A negative place saturates at 0: what is left of the table has a share below 0.
        let i = place as usize;
        let share = place - i as f64;
        match (self.knots.get(i), self.knots.get(i + 1)) {
            (Some(&left), Some(&right)) if share >= 0.0 => Some(([left, right], share)),
            _ => None,
        }
    }

    fn cdf(&self, z: f64) -> f64 {
        self.cdf_and_density(z).0
    }

    /// Φ(z), and its density to 3e-5, which is enough for the slope of a Newton step.
    fn cdf_and_density(&self, z: f64) -> (f64, f64) {
        let Some(([left, right], share)) = self.around(z) else {
            return (if z > 0.0 { 1.0 } else { 0.0 }, 0.0);
        };
        let rise = right.0 - left.0;
        let bend = (1.0 - share) * (left.1 - rise) + share * (rise - right.1);
        (
            left.0 + share * (rise + (1.0 - share) * bend),
            PER_UNIT * (left.1 + share * (right.1 - left.1)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_normal_law() {
        for i in -900..900 {
            let z = f64::from(i) * 0.010_37;
            assert!((NORMAL.cdf(z) - normal_cdf(z)).abs() < 3e-10, "{z}");
        }
        assert_eq!((NORMAL.cdf(-50.0), NORMAL.cdf(50.0)), (0.0, 1.0));
    }

    #[test]
    fn quantiles_invert_the_distribution_function() {
        let mixture = Mixture::new(&[(0.01, 0.3), (1.0, 0.4), (30.0, 0.3)], 2.0);
        for mean in [-9.0, 0.0, 0.3, 25.0] {
            for p in [0.05, 0.5, 0.95] {
                let found = mixture.cdf(mean, mixture.quantile(mean, p));
                assert!((found - p).abs() < 1e-7, "{mean} {p}: {found}");
            }
        }
    }
}
