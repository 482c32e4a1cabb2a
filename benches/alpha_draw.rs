//! One importance inside a sweep beside one raw normal draw of the same generator, which no sampler
//! can beat: the ratio is what the sweep adds. And the raw draw under two generators.

#![allow(missing_docs, dead_code, clippy::unwrap_used)]

mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fkbayes::sampler::State;
use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::hint::black_box;
use std::time::Instant;

/// FKs, and how many different numbers of scores they have.
const CASES: [(usize, usize); 4] = [(1000, 1000), (1000, 20), (10_000, 10_000), (10_000, 20)];
/// Rounds of the paired comparison; each times both sides, so that a busy machine slows both.
const ROUNDS: usize = 201;
/// Normal draws per round.
const DRAWS: usize = 20_000;

/// Writes them to memory, as the sweep does.
fn raw_normals(target: &mut [f64], rng: &mut impl Rng) {
    for slot in target {
        *slot = rng.sample(StandardNormal);
    }
}

fn generator(c: &mut Criterion) {
    let mut group = c.benchmark_group("raw normal");
    let mut target = vec![0.0; DRAWS];
    group.throughput(Throughput::Elements(DRAWS as u64));
    let mut xoshiro = Xoshiro256PlusPlus::seed_from_u64(1);
    group.bench_function("Xoshiro256++", |b| {
        b.iter(|| raw_normals(black_box(&mut target), &mut xoshiro));
    });
    let mut chacha = ChaCha8Rng::seed_from_u64(1);
    group.bench_function("ChaCha8", |b| {
        b.iter(|| raw_normals(black_box(&mut target), &mut chacha));
    });
    group.finish();
}

fn sweep(c: &mut Criterion) {
    let mut group = c.benchmark_group("draw_alpha");
    for (k, distinct) in CASES {
        let hierarchy = support::simulated(&support::uneven(k, distinct)).unwrap();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut state = State::start(&hierarchy, &mut rng);
        group.throughput(Throughput::Elements(k as u64));
        group.bench_function(format!("K = {k}, {distinct} distinct n"), |b| {
            b.iter(|| black_box(&mut state).draw_alpha(&hierarchy, &mut rng));
        });
    }
    group.finish();
}

/// Medians over interleaved rounds, in nanoseconds per draw, and the median of their ratios.
fn ratios(_: &mut Criterion) {
    println!(
        "\n{:34}{:>10}{:>12}{:>8}",
        "", "raw, ns", "sweep, ns", "ratio"
    );
    for (k, distinct) in CASES {
        let hierarchy = support::simulated(&support::uneven(k, distinct)).unwrap();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut state = State::start(&hierarchy, &mut rng);
        let mut target = vec![0.0; k];
        let sweeps = DRAWS.div_ceil(k);
        let (mut raw, mut sweep, mut ratio) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let started = Instant::now();
            for _ in 0..sweeps {
                raw_normals(black_box(&mut target), &mut rng);
            }
            let first = started.elapsed().as_nanos() as f64 / (sweeps * k) as f64;
            let started = Instant::now();
            for _ in 0..sweeps {
                black_box(&mut state).draw_alpha(&hierarchy, &mut rng);
            }
            let second = started.elapsed().as_nanos() as f64 / (sweeps * k) as f64;
            raw.push(first);
            sweep.push(second);
            ratio.push(second / first);
        }
        let label = format!("K = {k}, {distinct} distinct n");
        let [raw, sweep, ratio] = [raw, sweep, ratio].map(median);
        println!("{label:34}{raw:>10.2}{sweep:>12.2}{ratio:>8.2}");
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

criterion_group!(benches, generator, sweep, ratios);
criterion_main!(benches);
