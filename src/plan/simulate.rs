//! Preposterior simulation: what the posterior will be once further scores are there, averaged over what
//! they may turn out to be.
//!
//! A replicate draws shared parameters and importances from the posterior, simulates the mean and the
//! spread of the new scores, and updates exactly: given the shared parameters FKs are independent, so
//! each point of the posterior is reweighted by the new likelihood of the FKs that have new scores.

use super::consistency::Consistency;
use super::outlook::{Outlook, total_moments};
use super::ranks::{Order, Right};
use crate::data::FkStats;
use crate::numeric::{finite, norm};
use crate::posterior::{Drawn, FkNoise, Given, conditional};
use crate::sampler::{Generator, keyed_stream};
use rand::RngExt;
use rand_distr::{ChiSquared, StandardNormal};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Futures of the check that follows one not passed, over those of that one.
const AGAIN: usize = 8;

/// How the future is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Simulation<'a> {
    /// Simulated futures (see [`Outlook::affordable`]).
    pub replicates: usize,
    /// Seed of the random numbers: the same futures whatever is planned, so that plans can be compared.
    pub seed: u64,
    /// How many of the first ranks are to be right.
    pub top: usize,
    /// Counts replicates while they run.
    pub progress: &'a AtomicU64,
}

/// A mean over replicates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub value: f64,
    /// Its Monte-Carlo standard error.
    pub mcse: f64,
}

/// What further scores are expected to bring.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// By place in the hierarchy.
    pub fks: Vec<FkForecast>,
    /// Σ Var(α_k | y, y') over them; none where one does not exist.
    pub sum_variance: Option<Estimate>,
    /// The largest of their expected variances, likewise.
    pub largest_variance: Option<Estimate>,
    /// Probability that the first ranks by posterior mean are the first by importance, as a set.
    pub top: Estimate,
    /// Expected share of neighbours in the ranking by posterior mean that stand in the right order.
    pub order: Estimate,
    /// Whether the futures agree with the present.
    pub consistency: Consistency,
}

/// The same of one FK.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FkForecast {
    /// E[Var(α_k | y, y') | y], in squared score units; none where it does not exist.
    pub variance: Option<Estimate>,
    /// 5 % and 95 % quantiles of the share by which the variance will fall.
    pub reduction: Option<(f64, f64)>,
}

/// A plan ready to be simulated.
struct Scenario<'a> {
    outlook: &'a Outlook,
    delta: &'a [u64],
    /// Noise of the FKs that get scores.
    noise: Vec<Option<FkNoise>>,
    /// V_k of the future at each point, about: a function of the shared parameters alone, so its
    /// posterior expectation will on average be what it is now.
    control: Vec<Vec<f64>>,
    /// That expectation.
    expected_control: Vec<f64>,
}

/// One simulated future.
pub(super) struct Future {
    /// Var(α_k | y, y').
    pub variance: Vec<f64>,
    /// The same less what the control says of this future.
    controlled: Vec<f64>,
    /// E[α_k | y, y'] - E[α_k | y].
    pub shift: Vec<f64>,
    right: Right,
}

impl Outlook {
    /// Simulates `delta` more scores of every FK, by place in the hierarchy.
    #[must_use]
    pub fn simulate(&self, delta: &[u64], simulation: Simulation<'_>) -> Forecast {
        let scenario = Scenario::new(self, delta);
        let mut forecast = scenario.forecast(&scenario.futures(simulation));
        if !forecast.consistency.passed() {
            forecast.consistency = self.checked_again(&scenario, simulation);
        }
        forecast
    }

    /// Squares are skewed, so a few futures contradict the present more often than Student's t has it; an
    /// error is still there among other futures, and more of them.
    fn checked_again(&self, scenario: &Scenario<'_>, simulation: Simulation<'_>) -> Consistency {
        let once = simulation.replicates;
        let futures = scenario.futures(Simulation {
            replicates: self.affordable(once.saturating_mul(AGAIN)).max(once),
            seed: !simulation.seed,
            progress: &AtomicU64::new(0),
            ..simulation
        });
        Consistency::of(self, &futures)
    }
}

