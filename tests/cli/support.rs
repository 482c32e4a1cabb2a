//! A directory of its own for each test, the command run in it, and inputs written for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use assert_cmd::Command;
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use tempfile::TempDir;

/// Arguments of a run that is short and can be repeated.
pub const SHORT: [&str; 8] = [
    "--draws", "200", "--chains", "2", "--warmup", "100", "--seed", "1",
];

/// Two FKs whose scores vary.
pub const TWO_FKS: &str = "fk,score\na,1\na,2\nb,3\nb,5\n";

/// A directory in which the command runs.
pub struct Sandbox(TempDir);

impl Sandbox {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// With one file in it.
    pub fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        let sandbox = Self::new();
        sandbox.write(name, content);
        sandbox
    }

    /// With `draws.arrow` of a short fit of the Formula 1 scores.
    pub fn with_f1_draws(arguments: &[&str]) -> Self {
        let sandbox = Self::new();
        sandbox.fit(&[&[f1().as_str()], arguments].concat());
        sandbox
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Names of everything in the directory, hidden files too.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fkbayes"));
        command.current_dir(self.0.path()).args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// A short `fit` that must succeed; `arguments` come first.
    pub fn fit(&self, arguments: &[&str]) -> Output {
        let output = self.run(&short_fit(arguments));
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            stderr(&output)
        );
        output
    }

    /// A short `fit --json` that must succeed.
    pub fn fit_json(&self, arguments: &[&str]) -> Value {
        let output = self.fit(&[arguments, &["--json"]].concat());
        parse(&output)
    }

    /// A `fit` that must be refused: its one line on stderr. Nothing may be left behind.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let line = self.complaint(arguments, 2);
        assert_eq!(line.lines().count(), 1, "{arguments:?}: {line}");
        line
    }

    /// What a failing `fit` says on stderr: one error, whose explanation may span lines.
    pub fn complaint(&self, arguments: &[&str], code: i32) -> String {
        let before = self.files();
        let output = self.run(&[&["fit"], arguments].concat());
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty(), "{arguments:?} printed an answer");
        assert!(message.starts_with("error:"), "{arguments:?}: {message}");
        let errors = message.lines().filter(|line| line.starts_with("error:"));
        assert_eq!(errors.count(), 1, "{arguments:?}: {message}");
        assert_eq!(self.files(), before, "{arguments:?} left files behind");
        message
    }
}

pub fn short_fit<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["fit"], arguments, &SHORT].concat()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Standard output, which must be one JSON value and nothing else.
pub fn parse(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every one of `parts` must stand in `message`.
pub fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no '{part}' in: {message}");
    }
}

/// The path of a file that comes with the project.
pub fn shipped(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join(name).display().to_string()
}

/// Scores of eleven FKs of a Formula 1 database, long.
pub fn f1() -> String {
    shipped("examples/data/f1.csv")
}

pub fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let nullable = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(nullable).unwrap()
}

/// A long table with the rows of [`TWO_FKS`].
pub fn two_fks() -> RecordBatch {
    use arrow_array::{Float64Array, StringArray};
    batch(vec![
        ("fk", Arc::new(StringArray::from(vec!["a", "a", "b", "b"]))),
        (
            "score",
            Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0, 5.0])),
        ),
    ])
}

pub fn parquet_bytes(batch: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

pub fn arrow_file_bytes(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

pub fn arrow_stream_bytes(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}
