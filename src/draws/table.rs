//! Small tables other than draws in the same formats, and text: complete under their names, or not
//! there at all.

use super::Format;
use super::arrow::{METADATA_KEY, to_io};
use super::parquet::ParquetWriter;
use super::place::{put_in_place, temporary_beside};
use super::reader::with_document;
use crate::Error;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum TableColumn {
    /// Counts, null where there is none.
    Count(Vec<Option<u64>>),
    /// Numbers, null where there is none.
    Number(Vec<Option<f64>>),
    /// Text.
    Text(Vec<String>),
}

/// A table on its way to the disk.
#[derive(Debug)]
pub struct TableFile {
    path: PathBuf,
    format: Format,
}

impl TableFile {
    /// Prepares to write a table of the kind `schema` (`fkbayes.study/1`); nothing appears under
    /// `path` yet.
    ///
    /// # Errors
    /// If the extension is neither .arrow nor .parquet, or `path` holds anything but a table of that
    /// kind.
    pub fn create(path: &Path, schema: &str) -> Result<Self, Error> {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        let known = ["arrow", "parquet"];
        if !known.iter().any(|e| extension.eq_ignore_ascii_case(e)) {
            return Err(Error::Setting {
                setting: format!("--out {}", path.display()),
                problem: "the table is written as .arrow or .parquet".into(),
            });
        }
        refuse_other(path, OTHER_FILE, |path| {
            with_document(path, kind_of).flatten().as_deref() == Some(schema)
        })?;
        Ok(Self {
            path: path.to_owned(),
            format: Format::of_path(path),
        })
    }

    /// Writes the table with its document, a JSON object whose key `schema` names the kind.
    ///
    /// # Errors
    /// If it cannot be written; what stood under the name before still stands there then.
    pub fn write(
        &self,
        columns: Vec<(String, TableColumn)>,
        document: String,
    ) -> Result<(), Error> {
        let failed = |source| Error::Write {
            path: self.path.clone(),
            source,
        };
        let batch = batch(columns, document).map_err(|error| failed(to_io(error)))?;
        let target = temporary_beside(&self.path).map_err(failed)?;
        let written = match self.format {
            Format::Arrow => write_arrow(target.as_file(), &batch),
            Format::Parquet => write_parquet(target.as_file(), &batch),
        };
        written.map_err(failed)?;
        put_in_place(target, &self.path).map_err(failed)
    }
}

/// Puts text in place of a file that does not exist yet, or holds `mark` in its first kilobyte.
///
/// # Errors
/// If another file stands there, or it cannot be written.
pub fn replace_text(path: &Path, mark: &str, text: Option<&str>) -> Result<(), Error> {
    replace_bytes(path, mark, text.map(str::as_bytes))
}

/// The same for what is no text, yet holds a mark.
///
/// # Errors
/// As for [`replace_text`].
pub fn replace_bytes(path: &Path, mark: &str, bytes: Option<&[u8]>) -> Result<(), Error> {
    refuse_other(path, OTHER_FILE, |path| {
        let mut start = Vec::new();
        let read = File::open(path).and_then(|file| file.take(1024).read_to_end(&mut start));
        read.is_ok() && String::from_utf8_lossy(&start).contains(mark)
    })?;
    let Some(bytes) = bytes else { return Ok(()) };
    let failed = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    let mut target = temporary_beside(path).map_err(failed)?;
    target.write_all(bytes).map_err(failed)?;
    put_in_place(target, path).map_err(failed)
}

/// The kind of table that a document names; draws have none.
pub(crate) fn kind_of(document: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Kind {
        schema: String,
        /// Only draws have it.
        #[serde(rename = "fks")]
        _fks: Option<ReadNoFurther>,
    }
    let kind: Kind = serde_json::from_str(document).ok()?;
    Some(kind.schema)
}

/// What ends the reading of a document that may be long.
struct ReadNoFurther;

impl<'de> Deserialize<'de> for ReadNoFurther {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("draws are no table"))
    }
}

const OTHER_FILE: &str =
    "exists and is not such a file written by fkbayes; name another one, or move it away";

/// Refuses, in the words of `problem`, to replace what is not ours.
pub(crate) fn refuse_other(
    path: &Path,
    problem: &str,
    is_ours: impl Fn(&Path) -> bool,
) -> Result<(), Error> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() && is_ours(path) => Ok(()),
        Ok(_) => Err(Error::Setting {
            setting: path.display().to_string(),
            problem: problem.to_owned(),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(Error::Write {
            path: path.to_owned(),
            source,
        }),
    }
}

fn batch(columns: Vec<(String, TableColumn)>, document: String) -> Result<RecordBatch, ArrowError> {
    let mut fields = Vec::with_capacity(columns.len());
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len());
    for (name, column) in columns {
        let (array, nullable): (ArrayRef, bool) = match column {
            TableColumn::Count(values) => (Arc::new(UInt64Array::from(values)), true),
            TableColumn::Number(values) => (Arc::new(Float64Array::from(values)), true),
            TableColumn::Text(values) => (Arc::new(StringArray::from(values)), false),
        };
        fields.push(Field::new(name, array.data_type().clone(), nullable));
        arrays.push(array);
    }
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), document)]);
    let schema: SchemaRef = Arc::new(Schema::new_with_metadata(fields, metadata));
    RecordBatch::try_new(schema, arrays)
}

fn write_arrow(file: &File, batch: &RecordBatch) -> io::Result<()> {
    let buffered = io::BufWriter::new(file);
    let mut writer = FileWriter::try_new(buffered, &batch.schema()).map_err(to_io)?;
    writer.write(batch).map_err(to_io)?;
    writer.into_inner().map_err(to_io)?.flush()
}

fn write_parquet(file: &File, batch: &RecordBatch) -> io::Result<()> {
    let mut writer = ParquetWriter::new(file, &batch.schema())?;
    writer.write(batch)?;
    writer.finish()
}
