//! CPU time of `fit --by` with the exact engine, per task, beside that of one exact posterior.
//!
//! `cargo bench --bench by -- [TASKS [FKS]]`, by default 100,000 tasks of 20 FKs. The run reads aggregated
//! scores as CSV (n = 20 to 40), settles every task's model, integrates its posterior, finds moments and
//! quantiles of every importance and writes them as Parquet; the yardstick is `ExactPosterior::new` alone,
//! on one task in twenty, on one thread. CPU time is that of this process (Linux: /proc).

#![allow(dead_code, clippy::unwrap_used)]

use fkbayes::by::{Outputs, TableTarget, fit_tasks_to_files};
use fkbayes::data::{ReadOptions, Source, TableFormat, Tasks, read_tasks};
use fkbayes::fit::Fitter;
use fkbayes::model::{Hierarchy, Model, Noise};
use fkbayes::posterior::ExactPosterior;
use fkbayes::sampler::{SamplerKind, SamplerSettings};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

const ROUNDS: usize = 3;
/// One task in so many is a yardstick.
const SAMPLE: usize = 20;

fn main() {
    let sizes = std::env::args().filter_map(|word| word.parse().ok());
    let sizes: Vec<usize> = sizes.collect();
    let tasks = sizes.first().copied().unwrap_or(100_000);
    let fks = sizes.get(1).copied().unwrap_or(20);
    let folder = tempfile::tempdir().unwrap();
    let scores = folder.path().join("scores.csv");
    write_scores(&scores, tasks, fks);
    println!("{tasks} tasks of {fks} FKs; microseconds of CPU time per task, {ROUNDS} rounds");
    println!(
        "{:>10}{:>10}{:>10}{:>10}{:>12}{:>14}",
        "posterior", "read", "fit", "ratio", "wall, s", "peak, MiB"
    );
    for _ in 0..ROUNDS {
        let table = folder.path().join("fits.parquet");
        let started = Instant::now();
        let (read, reading) = timed(|| read(&scores));
        let ((), fitting) = timed(|| fit(&read, &table));
        let wall = started.elapsed().as_secs_f64();
        let posterior = yardstick(&read);
        let each = |seconds: f64| 1e6 * seconds / tasks as f64;
        let ratio = (each(reading) + each(fitting)) / posterior;
        println!(
            "{posterior:>10.1}{:>10.1}{:>10.1}{ratio:>10.2}{wall:>12.1}{:>14}",
            each(reading),
            each(fitting),
            peak_memory()
        );
    }
}

/// Importances N(0, t), t from task to task log-normal; the variance of a score is 9.
fn write_scores(path: &Path, tasks: usize, fks: usize) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(20_261_126);
    let mut out = BufWriter::new(File::create(path).unwrap());
    writeln!(out, "task,fk,n,mean,var").unwrap();
    for task in 0..tasks {
        let normal = |rng: &mut Xoshiro256PlusPlus| rng.sample::<f64, _>(StandardNormal);
        let scale = normal(&mut rng).exp();
        for fk in 0..fks {
            let n = rng.random_range(20..=40);
            let mean = scale * normal(&mut rng) + 3.0 / f64::from(n).sqrt() * normal(&mut rng);
            let degrees = n - 1;
            let chi2: f64 = (0..degrees).map(|_| normal(&mut rng).powi(2)).sum();
            let variance = 9.0 * chi2 / f64::from(degrees);
            writeln!(out, "task_{task},table_{fk}.key,{n},{mean},{variance}").unwrap();
        }
    }
    out.flush().unwrap();
}

fn model() -> Model {
    Model {
        noise: Noise::Pooled,
        ..Model::default()
    }
}

fn read(scores: &Path) -> Tasks {
    let options = ReadOptions {
        task_column: Some("task".into()),
        ..ReadOptions::default()
    };
    read_tasks(&[Source::from(scores.to_owned())], &options).unwrap()
}

fn fit(tasks: &Tasks, table: &Path) {
    let fitter = Fitter {
        model: model(),
        sampler: SamplerSettings {
            kind: SamplerKind::Exact,
            ..SamplerSettings::default()
        },
        ..Fitter::default()
    };
    let outputs = Outputs {
        table: TableTarget {
            path: table.to_owned(),
            format: TableFormat::Parquet,
        },
        draws: None,
    };
    let fits = fit_tasks_to_files(&fitter, tasks, &outputs, &AtomicU64::new(0)).unwrap();
    assert_eq!(fits.totals.failed, 0);
}

/// Microseconds of one exact posterior.
fn yardstick(tasks: &Tasks) -> f64 {
    let sample = (0..tasks.len()).step_by(SAMPLE);
    let resolve = |task| Hierarchy::resolve(&model(), &tasks.data(task).unwrap()).unwrap();
    let hierarchies: Vec<Hierarchy> = sample.map(resolve).collect();
    let ((), seconds) = timed(|| {
        for hierarchy in &hierarchies {
            black_box(ExactPosterior::new(black_box(hierarchy)).unwrap());
        }
    });
    1e6 * seconds / hierarchies.len() as f64
}

/// A result, and the seconds of CPU time that this process, all threads together, took for it.
fn timed<T>(f: impl FnOnce() -> T) -> (T, f64) {
    let before = cpu_seconds();
    let result = f();
    (result, cpu_seconds() - before)
}

/// Fields 14 and 15 of /proc/self/stat, in ticks of 10 ms.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |i: usize| fields[i].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}

/// Largest resident set so far, in MiB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024
}