impl<'a> Scenario<'a> {
    fn new(outlook: &'a Outlook, delta: &'a [u64]) -> Self {
        let noise = outlook.fks.iter().zip(delta).map(|(fk, &delta)| {
            (delta > 0).then(|| match fk.noise {
                FkNoise::Fixed(variance) => FkNoise::Fixed(variance),
                _ => outlook.law.noise_at(fk.scores.n().saturating_add(delta)),
            })
        });
        let control: Vec<Vec<f64>> = outlook
            .fks
            .iter()
            .zip(delta)
            .map(|(fk, &delta)| {
                let n = fk.scores.n().saturating_add(delta) as f64;
                let at_point = |(at, _): &(_, f64)| {
                    let s = outlook.law.typical_noise(at, &fk.noise, &fk.scores) / n;
                    conditional(at.sigma2_fk, s, 0.0).variance
                };
                outlook.points.iter().map(at_point).collect()
            })
            .collect();
        let expected = |control: &Vec<f64>| {
            let weights = outlook.points.iter().map(|(_, weight)| weight);
            weights.zip(control).map(|(weight, v)| weight * v).sum()
        };
        Self {
            noise: noise.collect(),
            expected_control: control.iter().map(expected).collect(),
            control,
            outlook,
            delta,
        }
    }

    fn futures(&self, simulation: Simulation<'_>) -> Vec<Future> {
        let count = simulation.replicates;
        let future = |i| {
            let future = self.future((i, count), simulation);
            simulation.progress.fetch_add(1, Ordering::Relaxed);
            future
        };
        (0..count).into_par_iter().map(future).collect()
    }

    /// Future `i` of `count`.
    fn future(&self, (i, count): (usize, usize), simulation: Simulation<'_>) -> Future {
        let outlook = self.outlook;
        let mut rng = keyed_stream(&[simulation.seed, i as u64]);
        let u: f64 = (i as f64 + rng.random::<f64>()) / count as f64;
        let weights: Vec<f64> = outlook.points.iter().map(|(_, weight)| *weight).collect();
        let point = chosen(&weights, u);
        let truth: Vec<Drawn> = outlook
            .fks
            .iter()
            .map(|fk| {
                outlook
                    .law
                    .draw(&outlook.points[point].0, &fk.noise, &fk.scores, &mut rng)
            })
            .collect();
        let scores = self.new_scores(&truth, &mut rng);
        let given = self.given(&scores);
        let weights = self.new_weights(&given);
        let mut future = Future {
            variance: Vec::with_capacity(outlook.k()),
            controlled: Vec::with_capacity(outlook.k()),
            shift: Vec::with_capacity(outlook.k()),
            right: Right::default(),
        };
        let mut means = Vec::with_capacity(outlook.k());
        for k in 0..outlook.k() {
            let given = given[k].as_ref().unwrap_or(&outlook.fks[k].now);
            let (mean, variance) = total_moments(weights.iter().copied().zip(given));
            let control = weights.iter().zip(&self.control[k]).map(|(w, v)| w * v);
            means.push(mean);
            future.shift.push(mean - outlook.moments_over_points(k).0);
            future.variance.push(variance);
            let control: f64 = control.sum();
            future
                .controlled
                .push(variance - (control - self.expected_control[k]));
        }
        let order = Order::new(means, &outlook.constants, simulation.top);
        future.right = order.right(|| {
            let point = chosen(&weights, rng.random());
            let at = &outlook.points[point].0;
            let fks = outlook.fks.iter().zip(&self.noise).zip(&scores);
            fks.map(|((fk, noise), new)| {
                let noise = noise.as_ref().unwrap_or(&fk.noise);
                let scores = new.as_ref().unwrap_or(&fk.scores);
                outlook.law.draw(at, noise, scores, &mut rng).alpha
            })
            .collect()
        });
        future
    }

    /// The scores of the FKs that get some, old and new together.
    fn new_scores(&self, truth: &[Drawn], rng: &mut Generator) -> Vec<Option<FkStats>> {
        // Means first: then they are the same numbers whatever the plan.
        let z: Vec<f64> = truth.iter().map(|_| rng.sample(StandardNormal)).collect();
        let fks = self
            .outlook
            .fks
            .iter()
            .zip(self.delta)
            .zip(truth.iter().zip(z));
        fks.map(|((fk, &delta), (drawn, z))| {
            (delta > 0).then(|| {
                let mean = drawn.alpha + (drawn.noise / delta as f64).sqrt() * z;
                let degrees = ChiSquared::new((delta - 1) as f64);
                let sum_sq = degrees.map_or(0.0, |law| drawn.noise * rng.sample(law));
                let mut scores = fk.scores;
                scores.merge(&FkStats::from_parts(delta, mean, sum_sq));
                scores
            })
        })
        .collect()
    }

