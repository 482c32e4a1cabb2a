//! Plans come true: over data sets drawn from the prior, the posterior variance after really adding the
//! planned permutations, by the exact posterior of the merged scores, is on average the predicted one; and
//! the first ranks are right as often as was promised.

use crate::support::{FALSE_ALARM, inverse_gamma, named, normal, rng, sum_sq};
use fkbayes::data::{Data, FkStats, Sample};
use fkbayes::model::{Hierarchy, Hyperprior, Importance, Location, Model, Noise, NoiseVariance};
use fkbayes::numeric::two_sided_normal_bound;
use fkbayes::plan::{Outlook, Simulation};
use fkbayes::posterior::{ExactPosterior, conditional, empirical_bayes};
use rand::{Rng, RngExt};
use rand_distr::Gamma;
use std::sync::atomic::AtomicU64;

/// Probability that right predictions fail an average of what came about: not less, or errors are not seen
/// that were (tests/README.md).
const OF_AVERAGES: f64 = 1e-6;

/// Futures behind each prediction: their error is averaged over the data sets.
const REPLICATES: usize = 100;

/// A design, a member of the family, and a plan.
struct Case {
    n: Vec<u64>,
    delta: Vec<u64>,
    hyperprior: (f64, f64),
    noise: Noise,
    /// Shape and rate of d₀ under per-FK noise.
    scale_prior: (f64, f64),
    importance: Importance,
    location: Location,
    data_sets: usize,
}

/// Weak data at known noise: λ = 3 n, where the plug-in is worst.
fn weak(n: &[u64], delta: &[u64]) -> Case {
    Case {
        n: n.to_vec(),
        delta: delta.to_vec(),
        hyperprior: (3.0, 2.0),
        noise: Noise::known(30.0).unwrap(),
        scale_prior: (0.0, 0.0),
        importance: Importance::Normal,
        location: Location::Zero,
        data_sets: 600,
    }
}

/// The parameters of one FK.
#[derive(Clone, Copy)]
struct Truth {
    alpha: f64,
    noise: f64,
}

impl Case {
    fn model(&self) -> Model {
        let (a0, b0) = self.hyperprior;
        Model {
            hyperprior: Some(Hyperprior::inverse_gamma(a0, b0).unwrap()),
            noise: self.noise,
            importance: self.importance,
            location: self.location,
        }
    }

    fn hierarchy(&self, data: &Data) -> Hierarchy {
        let mut hierarchy = Hierarchy::resolve(&self.model(), data).unwrap();
        if let NoiseVariance::PerFk { scale_prior, .. } = &mut hierarchy.noise {
            *scale_prior = self.scale_prior;
        }
        hierarchy
    }

    fn truth(&self, rng: &mut impl Rng) -> Vec<Truth> {
        let t = inverse_gamma(self.hyperprior.0, self.hyperprior.1, rng);
        let d0 = match self.scale_prior {
            (0.0, _) => 0.0,
            (g, r) => rng.sample(Gamma::new(g, 1.0 / r).unwrap()),
        };
        let common = match self.noise {
            Noise::Known(v) => v,
            Noise::Sampled { c0, d0 } => inverse_gamma(c0, d0, rng),
            _ => f64::NAN,
        };
        let one = |_: &u64| {
            let omega = match self.importance {
                Importance::StudentT { nu } => inverse_gamma(0.5 * nu, 0.5 * nu, rng),
                _ => 1.0,
            };
            let noise = match self.noise {
                Noise::PerFk { c0 } => inverse_gamma(c0, d0, rng),
                _ => common,
            };
            Truth {
                alpha: (t * omega).sqrt() * normal(rng),
                noise,
            }
        };
        self.n.iter().map(one).collect()
    }

