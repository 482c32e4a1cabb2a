//! Scores from Arrow IPC files and streams.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use arrow_ipc::convert::fb_to_schema;
use arrow_ipc::reader::{FileDecoder, StreamDecoder};
use arrow_schema::{ArrowError, SchemaRef};

use super::arrow_vetting::{self as vetting, Promises};
use super::collect::Collector;
use super::columnar::{Columns, Rows};
use super::decoding::decoding;
use super::fault::Fault;
use super::format::Format;
use super::limits;
use super::positioned::Positioned;
use super::problem::InputProblem;
use super::read::ReadOptions;
use super::source::unreadable;

/// Reads a file to its end.
pub(super) fn read_file(
    file: File,
    options: &ReadOptions,
    out: &mut Collector,
) -> Result<(), Fault> {
    const FORMAT: Format = Format::ArrowFile;
    let file = Positioned::new(file).map_err(unreadable)?;
    let (schema, bytes) = checked(&file)?;
    let all = Columns::new(&schema, FORMAT, options)?;
    let needed = all.needed();
    let footer = vetting::parse_footer(&bytes)?;
    let mut decoder = FileDecoder::new(schema.clone(), footer.version());
    let read = |block: &arrow_ipc::Block| {
        let length = i64::from(block.metaDataLength()).saturating_add(block.bodyLength());
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        file.bytes(block.offset() as u64, length)
            .map_err(unreadable)
    };
    for block in footer.dictionaries().into_iter().flatten() {
        let bytes = read(block)?;
        decoding(FORMAT, || {
            let read = decoder.read_dictionary(block, &bytes.into());
            read.map_err(|e| fault(FORMAT, e))
        })?;
    }
    let decoder = decoder.with_projection(needed.clone());
    let projected = schema.project(&needed).map_err(|e| fault(FORMAT, e))?;
    let columns = all.projected(&projected);
    let mut rows = columns.rows(out);
    for block in footer.recordBatches().into_iter().flatten() {
        let bytes = read(block)?;
        let batch = decoding(FORMAT, || {
            let read = decoder.read_record_batch(block, &bytes.into());
            read.map_err(|e| fault(FORMAT, e))
        })?;
        if let Some(batch) = batch {
            rows.take(&batch)?;
        }
    }
    rows.finish()
}

/// What `of` makes of the text that the schema of a file has under a key, if any. The text, which may be long, is
/// not copied.
pub(super) fn with_metadata<T>(
    file: File,
    key: &str,
    of: impl FnOnce(Option<&str>) -> T,
) -> Result<T, Fault> {
    let file = Positioned::new(file).map_err(unreadable)?;
    let bytes = vetting::file(&file)?;
    decoding(Format::ArrowFile, || {
        let schema = vetting::parse_footer(&bytes)?.schema();
        let metadata = schema.and_then(|schema| schema.custom_metadata());
        let mut texts = metadata.into_iter().flatten();
        let text = texts.find(|text| text.key() == Some(key));
        Ok(of(text.and_then(|text| text.value())))
    })
}

/// The schema and the footer of a file, all of whose messages are safe to decode.
fn checked(file: &Positioned) -> Result<(SchemaRef, Vec<u8>), Fault> {
    let bytes = vetting::file(file)?;
    let schema = decoding(Format::ArrowFile, || {
        let schema = vetting::parse_footer(&bytes)?.schema();
        let schema = schema.ok_or_else(|| Fault::damaged(Format::ArrowFile, "it has no schema"))?;
        Ok(Arc::new(fb_to_schema(schema)))
    })?;
    Ok((schema, bytes))
}

/// Reads a stream to its end, which must be marked as such.
pub(super) fn read_stream(
    input: impl Read,
    options: &ReadOptions,
    out: &mut Collector,
) -> Result<(), Fault> {
    let mut stream = Stream {
        decoder: StreamDecoder::new(),
        promises: Promises::new(Format::ArrowStream, 0),
        input,
    };
    let Some(first) = stream.message()? else {
        return Err(truncated_stream());
    };
    let schema = decoding(Format::ArrowStream, || schema_of(&first))?;
    vetting::check_columns(Format::ArrowStream, schema.fields().len())?;
    let columns = Columns::new(&schema, Format::ArrowStream, options)?;
    let mut rows = columns.rows(out);
    stream.decode(first, &mut rows)?;
    while let Some(message) = stream.message()? {
        stream.decode(message, &mut rows)?;
    }
    stream.end(&mut rows)?;
    rows.finish()
}

/// The bytes of a message.
struct Encoded {
    /// What precedes its head.
    prefix: Vec<u8>,
    head: Vec<u8>,
    body: Vec<u8>,
}

