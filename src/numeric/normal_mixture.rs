//! Mixtures of normal laws, and their quantiles.

use super::{normal_cdf, normal_density};

/// Σ wᵢ N(mᵢ, vᵢ)/Σ wᵢ.
#[derive(Debug, Clone)]
pub struct NormalMixture {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    weight: f64,
    mean: f64,
    /// 1/√v.
    steepness: f64,
}

/// Distribution function, density and its derivative at one place.
#[derive(Debug, Clone, Copy, Default)]
struct At {
    below: f64,
    density: f64,
    slope: f64,
}

/// Every so many parts stand for all where a start is sought, as neighbours are alike; where there are no
/// more than the second number, that is not worth it.
const STRIDE: usize = 4;
const MANY: usize = 32;
/// How near, as a share of the smaller tail, the start must be to what is sought, and a place from which
/// one more step is the last: each step cubes the share.
const NEAR: (f64, f64) = (1e-2, 1e-4);
/// Steps at most; halving alone needs fewer.
const STEPS: usize = 2000;

impl NormalMixture {
    /// From (weight, mean, variance) of each part; parts with neighbouring parameters are neighbours.
    pub fn new(parts: impl Iterator<Item = (f64, f64, f64)>) -> Self {
        let part = |(weight, mean, variance): (f64, f64, f64)| Part {
            weight,
            mean,
            steepness: variance.sqrt().recip(),
        };
        Self {
            parts: parts.map(part).collect(),
        }
    }

    /// P(x > `a`).
    #[must_use]
    pub fn above(&self, a: f64) -> f64 {
        let (mut above, mut total) = (0.0, 0.0);
        for part in &self.parts {
            above += part.weight * normal_cdf((part.mean - a) * part.steepness);
            total += part.weight;
        }
        above / total
    }

    /// The p-quantile for 0 < p < 1; `start` is a guess, and `reach` about the spread of the law.
    #[must_use]
    pub fn quantile(&self, p: f64, start: f64, reach: f64) -> f64 {
        let near = if self.parts.len() > MANY {
            let few: Vec<Part> = self.parts.iter().step_by(STRIDE).copied().collect();
            solve(&few, p, start, reach, NEAR.0)
        } else {
            start
        };
        solve(&self.parts, p, near, reach, NEAR.1)
    }
}

fn at(parts: &[Part], x: f64) -> At {
    let mut sum = At::default();
    for part in parts {
        let z = (x - part.mean) * part.steepness;
        let density = part.weight * part.steepness * normal_density(z);
        sum.below += part.weight * normal_cdf(z);
        sum.density += density;
        sum.slope -= density * z * part.steepness;
    }
    sum
}

/// Halley's method within a bracket that shrinks with every step, halved where a step leaves it or does
/// not come nearer; the bracket is found by steps of `reach`, doubled each time.
fn solve(parts: &[Part], p: f64, start: f64, mut reach: f64, near: f64) -> f64 {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let (mut x, mut last) = (start, f64::INFINITY);
    let total: f64 = parts.iter().map(|part| part.weight).sum();
    let near = near * total * p.min(1.0 - p);
    let p = total * p;
    for _ in 0..STEPS {
        let here = at(parts, x);
        let excess = here.below - p;
        if excess > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let newton = -excess / here.density;
        let step = newton / (1.0 + 0.5 * newton * here.slope / here.density).max(0.5);
        let reached = x + step;
        if reached > low && reached < high && step.abs() <= 0.5 * last {
            if excess.abs() <= near {
                return reached;
            }
            last = step.abs();
            x = reached;
            continue;
        }
        let halved = if high.is_infinite() {
            x + reach
        } else if low.is_infinite() {
            x - reach
        } else {
            0.5 * (low + high)
        };
        if halved == x || halved == low || halved == high || !halved.is_finite() {
            return halved;
        }
        reach *= 2.0;
        last = (halved - x).abs();
        x = halved;
    }
    x
}
