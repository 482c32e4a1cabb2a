//! The calibration that users run: its p-value, and whether it finds errors.
//!
//! For a user it raises a false alarm in one right kernel out of a hundred, and what is wrong must fail so
//! here; what is right must pass at a false-alarm rate of 2e-7 per calibration. Seeds are fixed.

use crate::planted::{Planted, PlantedKernel};
use crate::support::{FALSE_ALARM, rng};
use fkbayes::calibrate::{Calibration, Calibrator, QuantityRanks, p_value_of_uniform_ranks};
use fkbayes::model::{Model, SamplerKind};
use fkbayes::sampler::{Generator, Kernel, State};
use rand::RngExt;
use statrs::distribution::{Binomial, DiscreteCDF};
use std::sync::atomic::AtomicU64;

/// The p-value of every outcome of `count` ranks among `draws` draws, all equally probable.
fn all_p_values(count: u32, draws: u32) -> Vec<f64> {
    let ranks = draws + 1;
    let outcome = |number: u32| -> Vec<u32> {
        (0..count)
            .map(|place| number / ranks.pow(place) % ranks)
            .collect()
    };
    (0..ranks.pow(count))
        .map(|number| p_value_of_uniform_ranks(&outcome(number), draws))
        .collect()
}

/// Exact: a p-value of p or less has the probability p.
#[test]
fn the_p_value_is_that_of_full_enumeration() {
    for (count, draws) in [(1, 3), (3, 2), (5, 3), (6, 2), (4, 6)] {
        let p_values = all_p_values(count, draws);
        for p in &p_values {
            let as_small = p_values.iter().filter(|q| **q <= p * (1.0 + 1e-9)).count();
            let probability = as_small as f64 / p_values.len() as f64;
            assert!(
                (probability - p).abs() < 1e-9,
                "{count} ranks among {draws}: p = {p}, probability {probability}"
            );
        }
    }
}

/// Many ranks among many draws: by binomial tails, at 2e-7 for three levels together.
#[test]
fn the_p_value_of_uniform_ranks_is_uniform() {
    const RUNS: usize = 2000;
    let mut rng = rng(61);
    let mut p_value = || {
        let ranks: Vec<u32> = (0..300).map(|_| rng.random_range(0..=99)).collect();
        p_value_of_uniform_ranks(&ranks, 99)
    };
    let p_values: Vec<f64> = (0..RUNS).map(|_| p_value()).collect();
    for level in [0.01, 0.1, 0.5] {
        let below = p_values.iter().filter(|p| **p <= level).count() as u64;
        let law = Binomial::new(level, RUNS as u64).unwrap();
        let tail = law.cdf(below).min(law.sf(below.saturating_sub(1)));
        assert!(tail > FALSE_ALARM / 6.0, "level {level}: {below} of {RUNS}");
    }
}

fn calibrator(noise: &str, k: usize, sizes: &str) -> Calibrator {
    let model = Model {
        hyperprior: Some("ig=2,3".parse().unwrap()),
        noise: noise.parse().unwrap(),
        ..Model::default()
    };
    Calibrator {
        replicates: 4000,
        ..Calibrator::new(model, k, sizes.parse().unwrap())
    }
}

fn run(calibrator: &Calibrator) -> Calibration {
    calibrator.run(&AtomicU64::new(0)).unwrap()
}

fn run_planted(calibrator: &Calibrator, planted: Planted) -> Calibration {
    calibrator
        .run_with(
            &|hierarchy| Ok(Box::new(PlantedKernel { hierarchy, planted })),
            &AtomicU64::new(0),
        )
        .unwrap()
}

/// What fails at [`FALSE_ALARM`] over all quantities.
fn failing(calibration: &Calibration) -> Vec<&str> {
    let level = FALSE_ALARM / calibration.quantities.len() as f64;
    let failing = calibration.quantities.iter().filter(|q| q.p_value < level);
    failing.map(|q| q.name.as_str()).collect()
}

#[test]
fn a_right_kernel_passes_and_planted_errors_fail() {
    let calibrator = calibrator("sampled=3,20", 3, "2,5,20");
    let right = run_planted(&calibrator, Planted::Nothing);
    assert!(failing(&right).is_empty(), "{:?}", right.quantities);
    for (planted, quantity) in [
        (Planted::Shape, "sigma2_fk"),
        (Planted::Jacobian, "sigma2_fk"),
        (Planted::Variance, "alpha[fk_1]"),
        (Planted::Noise, "sigma2_obs"),
    ] {
        let wrong = run_planted(&calibrator, planted);
        assert!(!wrong.ok, "{planted:?} is not found");
        let p = wrong
            .quantities
            .iter()
            .map(|q| q.p_value)
            .fold(1.0, f64::min);
        println!("{planted:?}: p = {p:.1e}");
        let fails = |q: &QuantityRanks| q.name == quantity && !q.ok;
        assert!(wrong.quantities.iter().any(fails), "{planted:?}: {wrong:?}");
    }
}

/// A kernel that does not move at all has draws that are all alike.
struct Frozen;

impl Kernel for Frozen {
    fn step(&mut self, _: &mut State, _: &mut Generator) {}
}

#[test]
fn a_kernel_that_does_not_move_fails() {
    let calibrator = Calibrator {
        replicates: 200,
        ..calibrator("known=10", 3, "5")
    };
    let frozen = calibrator.run_with(&|_| Ok(Box::new(Frozen)), &AtomicU64::new(0));
    assert!(!frozen.unwrap().ok);
}

#[test]
fn the_samplers_of_this_crate_pass() {
    let common = calibrator("known=10", 4, "0,3,5,40");
    let mut exact = calibrator("known=10", 4, "5,20");
    exact.kind = SamplerKind::Exact;
    exact.replicates = 500;
    let mut bare = calibrator("sampled=3,20", 4, "5,20");
    bare.interweave = false;
    let mut own = calibrator("per-fk=2", 4, "2,5,20");
    own.noise_scale = Some((3.0, 0.3));
    own.model.importance = "student-t=4".parse().unwrap();
    own.model.location = "flat".parse().unwrap();
    let mut flat = calibrator("sampled=3,20", 6, "poisson:5");
    flat.model.location = "flat".parse().unwrap();
    flat.model.hyperprior = Some("half-t=4,2".parse().unwrap());
    for calibrator in [common, exact, bare, own, flat] {
        let calibration = run(&calibrator);
        assert!(failing(&calibration).is_empty(), "{calibration:?}");
        assert!(calibration.warnings.is_empty());
    }
}

#[test]
fn threads_do_not_matter() {
    let mut calibrator = calibrator("known=10", 3, "5");
    calibrator.replicates = 100;
    calibrator.threads = 1;
    let one = run(&calibrator);
    calibrator.threads = 3;
    assert_eq!(one, run(&calibrator));
}
