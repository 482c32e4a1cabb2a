//! Tables as files, in the formats that [`read`](super::read()) reads.

use super::Source;
use super::format::Format;
use super::{arrow, parquet};
use crate::Error;
use ::arrow_array::cast::AsArray;
use ::arrow_array::types::{Float64Type, UInt64Type};
use ::arrow_array::{Array, RecordBatch};
use ::arrow_ipc::writer::FileWriter;
use ::arrow_schema::{ArrowError, DataType, SchemaRef};
use ::parquet::arrow::ArrowWriter;
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::str::FromStr;

/// File format of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated text.
    Csv,
    /// Parquet.
    Parquet,
    /// Arrow IPC file.
    Arrow,
}

impl TableFormat {
    /// By the extension: `.csv`, `.parquet` or `.arrow`.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        extension.to_ascii_lowercase().parse().ok()
    }
}

impl fmt::Display for TableFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        })
    }
}

impl FromStr for TableFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "csv" => Ok(Self::Csv),
            "parquet" => Ok(Self::Parquet),
            "arrow" => Ok(Self::Arrow),
            _ => Err(Error::Setting {
                setting: format!("format '{text}'"),
                problem: "is none of csv, parquet and arrow".into(),
            }),
        }
    }
}

/// Writes record batches of texts, counts and floats, one after the other. The metadata of the schema
/// go where the format has a place for them, which CSV has not.
pub(crate) struct TableWriter<'a> {
    sink: Sink<'a>,
}

enum Sink<'a> {
    Csv(BufWriter<&'a File>),
    Arrow(Box<FileWriter<BufWriter<&'a File>>>),
    Parquet(Box<ArrowWriter<BufWriter<&'a File>>>),
}

impl<'a> TableWriter<'a> {
    /// Begins a table with the columns of `schema`.
    pub fn new(file: &'a File, format: TableFormat, schema: &SchemaRef) -> io::Result<Self> {
        let file = BufWriter::new(file);
        let sink = match format {
            TableFormat::Csv => Sink::Csv(begin_csv(file, schema)?),
            TableFormat::Arrow => {
                let writer = FileWriter::try_new(file, schema).map_err(from_arrow)?;
                Sink::Arrow(Box::new(writer))
            }
            TableFormat::Parquet => {
                let properties = WriterProperties::builder()
                    .set_created_by(concat!("fkbayes ", env!("CARGO_PKG_VERSION")).to_owned())
                    .build();
                let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties));
                Sink::Parquet(Box::new(writer.map_err(from_parquet)?))
            }
        };
        Ok(Self { sink })
    }

    /// Writes the next rows.
    pub fn write(&mut self, rows: &RecordBatch) -> io::Result<()> {
        match &mut self.sink {
            Sink::Csv(out) => write_csv(out, rows),
            Sink::Arrow(writer) => writer.write(rows).map_err(from_arrow),
            Sink::Parquet(writer) => writer.write(rows).map_err(from_parquet),
        }
    }

    /// Ends the table.
    pub fn finish(self) -> io::Result<()> {
        match self.sink {
            Sink::Csv(mut out) => out.flush(),
            Sink::Arrow(writer) => writer.into_inner().map_err(from_arrow)?.flush(),
            Sink::Parquet(writer) => writer.into_inner().map_err(from_parquet)?.flush(),
        }
    }
}

fn begin_csv<'a>(
    mut out: BufWriter<&'a File>,
    schema: &SchemaRef,
) -> io::Result<BufWriter<&'a File>> {
    for (i, field) in schema.fields().iter().enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        out.write_all(csv_text(field.name()).as_bytes())?;
    }
    out.write_all(b"\n")?;
    Ok(out)
}

fn write_csv(out: &mut impl Write, rows: &RecordBatch) -> io::Result<()> {
    let columns: Vec<Cells> = rows.columns().iter().map(|array| cells(array)).collect();
    for row in 0..rows.num_rows() {
        for (i, column) in columns.iter().enumerate() {
            if i > 0 {
                out.write_all(b",")?;
            }
            column.write(out, row)?;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// A column by what its cells are.
enum Cells<'a> {
    Text(&'a ::arrow_array::StringArray),
    Count(&'a ::arrow_array::UInt64Array),
    Float(&'a ::arrow_array::Float64Array),
    Nothing,
}

fn cells(array: &dyn Array) -> Cells<'_> {
    match array.data_type() {
        DataType::Utf8 => array
            .as_string_opt::<i32>()
            .map_or(Cells::Nothing, Cells::Text),
        DataType::UInt64 => array
            .as_primitive_opt::<UInt64Type>()
            .map_or(Cells::Nothing, Cells::Count),
        DataType::Float64 => array
            .as_primitive_opt::<Float64Type>()
            .map_or(Cells::Nothing, Cells::Float),
        _ => Cells::Nothing,
    }
}

impl Cells<'_> {
    /// A cell; one that holds nothing is empty.
    fn write(&self, out: &mut impl Write, row: usize) -> io::Result<()> {
        match self {
            Self::Text(texts) if texts.is_valid(row) => {
                out.write_all(csv_text(texts.value(row)).as_bytes())
            }
            Self::Count(counts) if counts.is_valid(row) => write!(out, "{}", counts.value(row)),
            Self::Float(floats) if floats.is_valid(row) => {
                out.write_all(csv_number(floats.value(row)).as_bytes())
            }
            _ => Ok(()),
        }
    }
}

/// The shortest digits that are read as the very same number.
pub(crate) fn csv_number(x: f64) -> String {
    if x == 0.0 || (1e-5..1e9).contains(&x.abs()) {
        x.to_string()
    } else {
        format!("{x:e}")
    }
}

/// A text, in quotes where it would be misread without (RFC 4180).
pub(crate) fn csv_text(text: &str) -> Cow<'_, str> {
    if text.contains(['"', ',', ';', '\t', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}

/// What `of` makes of the text that the schema of an Arrow or Parquet file has under a key, if any; nothing where
/// the file is neither, or damaged.
pub(crate) fn with_metadata<T>(
    path: &Path,
    key: &str,
    of: impl FnOnce(Option<&str>) -> T,
) -> Option<T> {
    let opened = Source::Path(path.to_owned()).open().ok()?;
    match opened.format {
        Format::Parquet => {
            let schema = parquet::schema(opened.into_file().ok()?).ok()?;
            Some(of(schema.metadata().get(key).map(String::as_str)))
        }
        Format::ArrowFile => arrow::with_metadata(opened.into_file().ok()?, key, of).ok(),
        Format::Text | Format::ArrowStream => None,
    }
}

fn from_arrow(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, source) => source,
        other => io::Error::other(other),
    }
}

fn from_parquet(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}
