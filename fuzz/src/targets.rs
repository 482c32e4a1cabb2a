//! What reads files, and the sound files to begin with.

use fkbayes::data::{ReadOptions, Source, read, read_costs, read_with_scores};
use fkbayes::draws::{DrawsFile, DrawsSource, is_draws_file};
use fkbayes::model::ModelFile;
use fkbayes::study::read_partial;
use std::path::Path;

pub struct Target {
    pub name: &'static str,
    pub seeds: &'static [&'static str],
    /// Reads a file; whether it was accepted.
    pub read: fn(&Path) -> bool,
}

pub const TARGETS: [Target; 10] = [
    Target {
        name: "long",
        seeds: &["long.csv", "long.tsv"],
        read: scores,
    },
    Target {
        name: "wide",
        seeds: &["wide.csv"],
        read: wide,
    },
    Target {
        name: "stats",
        seeds: &["stats.csv", "estimates.csv"],
        read: scores,
    },
    Target {
        name: "parquet",
        seeds: &["plain.parquet", "keys.parquet", "wide.parquet"],
        read: either,
    },
    Target {
        name: "arrow",
        seeds: &["plain.arrow", "keys.arrow", "wide.arrow"],
        read: either,
    },
    Target {
        name: "stream",
        seeds: &["plain.arrows", "keys.arrows", "wide.arrows"],
        read: either,
    },
    Target {
        name: "draws",
        seeds: &[
            "draws_wide.arrow",
            "draws_list.arrow",
            "draws_wide.parquet",
            "draws_list.parquet",
        ],
        read: draws,
    },
    Target {
        name: "model",
        seeds: &["model.toml"],
        read: model,
    },
    Target {
        name: "costs",
        seeds: &["costs.csv"],
        read: costs,
    },
    Target {
        name: "partial",
        seeds: &["study.partial"],
        read: partial,
    },
];

fn options(wide: bool) -> ReadOptions {
    // One thread: a panic elsewhere would be one here all the same, and starting threads takes time.
    ReadOptions {
        wide,
        threads: 1,
        ..ReadOptions::default()
    }
}

fn scores(file: &Path) -> bool {
    read_with_scores(&[Source::Path(file.to_owned())], &options(false)).is_ok()
}

fn wide(file: &Path) -> bool {
    read(&[Source::Path(file.to_owned())], &options(true)).is_ok()
}

fn either(file: &Path) -> bool {
    scores(file) | wide(file)
}

fn draws(file: &Path) -> bool {
    let _ = is_draws_file(file);
    let Ok(draws) = DrawsFile::open(file) else {
        return false;
    };
    let parameters = draws.columns().names().len();
    draws.block(0..parameters).is_ok()
}

fn model(file: &Path) -> bool {
    ModelFile::read(file).is_ok()
}

fn costs(file: &Path) -> bool {
    read_costs(file).is_ok()
}

fn partial(file: &Path) -> bool {
    read_partial(file).is_ok()
}
