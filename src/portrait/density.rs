//! Prior and posterior of the variances, on the log scale.

use super::{Portrait, thinned};
use crate::Error;
use crate::model::{Hyperprior, NoiseVariance};
use crate::numeric::quantile_sorted;

/// Points of a density curve.
const POINTS: usize = 201;
/// Bins of a histogram of draws.
const BINS: usize = 40;
/// Draws in a kernel estimate at most.
const MOST_IN_KERNEL: usize = 2000;
/// Probability left out at either end of what is drawn.
const LEFT_OUT: f64 = 0.001;
/// How far, in logs, the prior is shown around its mode.
const AROUND_MODE: f64 = 3.0;

/// Densities of the logarithm of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct PriorPosterior {
    /// The parameter.
    pub name: &'static str,
    /// Values of the parameter at which the densities are known, evenly spaced in logs.
    pub x: Vec<f64>,
    /// The prior's density of log x; none where it is improper or not known in closed form.
    pub prior: Option<Vec<f64>>,
    /// The exact posterior's density of log x.
    pub exact: Option<Vec<f64>>,
    /// The draws.
    pub histogram: Histogram,
    /// What the plug-in formula takes it for; none at the boundary.
    pub plugin: Option<f64>,
}

/// Draws counted in bins that are evenly wide in logs.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Ends of the bins, one more than there are bins.
    pub edges: Vec<f64>,
    /// Density of the logarithm in each bin.
    pub density: Vec<f64>,
}

impl Histogram {
    /// Of positive draws between two quantiles, on the log scale.
    fn of_logs(logs: &[f64], (low, high): (f64, f64)) -> Self {
        let width = (high - low) / BINS as f64;
        let mut counts = vec![0.0; BINS];
        for log in logs {
            let bin = ((log - low) / width).floor();
            if bin >= 0.0
                && let Some(count) = counts.get_mut(bin as usize)
            {
                *count += 1.0;
            }
        }
        let unit = width * logs.len() as f64;
        Self {
            edges: even(low, high, BINS + 1).iter().map(|x| x.exp()).collect(),
            density: counts.iter().map(|count| count / unit).collect(),
        }
    }
}

impl Portrait {
    /// Prior and posterior of σ²_FK, and of λ where noise is common.
    ///
    /// # Errors
    /// If the draws cannot be read.
    pub fn prior_and_posterior(&self) -> Result<Vec<PriorPosterior>, Error> {
        let mut found = vec![self.of_sigma2_fk()?];
        found.extend(self.of_lambda()?);
        Ok(found)
    }

    fn of_sigma2_fk(&self) -> Result<PriorPosterior, Error> {
        let hyperprior = &self.opened.file.hierarchy().hyperprior;
        let logs = sorted_logs(&self.sigma2_fk()?.iter().copied().collect::<Vec<_>>());
        let drawn = range(&logs);
        let x = wide_enough(drawn, hyperprior.log_mode());
        Ok(PriorPosterior {
            name: "sigma2_fk",
            prior: proper(hyperprior).map(|prior| x.iter().map(|&x| density(prior, x)).collect()),
            exact: self.exact_density_of_log_sigma2_fk(&x),
            histogram: Histogram::of_logs(&logs, drawn),
            plugin: Some(self.estimate.sigma2_fk).filter(|t| *t > 0.0),
            x: x.iter().map(|x| x.exp()).collect(),
        })
    }

    /// λ = σ²_obs/σ²_FK: where σ²_obs is known, its density is that of σ²_FK mirrored.
    fn of_lambda(&self) -> Result<Option<PriorPosterior>, Error> {
        let Some(draws) = self.draws("lambda")? else {
            return Ok(None);
        };
        let hierarchy = self.opened.file.hierarchy();
        let logs = sorted_logs(&draws.iter().copied().collect::<Vec<_>>());
        let known = match hierarchy.noise {
            NoiseVariance::Known(sigma2_obs) => Some(sigma2_obs.ln()),
            _ => None,
        };
        let mode = known.and_then(|noise| Some(noise - hierarchy.hyperprior.log_mode()?));
        let drawn = range(&logs);
        let x = wide_enough(drawn, mode);
        let mirrored: Option<Vec<f64>> = known.map(|noise| x.iter().map(|x| noise - x).collect());
        Ok(Some(PriorPosterior {
            name: "lambda",
            prior: mirrored.as_ref().and_then(|t| {
                let prior = proper(&hierarchy.hyperprior)?;
                Some(t.iter().map(|&t| density(prior, t)).collect())
            }),
            exact: mirrored.and_then(|t| {
                let backwards: Vec<f64> = t.into_iter().rev().collect();
                let mut density = self.exact_density_of_log_sigma2_fk(&backwards)?;
                density.reverse();
                Some(density)
            }),
            histogram: Histogram::of_logs(&logs, drawn),
            plugin: self.fit().plugin.lambda,
            x: x.iter().map(|x| x.exp()).collect(),
        }))
    }

