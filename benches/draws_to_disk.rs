//! Sampling to disk, K = 1,000, 4 chains of 2,500 draws (80 MB), beside `dd conv=fsync` of twice the
//! bytes to the same disk: rates, interleaved. `FKBAYES_BENCH_DIR` names the directory (the current
//! one if not given).

#![allow(dead_code, clippy::unwrap_used)]

mod support;

use fkbayes::draws::{
    Columns, DrawsOutput, DrawsWriter, Ending, Format, Layout, Metadata, Scratch,
};
use fkbayes::model::Model;
use fkbayes::sampler::{self, Run, SamplerSettings};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

const ROUNDS: usize = 9;

fn main() {
    let root = std::env::var("FKBAYES_BENCH_DIR").unwrap_or_else(|_| ".".to_owned());
    let folder = tempfile::tempdir_in(root).unwrap();
    let (ours, theirs) = (folder.path().join("draws.arrow"), folder.path().join("dd"));
    let (mut rates, mut yardsticks, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let seconds = sample_to(&ours);
        let bytes = std::fs::metadata(&ours).unwrap().len();
        let rate = bytes as f64 / seconds / 1e6;
        let yardstick = 2.0 * bytes as f64 / dd(&theirs, 2 * bytes) / 1e6;
        rates.push(rate);
        yardsticks.push(yardstick);
        ratios.push(rate / yardstick);
        std::fs::remove_file(&ours).unwrap();
        std::fs::remove_file(&theirs).unwrap();
    }
    println!(
        "medians of {ROUNDS}: draws {:.0} MB/s, dd {:.0} MB/s, ratio {:.2}",
        median(rates),
        median(yardsticks),
        median(ratios)
    );
}

/// Seconds from the first sweep to the renamed, synced file; warm-up is kept short, as it writes nothing.
fn sample_to(path: &Path) -> f64 {
    let hierarchy = support::simulated(&support::uneven(1000, 20)).unwrap();
    let names: Vec<String> = (0..1000).map(|k| format!("fk_{k}")).collect();
    let columns = Columns::new(&hierarchy, names.iter().map(String::as_str));
    let settings = SamplerSettings {
        warmup: 100,
        ..SamplerSettings::default()
    };
    // Which data the metadata hold does not matter here.
    let metadata = Metadata::new(
        &support::f1().unwrap(),
        &Model::default(),
        &hierarchy,
        &settings,
        false,
    );
    let output = DrawsOutput {
        path,
        format: Format::Arrow,
        layout: Layout::Wide,
        columns: &columns,
        metadata: &metadata,
    };
    let started = Instant::now();
    let mut writer = DrawsWriter::create(output, &Scratch::Beside).unwrap();
    let run = Run {
        hierarchy: &hierarchy,
        exact: None,
        settings: &settings,
        kept: None,
        threads: 0,
        progress: &AtomicU64::new(0),
    };
    sampler::run(run, writer.parts()).unwrap();
    writer.finish(Ending::Complete).unwrap();
    started.elapsed().as_secs_f64()
}

/// Seconds that `dd` takes to write and sync as many bytes.
fn dd(path: &Path, bytes: u64) -> f64 {
    let started = Instant::now();
    let done = Command::new("dd")
        .args(["if=/dev/zero", "bs=4M", "conv=fsync", "status=none"])
        .arg(format!("count={}", bytes >> 22))
        .arg(format!("of={}", path.display()))
        .status()
        .unwrap();
    assert!(done.success());
    started.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
