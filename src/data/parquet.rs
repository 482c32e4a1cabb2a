//! Scores from Parquet files.

use std::fmt::Display;
use std::fs::File;
use std::sync::Arc;

use arrow_array::RecordBatchReader;
use arrow_schema::{DataType, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaData;

use super::collect::Collector;
use super::columnar::Columns;
use super::decoding::decoding;
use super::fault::Fault;
use super::format::Format;
use super::limits;
use super::parquet_long;
use super::parquet_vetting as vetting;
use super::positioned::Positioned;
use super::problem::InputProblem;
use super::read::ReadOptions;
use super::source::unreadable;
use crate::Error;

const FORMAT: Format = Format::Parquet;

/// Rows decoded at a time: large enough to be fast, small enough to stay in the cache.
pub(super) const BATCH: usize = 1 << 14;

/// Reads a file to its end; the outer error is one that the file is not to blame for.
pub(super) fn read(
    file: File,
    options: &ReadOptions,
    out: &mut Collector,
) -> Result<Result<(), Fault>, Error> {
    let table = match Table::open(file, options) {
        Ok(table) => table,
        Err(fault) => return Ok(Err(fault)),
    };
    match table.columns.long_fk() {
        Some(fk) => parquet_long::read(&table, fk, options.threads, out),
        None => Ok(table.read(out)),
    }
}

/// The schema of a file.
pub(super) fn schema(file: File) -> Result<SchemaRef, Fault> {
    let (_, metadata) = open(file)?;
    Ok(metadata.schema().clone())
}

/// A file whose footer is sound.
pub(super) fn open(file: File) -> Result<(Positioned, ArrowReaderMetadata), Fault> {
    let file = Positioned::new(file).map_err(unreadable)?;
    vetting::footer(&file)?;
    let metadata = decode(|| ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()))?;
    Ok((file, metadata))
}

/// A file whose columns are understood, and whose needed ones are safe to decode.
pub(super) struct Table {
    pub(super) file: Positioned,
    pub(super) metadata: ArrowReaderMetadata,
    /// The needed columns.
    pub(super) mask: ProjectionMask,
    /// All columns, by their positions in the file.
    pub(super) columns: Columns,
}

impl Table {
    fn open(file: File, options: &ReadOptions) -> Result<Self, Fault> {
        let (file, metadata) = open(file)?;
        let columns = Columns::new(metadata.schema(), FORMAT, options)?;
        let needed = columns.needed();
        let cells = rows_of(metadata.metadata()).saturating_mul(needed.len() as u64);
        limits::cells(FORMAT, file.length(), cells)?;
        let mask = ProjectionMask::roots(metadata.parquet_schema(), needed);
        check_codecs(metadata.metadata(), &mask)?;
        decoding(FORMAT, || {
            vetting::columns(&file, metadata.metadata(), |leaf| mask.leaf_included(leaf))
        })?;
        Ok(Self {
            file,
            metadata,
            mask,
            columns,
        })
    }

    /// Reads the needed columns batch by batch.
    fn read(&self, out: &mut Collector) -> Result<(), Fault> {
        let mut reader = decode(|| {
            ParquetRecordBatchReaderBuilder::new_with_metadata(
                self.file.clone(),
                self.metadata.clone(),
            )
            .with_projection(self.mask.clone())
            .with_batch_size(BATCH)
            .build()
        })?;
        // The columns again, now that those not needed are gone.
        let columns = self.columns.projected(&reader.schema());
        let mut rows = columns.rows(out);
        while let Some(batch) = next(&mut reader)? {
            rows.take(&batch)?;
        }
        if rows.read() != rows_of(self.metadata.metadata()) {
            return Err(fewer_rows());
        }
        rows.finish()
    }

    /// The schema with the column of FKs as keys of a dictionary, or as texts; for other FKs as it is.
    pub(super) fn with_keys(&self, fk: usize, keys: bool) -> Result<ArrowReaderMetadata, Fault> {
        let schema = self.metadata.schema();
        let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
        if let Some(field) = fields.get_mut(fk)
            && is_text(field.data_type())
        {
            let text = DataType::Utf8;
            let wanted = if keys {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(text))
            } else {
                text
            };
            *field = Arc::new(field.as_ref().clone().with_data_type(wanted));
        }
        let schema = Arc::new(Schema::new(fields));
        let options = ArrowReaderOptions::new().with_schema(schema);
        decode(|| ArrowReaderMetadata::try_new(self.metadata.metadata().clone(), options))
    }
}

/// Number of rows that a file says it has.
fn rows_of(metadata: &ParquetMetaData) -> u64 {
    let groups = metadata.row_groups().iter();
    let rows = groups.map(|group| u64::try_from(group.num_rows()).unwrap_or(0));
    rows.fold(0, u64::saturating_add)
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// The next batch of a reader.
pub(super) fn next(
    reader: &mut ParquetRecordBatchReader,
) -> Result<Option<arrow_array::RecordBatch>, Fault> {
    decode(|| reader.next().transpose())
}

/// One call of the decoder.
pub(super) fn decode<T, E: Display>(call: impl FnOnce() -> Result<T, E>) -> Result<T, Fault> {
    decoding(FORMAT, || {
        call().map_err(|e| Fault::damaged(FORMAT, e.to_string()))
    })
}

/// The decoder ends without complaint where pages are missing.
pub(super) fn fewer_rows() -> Fault {
    Fault::damaged(FORMAT, "it holds fewer rows than it says")
}

/// Refuses compressions that this build lacks, by their names.
fn check_codecs(metadata: &ParquetMetaData, mask: &ProjectionMask) -> Result<(), Fault> {
    for group in metadata.row_groups() {
        for (leaf, column) in group.columns().iter().enumerate() {
            let codec = match column.compression() {
                Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) => continue,
                // The name without the level, of which the file knows nothing.
                codec => codec
                    .to_string()
                    .split('(')
                    .next()
                    .unwrap_or_default()
                    .to_lowercase(),
            };
            if mask.leaf_included(leaf) {
                return Err(InputProblem::Codec {
                    format: FORMAT,
                    codec,
                }
                .into());
            }
        }
    }
    Ok(())
}
