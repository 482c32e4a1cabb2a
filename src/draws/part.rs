//! The draws of one chain on their way to the disk.

use super::Layout;
use super::arrow::{Shape, batch};
use crate::Error;
use crate::sampler::ChainSink;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::SchemaRef;
use std::fs::File;
use std::io::{BufReader, BufWriter, Seek};
use std::path::{Path, PathBuf};

/// Bytes of draws that a chain holds before it writes them.
const BUFFER: usize = 4 << 20;
/// Rows of a record batch at most.
const MOST_ROWS: usize = 8192;

/// Streams the draws of one chain to a temporary file beside the output.
///
/// The file has no name where the system allows it: a killed process leaves nothing behind. At most
/// 4 MiB of draws (or one row, if that is more) are held per chain.
pub struct Part {
    schema: SchemaRef,
    shape: Shape,
    chain: u32,
    first_draw: u32,
    rows_per_batch: usize,
    buffer: Vec<f64>,
    writer: StreamWriter<BufWriter<File>>,
    path: PathBuf,
}

impl Part {
    pub(super) fn create(
        output: &Path,
        schema: &SchemaRef,
        shape: Shape,
        chain: u32,
    ) -> Result<Self, Error> {
        let failed = |source| Error::Write {
            path: output.to_owned(),
            source,
        };
        let file = tempfile::tempfile_in(directory_of(output)).map_err(failed)?;
        let writer = StreamWriter::try_new(BufWriter::new(file), schema)
            .map_err(|error| failed(to_io(error)))?;
        let rows_per_batch = (BUFFER / (8 * shape.width())).clamp(1, MOST_ROWS);
        Ok(Self {
            schema: schema.clone(),
            shape,
            chain,
            first_draw: 0,
            rows_per_batch,
            buffer: Vec::with_capacity(rows_per_batch * shape.width()),
            writer,
            path: output.to_owned(),
        })
    }

    /// The batches of the finished chain, in order.
    pub(super) fn into_batches(self) -> Result<StreamReader<BufReader<File>>, Error> {
        let path = self.path;
        let failed = |source| Error::Write {
            path: path.clone(),
            source,
        };
        let buffered = self
            .writer
            .into_inner()
            .map_err(|error| failed(to_io(error)))?;
        let mut file = buffered
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.rewind().map_err(failed)?;
        StreamReader::try_new(BufReader::new(file), None).map_err(|error| failed(to_io(error)))
    }

    fn flush(&mut self) -> Result<(), Error> {
        let rows = self.buffer.len() / self.shape.width();
        if rows == 0 {
            return Ok(());
        }
        let written = batch(
            &self.schema,
            self.shape,
            self.chain,
            self.first_draw,
            &self.buffer,
        )
        .and_then(|batch| self.writer.write(&batch));
        written.map_err(|error| Error::Write {
            path: self.path.clone(),
            source: to_io(error),
        })?;
        self.first_draw += u32::try_from(rows).unwrap_or(u32::MAX);
        self.buffer.clear();
        Ok(())
    }
}

impl ChainSink for Part {
    fn record(&mut self, row: &[f64]) -> Result<(), Error> {
        self.buffer.extend_from_slice(row);
        if self.buffer.len() >= self.rows_per_batch * self.shape.width() {
            self.flush()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.flush()?;
        self.writer.finish().map_err(|error| Error::Write {
            path: self.path.clone(),
            source: to_io(error),
        })
    }
}

/// The directory in which a file stands.
pub(crate) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// What the system said, where an error of the Arrow library wraps it.
pub(super) fn to_io(error: arrow_schema::ArrowError) -> std::io::Error {
    match error {
        arrow_schema::ArrowError::IoError(_, source) => source,
        other => std::io::Error::other(other),
    }
}

impl Shape {
    /// Number of values in a row.
    pub(super) fn width(self) -> usize {
        self.hyperparameters + self.fks
    }

    /// The shape of rows with these columns.
    pub(super) fn new(columns: &super::Columns, layout: Layout) -> Self {
        Self {
            hyperparameters: columns.hyperparameters(),
            fks: columns.len() - columns.hyperparameters(),
            layout,
        }
    }
}
