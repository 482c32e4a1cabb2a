//! A draws file: complete under its name, or not there at all.

use super::arrow::{Shape, schema};
use super::parquet::ParquetWriter;
use super::part::{Part, directory_of, to_io};
use super::reader::is_draws_file;
use super::{Columns, Layout, Metadata};
use crate::Error;
use arrow_ipc::writer::FileWriter;
use arrow_schema::SchemaRef;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use tempfile::NamedTempFile;

/// File format of draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Arrow IPC file.
    Arrow,
    /// Parquet.
    Parquet,
}

impl Format {
    /// Parquet for the extension `.parquet`, else Arrow.
    #[must_use]
    pub fn of_path(path: &Path) -> Self {
        match path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("parquet") => Self::Parquet,
            _ => Self::Arrow,
        }
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "arrow" => Ok(Self::Arrow),
            "parquet" => Ok(Self::Parquet),
            _ => Err(Error::Setting {
                setting: format!("format '{text}'"),
                problem: "is neither arrow nor parquet".into(),
            }),
        }
    }
}

/// Writes the draws of several chains: each streams to a [`Part`] of its own while it runs;
/// [`finish`](Self::finish) joins the parts in chain order into a temporary file, syncs it and
/// renames it.
pub struct DrawsWriter {
    path: PathBuf,
    format: Format,
    schema: SchemaRef,
    parts: Vec<Part>,
}

impl DrawsWriter {
    /// Prepares to write; nothing appears under `path` yet.
    ///
    /// # Errors
    /// If `path` holds something that is not a draws file, or its directory cannot be written.
    pub fn create(
        path: &Path,
        format: Format,
        layout: Layout,
        columns: &Columns,
        metadata: &Metadata,
    ) -> Result<Self, Error> {
        check_target(path)?;
        let schema = schema(columns, layout, metadata)?;
        let shape = Shape::new(columns, layout);
        let parts = (0..metadata.sampler.chains)
            .map(|chain| Part::create(path, &schema, shape, chain))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            path: path.to_owned(),
            format,
            schema,
            parts,
        })
    }

    /// One sink per chain.
    pub fn parts(&mut self) -> &mut [Part] {
        &mut self.parts
    }

    /// Joins the finished chains and puts the file in its place.
    ///
    /// # Errors
    /// If it cannot be written; what stood under the name before still stands there then.
    pub fn finish(self) -> Result<(), Error> {
        let path = self.path;
        let failed = |source| Error::Write {
            path: path.clone(),
            source,
        };
        let target = temporary_beside(&path).map_err(failed)?;
        let file = target.as_file();
        match self.format {
            Format::Arrow => join_arrow(file, &self.schema, self.parts, &failed)?,
            Format::Parquet => join_parquet(file, &self.schema, self.parts, &failed)?,
        }
        put_in_place(target, &path).map_err(failed)
    }
}

/// Refuses to overwrite anything but a draws file, before any work is done.
fn check_target(path: &Path) -> Result<(), Error> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() || !is_draws_file(path) => {
            Err(Error::WouldOverwrite(path.to_owned()))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::Write {
            path: path.to_owned(),
            source: error,
        }),
        _ => Ok(()),
    }
}

fn join_arrow(
    file: &File,
    schema: &SchemaRef,
    parts: Vec<Part>,
    failed: &impl Fn(io::Error) -> Error,
) -> Result<(), Error> {
    let arrow = |error| failed(to_io(error));
    let mut writer = FileWriter::try_new(BufWriter::new(file), schema).map_err(arrow)?;
    for part in parts {
        for batch in part.into_batches()? {
            writer.write(&batch.map_err(arrow)?).map_err(arrow)?;
        }
    }
    let mut buffered = writer.into_inner().map_err(arrow)?;
    buffered.flush().map_err(failed)
}

fn join_parquet(
    file: &File,
    schema: &SchemaRef,
    parts: Vec<Part>,
    failed: &impl Fn(io::Error) -> Error,
) -> Result<(), Error> {
    let mut writer = ParquetWriter::new(file, schema).map_err(failed)?;
    for part in parts {
        for batch in part.into_batches()? {
            let batch = batch.map_err(|error| failed(to_io(error)))?;
            writer.write(&batch).map_err(failed)?;
        }
    }
    writer.finish().map_err(failed)
}

/// Syncs a finished temporary file and gives it its name.
pub(crate) fn put_in_place(target: NamedTempFile, path: &Path) -> io::Result<()> {
    target.as_file().sync_all()?;
    target.persist(path).map_err(|error| error.error)?;
    // The rename itself must survive a crash; not every file system lets a directory be synced.
    if let Ok(directory) = File::open(directory_of(path)) {
        let _ = directory.sync_all();
    }
    Ok(())
}

/// A temporary file with the rights of any file that the user's programs write, where they are a
/// matter of mode and umask.
pub(crate) fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".fkbayes-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory_of(path))
}
