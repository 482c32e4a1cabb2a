//! Milliseconds of the exact posterior, which every fit computes beside its chains.

#![allow(missing_docs, dead_code, clippy::unwrap_used)]

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use fkbayes::model::{Importance, Location, Noise};
use fkbayes::posterior::ExactPosterior;
use std::hint::black_box;

fn exact(c: &mut Criterion) {
    let mut group = c.benchmark_group("exact posterior");
    group.sample_size(20);
    let sampled = Noise::sampled(0.0, 0.0).unwrap();
    let per_fk = Noise::per_fk(1.0).unwrap();
    let t = Importance::student_t(4.0).unwrap();
    let f1 = |noise, location| support::f1_hierarchy_of(t, noise, location);
    for (name, hierarchy) in [
        ("f1, pooled noise", support::f1_hierarchy(Noise::Pooled)),
        ("K = 50, n = 10", support::simulated(&[10; 50])),
        ("f1, sampled noise", support::f1_hierarchy(sampled)),
        ("f1, per-FK noise", support::f1_hierarchy(per_fk)),
        (
            "f1, Student-t, noise known per FK",
            f1(Noise::PerFkFixed, Location::Zero),
        ),
        ("f1, Student-t, sampled noise", f1(sampled, Location::Zero)),
        (
            "f1, Student-t, unknown location",
            f1(Noise::PerFkFixed, Location::Flat),
        ),
    ] {
        let hierarchy = hierarchy.unwrap();
        group.bench_function(name, |b| {
            b.iter(|| ExactPosterior::new(black_box(&hierarchy)).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, exact);
criterion_main!(benches);
