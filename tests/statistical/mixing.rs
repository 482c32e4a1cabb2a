//! Effective draws per draw of σ²_FK where the plain alternation mixes badly.

use crate::support::{Length, drive, hierarchy, means_at_one, rng, run, scores};
use fkbayes::data::Data;
use fkbayes::diagnostics::ess_mean;
use fkbayes::model::{Hierarchy, Noise};
use fkbayes::posterior::ExactPosterior;
use fkbayes::sampler::{GibbsKernel, Move, SamplerKind};
use ndarray::Array2;

const SEEDS: std::ops::Range<u64> = 0..8;
const LENGTH: Length = Length {
    chains: 4,
    warmup: 500,
    draws: 5000,
};

/// Fifty FKs, ten scores each, at σ²_FK = 1 and σ²_obs = 101.
fn weak(seed: u64) -> (Data, Hierarchy) {
    let means = means_at_one(50, 10.1, &mut rng(seed));
    let fks: Vec<_> = means.iter().map(|&mean| (10, mean, 0.0)).collect();
    let data = scores(&fks);
    let noise = Noise::known(101.0).unwrap();
    let hierarchy = hierarchy(&data, noise, Some((2.0, 1.0)));
    (data, hierarchy)
}

/// ESS of log σ²_FK per draw, the mean over the seeds.
fn efficiency(name: &str, sigma2_fk: impl Fn(u64) -> Array2<f64>) -> f64 {
    let per_draw = |seed| {
        let log_t = sigma2_fk(seed).mapv(f64::ln);
        ess_mean(log_t.view()).unwrap() / log_t.len() as f64
    };
    let mean = SEEDS.map(per_draw).sum::<f64>() / SEEDS.count() as f64;
    println!("{name}: {mean:.3} effective draws per draw");
    mean
}

fn of_move(with: Move) -> f64 {
    efficiency(&format!("{with:?}"), |seed| {
        let (_, hierarchy) = weak(seed);
        drive(
            &hierarchy,
            || GibbsKernel::new(&hierarchy, with),
            LENGTH,
            seed,
        )
        .sigma2_fk
    })
}

fn of_library(kind: SamplerKind) -> f64 {
    efficiency(&kind.to_string(), |seed| {
        let (data, hierarchy) = weak(seed);
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        run(&data, &hierarchy, &exact, (kind, LENGTH, seed)).sigma2_fk
    })
}

#[test]
fn the_default_mixes() {
    assert!(of_library(SamplerKind::Gibbs) >= 0.3);
}

#[test]
fn the_scale_move_mixes_and_the_plain_alternation_does_not() {
    assert!(of_move(Move::Scale) >= 0.3);
    assert!(of_move(Move::None) < 0.1);
}

#[test]
fn exact_draws_are_independent() {
    assert!(of_library(SamplerKind::Exact) >= 0.9);
}
