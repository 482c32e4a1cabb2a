//! Going on from a checkpoint that is almost sound.

use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
use fkbayes::fit::{Checkpointing, Control, Fitter, Target};
use fkbayes::model::{Importance, Model, Noise};
use fkbayes::sampler::SamplerSettings;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;
use std::{env, fs};

/// Bytes of a checksum: one ends the chains, one the whole.
const SUM: usize = 4;

/// What a run leaves that is ended before its first draw.
pub fn sound() -> Vec<u8> {
    let file = env::temp_dir().join("sound-checkpoint");
    clear(&file);
    let ended = AtomicBool::new(true);
    let progress = AtomicU64::new(0);
    let control = Control {
        progress: &progress,
        stop: &ended,
    };
    assert!(run(&file, false, control).is_none(), "it is ended at once");
    let bytes = fs::read(&file).expect("a checkpoint is left");
    clear(&file);
    bytes
}

/// Makes both checksums right.
pub fn seal(bytes: &mut [u8]) {
    let Some(end) = bytes.len().checked_sub(SUM) else {
        return;
    };
    let mut lines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    if let Some((header, _)) = lines.nth(1)
        && let Some(chains) = end.checked_sub(SUM).filter(|chains| *chains > header)
    {
        let sum = crc32fast::hash(&bytes[header + 1..chains]).to_le_bytes();
        bytes[chains..end].copy_from_slice(&sum);
    }
    let sum = crc32fast::hash(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&sum);
}

/// Goes on from there.
pub fn resume(file: &Path) -> bool {
    let progress = AtomicU64::new(0);
    let done = run(file, true, Control::counting(&progress)).is_some();
    clear(file);
    done
}

/// A short run of the model whose chains carry most; `None` where it is refused or ended.
fn run(checkpoint: &Path, resume: bool, control: Control<'_>) -> Option<()> {
    let fks = ["a", "b", "c"].map(|name| ForeignKey {
        name: name.into(),
        sample: Sample::Scores(FkStats::from_summary(8, 0.5, 1.5)),
    });
    let data = Data::new(fks.into()).expect("three foreign keys");
    let fitter = Fitter {
        model: Model {
            noise: Noise::per_fk(2.0).expect("proper"),
            importance: Importance::student_t(4.0).expect("proper"),
            ..Model::default()
        },
        sampler: SamplerSettings {
            chains: 2,
            warmup: 8,
            draws: 16,
            seed: 1,
            ..SamplerSettings::default()
        },
        exact: false,
        threads: 1,
    };
    let mut target = Target::new(&env::temp_dir().join("from-checkpoint.arrow"));
    target.checkpoint = Some(Checkpointing {
        path: checkpoint.to_owned(),
        every: Duration::from_secs(60),
        resume,
    });
    fitter.fit_to_file(&data, &target, control).ok().map(|_| ())
}

fn clear(checkpoint: &Path) {
    for file in [
        checkpoint.to_owned(),
        checkpoint.with_added_extension("draws"),
    ] {
        let _ = fs::remove_file(file);
    }
}
