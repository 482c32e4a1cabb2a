//! What reads files, and the sound files to begin with.

use crate::checkpoint;
use fkbayes::data::{ReadOptions, Source, read, read_costs, read_with_scores};
use fkbayes::draws::{DrawsFile, DrawsSource, is_draws_file};
use fkbayes::fit::{Control, Target, extend};
use fkbayes::model::ModelFile;
use fkbayes::study::read_partial;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};

pub struct Fuzzed {
    pub name: &'static str,
    pub seeds: Seeds,
    /// Reads a file; whether it was accepted.
    pub read: fn(&Path) -> bool,
}

/// Where the sound files come from.
pub enum Seeds {
    /// `tests/reading/seeds`.
    Files(&'static [&'static str]),
    /// The library makes one, for this version alone; after each mutation its checksums are made right
    /// again, as else nothing behind them would be reached.
    Made {
        make: fn() -> Vec<u8>,
        seal: fn(&mut [u8]),
    },
}

pub const TARGETS: [Fuzzed; 11] = [
    Fuzzed {
        name: "long",
        seeds: Seeds::Files(&["long.csv", "long.tsv"]),
        read: scores,
    },
    Fuzzed {
        name: "wide",
        seeds: Seeds::Files(&["wide.csv"]),
        read: wide,
    },
    Fuzzed {
        name: "stats",
        seeds: Seeds::Files(&["stats.csv", "estimates.csv"]),
        read: scores,
    },
    Fuzzed {
        name: "parquet",
        seeds: Seeds::Files(&["plain.parquet", "keys.parquet", "wide.parquet"]),
        read: either,
    },
    Fuzzed {
        name: "arrow",
        seeds: Seeds::Files(&["plain.arrow", "keys.arrow", "wide.arrow"]),
        read: either,
    },
    Fuzzed {
        name: "stream",
        seeds: Seeds::Files(&["plain.arrows", "keys.arrows", "wide.arrows"]),
        read: either,
    },
    Fuzzed {
        name: "draws",
        seeds: Seeds::Files(&[
            "draws_wide.arrow",
            "draws_list.arrow",
            "draws_wide.parquet",
            "draws_list.parquet",
        ]),
        read: draws,
    },
    Fuzzed {
        name: "model",
        seeds: Seeds::Files(&["model.toml"]),
        read: model,
    },
    Fuzzed {
        name: "costs",
        seeds: Seeds::Files(&["costs.csv"]),
        read: costs,
    },
    Fuzzed {
        name: "checkpoint",
        seeds: Seeds::Made {
            make: checkpoint::sound,
            seal: checkpoint::seal,
        },
        read: checkpoint::resume,
    },
    Fuzzed {
        name: "partial",
        seeds: Seeds::Files(&["study.partial"]),
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
    // One at a time, from the places at which they stand; and all at once.
    let singly = (0..parameters).all(|i| draws.block(i..i + 1).is_ok());
    go_on(&draws, file);
    singly & draws.block(0..parameters).is_ok()
}

/// Brings the chains back and copies the draws, as for more of them, and stops there.
fn go_on(draws: &DrawsFile, file: &Path) {
    let (progress, stop) = (AtomicU64::new(0), AtomicBool::new(true));
    let control = Control {
        progress: &progress,
        stop: &stop,
    };
    let _ = extend(
        draws,
        1,
        &Target::new(&file.with_extension("more")),
        1,
        control,
    );
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
