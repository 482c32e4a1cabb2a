//! One importance inside a sweep beside one raw normal draw of the same generator, which no sampler
//! can beat: the ratio is what the sweep adds. Beside them a whole sweep with the scale move (σ²_FK,
//! importances, sums, slice, rescaling), per importance. And the raw draw under two generators.

#![allow(missing_docs, dead_code, clippy::unwrap_used)]

mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fkbayes::sampler::{GibbsKernel, Kernel, Move, State};
use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt, SeedableRng, TryRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::convert::Infallible;
use std::hint::black_box;
use std::time::Instant;

/// FKs, and how many different numbers of scores they have.
const CASES: [(usize, usize); 4] = [(1000, 1000), (1000, 20), (10_000, 10_000), (10_000, 20)];
/// Rounds of the paired comparison; each times both sides, so that a busy machine slows both.
const ROUNDS: usize = 201;
/// Normal draws per round.
const DRAWS: usize = 20_000;

/// The yardstick's generator: a type of its own, so that the normal draw is put into its one loop, which is half as
/// fast again otherwise.
struct Raw(Xoshiro256PlusPlus);

impl TryRng for Raw {
    type Error = Infallible;

    #[inline(always)]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    #[inline(always)]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

/// Writes them to memory, as the sweep does.
#[inline(never)]
fn raw_normals(target: &mut [f64], rng: &mut Xoshiro256PlusPlus) {
    let mut own = Raw(rng.clone());
    normals(target, &mut own);
    *rng = own.0;
}

#[inline(always)]
fn normals(target: &mut [f64], rng: &mut impl Rng) {
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
        b.iter(|| normals(black_box(&mut target), &mut chacha));
    });
    group.finish();
}

/// Medians over interleaved rounds, in nanoseconds per importance, and of their ratios to the raw draw.
fn ratios(_: &mut Criterion) {
    println!(
        "\n{:34}{:>10}{:>12}{:>8}{:>14}{:>8}",
        "", "raw, ns", "alpha, ns", "ratio", "sweep, ns", "ratio"
    );
    for (k, distinct) in CASES {
        let hierarchy = support::simulated(&support::uneven(k, distinct)).unwrap();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut state = State::start(&hierarchy, &mut rng);
        let mut kernel = GibbsKernel::new(&hierarchy, Move::Scale);
        (0..1000).for_each(|_| kernel.step(&mut state, &mut rng));
        kernel.end_warmup();
        let mut target = vec![0.0; k];
        let mut found = vec![Vec::new(); 5];
        for _ in 0..ROUNDS {
            let raw = nanoseconds(k, || raw_normals(black_box(&mut target), &mut rng));
            let alpha = nanoseconds(k, || black_box(&mut state).draw_alpha(&hierarchy, &mut rng));
            let sweep = nanoseconds(k, || kernel.step(black_box(&mut state), &mut rng));
            let figures = [raw, alpha, alpha / raw, sweep, sweep / raw];
            found
                .iter_mut()
                .zip(figures)
                .for_each(|(all, x)| all.push(x));
        }
        let label = format!("K = {k}, {distinct} distinct n");
        let m: Vec<f64> = found.into_iter().map(median).collect();
        println!(
            "{label:34}{:>10.2}{:>12.2}{:>8.2}{:>14.2}{:>8.2}",
            m[0], m[1], m[2], m[3], m[4]
        );
    }
}

/// Per importance, of `k` at a time until there were `DRAWS`.
fn nanoseconds(k: usize, mut f: impl FnMut()) -> f64 {
    let times = DRAWS.div_ceil(k);
    let started = Instant::now();
    (0..times).for_each(|_| f());
    started.elapsed().as_nanos() as f64 / (times * k) as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

criterion_group!(benches, generator, ratios);
criterion_main!(benches);
