//! Draws in Parquet.

use super::part::to_io;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::io;

/// Writes draws as Parquet: one row group per record batch, values plain (random digits neither
/// repeat nor compress).
pub(super) struct ParquetWriter<'a>(ArrowWriter<io::BufWriter<&'a File>>);

impl<'a> ParquetWriter<'a> {
    pub fn new(file: &'a File, schema: &SchemaRef) -> io::Result<Self> {
        let properties = WriterProperties::builder()
            .set_created_by(concat!("fkbayes ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_dictionary_enabled(false)
            .build();
        ArrowWriter::try_new(io::BufWriter::new(file), schema.clone(), Some(properties))
            .map(Self)
            .map_err(from_parquet)
    }

    pub fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.0.write(batch).map_err(from_parquet)?;
        self.0.flush().map_err(from_parquet)
    }

    pub fn finish(self) -> io::Result<()> {
        let mut buffered = self.0.into_inner().map_err(from_parquet)?;
        io::Write::flush(&mut buffered)
    }
}

fn from_parquet(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(other) => io::Error::other(other),
        },
        ParquetError::ArrowError(message) => {
            to_io(arrow_schema::ArrowError::ExternalError(message.into()))
        }
        other => io::Error::other(other),
    }
}
