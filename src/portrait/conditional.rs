//! Importances as functions of σ_FK, with the posterior of σ_FK: the picture of Rubin (1981), how much
//! every spread of the importances would pool, and which spreads the data believe.

use super::density::even;
use super::{Portrait, thinned};
use crate::Error;
use crate::model::{Hierarchy, Role};
use crate::numeric::{median, quantile_sorted};
use crate::variance::{HyperparameterDraws, VarianceDraws};
use ndarray::Array2;

/// Values of σ_FK.
const POINTS: usize = 101;
/// Probability of σ_FK left out at either end of the axis.
const LEFT_OUT: f64 = 0.005;
/// The axis reaches down to this share of the smallest standard error, where all is pooled.
const ALL_POOLED: f64 = 0.3;
/// From this ratio of the ends on, the axis is logarithmic.
const MANY: f64 = 40.0;

/// Conditional means and standard deviations, in score units.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionalCurves {
    /// Values of σ_FK.
    pub sigma: Vec<f64>,
    /// Whether they are evenly spaced in logs.
    pub logarithmic: bool,
    /// The FKs shown, the largest posterior median first.
    pub fks: Vec<ConditionalCurve>,
    /// Posterior density of σ_FK (of its logarithm on a logarithmic axis).
    pub density: Vec<f64>,
    /// 5 %, 50 % and 95 % quantile of σ_FK.
    pub quantiles: [f64; 3],
    /// What the plug-in formula takes σ_FK for.
    pub plugin: f64,
}

/// One FK.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionalCurve {
    /// The FK.
    pub fk: String,
    /// E[α_k | σ_FK, y] at each value.
    pub mean: Vec<f64>,
    /// sd(α_k | σ_FK, y) at each value.
    pub sd: Vec<f64>,
}

impl Portrait {
    /// The curves at the noise's point value, and at the posterior median of a location that is drawn.
    ///
    /// # Errors
    /// If the draws cannot be read.
    pub fn conditional_curves(&self) -> Result<ConditionalCurves, Error> {
        let hierarchy = self.opened.file.hierarchy();
        let draws = self.sigma2_fk()?;
        let mut sorted: Vec<f64> = draws.iter().map(|t| t.sqrt()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let quantile = |p: f64| quantile_sorted(&sorted, p).unwrap_or(0.0);
        let ends = (quantile(LEFT_OUT), quantile(1.0 - LEFT_OUT));
        let (sigma, logarithmic) = axis(ends, hierarchy);
        let logs: Vec<f64> = match logarithmic {
            true => sigma.iter().map(|s| 2.0 * s.ln()).collect(),
            false => Vec::new(),
        };
        let density = if logarithmic {
            let of_log_t = self.density_of_log_sigma2_fk(&logs)?;
            of_log_t.iter().map(|p| 2.0 * p).collect()
        } else {
            self.density_of_sigma(&sigma)?
        };
        let location = self.draws("location")?.map(|m| thinned(&m, 4000));
        let location = location.and_then(|m| median(&m));
        Ok(ConditionalCurves {
            fks: self.curves(&sigma, location),
            sigma,
            logarithmic,
            density,
            quantiles: [0.05, 0.5, 0.95].map(quantile),
            plugin: self.estimate.sigma2_fk.sqrt(),
        })
    }

    /// p(σ) = p(log t) · 2/σ, t = σ², at evenly spaced σ, from one density evenly spaced in logs.
    fn density_of_sigma(&self, sigma: &[f64]) -> Result<Vec<f64>, Error> {
        let positive = sigma.iter().copied().filter(|s| *s > 0.0);
        let (low, high) = positive.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), s| {
            (low.min(s), high.max(s))
        });
        let logs = even(2.0 * low.ln(), 2.0 * high.ln(), 4 * POINTS);
        let density = self.density_of_log_sigma2_fk(&logs)?;
        let step = logs[1] - logs[0];
        let at = |s: f64| {
            let place = (2.0 * s.ln() - logs[0]) / step;
            let left = (place.max(0.0) as usize).min(logs.len() - 2);
            let share = (place - left as f64).clamp(0.0, 1.0);
            (1.0 - share) * density[left] + share * density[left + 1]
        };
        let of = |&s: &f64| if s > 0.0 { at(s) * 2.0 / s } else { 0.0 };
        Ok(sigma.iter().map(of).collect())
    }

    fn curves(&self, sigma: &[f64], location: Option<f64>) -> Vec<ConditionalCurve> {
        let hierarchy = self.opened.file.hierarchy();
        let row =
            |f: &dyn Fn(f64) -> f64| Array2::from_shape_fn((1, sigma.len()), |(_, i)| f(sigma[i]));
        let given = VarianceDraws::new(
            hierarchy,
            HyperparameterDraws {
                sigma2_fk: row(&|s| s * s),
                sigma2_obs: None,
                location: location.map(|m| row(&|_| m)),
                d0: None,
            },
        );
        let center = hierarchy.evidence.center();
        let members = self.shown().iter().filter_map(|&fk| {
            let Role::InHierarchy(k) = hierarchy.roles[fk] else {
                return None;
            };
            let observed = self.fit().fitted.data.fks.get(fk)?;
            let s = hierarchy.sampling_variance(k, hierarchy.sigma2_obs);
            let about = hierarchy
                .evidence
                .about_center(k, observed.mean.unwrap_or(0.0));
            let curve = given.conditionals(row(&|_| s), about);
            Some(ConditionalCurve {
                fk: observed.fk.to_string(),
                mean: curve.given().iter().map(|c| center + c.mean).collect(),
                sd: curve.given().iter().map(|c| c.variance.sqrt()).collect(),
            })
        });
        members.collect()
    }
}

/// Values of σ_FK from where all is pooled to where nearly all of its posterior lies; from 0 on where
/// that is not many times as far.
fn axis((low, high): (f64, f64), hierarchy: &Hierarchy) -> (Vec<f64>, bool) {
    let smallest = hierarchy
        .evidence
        .observed()
        .map(|group| (hierarchy.sigma2_obs * group.unit_variance).sqrt())
        .fold(f64::INFINITY, f64::min);
    let from = low.min(ALL_POOLED * smallest);
    if high > MANY * from && from > 0.0 {
        let logs = even(from.ln(), high.ln(), POINTS);
        return (logs.iter().map(|x| x.exp()).collect(), true);
    }
    (even(0.0, high, POINTS), false)
}
