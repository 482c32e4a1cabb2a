//! What is known now, laid out so that new scores can be weighed against it.

use super::members::{Fk, Pairs, constants, members};
use crate::Error;
use crate::data::Data;
use crate::model::Hierarchy;
use crate::numeric::finite;
use crate::posterior::{ExactPosterior, Fineness, Given, Hyperparameters, Law};
use rayon::prelude::*;

/// Points of the shared parameters times FKs that are held at most.
const MOST_VALUES: usize = 1 << 21;
/// Points at least, and at most with one sum per FK and point, and with a double one.
const POINTS: (usize, usize, usize) = (32, 128, 64);
/// Values of an FK's own scale at a point, about.
const SCALES: usize = 12;
/// Variances kept at most, futures times FKs.
const MOST_VARIANCES: usize = 1 << 22;
/// Terms that the futures of one plan may take together: a few seconds.
const MOST_TERMS: usize = 100_000_000;
/// Futures at least, whatever they cost.
const FEWEST: usize = 64;

/// The posterior of the shared parameters as weighted points, and of every FK given each.
///
/// Variances are in squared score units; FKs are addressed by their place in the hierarchy, in which
/// those whose scores never vary have none: more of their scores would say nothing new.
#[derive(Debug, Clone)]
pub struct Outlook {
    pub(super) law: Law,
    /// Points and their probabilities.
    pub(super) points: Vec<(Hyperparameters, f64)>,
    pub(super) fks: Vec<Fk>,
    /// The importances of FKs whose scores never vary, about the evidence's centre.
    pub(super) constants: Vec<f64>,
    /// Mean, about the evidence's centre, and variance of every importance over the points.
    over_points: Vec<(f64, f64)>,
    /// Var(α_k | y), where it exists.
    variance: Vec<Option<f64>>,
    /// Whether E[α_k⁴ | y] exists.
    fourth_moment: Vec<bool>,
    /// E[σ²_obs,k | y], infinite where it does not exist.
    noise: Vec<f64>,
    /// What the variances of every FK may be.
    pairs: Vec<Pairs>,
}

impl Outlook {
    /// From the exact posterior where there is one, else from `draws` of the shared parameters (see
    /// [`shared_draws`](super::shared_draws)).
    ///
    /// # Errors
    /// If an FK has a standard error without a number of scores: what one more would add is unknown.
    pub fn new(
        data: &Data,
        hierarchy: &Hierarchy,
        exact: Option<&ExactPosterior>,
        draws: &[Hyperparameters],
    ) -> Result<Self, Error> {
        Self::with_points(data, hierarchy, (exact, draws), POINTS.1)
    }

    /// The same on at most `most` points: fewer are faster and less exact.
    ///
    /// # Errors
    /// As [`Outlook::new`].
    pub fn with_points(
        data: &Data,
        hierarchy: &Hierarchy,
        (exact, draws): (Option<&ExactPosterior>, &[Hyperparameters]),
        most: usize,
    ) -> Result<Self, Error> {
        let law = Law::new(hierarchy, Fineness::Sketch);
        let k = hierarchy.evidence.k().max(1);
        let most = if law.has_two_scales() {
            most.min(POINTS.2)
        } else {
            most
        };
        let values = k * if hierarchy.has_own_scales() {
            SCALES
        } else {
            1
        };
        let most = (MOST_VALUES / values).clamp(POINTS.0, most.max(POINTS.0));
        let points = match exact {
            Some(exact) => exact.points(most),
            None => evenly(draws, most),
        };
        let fks = members(data, hierarchy, &law, &points)?;
        let mut outlook = Self {
            constants: constants(hierarchy),
            over_points: Vec::new(),
            variance: Vec::new(),
            fourth_moment: Vec::new(),
            noise: Vec::new(),
            pairs: fks
                .par_iter()
                .map(|fk| Pairs::new(&law, &points, fk))
                .collect(),
            law,
            points,
            fks,
        };
        outlook.summarise(data, hierarchy, exact);
        Ok(outlook)
    }

    fn summarise(&mut self, data: &Data, hierarchy: &Hierarchy, exact: Option<&ExactPosterior>) {
        for (k, own_mean) in hierarchy.means_of(data).into_iter().enumerate() {
            let weights = self.points.iter().map(|(_, weight)| *weight);
            let (mean, variance) = total_moments(weights.zip(&self.fks[k].now));
            self.over_points.push((mean, variance));
            let exists = hierarchy.has_importance_moment(k, 2.0);
            self.fourth_moment
                .push(hierarchy.has_importance_moment(k, 4.0));
            self.variance.push(match exact {
                Some(exact) => exact.alpha_variance(k, own_mean),
                None => finite(variance).filter(|_| exists),
            });
            let exists = hierarchy.has_noise_moment(1.0) && hierarchy.has_own_noise_moment(k, 1.0);
            let noise = Some(self.pairs[k].noise).filter(|_| exists);
            self.noise.push(noise.unwrap_or(f64::INFINITY));
        }
    }

    /// Mean and variance of an importance over the points, about the evidence's centre.
    pub(super) fn moments_over_points(&self, k: usize) -> (f64, f64) {
        self.over_points[k]
    }

    /// As E[σ²_obs,k | y], a number also where that does not exist.
    pub(super) fn noise_over_pairs(&self, k: usize) -> f64 {
        self.pairs[k].noise
    }

    /// Takes the variances of the importances from elsewhere: where points are few draws of a chain, all its
    /// draws know them better.
    #[must_use]
    pub fn with_variances(mut self, variances: &[Option<f64>]) -> Self {
        for (known, better) in self.variance.iter_mut().zip(variances) {
            *known = known.and(*better);
        }
        self
    }