    /// The exact posterior density of log σ²_FK at evenly spaced logs.
    fn exact_density_of_log_sigma2_fk(&self, logs: &[f64]) -> Option<Vec<f64>> {
        let exact = self.exact()?;
        let step = logs.get(1)? - logs.first()?;
        let half = 0.5 * step;
        let mass =
            |x: f64| exact.sigma2_fk_cdf((x + half).exp()) - exact.sigma2_fk_cdf((x - half).exp());
        Some(logs.iter().map(|&x| mass(x) / step).collect())
    }

    /// The posterior density of log σ²_FK at evenly spaced logs: exact, or a kernel estimate from the
    /// draws.
    pub(super) fn density_of_log_sigma2_fk(&self, logs: &[f64]) -> Result<Vec<f64>, Error> {
        match self.exact_density_of_log_sigma2_fk(logs) {
            Some(density) => Ok(density),
            None => {
                let draws = sorted_logs(&thinned(&self.sigma2_fk()?, MOST_IN_KERNEL));
                Ok(kernel_density(&draws, logs))
            }
        }
    }
}

/// A prior that has a density.
fn proper(hyperprior: &Hyperprior) -> Option<&Hyperprior> {
    (*hyperprior != Hyperprior::Flat).then_some(hyperprior)
}

fn density(hyperprior: &Hyperprior, log_t: f64) -> f64 {
    hyperprior.log_density(log_t).exp()
}

fn sorted_logs(values: &[f64]) -> Vec<f64> {
    let mut logs: Vec<f64> = values
        .iter()
        .map(|x| x.ln())
        .filter(|x| x.is_finite())
        .collect();
    logs.sort_unstable_by(f64::total_cmp);
    logs
}

/// Where nearly all of the sorted draws lie; a little room around a single value.
fn range(sorted: &[f64]) -> (f64, f64) {
    let end = |p: f64| quantile_sorted(sorted, p).unwrap_or(0.0);
    let (low, high) = (end(LEFT_OUT), end(1.0 - LEFT_OUT));
    if high - low > 1e-9 {
        (low, high)
    } else {
        (low - 0.5, high + 0.5)
    }
}

/// The logs at which densities are drawn: over the posterior, and around the prior's mode.
fn wide_enough((low, high): (f64, f64), mode: Option<f64>) -> Vec<f64> {
    let room = 0.1 * (high - low);
    let (from, to) = mode.map_or((low, high), |mode| {
        (low.min(mode - AROUND_MODE), high.max(mode + AROUND_MODE))
    });
    even(from - room, to + room, POINTS)
}

/// Evenly spaced values, both ends included.
pub(super) fn even(from: f64, to: f64, count: usize) -> Vec<f64> {
    let step = (to - from) / (count.max(2) - 1) as f64;
    (0..count).map(|i| from + step * i as f64).collect()
}

/// Gaussian kernels of Silverman's width.
fn kernel_density(sorted: &[f64], at: &[f64]) -> Vec<f64> {
    let quartile = |p: f64| quantile_sorted(sorted, p).unwrap_or(0.0);
    let size = sorted.len().max(1) as f64;
    let spread = (quartile(0.75) - quartile(0.25)) / 1.34;
    let width = 0.9 * spread.max(1e-6) * size.powf(-0.2);
    let unit = size * width * (2.0 * std::f64::consts::PI).sqrt();
    let kernel = |x: f64, draw: f64| (-0.5 * ((x - draw) / width).powi(2)).exp();
    let sum = |x: f64| sorted.iter().map(|&draw| kernel(x, draw)).sum::<f64>();
    at.iter().map(|&x| sum(x) / unit).collect()
}