    /// What each point says of the FKs that have new scores.
    fn given(&self, scores: &[Option<FkStats>]) -> Vec<Option<Vec<Given>>> {
        let law = &self.outlook.law;
        let fks = scores.iter().zip(&self.noise);
        fks.map(|(scores, noise)| {
            let (scores, noise) = (scores.as_ref()?, noise.as_ref()?);
            let points = self.outlook.points.iter();
            Some(points.map(|(at, _)| law.given(at, noise, scores)).collect())
        })
        .collect()
    }

    /// The probabilities of the points once the new scores are known.
    fn new_weights(&self, given: &[Option<Vec<Given>>]) -> Vec<f64> {
        let mut logs: Vec<f64> = self.outlook.points.iter().map(|(_, w)| w.ln()).collect();
        for (fk, given) in self.outlook.fks.iter().zip(given) {
            let Some(given) = given else { continue };
            for ((log, new), old) in logs.iter_mut().zip(given).zip(&fk.now) {
                *log += new.log_likelihood - old.log_likelihood;
            }
        }
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut weights: Vec<f64> = logs.iter().map(|log| (log - top).exp()).collect();
        let total: f64 = weights.iter().sum();
        for weight in &mut weights {
            *weight /= total;
        }
        weights
    }

    fn forecast(&self, futures: &[Future]) -> Forecast {
        let fks: Vec<FkForecast> = (0..self.outlook.k())
            .map(|k| self.of_fk(k, futures))
            .collect();
        let expected: Option<Vec<Estimate>> = fks.iter().map(|fk| fk.variance).collect();
        let scale: Vec<f64> = (0..fks.len()).map(|k| self.scale(k)).collect();
        let sum_variance = expected.as_ref().map(|_| {
            let sum = |future: &Future| -> f64 {
                future
                    .controlled
                    .iter()
                    .zip(&scale)
                    .map(|(v, scale)| v * scale)
                    .sum()
            };
            estimate(futures.iter().map(sum))
        });
        let larger = |a: Estimate, b: Estimate| if b.value > a.value { b } else { a };
        Forecast {
            sum_variance,
            largest_variance: expected.and_then(|all| all.into_iter().reduce(larger)),
            top: estimate(futures.iter().map(|future| future.right.top)),
            order: estimate(futures.iter().map(|future| future.right.order)),
            consistency: Consistency::of(self.outlook, futures),
            fks,
        }
    }

    fn of_fk(&self, k: usize, futures: &[Future]) -> FkForecast {
        let exists = self.outlook.variance(k).is_some() || self.delta[k] > 0;
        let scale = self.scale(k);
        let found = estimate(futures.iter().map(|future| scale * future.controlled[k]));
        let now = self.outlook.variance(k).map(|variance| variance / scale);
        let reduction = now.filter(|now| *now > 0.0).map(|now| {
            let mut all: Vec<(f64, f64)> = futures
                .iter()
                .map(|future| (1.0 - future.variance[k] / now, 1.0 / futures.len() as f64))
                .collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            let quantile = |p| super::outlook::weighted_quantile(&all, p);
            (quantile(0.05), quantile(0.95))
        });
        FkForecast {
            variance: (exists && finite(found.value).is_some()).then_some(found),
            reduction,
        }
    }

    /// The variance now over that of the points: what they are off by now they will be off by then.
    fn scale(&self, k: usize) -> f64 {
        let (_, over_points) = self.outlook.moments_over_points(k);
        let ratio = self
            .outlook
            .variance(k)
            .map(|variance| variance / over_points);
        ratio.and_then(finite).unwrap_or(1.0)
    }
}

pub(super) fn estimate(values: impl ExactSizeIterator<Item = f64> + Clone) -> Estimate {
    let count = values.len() as f64;
    let mean = values.clone().sum::<f64>() / count;
    Estimate {
        value: mean,
        mcse: norm(values.map(|x| x - mean)) / ((count - 1.0).max(1.0) * count).sqrt(),
    }
}

/// The first place at which the weights so far reach `u`.
fn chosen(weights: &[f64], u: f64) -> usize {
    let mut left = u;
    let reached = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    // Rounding may leave a little of the sum over.
    reached.unwrap_or(weights.len().saturating_sub(1))
}
