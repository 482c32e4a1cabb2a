//! The file that all chains write to while they run: interrupted, opened again, ended early.

use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
use fkbayes::draws::{
    Columns, DrawsFile, DrawsOutput, DrawsSource, DrawsWriter, Ending, Format, Layout, Metadata,
    Part, Scratch,
};
use fkbayes::model::{Hierarchy, Model};
use fkbayes::sampler::{ChainSink, SamplerSettings};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub const CHAINS: u32 = 2;
pub const DRAWS: u32 = 4000;
/// Enough for 1,730 rows in a batch: two whole batches and a shorter one per chain.
const FKS: usize = 300;
pub const LAYOUTS: [Layout; 2] = [Layout::Wide, Layout::List];

/// Draws of a run, as numbers that tell where they belong.
pub struct Case {
    folder: TempDir,
    columns: Columns,
    metadata: Metadata,
}

impl Case {
    pub fn new() -> Self {
        let fk = |k: usize| ForeignKey {
            name: format!("fk_{k}").into(),
            sample: Sample::Scores(FkStats::from_summary(5, k as f64, 1.0)),
        };
        let data = Data::new((0..FKS).map(fk).collect()).unwrap();
        let model = Model::default();
        let hierarchy = Hierarchy::resolve(&model, &data).unwrap();
        let settings = SamplerSettings {
            chains: CHAINS,
            draws: DRAWS,
            ..SamplerSettings::default()
        };
        Self {
            folder: tempfile::tempdir().unwrap(),
            columns: Columns::new(&hierarchy, data.fks().iter().map(|fk| fk.name.as_str())),
            metadata: Metadata::new(&data, &model, &hierarchy, &settings, false),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn output<'a>(&'a self, path: &'a Path, layout: Layout) -> DrawsOutput<'a> {
        DrawsOutput {
            path,
            format: Format::of_path(path),
            layout,
            columns: &self.columns,
            metadata: &self.metadata,
        }
    }

    pub fn value(chain: u32, draw: u32, parameter: usize) -> f64 {
        f64::from(chain) + f64::from(draw) * 1e-4 + parameter as f64 * 10.0
    }

    fn record(&self, parts: &mut [Part], draws: std::ops::Range<u32>) {
        for (chain, part) in (0..).zip(parts) {
            for draw in draws.clone() {
                let row: Vec<f64> = (0..self.columns.len())
                    .map(|p| Self::value(chain, draw, p))
                    .collect();
                part.record(&row).unwrap();
            }
        }
    }

    /// The bytes of a run without interruption.
    pub fn uninterrupted(&self, path: &Path, layout: Layout) -> Vec<u8> {
        let mut writer = DrawsWriter::create(self.output(path, layout), &Scratch::Beside).unwrap();
        self.record(writer.parts(), 0..DRAWS);
        writer.finish(Ending::Complete).unwrap();
        let bytes = std::fs::read(path).unwrap();
        std::fs::remove_file(path).unwrap();
        bytes
    }

    pub fn assert_holds(&self, path: &Path, draws: u32) {
        let file = DrawsFile::open(path).unwrap();
        let block = file.block(0..self.columns.len()).unwrap();
        let expected = (self.columns.len(), CHAINS as usize, draws as usize);
        assert_eq!(block.dim(), expected);
        for ((p, chain, draw), &value) in block.indexed_iter() {
            assert_eq!(value, Self::value(chain as u32, draw as u32, p));
        }
    }

    /// Names of the files that there are.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[test]
fn what_is_written_is_what_is_read() {
    let case = Case::new();
    for layout in LAYOUTS {
        for name in ["draws.arrow", "draws.parquet"] {
            let path = case.path(name);
            let bytes = case.uninterrupted(&path, layout);
            std::fs::write(&path, bytes).unwrap();
            case.assert_holds(&path, DRAWS);
        }
    }
}

#[test]
fn a_run_that_goes_on_from_a_sync_writes_the_same_bytes() {
    let case = Case::new();
    for layout in LAYOUTS {
        for (name, cut) in [
            ("draws.arrow", 0),
            ("draws.arrow", 1),
            ("draws.arrow", 1729),
            ("draws.arrow", 1730),
            ("draws.arrow", 1731),
            ("draws.parquet", 3463),
            ("draws.arrow", 3999),
            ("draws.arrow", DRAWS),
        ] {
            let (path, scratch) = (case.path(name), case.path("run.draws"));
            let expected = case.uninterrupted(&path, layout);
            let output = case.output(&path, layout);
            let mut writer = DrawsWriter::create(output, &Scratch::At(scratch.clone())).unwrap();
            case.record(writer.parts(), 0..cut);
            writer.sync().unwrap();
            // What came after the sync is lost, wherever it stands.
            case.record(writer.parts(), cut..(cut + 1800).min(DRAWS));
            drop(writer);
            assert_eq!(case.files(), ["run.draws"]);
            let mut writer = DrawsWriter::reopen(&scratch, output, cut).unwrap();
            case.record(writer.parts(), cut..DRAWS);
            writer.finish(Ending::Complete).unwrap();
            assert!(
                std::fs::read(&path).unwrap() == expected,
                "{layout} {name} {cut}"
            );
            assert_eq!(case.files(), [name]);
            std::fs::remove_file(&path).unwrap();
        }
    }
}

#[test]
fn a_run_that_ends_early_is_a_shorter_run() {
    let case = Case::new();
    for layout in LAYOUTS {
        for (name, draws) in [
            ("draws.arrow", 1),
            ("draws.arrow", 1730),
            ("draws.parquet", 1731),
            ("draws.arrow", 3999),
        ] {
            let (path, scratch) = (case.path(name), case.path("run.draws"));
            let output = case.output(&path, layout);
            let mut writer = DrawsWriter::create(output, &Scratch::At(scratch.clone())).unwrap();
            case.record(writer.parts(), 0..draws);
            writer.sync().unwrap();
            writer.finish(Ending::Incomplete { draws }).unwrap();
            case.assert_holds(&path, draws);
            let file = DrawsFile::open(&path).unwrap();
            let incomplete = file.metadata().incomplete.unwrap();
            assert_eq!(incomplete.draws_requested, DRAWS);
            assert_eq!(file.metadata().sampler.draws, draws);
            // The run can still go on.
            let mut writer = DrawsWriter::reopen(&scratch, output, draws).unwrap();
            case.record(writer.parts(), draws..DRAWS);
            writer.finish(Ending::Complete).unwrap();
            case.assert_holds(&path, DRAWS);
            assert_eq!(case.files(), [name]);
            std::fs::remove_file(&path).unwrap();
        }
    }
}

#[test]
fn nothing_has_the_final_name_before_the_end_and_nothing_is_left_of_a_failure() {
    let case = Case::new();
    for name in ["draws.arrow", "draws.parquet"] {
        let path = case.path(name);
        let output = case.output(&path, Layout::Wide);
        let mut writer = DrawsWriter::create(output, &Scratch::Beside).unwrap();
        case.record(writer.parts(), 0..2000);
        writer.sync().unwrap();
        assert!(!path.exists());
        // Chains without all their draws are no complete run.
        assert!(writer.finish(Ending::Complete).is_err());
        assert_eq!(case.files(), [""; 0]);
    }
}

#[test]
fn a_scratch_of_another_run_is_refused() {
    let mut case = Case::new();
    let (path, scratch) = (case.path("draws.arrow"), case.path("run.draws"));
    let output = case.output(&path, Layout::Wide);
    let mut writer = DrawsWriter::create(output, &Scratch::At(scratch.clone())).unwrap();
    case.record(writer.parts(), 0..100);
    writer.sync().unwrap();
    drop(writer);
    let refused = |case: &Case, layout, draws| {
        let output = case.output(&path, layout);
        let error = DrawsWriter::reopen(&scratch, output, draws).err().unwrap();
        assert!(error.is_callers_fault(), "{error}");
        error.to_string()
    };
    assert!(refused(&case, Layout::List, 100).contains("another run"));
    assert!(refused(&case, Layout::Wide, DRAWS + 1).contains("too small"));
    // Draws that were never synced: no batch stands there.
    assert!(refused(&case, Layout::Wide, 2000).contains("no batch"));
    case.metadata.sampler.seed += 1;
    assert!(refused(&case, Layout::Wide, 100).contains("another run"));
    case.metadata.sampler.seed -= 1;
    let bytes = std::fs::read(&scratch).unwrap();
    std::fs::write(&scratch, &bytes[..bytes.len() - 1]).unwrap();
    assert!(refused(&case, Layout::Wide, 100).contains("too small"));
    std::fs::remove_file(&scratch).unwrap();
    assert!(refused(&case, Layout::Wide, 100).contains("cannot be read"));
}

#[test]
fn a_scratch_does_not_overwrite_a_file() {
    let case = Case::new();
    let (path, scratch) = (case.path("draws.arrow"), case.path("precious"));
    std::fs::write(&scratch, "mine").unwrap();
    let output = case.output(&path, Layout::Wide);
    assert!(DrawsWriter::create(output, &Scratch::At(scratch.clone())).is_err());
    assert_eq!(std::fs::read(&scratch).unwrap(), b"mine");
}

#[test]
fn bytes_at_the_end_are_read_back() {
    let case = Case::new();
    let bytes: Vec<u8> = (0..=255).collect();
    for name in ["draws.arrow", "draws.parquet"] {
        let path = case.path(name);
        let output = case.output(&path, Layout::Wide);
        let mut writer = DrawsWriter::create(output, &Scratch::Beside).unwrap();
        case.record(writer.parts(), 0..DRAWS);
        writer.set_trailing("fkbayes.chains", &bytes);
        writer.set_trailing("fkbayes.empty", b"");
        writer.finish(Ending::Complete).unwrap();
        let file = DrawsFile::open(&path).unwrap();
        let read = |name: &str| file.trailing(name).unwrap();
        assert_eq!(read("fkbayes.chains").as_ref(), Some(&bytes), "{name}");
        assert_eq!(read("fkbayes.empty"), Some(Vec::new()), "{name}");
        assert_eq!(read("fkbayes.other"), None, "{name}");
        case.assert_holds(&path, DRAWS);
    }
}
