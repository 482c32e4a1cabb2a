//! Scores from Parquet files.

use std::fmt::Display;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use arrow_array::RecordBatchReader;
use arrow_schema::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaData;

use super::collect::Collector;
use super::columnar::Columns;
use super::decoding::decoding;
use super::fault::Fault;
use super::format::Format;
use super::problem::InputProblem;
use super::read::ReadOptions;
use super::source::unreadable;

/// Rows decoded at a time: large enough to be fast, small enough to stay in the cache.
const BATCH: usize = 1 << 14;

const MAGIC: &[u8] = b"PAR1";

/// Reads a file to its end.
pub(super) fn read(
    mut file: File,
    options: &ReadOptions,
    out: &mut Collector,
) -> Result<(), Fault> {
    check_end(&mut file)?;
    let builder = decode(|| ParquetRecordBatchReaderBuilder::try_new(file))?;
    let needed = Columns::new(builder.schema(), Format::Parquet, options)?.needed();
    let mask = ProjectionMask::roots(builder.parquet_schema(), needed);
    check_codecs(builder.metadata(), &mask)?;
    let mut reader = decode(|| builder.with_projection(mask).with_batch_size(BATCH).build())?;
    // The columns again, now that those not needed are gone.
    let columns = Columns::new(&reader.schema(), Format::Parquet, options)?;
    let mut rows = columns.rows(out);
    while let Some(batch) = decode(|| reader.next().transpose())? {
        rows.take(&batch)?;
    }
    rows.finish()
}

/// The schema of a file.
pub(super) fn schema(mut file: File) -> Result<SchemaRef, Fault> {
    check_end(&mut file)?;
    let builder = decode(|| ParquetRecordBatchReaderBuilder::try_new(file))?;
    Ok(builder.schema().clone())
}

/// One call of the decoder.
fn decode<T, E: Display>(call: impl FnOnce() -> Result<T, E>) -> Result<T, Fault> {
    decoding(Format::Parquet, || {
        call().map_err(|e| {
            InputProblem::Damaged {
                format: Format::Parquet,
                detail: e.to_string(),
            }
            .into()
        })
    })
}

fn check_end(file: &mut File) -> Result<(), Fault> {
    let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let mut end = [0; MAGIC.len()];
    if let Some(at) = length.checked_sub(MAGIC.len() as u64) {
        file.seek(SeekFrom::Start(at)).map_err(unreadable)?;
        file.read_exact(&mut end).map_err(unreadable)?;
    }
    // Magic, footer length and magic again make the shortest file that could be one.
    if end != MAGIC || length < 12 {
        return Err(InputProblem::Truncated {
            format: Format::Parquet,
        }
        .into());
    }
    Ok(())
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
                    format: Format::Parquet,
                    codec,
                }
                .into());
            }
        }
    }
    Ok(())
}
