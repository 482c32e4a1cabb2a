//! Does the hierarchy predict scores that it has not seen as well as it says?

use super::predict::{Predictor, SWEEPS, is_exact};
use super::splits::Pool;
use crate::Error;
use crate::data::{Data, Scores};
use crate::model::{Hierarchy, Location, Model, Role};
use crate::numeric::finite;
use crate::posterior::empirical_bayes;
use crate::sampler::{Generator, streams};
use crate::threads;
use rand::RngExt;
use rayon::prelude::*;
use serde::Serialize;

/// Work that all splits together may take, in nanoseconds of one core, and how many there are at least
/// and at most. By count, not by clock: the same scores give the same answer everywhere.
const BUDGET: f64 = 4e9;
const SPLITS: (usize, usize) = (4, 100);
/// So many times the budget is too long a wait.
const PATIENCE: f64 = 3.0;
/// As measured, in nanoseconds: a sweep per FK, an exact posterior and one FK in it, one score.
const COST: (f64, f64, f64, f64) = (150.0, 1e6, 2e4, 10.0);

/// Held-out scores predicted from `n` scores of every FK, against what was promised; sums over the FKs
/// and over the splits. What does not exist is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValidationRow {
    /// Scores of each FK that were learnt from.
    pub n: usize,
    /// FKs predicted: those with at least twice as many scores.
    pub fks: usize,
    /// 1 - Σ W/Σ(W + μ²): how much less the squared error of the importances is expected to be than
    /// without scores, W and μ their posterior variance and mean.
    pub predicted_reduction: Option<f64>,
    /// The same as the held-out means have it, their own noise taken off: unbiased, numerator and
    /// denominator each.
    pub observed_reduction: Option<f64>,
    /// The plug-in formula's mean of n/(n + λ̂_k), λ̂ from all scores.
    pub formula: f64,
    /// Mean W, in squared score units.
    pub predicted_error: f64,
    /// Mean squared error observed, the noise of the held-out means taken off: unbiased, so it can be
    /// negative.
    pub observed_error: f64,
    /// Root of the former, in score units.
    pub predicted_rmse: Option<f64>,
    /// Root of the latter; none where it is negative.
    pub observed_rmse: Option<f64>,
    /// Share of held-out means in their 90 % predictive intervals.
    pub coverage: f64,
    /// Mean squared error of the held-out means over its predicted variance: 1 where the hierarchy is
    /// right; none where it is infinite, as scores that were all equal were taken as certain.
    pub relative_error: Option<f64>,
}

/// All rows, and how they were found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Validation {
    /// One row per n.
    pub rows: Vec<ValidationRow>,
    /// Random splits for each.
    pub splits: usize,
    /// Where the training posterior came from: `exact posterior` or `chains`.
    pub posterior: Option<&'static str>,
    /// Why there are no rows.
    pub unavailable: Option<String>,
}

/// Sums over FKs.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: f64,
    expected_error: f64,
    expected_square: f64,
    error: f64,
    square: f64,
    covered: f64,
    relative_error: f64,
}

impl Sums {
    fn plus(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            expected_error: self.expected_error + other.expected_error,
            expected_square: self.expected_square + other.expected_square,
            error: self.error + other.error,
            square: self.square + other.square,
            covered: self.covered + other.covered,
            relative_error: self.relative_error + other.relative_error,
        }
    }
}

/// Splits the scores at random again and again, fits the hierarchy to one part, with the noise model of
/// `hierarchy` and the hyperprior of `model` (the default one anew for each part), and predicts the
/// other. Results depend on `seed`, not on the number of `threads`; 0 is all there are.
///
/// # Errors
/// If threads cannot be started.
pub fn validate(
    (model, data): (&Model, &Data),
    hierarchy: &Hierarchy,
    scores: &Scores,
    (seed, threads): (u64, usize),
) -> Result<Validation, Error> {
    let pool = Pool::new(data, hierarchy, scores);
    let (grid, splits) = match plan(hierarchy, scores, &pool) {
        Ok(plan) => plan,
        Err(why) => {
            return Ok(Validation {
                unavailable: Some(why.to_owned()),
                ..Validation::default()
            });
        }
    };
    let setting = Setting {
        model: Model {
            noise: hierarchy.model.noise,
            ..model.clone()
        },
        hierarchy,
        pool,
    };
    let found = threads::pool(threads)?.install(|| setting.rows(&grid, splits, seed));
    let failure = found.iter().find_map(|row| row.as_ref().err());
    let failure = failure.map(|error| format!("not from so few scores: {error}"));
    let rows: Vec<ValidationRow> = found.into_iter().filter_map(Result::ok).collect();
    Ok(Validation {
        unavailable: failure.filter(|_| rows.is_empty()),
        rows,
        splits,
        posterior: Some(if is_exact(hierarchy) {
            "exact posterior"
        } else {
            "chains"
        }),
    })
}

/// The numbers of scores to learn from and of splits for each, or why there are none.
fn plan(
    hierarchy: &Hierarchy,
    scores: &Scores,
    pool: &Pool<'_>,
) -> Result<(Vec<usize>, usize), &'static str> {
    if !scores.are_complete() {
        return Err("scores came aggregated: none can be held out");
    }
    let grid = pool.grid();
    if grid.is_empty() {
        return Err("too few scores: three foreign keys, or all of fewer, need ten each");
    }
    let cost = cost(hierarchy, pool) * grid.len() as f64;
    if cost * SPLITS.0 as f64 > PATIENCE * BUDGET {
        return Err("too many foreign keys or scores to fit again and again in seconds");
    }
    let splits = ((BUDGET / cost) as usize).clamp(SPLITS.0, SPLITS.1);
    Ok((grid, splits))
}

