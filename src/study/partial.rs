//! Finished cells, kept beside the output while a study runs.
//!
//! The first line holds the study's settings, each further line one cell, as JSON. An interrupted
//! study leaves it; a finished one removes it.

use super::record::CellRecord;
use super::settings::Settings;
use crate::Error;
use crate::data::read_small;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const SCHEMA: &str = "fkbayes.study.partial/1";
/// Longest side file, in bytes: ten times what the largest grid leaves.
const LONGEST: u64 = 1 << 31;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    schema: String,
    version: String,
    settings: Settings,
}

/// The side file, open for further cells.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    file: File,
}

impl Partial {
    /// The side file of an output: its name with `.partial` behind it.
    #[must_use]
    pub fn path_of(out: &Path) -> PathBuf {
        let mut name = out.as_os_str().to_owned();
        name.push(".partial");
        PathBuf::from(name)
    }

    /// Starts the side file of a study, with the cells that are known already.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn create(path: &Path, settings: &Settings, known: &[CellRecord]) -> Result<Self, Error> {
        let failed = |source| Error::Write {
            path: path.to_owned(),
            source,
        };
        // What stands there stays until all of it is in the new file.
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".new");
        let temporary = PathBuf::from(temporary);
        let mut partial = Self {
            file: File::create(&temporary).map_err(failed)?,
            path: path.to_owned(),
        };
        partial.line(&Header {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings: settings.clone(),
        })?;
        for cell in known {
            partial.record(cell)?;
        }
        std::fs::rename(&temporary, path).map_err(failed)?;
        Ok(partial)
    }

    /// Adds a finished cell; it is on the disk when this returns.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn record(&mut self, cell: &CellRecord) -> Result<(), Error> {
        self.line(cell)
    }

    /// Removes the side file: the study is complete.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn remove(self) -> Result<(), Error> {
        std::fs::remove_file(&self.path).map_err(|source| Error::Write {
            path: self.path,
            source,
        })
    }

    fn line(&mut self, content: &impl Serialize) -> Result<(), Error> {
        let text =
            serde_json::to_string(content).map_err(|error| Error::Internal(error.to_string()))?;
        let written = self
            .file
            .write_all((text + "\n").as_bytes())
            .and_then(|()| self.file.sync_data());
        written.map_err(|source| Error::Write {
            path: self.path.clone(),
            source,
        })
    }
}

/// What a side file holds: its settings and the finished cells; `None` where there is no such file.
/// A last line that was cut off is not a cell.
///
/// # Errors
/// If it is not a side file of a study, was left by another version, or is damaged.
pub fn read_partial(path: &Path) -> Result<Option<(Settings, Vec<CellRecord>)>, Error> {
    let wrong = |problem: String| Error::Setting {
        setting: format!("--resume from {}", path.display()),
        problem,
    };
    let text = match read_small(path, LONGEST) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(format!("cannot be read: {error}"))),
    };
    let mut lines = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    let header = lines.next().map(serde_json::from_str::<Header>);
    let header = match header {
        Some(Ok(header)) if header.schema == SCHEMA => header,
        _ => {
            return Err(wrong(
                "is not what an interrupted study leaves behind".into(),
            ));
        }
    };
    if header.version != env!("CARGO_PKG_VERSION") {
        return Err(wrong(format!(
            "was left by version {}, whose figures may differ; start again without it",
            header.version
        )));
    }
    let sound = header.settings.validate();
    sound.map_err(|error| wrong(format!("is damaged: {error}")))?;
    let cells = lines
        .enumerate()
        .map(|(i, line)| {
            serde_json::from_str(line)
                .map_err(|error| wrong(format!("is damaged in line {}: {error}", i + 2)))
        })
        .collect::<Result<Vec<CellRecord>, Error>>()?;
    let expected = header.settings.grid.cells();
    let fits = cells.len() <= expected.len()
        && cells
            .iter()
            .zip(&expected)
            .all(|(cell, e)| cell.cell() == *e);
    if !fits {
        return Err(wrong(
            "is damaged: its cells are not those of its settings".into(),
        ));
    }
    Ok(Some((header.settings, cells)))
}

impl Settings {
    /// Refuses to go on with a study that was left by other settings than these.
    ///
    /// # Errors
    /// If they differ, naming what does.
    pub fn refuse_other(&self, left: &Settings) -> Result<(), Error> {
        let differs = [
            ("--k", self.grid.k != left.grid.k),
            ("--n", self.grid.n != left.grid.n),
            ("--lambda", self.grid.lambda != left.grid.lambda),
            ("the hyperprior", self.hyperprior != left.hyperprior),
            ("--replicates", self.replicates != left.replicates),
            ("--engine", self.engine != left.engine),
            ("--seed", self.seed != left.seed),
        ];
        let names: Vec<&str> = differs
            .iter()
            .filter_map(|(name, differs)| differs.then_some(*name))
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        Err(Error::Setting {
            setting: "--resume".into(),
            problem: format!(
                "the interrupted study is another one: {} differ{}; give the same settings, or \
                 another --out",
                names.join(", "),
                if names.len() == 1 { "s" } else { "" }
            ),
        })
    }
}
