//! Could the model have made these data? Scores as the fitted model would make them anew, set beside the
//! scores that were observed, in closed form given each draw of the variances.

use super::density::even;
use super::{Portrait, thinned};
use crate::Error;
use crate::model::{Hierarchy, Noise, NoiseVariance, Role};
use crate::numeric::{normal_cdf, root};
use crate::posterior::{Fineness, MixingScales};
use statrs::function::gamma::checked_gamma_lr;

/// Draws over which the spread of new scores is averaged.
const DRAWS_OF_SPREAD: usize = 100;
/// Draws over which the largest mean is averaged, at most, and the normal distribution functions that it
/// may take.
const DRAWS_OF_LARGEST: (usize, usize) = (400, 2_000_000);
/// Values at which the largest mean's distribution is known.
const POINTS: usize = 81;

/// Two checks of the model against its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictive {
    /// Spread within FKs, for those shown that have two scores that differ; empty where each FK's noise
    /// is taken for its own spread, or is given.
    pub spreads: Vec<SpreadRow>,
    /// The largest mean in absolute value.
    pub largest: Option<LargestMean>,
}

/// The standard deviation of one FK's scores, in score units.
#[derive(Debug, Clone, PartialEq)]
pub struct SpreadRow {
    /// The FK.
    pub fk: String,
    /// As observed.
    pub observed: f64,
    /// 5 %, 50 % and 95 % quantile of what as many new scores would have.
    pub expected: [f64; 3],
    /// Probability that new scores spread no more than those observed.
    pub p: f64,
}

/// The largest |ȳ_k| of FKs that have the same numbers of scores and importances drawn anew, about the
/// centre, in score units.
#[derive(Debug, Clone, PartialEq)]
pub struct LargestMean {
    /// As observed.
    pub observed: f64,
    /// The FK that has it.
    pub fk: String,
    /// Values.
    pub x: Vec<f64>,
    /// The probability of no more than each.
    pub cdf: Vec<f64>,
    /// The probability of at least as much as observed.
    pub p: f64,
}

/// One draw of what the FKs share.
struct Shared {
    sigma2_fk: f64,
    sigma2_obs: f64,
    /// About the evidence's centre.
    location: f64,
}

impl Portrait {
    /// Both checks.
    ///
    /// # Errors
    /// If the draws cannot be read.
    pub fn predictive(&self) -> Result<Predictive, Error> {
        Ok(Predictive {
            spreads: self.spreads()?,
            largest: self.largest_mean()?,
        })
    }

    fn spreads(&self) -> Result<Vec<SpreadRow>, Error> {
        let hierarchy = self.opened.file.hierarchy();
        if hierarchy.model.noise == Noise::PerFkFixed {
            return Ok(Vec::new());
        }
        let mut rows = Vec::new();
        for &fk in self.shown() {
            let fks = &self.fit().fitted.data.fks;
            let (Role::InHierarchy(k), Some(name)) = (hierarchy.roles[fk], fks.name(fk)) else {
                continue;
            };
            let spread = hierarchy.spreads[k];
            if let Some(variance) = spread.variance().filter(|v| *v > 0.0) {
                let noise = self.noise_of(name)?;
                rows.extend(spread_row(name, spread.n - 1.0, variance, &noise));
            }
        }
        Ok(rows)
    }

    /// Draws of the noise variance of one FK's scores.
    fn noise_of(&self, fk: &str) -> Result<Vec<f64>, Error> {
        let drawn = match self.opened.file.hierarchy().noise {
            NoiseVariance::Known(sigma2_obs) => return Ok(vec![sigma2_obs]),
            NoiseVariance::Sampled { .. } => self.draws("sigma2_obs")?,
            NoiseVariance::PerFk { .. } => self.draws(&format!("sigma2_obs[{fk}]"))?,
        };
        Ok(drawn.map_or_else(Vec::new, |draws| thinned(&draws, DRAWS_OF_SPREAD)))
    }

