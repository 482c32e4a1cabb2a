//! The same hierarchy in other units.
//!
//! Squares of scores fit into double precision up to 1e150, their fourth powers and the far tails of a
//! posterior of σ²_FK do not. Worked out in units near the scores' own size, everything does.

use super::{Hierarchy, Hyperprior, NoiseVariance, Role, Spread};

/// Powers of two whose squares are normal numbers, and those squares' reciprocals too.
const LARGEST_EXPONENT: i32 = 511;

/// A unit for scores: a power of two, so that going to it and back loses nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unit(f64);

impl Unit {
    /// The unit next below the root of a squared size; 1 where that says nothing.
    fn of_square(square: f64) -> Self {
        if !(square.is_normal() && square > 0.0) {
            return Self(1.0);
        }
        // The exponent as it is stored: unlike a logarithm it follows powers of two exactly.
        let exponent = (square.to_bits() >> 52) as i32 - 1023;
        let exponent = exponent.div_euclid(2);
        Self(2f64.powi(exponent.clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT)))
    }

    /// A figure in score units, in this unit.
    pub fn reduce(self, x: f64) -> f64 {
        x / self.0
    }

    /// A figure in squared score units, in this unit squared.
    pub fn reduce_square(self, x: f64) -> f64 {
        x / self.0 / self.0
    }

    /// A figure in this unit, in score units.
    pub fn restore(self, x: f64) -> f64 {
        x * self.0
    }

    /// A figure in this unit squared, in squared score units.
    pub fn restore_square(self, x: f64) -> f64 {
        x * self.0 * self.0
    }
}

impl Hierarchy {
    /// A unit in which the larger of the sampling variances and squared means is near 1.
    pub(crate) fn natural_unit(&self) -> Unit {
        let largest = self.evidence.observed().fold(0.0, |top: f64, group| {
            let s = self.sigma2_obs * group.unit_variance;
            top.max(s).max(group.sum_sq_means / group.count as f64)
        });
        Unit::of_square(largest)
    }

    /// The same hierarchy with all its numbers in another unit; `model`, which is how it was stated,
    /// stays in score units.
    pub(crate) fn in_unit(&self, unit: Unit) -> Self {
        let role = |role: &Role| match *role {
            Role::SetAside { value } => Role::SetAside {
                value: unit.reduce(value),
            },
            place => place,
        };
        let spread = |spread: &Spread| Spread {
            n: spread.n,
            sum_sq: unit.reduce_square(spread.sum_sq),
        };
        Self {
            evidence: self.evidence.in_unit(unit, self.common_noise),
            roles: self.roles.iter().map(role).collect(),
            spreads: self.spreads.iter().map(spread).collect(),
            ..self.groups_in_unit(unit)
        }
    }

    /// The same without what is known of each FK: its groups are all that the posterior needs where no FK has a
    /// scale of its own.
    pub(crate) fn groups_in_unit(&self, unit: Unit) -> Self {
        let square = |x| unit.reduce_square(x);
        // Where noise is not common, r_k has the unit of a variance and σ²_obs has none.
        let noise_variance = |x| if self.common_noise { square(x) } else { x };
        Self {
            model: self.model.clone(),
            hyperprior: self.hyperprior.in_unit(unit),
            noise: match self.noise {
                NoiseVariance::Known(variance) => NoiseVariance::Known(noise_variance(variance)),
                NoiseVariance::Sampled { c0, d0 } => NoiseVariance::Sampled { c0, d0: square(d0) },
                NoiseVariance::PerFk {
                    c0,
                    scale_prior: (shape, rate),
                } => NoiseVariance::PerFk {
                    c0,
                    scale_prior: (shape, unit.restore_square(rate)),
                },
            },
            sigma2_obs: noise_variance(self.sigma2_obs),
            evidence: self.evidence.groups_in_unit(unit, self.common_noise),
            roles: Vec::new(),
            spreads: Vec::new(),
            ..*self
        }
    }
}

impl Hyperprior {
    fn in_unit(self, unit: Unit) -> Self {
        match self {
            Self::InverseGamma { a0, b0 } => Self::InverseGamma {
                a0,
                b0: unit.reduce_square(b0),
            },
            Self::HalfT { nu, scale } => Self::HalfT {
                nu,
                scale: unit.reduce(scale),
            },
            Self::Flat => Self::Flat,
        }
    }
}
