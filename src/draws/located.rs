//! Reads ranges of parameters straight from their places in an uncompressed Arrow file.
//!
//! Nothing that the file says is believed: every place, length and count is checked against the size
//! of the file before it is used.

use super::Layout;
use super::arrow::{INDEX, Shape, TILE, VALUE};
use super::frame::Frame;
use crate::data::PositionedFile;
use arrow_ipc::{Block, Endianness, Message, RecordBatch, root_as_footer, root_as_message};
use ndarray::Array3;
use rayon::prelude::*;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// An uncompressed Arrow file of draws, and where its values are.
#[derive(Debug)]
pub(super) struct Located {
    file: Arc<PositionedFile>,
    shape: Shape,
    batches: Vec<Batch>,
}

/// A record batch.
#[derive(Debug)]
struct Batch {
    /// Rows in the batches before it.
    first: usize,
    rows: usize,
    /// Where the values of each column start, `chain` and `draw` before the parameters.
    columns: Vec<u64>,
}

impl Located {
    /// The values of a file that has all batches of its frame, whatever else it lacks.
    pub fn in_frame(frame: &Frame, file: Arc<PositionedFile>) -> Self {
        let mut batches: Vec<Batch> = Vec::new();
        for (form, place) in frame.all_batches() {
            batches.push(Batch {
                first: batches.last().map_or(0, |last| last.first + last.rows),
                rows: form.rows(),
                columns: form.columns().map(|start| place + start as u64).collect(),
            });
        }
        Self {
            file,
            shape: frame.shape(),
            batches,
        }
    }