    /// How far, relative to what there is now, the variances that came about lie from what `predict`
    /// said of them, in standard errors over the data sets.
    fn z(&self, seed: u64, predict: impl Fn(&Self, &Outlook, &Hierarchy, usize) -> f64) -> f64 {
        let mut rng = rng(seed);
        let off: Vec<f64> = (0..self.data_sets)
            .map(|_| {
                let truth = self.truth(&mut rng);
                let now = scores(&truth, &self.n, &mut rng);
                let more = scores(&truth, &self.delta, &mut rng);
                let data = stats(&now);
                let hierarchy = self.hierarchy(&data);
                let exact = ExactPosterior::new(&hierarchy).unwrap();
                let outlook = Outlook::new(&data, &hierarchy, Some(&exact), &[]).unwrap();
                let merged = merged(&now, &more);
                let after = self.hierarchy(&stats(&merged));
                let posterior = ExactPosterior::new(&after).unwrap();
                let (mut off, mut whole) = (0.0, 0.0);
                for (k, scores) in merged.iter().enumerate() {
                    let mean = scores.mean().unwrap_or(0.0);
                    let came = posterior.alpha_variance(k, mean).unwrap();
                    off += came - predict(self, &outlook, &hierarchy, k);
                    whole += outlook.variance(k).unwrap();
                }
                off / whole
            })
            .collect();
        let (mean, se) = mean_and_error(&off);
        mean / se
    }

    fn comes_true(&self, seed: u64) {
        let z = self.z(seed, simulated);
        println!("|z| = {:.2}", z.abs());
        assert!(z.abs() < two_sided_normal_bound(FALSE_ALARM, 1), "z = {z}");
    }

    fn fails(&self, seed: u64, predict: impl Fn(&Self, &Outlook, &Hierarchy, usize) -> f64) {
        let z = self.z(seed, predict);
        println!("|z| = {:.2}", z.abs());
        assert!(z.abs() > two_sided_normal_bound(FALSE_ALARM, 1), "z = {z}");
    }
}

fn scores(truth: &[Truth], n: &[u64], rng: &mut impl Rng) -> Vec<FkStats> {
    let one = |(truth, &n): (&Truth, &u64)| match n {
        0 => FkStats::default(),
        n => {
            let mean = truth.alpha + (truth.noise / n as f64).sqrt() * normal(rng);
            FkStats::from_parts(n, mean, sum_sq(n, truth.noise, rng))
        }
    };
    truth.iter().zip(n).map(one).collect()
}

fn stats(scores: &[FkStats]) -> Data {
    named(scores.iter().map(|scores| Sample::Scores(*scores)))
}

fn merged(now: &[FkStats], more: &[FkStats]) -> Vec<FkStats> {
    let both = now.iter().zip(more).map(|(now, more)| {
        let mut both = *now;
        both.merge(more);
        both
    });
    both.collect()
}

fn simulation(progress: &AtomicU64, seed: u64, top: usize) -> Simulation<'_> {
    Simulation {
        replicates: REPLICATES,
        seed,
        top,
        progress,
    }
}

/// What planning says. All FKs are forecast at once; one by one would only take longer.
fn simulated(case: &Case, outlook: &Outlook, _: &Hierarchy, k: usize) -> f64 {
    thread_local! {
        static LAST: std::cell::RefCell<(usize, Vec<f64>)> = const { std::cell::RefCell::new((0, Vec::new())) };
    }
    LAST.with_borrow_mut(|(calls, last)| {
        if k == 0 {
            *calls += 1;
            let progress = AtomicU64::new(0);
            let seed = *calls as u64;
            let forecast = outlook.simulate(&case.delta, simulation(&progress, seed, 1));
            let variance = |fk: &fkbayes::plan::FkForecast| fk.variance.unwrap().value;
            *last = forecast.fks.iter().map(variance).collect();
        }
        last[k]
    })
}

/// E[V_k] alone: not knowing the variances forgotten.
fn without_variance_of_mean(case: &Case, outlook: &Outlook, _: &Hierarchy, k: usize) -> f64 {
    outlook.least_variance(k, case.delta[k])
}

/// The plug-in formula's variance with more scores.
fn plugin(case: &Case, outlook: &Outlook, hierarchy: &Hierarchy, k: usize) -> f64 {
    let t = empirical_bayes(hierarchy).sigma2_fk;
    let n = (outlook.n(k) + case.delta[k]) as f64;
    conditional(t, hierarchy.sigma2_obs / n, 0.0).variance
}

