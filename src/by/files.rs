//! Files of a run: complete under their names, or not there at all.

use super::draws::DrawsTable;
use super::record::{DRAWS_SCHEMA, SCHEMA, TaskFits};
use super::run::{TaskSink, fit_tasks};
use super::table::{Table, csv_header};
use super::task::TaskFit;
use crate::Error;
use crate::data::{TableFormat, Tasks, with_metadata};
use crate::draws::{METADATA_KEY, kind_of, put_in_place, refuse_other, temporary_beside};
use crate::fit::Fitter;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use tempfile::NamedTempFile;

/// Where a table is written, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableTarget {
    /// The file.
    pub path: PathBuf,
    /// Its format.
    pub format: TableFormat,
}

/// What a run writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs {
    /// The table: one row per task and FK.
    pub table: TableTarget,
    /// The draws, if they are to be kept: one row per task, parameter and chain.
    pub draws: Option<TableTarget>,
}

impl Outputs {
    /// Refuses, before any work is done, what would stand in place of something else.
    ///
    /// # Errors
    /// If draws are to be CSV, both files are one, or a file stands there that is not of the same kind.
    pub fn check(&self) -> Result<(), Error> {
        replaceable(&self.table.path, SCHEMA)?;
        let Some(draws) = &self.draws else {
            return Ok(());
        };
        let wrong = |problem: &str| Error::Setting {
            setting: format!("--draws-out {}", draws.path.display()),
            problem: problem.to_owned(),
        };
        if draws.format == TableFormat::Csv {
            return Err(wrong("draws are written as .arrow or .parquet"));
        }
        if draws.path == self.table.path {
            return Err(wrong("names the same file as --out"));
        }
        replaceable(&draws.path, DRAWS_SCHEMA)
    }
}

/// Refuses a file of another kind.
fn replaceable(path: &Path, schema: &str) -> Result<(), Error> {
    const OTHER: &str =
        "exists and is not such a table written by fkbayes; name another file, or move it away";
    refuse_other(path, OTHER, |path| {
        kind_of_table(path).as_deref() == Some(schema)
    })
}

/// The kind of table that a file says it is, or that its CSV header is.
fn kind_of_table(path: &Path) -> Option<String> {
    if let Some(kind) = with_metadata(path, METADATA_KEY, |document| kind_of(document?)) {
        return kind;
    }
    let header = csv_header();
    let start = File::open(path).ok()?.take(header.len() as u64 + 2);
    let line = BufReader::new(start).lines().next()?.ok()?;
    (line == header).then(|| SCHEMA.to_owned())
}

/// As [`fit_tasks`], writing to files; they stand under their names once the run is complete.
///
/// # Errors
/// As [`fit_tasks`], and if a file cannot be written, or would replace something else.
pub fn fit_tasks_to_files(
    fitter: &Fitter,
    tasks: &Tasks,
    outputs: &Outputs,
    progress: &AtomicU64,
) -> Result<TaskFits, Error> {
    outputs.check()?;
    let table = Scratch::beside(&outputs.table)?;
    let draws = outputs.draws.as_ref().map(Scratch::beside).transpose()?;
    let mut sink = Files {
        table: table.failing(Table::new(table.file(), table.format, fitter, tasks))?,
        table_path: &table.path,
        draws: match &draws {
            Some(scratch) => {
                let settings = &fitter.sampler;
                let writer = DrawsTable::new(scratch.file(), scratch.format, settings.draws);
                Some((scratch.failing(writer)?, scratch.path.as_path()))
            }
            None => None,
        },
    };
    let mut fits = fit_tasks(fitter, tasks, &mut sink, progress)?;
    sink.finish()?;
    fits.table = Some(table.path.display().to_string());
    table.put_in_place()?;
    if let Some(scratch) = draws {
        fits.draws_file = Some(scratch.path.display().to_string());
        scratch.put_in_place()?;
    }
    Ok(fits)
}

/// A temporary file beside the one that it will be.
struct Scratch {
    temporary: NamedTempFile,
    path: PathBuf,
    format: TableFormat,
}

impl Scratch {
    fn beside(target: &TableTarget) -> Result<Self, Error> {
        let temporary = temporary_beside(&target.path).map_err(|source| Error::Write {
            path: target.path.clone(),
            source,
        })?;
        Ok(Self {
            temporary,
            path: target.path.clone(),
            format: target.format,
        })
    }

    fn file(&self) -> &File {
        self.temporary.as_file()
    }

    fn failing<T>(&self, result: io::Result<T>) -> Result<T, Error> {
        written(&self.path, result)
    }

    fn put_in_place(self) -> Result<(), Error> {
        written(&self.path, put_in_place(self.temporary, &self.path))
    }
}

fn written<T>(path: &Path, result: io::Result<T>) -> Result<T, Error> {
    result.map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

/// The files as tasks come in.
struct Files<'a> {
    table: Table<'a>,
    table_path: &'a Path,
    draws: Option<(DrawsTable<'a>, &'a Path)>,
}

impl Files<'_> {
    fn finish(self) -> Result<(), Error> {
        written(self.table_path, self.table.finish())?;
        match self.draws {
            Some((draws, path)) => written(path, draws.finish()),
            None => Ok(()),
        }
    }
}

impl TaskSink for Files<'_> {
    fn take(&mut self, fitted: &TaskFit) -> Result<(), Error> {
        written(self.table_path, self.table.take(fitted))?;
        match &mut self.draws {
            Some((draws, path)) => written(path, draws.take(fitted)),
            None => Ok(()),
        }
    }

    fn wants_draws(&self) -> bool {
        self.draws.is_some()
    }
}
