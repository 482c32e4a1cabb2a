//! Long tables in Parquet, several stretches of rows at a time.

use arrow_array::RecordBatchReader;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};

use super::collect::Collector;
use super::fault::Fault;
use super::parquet::{BATCH, Table, decode, fewer_rows, next};
use super::parquet_vetting::{Values, chunk};
use super::part::Part;
use super::problem::InputProblem;
use super::side_by_side::in_order;
use crate::Error;

/// Rows of a stretch: most writers' row groups are no larger, and what is decoded fits in memory.
const STRETCH: usize = 1 << 20;
/// Stretches in flight for each thread.
const PER_THREAD: usize = 2;

/// Reads the needed columns to their end; that of the FKs is at `fk` in the file.
pub(super) fn read(
    table: &Table,
    fk: usize,
    threads: usize,
    out: &mut Collector,
) -> Result<Result<(), Fault>, Error> {
    let stretches = match stretches(table, fk) {
        Ok(stretches) => stretches,
        Err(fault) => return Ok(Err(fault)),
    };
    let metadata = table
        .with_keys(fk, true)
        .and_then(|keys| Ok((keys, table.with_keys(fk, false)?)));
    let (keys, texts) = match metadata {
        Ok(metadata) => metadata,
        Err(fault) => return Ok(Err(fault)),
    };
    let mut stretches = stretches.into_iter();
    let mut rows = 0;
    let read = in_order(
        threads,
        PER_THREAD,
        || Ok(stretches.next()),
        |stretch| {
            let metadata = match stretch.values {
                Values::Keys => &keys,
                Values::Plain => &texts,
            };
            stretch.read(table, metadata)
        },
        |mut part: Part| {
            let before = rows;
            rows += part.rows;
            out.take(&mut part, before)
        },
    );
    Ok(read?.and_then(|()| match rows {
        0 => Err(InputProblem::NoRows.into()),
        _ => Ok(()),
    }))
}

/// Some rows of a row group.
struct Stretch {
    group: usize,
    first: usize,
    rows: usize,
    /// How the FKs are written.
    values: Values,
}

fn stretches(table: &Table, fk: usize) -> Result<Vec<Stretch>, Fault> {
    let metadata = table.metadata.metadata();
    let schema = table.metadata.parquet_schema();
    let leaf = (0..schema.num_columns()).find(|&leaf| schema.get_column_root_idx(leaf) == fk);
    let mut stretches = Vec::new();
    for (group, described) in metadata.row_groups().iter().enumerate() {
        let column = leaf.and_then(|leaf| described.columns().get(leaf));
        let values = column.map_or(Ok(Values::Plain), |column| {
            chunk(&table.file, described, column)
        })?;
        let rows = usize::try_from(described.num_rows()).unwrap_or(0);
        stretches.extend((0..rows).step_by(STRETCH).map(|first| Stretch {
            group,
            first,
            rows: STRETCH.min(rows - first),
            values,
        }));
    }
    Ok(stretches)
}

impl Stretch {
    /// Decodes its rows; a fault ends them.
    fn read(&self, table: &Table, metadata: &ArrowReaderMetadata) -> Part {
        let mut part = Part::default();
        part.numbers.reserve(self.rows);
        part.scores.reserve(self.rows);
        if let Err(fault) = self.decode(table, metadata, &mut part) {
            part.fault = Some(fault);
        }
        part
    }

    fn decode(
        &self,
        table: &Table,
        metadata: &ArrowReaderMetadata,
        part: &mut Part,
    ) -> Result<(), Fault> {
        let mut reader = decode(|| {
            ParquetRecordBatchReaderBuilder::new_with_metadata(table.file.clone(), metadata.clone())
                .with_row_groups(vec![self.group])
                .with_projection(table.mask.clone())
                .with_batch_size(BATCH)
                .with_offset(self.first)
                .with_limit(self.rows)
                .build()
        })?;
        // The columns again, now that those not needed are gone.
        let columns = table.columns.projected(&reader.schema());
        let Some(mut long) = columns.long() else {
            return Ok(());
        };
        while let Some(batch) = next(&mut reader)? {
            long.read(&batch, part);
            if part.fault.is_some() {
                return Ok(());
            }
        }
        if part.rows != self.rows as u64 {
            return Err(fewer_rows());
        }
        Ok(())
    }
}