#[test]
fn equal_numbers() {
    weak(&[10; 3], &[10; 3]).comes_true(1);
    weak(&[10; 8], &[40; 8]).comes_true(2);
}

#[test]
fn unequal_numbers() {
    weak(&[5, 20, 80, 0], &[40, 0, 20, 7]).comes_true(3);
    weak(&[2, 200], &[1, 100]).comes_true(4);
}

#[test]
fn unknown_noise() {
    Case {
        noise: Noise::sampled(4.0, 90.0).unwrap(),
        data_sets: 60,
        ..weak(&[3, 5, 0, 8], &[10, 2, 4, 0])
    }
    .comes_true(5);
}

#[test]
fn noise_of_each_fk() {
    Case {
        noise: Noise::per_fk(2.0).unwrap(),
        scale_prior: (4.0, 0.1),
        data_sets: 60,
        ..weak(&[4, 6, 10], &[20, 3, 0])
    }
    .comes_true(6);
}

#[test]
fn student_t_importances() {
    Case {
        importance: Importance::student_t(4.0).unwrap(),
        data_sets: 200,
        ..weak(&[10, 30, 5], &[20, 20, 20])
    }
    .comes_true(7);
}

#[test]
fn unknown_location() {
    Case {
        location: Location::Flat,
        ..weak(&[10, 30, 5, 12], &[20, 0, 20, 50])
    }
    .comes_true(8);
}

/// What the predictions must not be: the plug-in's, and those that forget what not knowing the variances
/// adds.
#[test]
fn short_cuts_do_not_come_true() {
    weak(&[10; 3], &[10; 3]).fails(9, plugin);
    weak(&[5, 20, 80], &[40, 0, 20]).fails(10, plugin);
    weak(&[10; 3], &[10; 3]).fails(11, without_variance_of_mean);
    weak(&[2, 200], &[1, 100]).fails(12, without_variance_of_mean);
}

/// Futures that are drawn or weighed wrongly contradict the present: the posterior mean must stay, and the
/// variance that is left, with the squared shift of the mean, must be the variance now.
#[test]
fn futures_agree_with_the_present() {
    let mut rng = rng(16);
    let sampled = Noise::sampled(4.0, 90.0).unwrap();
    for (name, case) in [
        ("known", weak(&[10, 30, 5, 0], &[20, 0, 20, 50])),
        (
            "sampled",
            Case {
                noise: sampled,
                ..weak(&[3, 5, 8], &[10, 2, 0])
            },
        ),
        (
            "per FK",
            Case {
                noise: Noise::per_fk(2.0).unwrap(),
                scale_prior: (4.0, 0.1),
                ..weak(&[4, 6, 10], &[20, 3, 0])
            },
        ),
        (
            "Student-t",
            Case {
                importance: Importance::student_t(4.0).unwrap(),
                ..weak(&[10, 30, 5], &[20, 20, 20])
            },
        ),
        (
            "location",
            Case {
                location: Location::Flat,
                ..weak(&[10, 30, 5], &[20, 0, 50])
            },
        ),
    ] {
        let truth = case.truth(&mut rng);
        let data = stats(&scores(&truth, &case.n, &mut rng));
        let hierarchy = case.hierarchy(&data);
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let outlook = Outlook::new(&data, &hierarchy, Some(&exact), &[]).unwrap();
        let progress = AtomicU64::new(0);
        let many = Simulation {
            replicates: 10_000,
            ..simulation(&progress, 1, 1)
        };
        let found = outlook.simulate(&case.delta, many).consistency;
        println!("{name}: |z| = {:.2} of {}", found.max_abs_z, found.figures);
        let bound = two_sided_normal_bound(FALSE_ALARM, found.figures);
        assert!(found.max_abs_z <= bound, "{name}: {found:?}");
    }
}

