//! Draws in Parquet.

use super::arrow::to_io;
use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use std::collections::BTreeMap;
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

    /// Adds a text to the end of the file.
    pub fn append(&mut self, name: &str, text: &str) {
        let (key, value) = (name.to_owned(), Some(text.to_owned()));
        self.0.append_key_value_metadata(KeyValue { key, value });
    }

    pub fn finish(self) -> io::Result<()> {
        let mut buffered = self.0.into_inner().map_err(from_parquet)?;
        io::Write::flush(&mut buffered)
    }
}

/// Writes the batches of a finished Arrow file, and named texts behind them.
pub(super) fn convert(
    source: &File,
    target: &File,
    trailing: &BTreeMap<String, String>,
) -> io::Result<()> {
    let reader = FileReader::try_new(io::BufReader::new(source), None).map_err(to_io)?;
    let mut writer = ParquetWriter::new(target, &reader.schema())?;
    for batch in reader {
        writer.write(&batch.map_err(to_io)?)?;
    }
    for (name, text) in trailing {
        writer.append(name, text);
    }
    writer.finish()
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
