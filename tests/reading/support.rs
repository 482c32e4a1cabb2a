//! Inputs written for a test, and what reading them gives.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use fkbayes::Error;
use fkbayes::data::{Data, InputProblem, ReadOptions, Sample, Source, read};
use fkbayes::error::Place;
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

/// Columnar formats.
pub const FORMATS: [Columnar; 3] = [Columnar::Parquet, Columnar::File, Columnar::Stream];

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Columnar {
    Parquet,
    File,
    Stream,
}

/// Names each input `input.0`, `input.1`, ...: the name must not matter.
pub fn read_all(inputs: &[&[u8]], options: &ReadOptions) -> Result<Data, Error> {
    let dir = TempDir::new().unwrap();
    let sources: Vec<Source> = (0..)
        .zip(inputs)
        .map(|(i, bytes)| Source::Path(write(&dir, &format!("input.{i}"), bytes)))
        .collect();
    read(&sources, options)
}

pub fn read_one(input: impl AsRef<[u8]>) -> Result<Data, Error> {
    read_all(&[input.as_ref()], &ReadOptions::default())
}

pub fn read_wide(input: impl AsRef<[u8]>) -> Result<Data, Error> {
    read_all(&[input.as_ref()], &wide())
}

pub fn wide() -> ReadOptions {
    ReadOptions {
        wide: true,
        ..ReadOptions::default()
    }
}

pub fn write(dir: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

pub fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/data")
        .join(name)
}

/// The place and the problem of an input that must be refused.
pub fn refusal(result: Result<Data, Error>) -> (Place, InputProblem) {
    match result {
        Err(Error::Input { place, problem, .. }) => (place, *problem),
        other => panic!("expected a problem with the input, got {other:?}"),
    }
}

/// Line and wording of an input that must be refused.
pub fn refused(result: Result<Data, Error>) -> (Option<u64>, String) {
    let (place, problem) = refusal(result);
    (place.line, problem.to_string())
}

/// Name, n and mean of each FK.
pub fn summary(data: &Data) -> Vec<(String, u64, Option<f64>)> {
    data.fks()
        .iter()
        .map(|fk| match fk.sample {
            Sample::Scores(stats) => (fk.name.to_string(), stats.n(), stats.mean()),
            Sample::Estimate { n, mean, .. } => (fk.name.to_string(), n.unwrap_or(0), Some(mean)),
        })
        .collect()
}

pub fn names(data: &Data) -> Vec<&str> {
    data.fks().iter().map(|fk| fk.name.as_str()).collect()
}

pub fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let nullable = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(nullable).unwrap()
}

/// A long table.
pub fn long(rows: &[(&str, f64)]) -> RecordBatch {
    let (fks, scores): (Vec<_>, Vec<_>) = rows.iter().copied().unzip();
    batch(vec![("fk", strings(&fks)), ("score", floats(&scores))])
}

pub fn strings(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

pub fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

/// The batches in a columnar format.
pub fn encode(format: Columnar, batches: &[RecordBatch]) -> Vec<u8> {
    let schema = batches[0].schema();
    let mut bytes = Vec::new();
    match format {
        Columnar::Parquet => {
            let mut writer = ArrowWriter::try_new(&mut bytes, schema, None).unwrap();
            batches.iter().for_each(|b| writer.write(b).unwrap());
            writer.close().unwrap();
        }
        Columnar::File => {
            let mut writer = FileWriter::try_new(&mut bytes, &schema).unwrap();
            batches.iter().for_each(|b| writer.write(b).unwrap());
            writer.finish().unwrap();
        }
        Columnar::Stream => {
            let mut writer = StreamWriter::try_new(&mut bytes, &schema).unwrap();
            batches.iter().for_each(|b| writer.write(b).unwrap());
            writer.finish().unwrap();
        }
    }
    bytes
}
