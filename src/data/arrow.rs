//! Scores from Arrow IPC files and streams.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use arrow_array::builder::UInt8BufferBuilder;
use arrow_ipc::reader::{FileReader, StreamDecoder, read_footer_length};
use arrow_ipc::root_as_footer;
use arrow_schema::{ArrowError, SchemaRef};

use super::collect::Collector;
use super::columnar::{Columns, Rows};
use super::decoding::decoding;
use super::fault::Fault;
use super::format::Format;
use super::problem::InputProblem;
use super::read::ReadOptions;
use super::source::unreadable;

/// How many bytes of a stream are handed to the decoder at a time.
const CHUNK: usize = 1 << 18;
/// Length of the footer's length and the magic after it.
const TRAILER: usize = 10;

/// Reads a file to its end.
pub(super) fn read_file(
    mut file: File,
    options: &ReadOptions,
    out: &mut Collector,
) -> Result<(), Fault> {
    const FORMAT: Format = Format::ArrowFile;
    decoding(FORMAT, || check_footer(&mut file))?;
    let file = BufReader::new(file);
    let mut reader = decoding(FORMAT, || {
        FileReader::try_new(file, None).map_err(|e| fault(FORMAT, e))
    })?;
    let columns = Columns::new(&reader.schema(), FORMAT, options)?;
    let mut rows = columns.rows(out);
    let mut next = || {
        decoding(FORMAT, || {
            reader.next().transpose().map_err(|e| fault(FORMAT, e))
        })
    };
    while let Some(batch) = next()? {
        rows.take(&batch)?;
    }
    rows.finish()
}

/// The schema of a file.
pub(super) fn schema(mut file: File) -> Result<SchemaRef, Fault> {
    const FORMAT: Format = Format::ArrowFile;
    decoding(FORMAT, || check_footer(&mut file))?;
    let file = BufReader::new(file);
    let reader = decoding(FORMAT, || {
        FileReader::try_new(file, None).map_err(|e| fault(FORMAT, e))
    })?;
    Ok(reader.schema())
}

/// Checks that the footer is there and points into the file.
///
/// arrow allocates what a footer asks for before it reads: a damaged one could ask for anything.
fn check_footer(file: &mut File) -> Result<(), Fault> {
    let truncated = || {
        Fault::from(InputProblem::Truncated {
            format: Format::ArrowFile,
        })
    };
    let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let body = length.checked_sub(TRAILER as u64).ok_or_else(truncated)?;
    let mut trailer = [0; TRAILER];
    read_at(file, body, &mut trailer)?;
    if !trailer.ends_with(b"ARROW1") {
        return Err(truncated());
    }
    let footer_length = read_footer_length(trailer).map_err(|e| fault(Format::ArrowFile, e))?;
    let start = body
        .checked_sub(footer_length as u64)
        .ok_or_else(truncated)?;
    let mut bytes = vec![0; footer_length];
    read_at(file, start, &mut bytes)?;
    let footer = root_as_footer(&bytes).map_err(|e| damaged(Format::ArrowFile, e.to_string()))?;
    let blocks = footer
        .recordBatches()
        .into_iter()
        .chain(footer.dictionaries())
        .flatten();
    for block in blocks {
        let end = [i64::from(block.metaDataLength()), block.bodyLength()]
            .into_iter()
            .try_fold(block.offset(), |sum, n| {
                sum.checked_add(n).filter(|_| n >= 0)
            });
        if block.offset() < 0 || end.is_none_or(|end| end as u64 > start) {
            return Err(damaged(
                Format::ArrowFile,
                "a block lies outside the file".to_owned(),
            ));
        }
    }
    Ok(())
}

fn read_at(file: &mut File, at: u64, bytes: &mut [u8]) -> Result<(), Fault> {
    file.seek(SeekFrom::Start(at)).map_err(unreadable)?;
    file.read_exact(bytes).map_err(unreadable)
}

/// Reads a stream to its end, which must be marked as such.
pub(super) fn read_stream(
    mut input: impl Read,
    options: &ReadOptions,
    out: &mut Collector,
) -> Result<(), Fault> {
    let mut stream = Stream {
        decoder: StreamDecoder::new(),
        input: &mut input,
    };
    let Some(schema) = stream.schema()? else {
        return Err(truncated_stream());
    };
    let columns = Columns::new(&schema, Format::ArrowStream, options)?;
    let mut rows = columns.rows(out);
    while stream.take_chunk(CHUNK, Some(&mut rows))? {}
    if !stream.is_ended() {
        return Err(truncated_stream());
    }
    rows.finish()
}

/// A decoder and what feeds it.
///
/// arrow's `StreamReader` takes the end of the input for the end of the stream, and allocates what
/// a message asks for; the push decoder grows with the bytes that are really there.
struct Stream<'a, R> {
    decoder: StreamDecoder,
    input: &'a mut R,
}

impl<R: Read> Stream<'_, R> {
    /// Reads up to and including the schema.
    fn schema(&mut self) -> Result<Option<arrow_schema::SchemaRef>, Fault> {
        // Byte by byte: a larger chunk could hold batches, which the columns are not ready for.
        while self.decoder.schema().is_none() {
            if !self.take_chunk(1, None)? {
                return Ok(None);
            }
        }
        Ok(self.decoder.schema())
    }

    /// Decodes the next `size` bytes; false at the end of the input.
    fn take_chunk(&mut self, size: usize, mut rows: Option<&mut Rows>) -> Result<bool, Fault> {
        let mut chunk = Vec::with_capacity(size);
        self.input
            .take(size as u64)
            .read_to_end(&mut chunk)
            .map_err(unreadable)?;
        let mut bytes = UInt8BufferBuilder::new(chunk.len());
        bytes.append_slice(&chunk);
        let mut bytes = bytes.finish();
        while !bytes.is_empty() {
            let batch = decoding(Format::ArrowStream, || {
                self.decoder
                    .decode(&mut bytes)
                    .map_err(|e| fault(Format::ArrowStream, e))
            })?;
            if let (Some(batch), Some(rows)) = (batch, rows.as_deref_mut()) {
                rows.take(&batch)?;
            }
        }
        Ok(!chunk.is_empty())
    }

    /// Whether the end-of-stream marker was met: only then does the decoder refuse one more byte.
    fn is_ended(&mut self) -> bool {
        let mut byte = UInt8BufferBuilder::new(1);
        byte.append(0);
        self.decoder.finish().is_ok() && self.decoder.decode(&mut byte.finish()).is_err()
    }
}

fn truncated_stream() -> Fault {
    InputProblem::Truncated {
        format: Format::ArrowStream,
    }
    .into()
}

fn damaged(format: Format, detail: String) -> Fault {
    InputProblem::Damaged { format, detail }.into()
}

/// What the decoder's refusal means to the user.
fn fault(format: Format, error: ArrowError) -> Fault {
    if let ArrowError::IoError(_, source) = &error
        && source.kind() == io::ErrorKind::UnexpectedEof
    {
        return InputProblem::Truncated { format }.into();
    }
    let mut detail = error.to_string();
    if detail.contains("Unexpected EOS") {
        detail = "more bytes follow the end of the stream".to_owned();
    }
    let codec = ["lz4", "zstd"]
        .into_iter()
        .find(|codec| detail.contains(&format!("requires the {codec} feature")));
    match codec {
        Some(codec) => InputProblem::Codec {
            format,
            codec: codec.to_owned(),
        }
        .into(),
        None => damaged(format, detail),
    }
}
