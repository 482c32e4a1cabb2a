//! Where the time of `fkbayes fit examples/data/f1.csv` goes (4 chains of 2,500 draws), beside the
//! wall-clock time of the whole process.

#![allow(dead_code, clippy::unwrap_used)]

mod support;

use fkbayes::draws::{
    Columns, DrawsFile, DrawsOutput, DrawsWriter, Ending, Format, Layout, MemorySink, Metadata,
    Scratch,
};
use fkbayes::fit::{AssessedRun, assess};
use fkbayes::model::{Hierarchy, Model, Noise};
use fkbayes::posterior::ExactPosterior;
use fkbayes::report::{Detail, Form, Paint, View, render};
use fkbayes::sampler::{self, ChainSink, Run, SamplerSettings};
use fkbayes::summary::RanksWanted;
use std::hint::black_box;
use std::process::Command;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

const ROUNDS: usize = 21;
const PARTS: [&str; 6] = [
    "reading scores",
    "exact posterior",
    "sampling",
    "writing draws",
    "assessing",
    "rendering",
];

fn main() {
    for noise in [Noise::Pooled, Noise::Auto] {
        println!("noise {noise}");
        breakdown(noise);
    }
}

fn breakdown(noise: Noise) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("draws.arrow");
    let mut parts = vec![Vec::new(); PARTS.len()];
    let mut whole = Vec::new();
    for _ in 0..ROUNDS {
        for (part, milliseconds) in parts.iter_mut().zip(one_fit(&path, noise)) {
            part.push(milliseconds);
        }
        whole.push(timed(|| process(&path, noise)).1);
    }
    let whole = median(whole);
    println!("{:24}{:>8}{:>9}", "medians", "ms", "share");
    let mut sum = 0.0;
    for (name, part) in PARTS.iter().zip(parts) {
        let milliseconds = median(part);
        sum += milliseconds;
        line(name, milliseconds, whole);
    }
    line("start, end, the rest", whole - sum, whole);
    line("the whole process", whole, whole);
}

fn line(name: &str, milliseconds: f64, whole: f64) {
    let share = 100.0 * milliseconds / whole;
    println!("{name:24}{milliseconds:>8.2}{share:>8.0}%");
}

/// Milliseconds of each part, in the order of `PARTS`.
fn one_fit(path: &std::path::Path, noise: Noise) -> [f64; 6] {
    let (data, reading) = timed(|| support::f1().unwrap());
    let settings = SamplerSettings::default();
    let model = Model {
        noise,
        ..Model::default()
    };
    let hierarchy = Hierarchy::resolve(&model, &data).unwrap();
    let columns = Columns::new(&hierarchy, data.fks().iter().map(|fk| fk.name.as_str()));
    let metadata = Metadata::new(&data, &model, &hierarchy, &settings, true);
    let (exact, quadrature) = timed(|| ExactPosterior::new(&hierarchy));
    let mut memory = vec![MemorySink::default(); settings.chains as usize];
    let ((), sampling) = timed(|| sample(&hierarchy, &settings, &mut memory));
    let ((), sampling_to_file) = timed(|| {
        let output = DrawsOutput {
            path,
            format: Format::of_path(path),
            layout: Layout::Wide,
            columns: &columns,
            metadata: &metadata,
        };
        let mut writer = DrawsWriter::create(output, &Scratch::Beside).unwrap();
        sample(&hierarchy, &settings, writer.parts());
        writer.finish(Ending::Complete).unwrap();
    });
    let (fit, assessing) = timed(|| {
        let run = AssessedRun {
            metadata: &metadata,
            data: &data,
            hierarchy: &hierarchy,
            draws_file: None,
            seconds: None,
        };
        let draws = DrawsFile::open(path).unwrap();
        assess(run, &draws, Some(&exact), RanksWanted::First).unwrap()
    });
    let view = View {
        width: 80,
        detail: Detail::Answer,
        form: Form::Table,
        paint: Paint { on: false },
    };
    let (_, rendering) = timed(|| black_box(render(&fit, view)));
    let writing = sampling_to_file - sampling;
    [reading, quadrature, sampling, writing, assessing, rendering]
}

fn sample<S: ChainSink>(hierarchy: &Hierarchy, settings: &SamplerSettings, sinks: &mut [S]) {
    let run = Run {
        hierarchy,
        exact: None,
        settings,
        kept: None,
        threads: 0,
        progress: &AtomicU64::new(0),
    };
    sampler::run(run, sinks).unwrap();
}

fn process(path: &std::path::Path, noise: Noise) {
    let scores = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/f1.csv");
    let done = Command::new(env!("CARGO_BIN_EXE_fkbayes"))
        .args(["fit", scores, "--seed", "1", "--quiet", "--noise"])
        .args([&noise.to_string(), "--out"])
        .arg(path)
        .output()
        .unwrap();
    assert!(done.status.success());
}

/// A result, and the milliseconds that it took.
fn timed<T>(f: impl FnOnce() -> T) -> (T, f64) {
    let started = Instant::now();
    let result = f();
    (result, 1e3 * started.elapsed().as_secs_f64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