/// A decoder and what feeds it, one checked message at a time.
///
/// arrow's `StreamReader` takes the end of the input for the end of the stream, and allocates what
/// a message asks for; here memory grows with the bytes that are really there.
struct Stream<R> {
    decoder: StreamDecoder,
    promises: Promises,
    input: R,
}

impl<R: Read> Stream<R> {
    /// The next message, checked; none at the marked end of the stream.
    fn message(&mut self) -> Result<Option<Encoded>, Fault> {
        let mut prefix = self.read(4)?;
        if prefix == [0xFF; 4] {
            prefix.extend(self.read(4)?);
        }
        let length = prefix.last_chunk().map_or(0, |n| u32::from_le_bytes(*n));
        let length = u64::from(length);
        if length == 0 {
            return Ok(None);
        }
        limits::at_most(
            Format::ArrowStream,
            "bytes before a message's body",
            length,
            limits::DESCRIPTION,
        )?;
        let head = self.read(length)?;
        let body_length = decoding(Format::ArrowStream, || body_length(&head))?;
        let body = self.read(body_length)?;
        self.promises.grow(length + body_length);
        decoding(Format::ArrowStream, || {
            self.promises.message(&head, body_length, &|range| {
                let bytes = body.get(range.start as usize..range.end as usize);
                Ok(bytes.unwrap_or_default().to_vec())
            })
        })?;
        Ok(Some(Encoded { prefix, head, body }))
    }

    /// Decodes a message, and takes the rows that are complete with it.
    fn decode(&mut self, message: Encoded, rows: &mut Rows) -> Result<(), Fault> {
        let Encoded { prefix, head, body } = message;
        for bytes in [prefix, head, body] {
            self.decode_bytes(bytes, rows)?;
        }
        Ok(())
    }

    /// Ends the stream, after which nothing may come.
    fn end(&mut self, rows: &mut Rows) -> Result<(), Fault> {
        // A message without a body is complete only when more bytes come.
        self.decode_bytes(vec![0; 4], rows)?;
        let mut byte = Vec::new();
        let more = (&mut self.input).take(1).read_to_end(&mut byte);
        if more.map_err(unreadable)? > 0 {
            let detail = "more bytes follow the end of the stream";
            return Err(Fault::damaged(Format::ArrowStream, detail));
        }
        Ok(())
    }

    fn decode_bytes(&mut self, bytes: Vec<u8>, rows: &mut Rows) -> Result<(), Fault> {
        let mut bytes = bytes.into();
        while let Some(batch) = decoding(Format::ArrowStream, || {
            let decoded = self.decoder.decode(&mut bytes);
            decoded.map_err(|e| fault(Format::ArrowStream, e))
        })? {
            rows.take(&batch)?;
        }
        Ok(())
    }

    /// The next `length` bytes, which must be there.
    fn read(&mut self, length: u64) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let read = (&mut self.input).take(length).read_to_end(&mut bytes);
        if (read.map_err(unreadable)? as u64) < length {
            return Err(truncated_stream());
        }
        Ok(bytes)
    }
}

/// The schema that a stream begins with.
fn schema_of(message: &Encoded) -> Result<SchemaRef, Fault> {
    let wrong = |detail: &str| Fault::damaged(Format::ArrowStream, detail);
    let parsed = arrow_ipc::root_as_message(&message.head).map_err(|e| wrong(&e.to_string()))?;
    let schema = parsed.header_as_schema();
    let schema = schema.ok_or_else(|| wrong("it does not begin with a schema"))?;
    Ok(Arc::new(fb_to_schema(schema)))
}

/// Length of the body that follows the head of a message.
fn body_length(head: &[u8]) -> Result<u64, Fault> {
    let wrong = |detail: String| Fault::damaged(Format::ArrowStream, &detail);
    let message = arrow_ipc::root_as_message(head).map_err(|e| wrong(e.to_string()))?;
    u64::try_from(message.bodyLength()).map_err(|_| wrong("a length is negative".to_owned()))
}

fn truncated_stream() -> Fault {
    InputProblem::Truncated {
        format: Format::ArrowStream,
    }
    .into()
}

/// What the decoder's refusal means to the user.
fn fault(format: Format, error: ArrowError) -> Fault {
    if let ArrowError::IoError(_, source) = &error
        && source.kind() == io::ErrorKind::UnexpectedEof
    {
        return InputProblem::Truncated { format }.into();
    }
    let detail = error.to_string();
    let codec = ["lz4", "zstd"]
        .into_iter()
        .find(|codec| detail.contains(&format!("requires the {codec} feature")));
    match codec {
        Some(codec) => InputProblem::Codec {
            format,
            codec: codec.to_owned(),
        }
        .into(),
        None => Fault::damaged(format, &detail),
    }
}