    fn largest_mean(&self) -> Result<Option<LargestMean>, Error> {
        let hierarchy = self.opened.file.hierarchy();
        let names = self.opened.file.data().fks().iter().zip(&hierarchy.roles);
        let means = names.filter_map(|(fk, role)| match *role {
            Role::InHierarchy(k) => {
                let about = hierarchy.evidence.about_center(k, fk.sample.mean()?);
                Some((about.abs(), fk.name.as_str()))
            }
            Role::SetAside { .. } => None,
        });
        let Some((observed, fk)) = means.max_by(|a, b| a.0.total_cmp(&b.0)) else {
            return Ok(None);
        };
        let draws = self.shared_draws()?;
        let mixing = hierarchy
            .nu()
            .map(|nu| MixingScales::new(nu, Fineness::Coarse));
        let cdf = |m: f64| {
            let given = |draw: &Shared| all_within(hierarchy, mixing.as_ref(), draw, m);
            let sum: f64 = draws.iter().map(given).sum();
            sum / draws.len().max(1) as f64
        };
        let mut high = observed;
        // Up to where next to nothing is left; an unbounded tail is cut.
        for _ in 0..12 {
            if cdf(high) > 0.98 {
                break;
            }
            high *= 1.5;
        }
        let x = even(0.0, high, POINTS);
        Ok((observed > 0.0).then(|| LargestMean {
            observed,
            fk: fk.to_owned(),
            cdf: x.iter().map(|&m| cdf(m)).collect(),
            p: (1.0 - cdf(observed)).max(0.0),
            x,
        }))
    }

    fn shared_draws(&self) -> Result<Vec<Shared>, Error> {
        let hierarchy = self.opened.file.hierarchy();
        let (most, evaluations) = DRAWS_OF_LARGEST;
        let affordable = evaluations / (2 * POINTS * hierarchy.evidence.groups().len().max(1));
        let most = affordable.clamp(20, most);
        let sigma2_fk = thinned(&self.sigma2_fk()?, most);
        let others = |name: &str| -> Result<_, Error> {
            Ok(self.draws(name)?.map(|draws| thinned(&draws, most)))
        };
        let (noise, location) = (others("sigma2_obs")?, others("location")?);
        let center = hierarchy.evidence.center();
        let at = |values: &Option<Vec<f64>>, i: usize| values.as_ref()?.get(i).copied();
        let draws = sigma2_fk.iter().enumerate().map(|(i, &t)| Shared {
            sigma2_fk: t,
            sigma2_obs: at(&noise, i).unwrap_or(hierarchy.sigma2_obs),
            location: at(&location, i).map_or(0.0, |m| m - center),
        });
        Ok(draws.collect())
    }
}

/// Sample variances of ν + 1 new scores are σ² χ²_ν/ν given σ².
fn spread_row(fk: &str, degrees: f64, variance: f64, noise: &[f64]) -> Option<SpreadRow> {
    let cdf = |v: f64| {
        let given = |noise: &f64| checked_gamma_lr(0.5 * degrees, 0.5 * degrees * v / noise);
        let sum: f64 = noise.iter().map(|noise| given(noise).unwrap_or(0.0)).sum();
        sum / noise.len() as f64
    };
    let lowest = noise.iter().copied().reduce(f64::min)?;
    let highest = noise.iter().copied().reduce(f64::max)?;
    let (low, high) = ((1e-6 * lowest).ln(), (1e4 * highest).ln());
    let quantile = |p: f64| (0.5 * root(|x| cdf(x.exp()) - p, low, high)).exp();
    Some(SpreadRow {
        fk: fk.to_owned(),
        observed: variance.sqrt(),
        expected: [0.05, 0.5, 0.95].map(quantile),
        p: cdf(variance),
    })
}

/// Π P(|ȳ_k| ≤ m) over the FKs with scores, given what they share.
fn all_within(hierarchy: &Hierarchy, mixing: Option<&MixingScales>, draw: &Shared, m: f64) -> f64 {
    let within = |v: f64| {
        let sd = v.sqrt();
        normal_cdf((m - draw.location) / sd) - normal_cdf((-m - draw.location) / sd)
    };
    let groups = hierarchy.evidence.observed().map(|group| {
        let s = draw.sigma2_obs * group.unit_variance;
        let p: f64 = match mixing {
            None => within(draw.sigma2_fk + s),
            Some(mixing) => mixing
                .components(draw.sigma2_fk, s)
                .map(|c| c.weight * within(c.t + c.s))
                .sum(),
        };
        p.powi(i32::try_from(group.count).unwrap_or(i32::MAX))
    });
    groups.product()
}