    pub(super) fn has_fourth_moment(&self, k: usize) -> bool {
        self.fourth_moment[k]
    }

    /// At most `wanted` simulated futures, fewer where they take too much memory or time.
    #[must_use]
    pub fn affordable(&self, wanted: usize) -> usize {
        let middle = self.points.get(self.points.len() / 2);
        let terms = |fk: &Fk| middle.map_or(1, |(at, _)| self.law.terms(at, &fk.noise, &fk.scores));
        let terms: usize = self.fks.iter().map(terms).sum();
        let by_time = MOST_TERMS / (terms * self.points.len()).max(1);
        let by_memory = (MOST_VARIANCES / self.k().max(1)).max(FEWEST / 4);
        wanted.min(by_time.max(FEWEST).min(by_memory))
    }

    /// Number of FKs of the hierarchy.
    #[must_use]
    pub fn k(&self) -> usize {
        self.fks.len()
    }

    /// Where FK `k` stands in the input.
    #[must_use]
    pub fn input_place(&self, k: usize) -> usize {
        self.fks[k].input
    }

    /// Number of scores of FK `k`.
    #[must_use]
    pub fn n(&self, k: usize) -> u64 {
        self.fks[k].scores.n()
    }

    /// Var(α_k | y) now; none where it does not exist.
    #[must_use]
    pub fn variance(&self, k: usize) -> Option<f64> {
        self.variance[k]
    }

    /// E[V_k | y] once `delta` more scores of FK `k` are there: the expected posterior variance is at
    /// least this, however much is known of σ²_FK and the noise. Decreasing and convex in `delta`; infinite
    /// without scores where it does not exist.
    #[must_use]
    pub fn least_variance(&self, k: usize, delta: u64) -> f64 {
        self.over_scales(k, delta, |n, lambda, noise| noise / (n + lambda))
    }

    /// Mean over the FK's scales, once it has `delta` more scores than its n, of `of(n + delta, λ, σ²)`.
    fn over_scales(&self, k: usize, delta: u64, of: impl Fn(f64, f64, f64) -> f64) -> f64 {
        let n = self.n(k).saturating_add(delta) as f64;
        if n == 0.0 && self.variance[k].is_none() {
            return f64::INFINITY;
        }
        let terms = self.pairs[k].all.iter();
        terms
            .map(|&(weight, t, noise)| weight * of(n, noise / t, noise))
            .sum()
    }

    /// 1/(1/W + Δ/E[σ²_obs | y]), W = Var(α_k | y): the expected posterior variance is at most this,
    /// what the best linear use of the new mean gives. Decreasing and convex in `delta`.
    #[must_use]
    pub fn most_variance(&self, k: usize, delta: u64) -> f64 {
        let precision = self.variance[k].map_or(0.0, |variance| 1.0 / variance);
        1.0 / (precision + delta as f64 / self.noise[k])
    }

    /// What one more score of FK `k`, after `delta`, takes off [`Outlook::least_variance`]: without the
    /// cancellation of a difference.
    pub(super) fn least_gain(&self, k: usize, delta: u64) -> f64 {
        self.over_scales(k, delta, |n, lambda, noise| {
            noise / (n + lambda) / (n + 1.0 + lambda)
        })
    }

    /// The same of [`Outlook::most_variance`].
    pub(super) fn most_gain(&self, k: usize, delta: u64) -> f64 {
        let now = self.most_variance(k, delta);
        if now.is_infinite() {
            return if self.noise[k].is_finite() {
                f64::INFINITY
            } else {
                0.0
            };
        }
        let share = now / self.noise[k];
        now * (share / (1.0 + share))
    }

    /// Posterior distribution of Δ/(n + Δ + λ_k), the share of the conditional variance that `delta`
    /// more scores take away: its mean, 5 % and 95 % quantiles.
    #[must_use]
    pub fn formula(&self, k: usize, delta: u64) -> (f64, f64, f64) {
        let n = self.n(k) as f64;
        let delta = delta as f64;
        let of = |&(weight, t, noise): &(f64, f64, f64)| {
            let lambda = noise / t;
            (delta / (n + delta + lambda), weight)
        };
        let mut reductions: Vec<(f64, f64)> = self.pairs[k].all.iter().map(of).collect();
        reductions.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mean = reductions.iter().map(|(r, weight)| r * weight).sum();
        (
            mean,
            weighted_quantile(&reductions, 0.05),
            weighted_quantile(&reductions, 0.95),
        )
    }
}

/// Mean and variance of a mixture: the mean of the variances and the variance of the means.
pub(super) fn total_moments<'a>(
    parts: impl Iterator<Item = (f64, &'a Given)> + Clone,
) -> (f64, f64) {
    let mean: f64 = parts
        .clone()
        .map(|(weight, given)| weight * given.mean)
        .sum();
    let variance = parts
        .map(|(weight, given)| weight * (given.variance + (given.mean - mean).powi(2)))
        .sum();
    (mean, variance)
}

/// The value below which a share `p` of the weight lies; values increase.
pub(super) fn weighted_quantile(values: &[(f64, f64)], p: f64) -> f64 {
    let mut below = 0.0;
    let reached = values.iter().find(|(_, weight)| {
        below += weight;
        below >= p
    });
    reached.or(values.last()).map_or(f64::NAN, |(x, _)| *x)
}

/// `most` of the draws, evenly spaced, each with the same probability.
fn evenly(draws: &[Hyperparameters], most: usize) -> Vec<(Hyperparameters, f64)> {
    let count = draws.len().min(most);
    let chosen = (0..count).filter_map(|i| draws.get(i * draws.len() / count));
    chosen.map(|at| (*at, 1.0 / count as f64)).collect()
}
