//! Time to diagnose one parameter of 4 chains × 2,500 draws.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use fkbayes::diagnostics::{Workspace, diagnose_with};
use ndarray::Array2;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// AR(1) chains.
fn chains(rho: f64) -> Array2<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut x = 0.0;
    Array2::from_shape_simple_fn((4, 2_500), || {
        let step: f64 = StandardNormal.sample(&mut rng);
        x = rho * x + step;
        x
    })
}

fn diagnose(c: &mut Criterion) {
    let mut workspace = Workspace::default();
    let mut group = c.benchmark_group("diagnose 4 x 2500");
    for (name, rho) in [("independent", 0.0), ("slow", 0.9), ("very slow", 0.99)] {
        let draws = chains(rho);
        group.bench_function(name, |b| {
            b.iter(|| diagnose_with(&mut workspace, black_box(draws.view())));
        });
    }
    let ties = chains(0.5).mapv(f64::round);
    group.bench_function("ties", |b| {
        b.iter(|| diagnose_with(&mut workspace, black_box(ties.view())));
    });
    group.finish();
}

criterion_group!(benches, diagnose);
criterion_main!(benches);