/// Nanoseconds that one split takes, about.
fn cost(hierarchy: &Hierarchy, pool: &Pool<'_>) -> f64 {
    let (sweep, exact, member, score) = COST;
    let k = hierarchy.evidence.k() as f64;
    let fit = if is_exact(hierarchy) {
        exact + member * k
    } else {
        // Averages over mixing scales cost as much as many sweeps.
        let mixing = if hierarchy.nu().is_some() { 10.0 } else { 1.0 };
        f64::from(SWEEPS.0 + SWEEPS.1) * k * sweep * mixing
    };
    fit + score * pool.n_total() as f64
}

/// What all splits share.
struct Setting<'a> {
    model: Model,
    hierarchy: &'a Hierarchy,
    pool: Pool<'a>,
}

impl Setting<'_> {
    fn rows(&self, grid: &[usize], splits: usize, seed: u64) -> Vec<Result<ValidationRow, Error>> {
        let jobs: Vec<(usize, Generator)> = grid
            .iter()
            .flat_map(|&n| std::iter::repeat_n(n, splits))
            .zip(streams(seed))
            .collect();
        let sums: Vec<Result<Sums, Error>> = jobs
            .into_par_iter()
            .map(|(n, rng)| self.split(n, rng))
            .collect();
        let mut sums = sums.into_iter();
        let row = |&n: &usize| {
            // All of them, a failure or not: the next row begins behind the last.
            let of_row: Vec<Result<Sums, Error>> = sums.by_ref().take(splits).collect();
            let of_row: Vec<Sums> = of_row.into_iter().collect::<Result<_, _>>()?;
            let total = of_row.into_iter().fold(Sums::default(), Sums::plus);
            Ok(self.row(n, total))
        };
        grid.iter().map(row).collect()
    }

    /// One split: fit the training part, predict the rest.
    fn split(&self, n: usize, mut rng: Generator) -> Result<Sums, Error> {
        let parts = self.pool.split(n, &mut rng);
        let data = self.pool.training_data(&parts)?;
        let hierarchy = Hierarchy::resolve(&self.model, &data)?;
        let predictor = Predictor::new(&data, &hierarchy, rng.random())?;
        // What is known without scores: zero, or the average of all means.
        let origin = match self.model.location {
            Location::Flat => hierarchy.evidence.center(),
            _ => 0.0,
        };
        let mut sums = Sums::default();
        for place in self.pool.scored(n) {
            let held_out = parts[place].held_out;
            let (Some(given), Some(mean), Some(variance)) =
                (predictor.of(place), held_out.mean(), held_out.variance())
            else {
                continue;
            };
            let m = held_out.n() as f64;
            let (own_noise, error) = (variance / m, mean - given.mean);
            let p = given.cdf(mean, m);
            let predicted = given.variance + given.noise / m;
            sums = sums.plus(Sums {
                count: 1.0,
                expected_error: given.variance,
                expected_square: given.variance + (given.mean - origin).powi(2),
                error: error * error - own_noise,
                square: (mean - origin).powi(2) - own_noise,
                covered: f64::from(u8::from((0.05..=0.95).contains(&p))),
                relative_error: if error == 0.0 {
                    0.0
                } else {
                    error * error / predicted
                },
            });
        }
        Ok(sums)
    }

    fn row(&self, n: usize, sums: Sums) -> ValidationRow {
        let reduction = |error: f64, square: f64| {
            let reduction = 1.0 - error / square;
            finite(reduction).filter(|_| square > 0.0)
        };
        let rmse = |sum: f64| finite((sum / sums.count).sqrt());
        ValidationRow {
            n,
            fks: self.pool.scored(n).count(),
            predicted_reduction: reduction(sums.expected_error, sums.expected_square),
            observed_reduction: reduction(sums.error, sums.square),
            formula: self.formula(n),
            predicted_error: sums.expected_error / sums.count,
            observed_error: sums.error / sums.count,
            predicted_rmse: rmse(sums.expected_error),
            observed_rmse: rmse(sums.error),
            coverage: sums.covered / sums.count,
            relative_error: finite(sums.relative_error / sums.count),
        }
    }

    /// Mean of n/(n + λ̂_k) over the FKs predicted, λ̂_k = n_k s_k/σ̂²_FK.
    fn formula(&self, n: usize) -> f64 {
        let t = empirical_bayes(self.hierarchy).sigma2_fk;
        let reductions: Vec<f64> = self
            .pool
            .scored(n)
            .filter_map(|place| {
                let fk = &self.pool.fks()[place];
                let Role::InHierarchy(k) = self.hierarchy.roles[fk.input] else {
                    return None;
                };
                let s = self
                    .hierarchy
                    .sampling_variance(k, self.hierarchy.sigma2_obs);
                let of_n = s * fk.scores.len() as f64 / n as f64;
                Some(t / (t + of_n))
            })
            .collect();
        reductions.iter().sum::<f64>() / reductions.len() as f64
    }
}
