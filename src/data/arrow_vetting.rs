//! What Arrow messages promise, checked before the decoder believes it.
//!
//! The decoder sets memory aside for every length that it reads, and a failure of that ends the
//! process.

use std::ops::Range;

use arrow_ipc::reader::read_footer_length;
use arrow_ipc::{Block, BodyCompression, CompressionType, Footer, MessageHeader, RecordBatch};
use arrow_ipc::{root_as_footer, root_as_message};

use super::decoding::decoding;
use super::fault::Fault;
use super::format::Format;
use super::limits;
use super::lz4;
use super::positioned::Positioned;
use super::problem::InputProblem;
use super::source::unreadable;

/// Length of the footer's length and the magic after it.
const TRAILER: usize = 10;
/// What precedes the head of a message: a marker, which old files lack, and the head's length.
const MARKER: &[u8] = b"\xFF\xFF\xFF\xFF";

/// The bytes of a file's footer.
fn footer(file: &Positioned) -> Result<Vec<u8>, Fault> {
    let (start, length) = footer_place(file)?;
    file.bytes(start, length).map_err(unreadable)
}

/// The first bytes of a file's footer, so many at most, and its length.
pub(super) fn footer_front(file: &Positioned, most: usize) -> Result<(Vec<u8>, usize), Fault> {
    let (start, length) = footer_place(file)?;
    let front = file.bytes(start, length.min(most)).map_err(unreadable)?;
    Ok((front, length))
}

/// Where a file's footer starts, and its length.
fn footer_place(file: &Positioned) -> Result<(u64, usize), Fault> {
    const FORMAT: Format = Format::ArrowFile;
    let truncated = || Fault::from(InputProblem::Truncated { format: FORMAT });
    let body = file
        .length()
        .checked_sub(TRAILER as u64)
        .ok_or_else(truncated)?;
    let bytes = file.bytes(body, TRAILER).map_err(unreadable)?;
    let trailer: [u8; TRAILER] = bytes.try_into().map_err(|_| truncated())?;
    if !trailer.ends_with(b"ARROW1") {
        return Err(truncated());
    }
    let length = read_footer_length(trailer).map_err(|e| Fault::damaged(FORMAT, e.to_string()))?;
    limits::at_most(
        FORMAT,
        "bytes in its footer",
        length as u64,
        limits::DESCRIPTION,
    )?;
    let start = body.checked_sub(length as u64).ok_or_else(truncated)?;
    Ok((start, length))
}

/// A file's footer, once its bytes are checked.
pub(crate) fn parse_footer(bytes: &[u8]) -> Result<Footer<'_>, Fault> {
    root_as_footer(bytes).map_err(|e| Fault::damaged(Format::ArrowFile, e.to_string()))
}

/// Checks all that a file promises before any of it is decoded; gives the bytes of its footer.
pub(crate) fn file(file: &Positioned) -> Result<Vec<u8>, Fault> {
    let bytes = footer(file)?;
    decoding(Format::ArrowFile, || {
        let footer = parse_footer(&bytes)?;
        let columns = footer.schema().and_then(|schema| schema.fields());
        check_columns(Format::ArrowFile, columns.map_or(0, |fields| fields.len()))?;
        let mut promises = Promises::new(Format::ArrowFile, file.length());
        for block in blocks(&footer) {
            promises.block(file, block)?;
        }
        Ok(())
    })?;
    Ok(bytes)
}

fn blocks<'a>(footer: &Footer<'a>) -> impl Iterator<Item = &'a Block> {
    let batches = footer.recordBatches().into_iter();
    batches.chain(footer.dictionaries()).flatten()
}

/// Refuses tables of more columns than are read.
pub(crate) fn check_columns(format: Format, columns: usize) -> Result<(), Fault> {
    Ok(limits::at_most(
        format,
        "columns",
        columns as u64,
        limits::COLUMNS,
    )?)
}

/// What the messages of one input promised so far.
pub(crate) struct Promises {
    format: Format,
    /// Size of the input as far as it is known, in bytes.
    size: u64,
    rows: u64,
}

/// Reads some bytes of a message's body.
type ReadBody<'a> = &'a dyn Fn(Range<u64>) -> Result<Vec<u8>, Fault>;

impl Promises {
    pub(crate) fn new(format: Format, size: u64) -> Self {
        Self {
            format,
            size,
            rows: 0,
        }
    }

    /// More bytes of a stream have come.
    pub(crate) fn grow(&mut self, bytes: u64) {
        self.size = self.size.saturating_add(bytes);
    }