/// The first ranks are right as often as promised: over data sets from the prior, the share of them in
/// which the FKs with the largest posterior means after the new scores are those with the largest
/// importances.
#[test]
fn ranks_are_right_as_often_as_promised() {
    for (seed, top) in [(13, 1), (14, 2)] {
        let case = Case {
            hyperprior: (3.0, 4.0),
            data_sets: 1000,
            ..weak(&[10, 10, 40, 5, 0], &[30, 10, 0, 60, 20])
        };
        let mut rng = rng(seed);
        let off: Vec<f64> = (0..case.data_sets)
            .map(|i| {
                let truth = case.truth(&mut rng);
                let now = scores(&truth, &case.n, &mut rng);
                let merged = merged(&now, &scores(&truth, &case.delta, &mut rng));
                let data = stats(&now);
                let hierarchy = case.hierarchy(&data);
                let exact = ExactPosterior::new(&hierarchy).unwrap();
                let outlook = Outlook::new(&data, &hierarchy, Some(&exact), &[]).unwrap();
                let promised = promise(&outlook, &case.delta, (i as u64, top));
                kept(&case.hierarchy(&stats(&merged)), &merged, &truth, top) - promised
            })
            .collect();
        assert_average_is_zero(&format!("top {top}"), &off, 2);
    }
}

/// The same on real importances and noise (examples/data/f1_truth.csv), at every border of the ranking in
/// turn: scores are drawn as they were measured, the rest is promised. A promise averages over the gaps
/// that there may be; each border has one gap, so only the average over all borders can be right.
#[test]
fn ranks_of_real_importances() {
    let truth = measured();
    let k = truth.len();
    let model = Model {
        noise: Noise::PerFkFixed,
        ..Model::default()
    };
    let (n, delta) = (vec![30; k], vec![100; k]);
    let mut rng = rng(15);
    let off: Vec<f64> = (0..1000)
        .map(|i| {
            let top = 1 + i % (k - 1);
            let now = scores(&truth, &n, &mut rng);
            let merged = merged(&now, &scores(&truth, &delta, &mut rng));
            let data = stats(&now);
            let hierarchy = Hierarchy::resolve(&model, &data).unwrap();
            let exact = ExactPosterior::new(&hierarchy).unwrap();
            let outlook = Outlook::new(&data, &hierarchy, Some(&exact), &[]).unwrap();
            let promised = promise(&outlook, &delta, (i as u64, top));
            let after = Hierarchy::resolve(&model, &stats(&merged)).unwrap();
            kept(&after, &merged, &truth, top) - promised
        })
        .collect();
    assert_average_is_zero("real importances", &off, 1);
}

fn measured() -> Vec<Truth> {
    let text = include_str!("../../examples/data/f1_truth.csv");
    let fk = |line: &str| {
        let number = |i: usize| line.split(',').nth(i).unwrap().parse::<f64>().unwrap();
        Truth {
            alpha: number(2),
            noise: number(3).powi(2),
        }
    };
    text.lines().skip(1).map(fk).collect()
}

fn promise(outlook: &Outlook, delta: &[u64], (seed, top): (u64, usize)) -> f64 {
    let progress = AtomicU64::new(0);
    let forecast = outlook.simulate(delta, simulation(&progress, seed, top));
    forecast.top.value
}

/// 1 where the first ranks by posterior mean are right.
fn kept(after: &Hierarchy, merged: &[FkStats], truth: &[Truth], top: usize) -> f64 {
    let exact = ExactPosterior::new(after).unwrap();
    let mean = |k: usize| exact.alpha_mean(k, merged[k].mean().unwrap_or(0.0));
    let found = first(top, (0..merged.len()).map(mean).collect());
    f64::from(found == first(top, truth.iter().map(|fk| fk.alpha).collect()))
}

fn assert_average_is_zero(name: &str, off: &[f64], comparisons: usize) {
    let (mean, se) = mean_and_error(off);
    println!("{name}: off by {mean:.4}, |z| = {:.2}", (mean / se).abs());
    let bound = two_sided_normal_bound(OF_AVERAGES, comparisons);
    assert!((mean / se).abs() < bound, "{name}: {mean} ± {se}");
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let square: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    (mean, square.sqrt() / count)
}

/// The places of the largest `top` values, in order of place.
fn first(top: usize, values: Vec<f64>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[j].total_cmp(&values[i]));
    order.truncate(top);
    order.sort_unstable();
    order
}