    /// Finds the values of a file whose columns have this shape and that has at most so many rows; `None`
    /// where they have to be decoded.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn new(file: File, shape: Shape, most: usize) -> io::Result<Option<Self>> {
        let size = file.metadata()?.len();
        let mut located = Self {
            file: Arc::new(PositionedFile::new(file)),
            shape,
            batches: Vec::new(),
        };
        let Some(footer) = located.footer(size)? else {
            return Ok(None);
        };
        let Ok(footer) = root_as_footer(&footer) else {
            return Ok(None);
        };
        let little = footer.schema().map(|schema| schema.endianness()) == Some(Endianness::Little);
        let Some(blocks) = footer.recordBatches().filter(|_| little) else {
            return Ok(None);
        };
        let mut first = 0_usize;
        for block in blocks {
            let Some(batch) = located.batch(*block, first, size)? else {
                return Ok(None);
            };
            first = batch.first + batch.rows;
            if first > most {
                return Ok(None);
            }
            if batch.rows > 0 {
                located.batches.push(batch);
            }
        }
        Ok(Some(located))
    }

    /// The footer's bytes: its length and the magic stand at the end.
    fn footer(&self, size: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(end) = size.checked_sub(10) else {
            return Ok(None);
        };
        let mut last = [0; 4];
        self.file.read_exact_at(&mut last, end)?;
        let length = u64::from(u32::from_le_bytes(last));
        match end.checked_sub(length) {
            Some(start) => self.bytes(start, length as usize).map(Some),
            None => Ok(None),
        }
    }

    fn bytes(&self, place: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, place)?;
        Ok(bytes)
    }

    fn batch(&self, block: Block, first: usize, size: u64) -> io::Result<Option<Batch>> {
        let Some((header, body)) = Extent::of(block, size) else {
            return Ok(None);
        };
        let header = self.bytes(header.start, header.length as usize)?;
        let columns = message(&header)
            .and_then(|message| message.header_as_record_batch())
            .and_then(|batch| self.columns(batch, body));
        Ok(columns.and_then(|(rows, columns)| {
            first.checked_add(rows)?;
            Some(Batch {
                first,
                rows,
                columns,
            })
        }))
    }

    /// The rows of a batch, and where each of its columns starts.
    fn columns(&self, batch: RecordBatch<'_>, body: Extent) -> Option<(usize, Vec<u64>)> {
        let (nodes, buffers) = (batch.nodes()?, batch.buffers()?);
        if batch.compression().is_some() || nodes.iter().any(|node| node.null_count() != 0) {
            return None;
        }
        let rows = usize::try_from(batch.length()).ok()?;
        let mut lengths = nodes.iter().map(|node| node.length());
        let mut buffers = buffers.iter();
        let mut columns = Vec::new();
        for (width, is_list) in self.shape.columns() {
            if lengths.next()? != batch.length() {
                return None;
            }
            if is_list {
                let values = rows.checked_mul(self.shape.fks)?;
                if usize::try_from(lengths.next()?) != Ok(values) {
                    return None;
                }
                buffers.next()?;
            }
            buffers.next()?;
            let values = buffers.next()?;
            columns.push(body.part(values.offset(), values.length(), rows.checked_mul(width)?)?);
        }
        (lengths.next().is_none() && buffers.next().is_none()).then_some((rows, columns))
    }

    /// Rows of all batches.
    pub fn rows(&self) -> usize {
        self.batches.last().map_or(0, |last| last.first + last.rows)
    }

    /// Whether row r is draw r mod `draws` of chain r div `draws` throughout.
    pub fn is_in_order(&self, draws: usize) -> io::Result<bool> {
        for batch in &self.batches {
            let [chains, numbers] =
                [0, 1].map(|c| self.bytes(batch.columns[c], INDEX * batch.rows));
            let (chains, numbers) = (chains?, numbers?);
            let pairs = indices(&chains).zip(indices(&numbers));
            let in_order = (batch.first..)
                .zip(pairs)
                .all(|(row, (chain, draw))| row / draws == chain && row % draws == draw);
            if !in_order {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads the values of some parameters into (parameter × row).
    pub fn read(&self, parameters: Range<usize>, values: &mut Array3<f64>) -> io::Result<()> {
        let rows = self.rows();
        let Some(flat) = values.as_slice_mut() else {
            return Err(io::Error::other("values that are not in one piece"));
        };
        // A part of the parameters per thread.
        let each = parameters.len().div_ceil(rayon::current_num_threads());
        flat.par_chunks_mut((each * rows).max(1))
            .enumerate()
            .try_for_each(|(i, target)| {
                let first = parameters.start + i * each;
                self.read_part(first..(first + each).min(parameters.end), target)
            })
    }

    fn read_part(&self, parameters: Range<usize>, target: &mut [f64]) -> io::Result<()> {
        let wide = match self.shape.layout {
            Layout::Wide => self.shape.width(),
            Layout::List => self.shape.hyperparameters,
        };
        let rows = self.rows();
        let mut buffer = Vec::new();
        for batch in &self.batches {
            for p in parameters.start..parameters.end.min(wide) {
                let at = (p - parameters.start) * rows + batch.first;
                buffer.resize(VALUE * batch.rows, 0);
                self.file.read_exact_at(&mut buffer, batch.columns[2 + p])?;
                for (slot, value) in target[at..at + batch.rows].iter_mut().zip(values(&buffer)) {
                    *slot = value;
                }
            }
            if parameters.end > wide {
                let first = parameters.start.max(wide);
                let target = &mut target[(first - parameters.start) * rows..];
                self.read_lists(batch, first - wide..parameters.end - wide, target)?;
            }
        }
        Ok(())
    }

    /// A range of every list of a batch, as columns of `target`.
    fn read_lists(&self, batch: &Batch, items: Range<usize>, target: &mut [f64]) -> io::Result<()> {
        let rows = self.rows();
        let start = batch.columns[2 + self.shape.hyperparameters];
        let width = VALUE * items.len();
        let mut tile = vec![0; TILE * width];
        for first in (0..batch.rows).step_by(TILE) {
            let count = TILE.min(batch.rows - first);
            for (row, bytes) in (first..first + count).zip(tile.chunks_exact_mut(width)) {
                let value = row * self.shape.fks + items.start;
                self.file
                    .read_exact_at(bytes, start + (VALUE * value) as u64)?;
            }
            for i in 0..items.len() {
                let at = i * rows + batch.first + first;
                for (row, slot) in target[at..at + count].iter_mut().enumerate() {
                    *slot = value_at(&tile, row * items.len() + i);
                }
            }
        }
        Ok(())
    }
}

/// A part of a file.
#[derive(Debug, Clone, Copy)]
struct Extent {
    start: u64,
    length: u64,
}

impl Extent {
    /// The message and the body of a batch, if the file holds them.
    fn of(block: Block, size: u64) -> Option<(Self, Self)> {
        let start = u64::try_from(block.offset()).ok()?;
        let header = u64::try_from(block.metaDataLength()).ok()?;
        let body = u64::try_from(block.bodyLength()).ok()?;
        let middle = start.checked_add(header)?;
        (middle.checked_add(body)? <= size).then_some((
            Self {
                start,
                length: header,
            },
            Self {
                start: middle,
                length: body,
            },
        ))
    }

    /// Where a buffer of it starts, if it holds the bytes that are needed.
    fn part(self, offset: i64, length: i64, needed: usize) -> Option<u64> {
        let (offset, length) = (u64::try_from(offset).ok()?, u64::try_from(length).ok()?);
        let fits = length >= needed as u64 && offset.checked_add(length)? <= self.length;
        fits.then(|| self.start + offset)
    }
}

/// A message behind its length, which newer files mark.
fn message(header: &[u8]) -> Option<Message<'_>> {
    let (prefix, rest) = header.split_at_checked(4)?;
    let content = if prefix == [0xff; 4] {
        rest.get(4..)?
    } else {
        rest
    };
    root_as_message(content).ok()
}

fn indices(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|&four| u32::from_le_bytes(four) as usize)
}

fn values(bytes: &[u8]) -> impl Iterator<Item = f64> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|&eight| f64::from_le_bytes(eight))
}

fn value_at(bytes: &[u8], index: usize) -> f64 {
    f64::from_le_bytes(bytes.as_chunks().0[index])
}