    fn block(&mut self, file: &Positioned, block: &Block) -> Result<(), Fault> {
        let outside = || self.damaged("a block lies outside the file");
        let sizes = [
            block.offset(),
            i64::from(block.metaDataLength()),
            block.bodyLength(),
        ];
        let [Ok(offset), Ok(head), Ok(body)] = sizes.map(u64::try_from) else {
            return Err(outside());
        };
        let start = offset.checked_add(head).ok_or_else(outside)?;
        let end = start.checked_add(body).ok_or_else(outside)?;
        if end > file.length() {
            return Err(outside());
        }
        limits::at_most(
            self.format,
            "bytes before a message's body",
            head,
            limits::DESCRIPTION,
        )?;
        let head = file.bytes(offset, head as usize).map_err(unreadable)?;
        let skipped = if head.starts_with(MARKER) { 8 } else { 4 };
        let head = head.get(skipped..).ok_or_else(outside)?;
        self.message(head, body, &|range| {
            let length = (range.end - range.start) as usize;
            file.bytes(start + range.start, length).map_err(unreadable)
        })
    }

    /// Checks a message by its head, the length of its body, and what of the body must be looked into.
    pub(crate) fn message(&mut self, head: &[u8], body: u64, read: ReadBody) -> Result<(), Fault> {
        let message = root_as_message(head).map_err(|e| self.damaged(&e.to_string()))?;
        if message.bodyLength() < 0 || message.bodyLength() as u64 > body {
            return Err(self.damaged("a message is longer than its block"));
        }
        let batch = match message.header_type() {
            MessageHeader::RecordBatch => message.header_as_record_batch(),
            MessageHeader::DictionaryBatch => message
                .header_as_dictionary_batch()
                .and_then(|dictionary| dictionary.data()),
            _ => return Ok(()),
        };
        match batch {
            Some(batch) => self.batch(batch, body, read),
            None => Err(self.damaged("a message holds nothing")),
        }
    }

    fn batch(&mut self, batch: RecordBatch, body: u64, read: ReadBody) -> Result<(), Fault> {
        let format = self.format;
        let negative = || Fault::damaged(format, "a length is negative");
        let rows = u64::try_from(batch.length()).map_err(|_| negative())?;
        let longest = batch
            .nodes()
            .into_iter()
            .flatten()
            .map(|node| node.length());
        let longest = longest.max().unwrap_or(0);
        if batch
            .nodes()
            .into_iter()
            .flatten()
            .any(|n| n.length() < 0 || n.null_count() < 0)
        {
            return Err(negative());
        }
        self.rows = self.rows.saturating_add(rows);
        limits::rows(self.format, self.size, self.rows)?;
        limits::rows(self.format, self.size, longest as u64)?;
        let mut unpacked = 0_u64;
        for buffer in batch.buffers().into_iter().flatten() {
            let sizes = [buffer.offset(), buffer.length()].map(u64::try_from);
            let [Ok(offset), Ok(length)] = sizes else {
                return Err(negative());
            };
            let end = offset.checked_add(length).filter(|end| *end <= body);
            let end = end.ok_or_else(|| self.damaged("a buffer lies outside its message"))?;
            if let Some(compression) = batch.compression().filter(|_| length > 0) {
                let to = self.unpacked(compression, offset..end, read)?;
                limits::unpacked(self.format, length, to)?;
                unpacked = unpacked.saturating_add(to);
            }
        }
        Ok(limits::unpacked(self.format, body, unpacked)?)
    }

    /// What a compressed buffer unpacks to, in bytes.
    fn unpacked(
        &self,
        compression: BodyCompression,
        buffer: Range<u64>,
        read: ReadBody,
    ) -> Result<u64, Fault> {
        const PREFIX: u64 = 8;
        let too_short = || self.damaged("a buffer is too short to be compressed");
        let length = buffer.end - buffer.start;
        if length < PREFIX {
            return Err(too_short());
        }
        let prefix = read(buffer.start..buffer.start + PREFIX)?;
        let told = i64::from_le_bytes(prefix.try_into().map_err(|_| too_short())?);
        // -1 stands for a buffer that is not compressed after all.
        let Ok(told) = u64::try_from(told) else {
            return Ok(length);
        };
        if compression.codec() != CompressionType::LZ4_FRAME {
            return Ok(told);
        }
        // This decoder goes on to the end of the frame, whatever length was told.
        let frame = read(buffer.start + PREFIX..buffer.end)?;
        Ok(told.max(lz4::at_most(&frame)))
    }

    fn damaged(&self, detail: &str) -> Fault {
        Fault::damaged(self.format, detail)
    }
}
