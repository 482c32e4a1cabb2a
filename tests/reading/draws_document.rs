//! What a draws file of many FKs says of itself: the same at its beginning and at its end, and in either format.

use arrow_ipc::reader::{FileReader, StreamReader};
use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
use fkbayes::draws::DrawsFile;
use fkbayes::fit::{Control, Fitter, Target};
use fkbayes::sampler::SamplerSettings;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::AtomicU64;

/// The document of so many has more than a megabyte, and several pieces.
const FKS: usize = 16_000;

fn data() -> Data {
    let fk = |k: usize| ForeignKey {
        name: format!("table_{k}.\u{e9}tat \"{k}\"").into(),
        sample: Sample::Scores(FkStats::from_summary(2 + k as u64 % 5, k as f64 / 7.0, 1.5)),
    };
    Data::new((0..FKS).map(fk).collect()).unwrap()
}

fn fit(path: &Path, keep: &str) {
    let settings = SamplerSettings {
        chains: 2,
        warmup: 10,
        draws: 20,
        seed: 5,
        ..SamplerSettings::default()
    };
    let fitter = Fitter {
        sampler: settings,
        ..Fitter::default()
    };
    let mut target = Target::new(path);
    target.keep = Some(vec![keep.to_owned()]);
    let progress = AtomicU64::new(0);
    let fitted = fitter.fit_to_file(&data(), &target, Control::counting(&progress));
    fitted.unwrap();
}

fn at_the_end(path: &Path) -> String {
    let reader = FileReader::try_new(File::open(path).unwrap(), None).unwrap();
    assert_eq!(
        reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(),
        40
    );
    let reader = FileReader::try_new(File::open(path).unwrap(), None).unwrap();
    reader.schema().metadata()["fkbayes"].clone()
}

/// Without the magic at its beginning a file is a stream.
fn at_the_beginning(path: &Path) -> String {
    let mut file = File::open(path).unwrap();
    file.seek(SeekFrom::Start(8)).unwrap();
    let reader = StreamReader::try_new(file, None).unwrap();
    reader.schema().metadata()["fkbayes"].clone()
}

#[test]
fn the_document_is_the_same_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("draws.arrow");
    for keep in ["sigma2_fk", "alpha[table_3.\u{e9}tat \"3\"]", "alpha"] {
        fit(&path, keep);
        let file = DrawsFile::open(&path).unwrap();
        assert_eq!(file.data(), &data(), "{keep}");
        let document = at_the_end(&path);
        assert!(document.len() > 1 << 20);
        assert_eq!(document, serde_json::to_string(file.metadata()).unwrap());
        assert!(document == at_the_beginning(&path), "{keep}");
    }
    let parquet = folder.path().join("draws.parquet");
    fit(&parquet, "sigma2_fk");
    fit(&path, "sigma2_fk");
    let bytes = bytes::Bytes::from(std::fs::read(&parquet).unwrap());
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    assert_eq!(builder.schema().metadata()["fkbayes"], at_the_end(&path));
}
