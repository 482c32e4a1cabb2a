//! Two files, both complete or neither there: scores and truth.

use super::draw::Simulated;
use super::tables::{LONG, MARK, STATS, ScoreLayout, TRUTH, write_scores, write_truth};
use crate::Error;
use crate::data::{TableFormat, with_metadata};
use crate::draws::{directory_of, temporary_beside};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Bytes of a header that are looked at.
const LONGEST_HEADER: u64 = 1 << 26;

/// Where simulated scores go, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The file of scores; the truth goes beside it (see [`truth_path`](Self::truth_path)).
    pub path: PathBuf,
    /// Format of both.
    pub format: TableFormat,
    /// Layout of the scores.
    pub layout: ScoreLayout,
}

impl Output {
    /// `scores.csv` → `scores.truth.csv`.
    #[must_use]
    pub fn truth_path(&self) -> PathBuf {
        let mut name = self.path.file_stem().map_or_else(OsString::new, Into::into);
        name.push(".truth");
        if let Some(extension) = self.path.extension() {
            name.push(".");
            name.push(extension);
        }
        self.path.with_file_name(name)
    }

    /// Refuses to overwrite what is not simulated.
    ///
    /// An Arrow or Parquet file is known by its metadata. A CSV file of truth is known by its header;
    /// one of scores by a header as written here, FKs called `fk_...`, and the truth beside it.
    ///
    /// # Errors
    /// If one of the two files exists and was not written here, or cannot be looked at.
    pub fn check(&self) -> Result<(), Error> {
        let truth = self.truth_path();
        let of_truth = || is_ours(&truth, "truth", |header, _| header == TRUTH.join(","));
        for (path, ours) in [
            (&self.path, of_truth() && self.holds_simulated_scores()),
            (&truth, of_truth()),
        ] {
            match std::fs::metadata(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => {
                    let path = path.clone();
                    return Err(Error::Write { path, source });
                }
                Ok(found) if found.is_file() && ours => {}
                Ok(_) => {
                    return Err(Error::Setting {
                        setting: path.display().to_string(),
                        problem:
                            "exists and does not hold simulated scores with their truth; name \
                                  another file with --out, or move it away"
                                .into(),
                    });
                }
            }
        }
        Ok(())
    }

    fn holds_simulated_scores(&self) -> bool {
        is_ours(&self.path, "scores", |header, first| {
            let tall = header == LONG.join(",") || header == STATS.join(",");
            let simulated = |name: &str| name.starts_with("fk_");
            (tall && simulated(first)) || (!tall && header.split(',').all(simulated))
        })
    }

    /// Writes scores and truth.
    ///
    /// # Errors
    /// As [`check`](Self::check), and if the files cannot be written: then neither is there, unless
    /// it was before.
    pub fn write(&self, simulated: &Simulated) -> Result<(), Error> {
        self.check()?;
        let truth_path = self.truth_path();
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Write { path, source }
        };
        let scores = temporary(&self.path, |file| {
            write_scores(file, simulated, self.layout, self.format)
        })
        .map_err(failed(&self.path))?;
        let truth = temporary(&truth_path, |file| {
            write_truth(file, simulated, self.format)
        })
        .map_err(failed(&truth_path))?;
        let truth_is_new = !truth_path.exists();
        truth
            .persist(&truth_path)
            .map_err(|error| failed(&truth_path)(error.error))?;
        if let Err(error) = scores.persist(&self.path) {
            if truth_is_new {
                // The error that is told is the one that came first.
                let _ = std::fs::remove_file(&truth_path);
            }
            return Err(failed(&self.path)(error.error));
        }
        // The renames themselves must survive a crash; not every file system lets a directory be
        // synced.
        if let Ok(directory) = File::open(directory_of(&self.path)) {
            let _ = directory.sync_all();
        }
        Ok(())
    }
}

/// A file that is complete and synced, but not yet in its place.
fn temporary(
    path: &Path,
    write: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let target = temporary_beside(path)?;
    write(target.as_file())?;
    target.as_file().sync_all()?;
    Ok(target)
}

/// Whether a file bears the mark of a kind, or, as text, begins as it should: `begins` is asked about
/// its first line and the start of its second.
fn is_ours(path: &Path, kind: &str, begins: impl FnOnce(&str, &str) -> bool) -> bool {
    if let Some(is_ours) = with_metadata(path, MARK, |found| found == Some(kind)) {
        return is_ours;
    }
    let Ok(file) = File::open(path) else {
        return false;
    };
    let mut lines = BufReader::new(file.take(LONGEST_HEADER)).lines();
    let mut line = || lines.next().and_then(Result::ok).unwrap_or_default();
    let header = line();
    begins(&header, &line())
}
