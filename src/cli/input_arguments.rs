//! Where scores come from, on the command line.

use crate::Error;
use crate::data::{Data, ReadOptions, Source, Tasks, read, read_tasks};
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(super) struct InputArguments {
    /// Files of scores (CSV, TSV, Parquet, Arrow; told by content), or - for standard input.
    #[arg(required = true, value_name = "INPUT", help_heading = None)]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    columns: ColumnArguments,
}

/// How the inputs' columns are to be read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(super) struct ColumnArguments {
    /// Input is wide: one column per FK, one row per permutation.
    #[arg(long)]
    wide: bool,
    /// Column that names the FK.
    #[arg(long, value_name = "NAME", default_value = "fk")]
    fk_column: String,
    /// Column of scores.
    #[arg(long, value_name = "NAME", default_value = "score")]
    score_column: String,
}

impl InputArguments {
    /// The file, where there is only one input and it is a file.
    pub fn only_file(&self) -> Option<&Path> {
        match self.inputs.as_slice() {
            [file] if file.as_os_str() != "-" => Some(file),
            _ => None,
        }
    }

    /// Reads all inputs on so many threads (0: all there are).
    pub fn read(&self, threads: usize) -> Result<Data, Error> {
        let options = ReadOptions {
            threads,
            ..self.columns.options()
        };
        read(&sources(&self.inputs), &options)
    }

    /// The same task by task, as the column `by` tells them apart.
    pub fn read_tasks(&self, by: &str, threads: usize) -> Result<Tasks, Error> {
        let options = ReadOptions {
            threads,
            task_column: Some(by.to_owned()),
            ..self.columns.options()
        };
        read_tasks(&sources(&self.inputs), &options)
    }
}

impl ColumnArguments {
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            wide: self.wide,
            fk_column: self.fk_column.clone(),
            score_column: self.score_column.clone(),
            ..ReadOptions::default()
        }
    }
}

pub(super) fn sources(inputs: &[PathBuf]) -> Vec<Source> {
    inputs.iter().cloned().map(Source::from).collect()
}
