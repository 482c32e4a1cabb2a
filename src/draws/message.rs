//! Arrow IPC messages as bytes: the schema, record batches of a known number of rows, the footer.

use super::Document;
use super::arrow::{INDEX, METADATA_KEY, Shape, VALUE};
use super::encoded::Encoded;
use crate::Error;
use arrow_ipc::convert::{IpcSchemaEncoder, metadata_to_fb};
use arrow_ipc::{
    Block, Buffer, FieldNode, FooterBuilder, KeyValue, Message, MessageArgs, MessageHeader,
    MetadataVersion, RecordBatch, RecordBatchArgs, root_as_footer_with_opts,
    root_as_message_with_opts,
};
use arrow_schema::Schema;
use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, VerifierOptions, WIPOffset};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The bytes at both ends of a file.
const MAGIC: &[u8; 6] = b"ARROW1";
/// Says that a message follows.
const CONTINUATION: [u8; 4] = [0xff; 4];
/// Every message, body and column starts at a multiple of this many bytes.
const ALIGNMENT: usize = 64;
/// Bytes of a field beside its texts, with some to spare.
const FIELD: usize = 256;

/// A record batch of a fixed number of rows, without nulls and uncompressed: its bytes up to the
/// values are known, and the place of every value.
pub(super) struct BatchForm {
    rows: usize,
    header: Vec<u8>,
    columns: Vec<Column>,
    length: usize,
}

/// Where the values of a column start, from the start of the message, and the bytes of one row.
#[derive(Debug, Clone, Copy)]
struct Column {
    start: usize,
    width: usize,
    /// Whether each row has a list there.
    is_list: bool,
}

impl BatchForm {
    pub fn new(shape: Shape, rows: usize) -> Self {
        let mut columns = Vec::new();
        let mut body = 0;
        for (width, is_list) in shape.columns() {
            columns.push(Column {
                start: body,
                width,
                is_list,
            });
            body = padded(body + width * rows);
        }
        let header = batch_header(shape, rows, &columns, body);
        for column in &mut columns {
            column.start += header.len();
        }
        Self {
            rows,
            length: header.len() + body,
            header,
            columns,
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Where the values of each column start, from the start of the message.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().map(|column| column.start)
    }

    /// Bytes of the message with its body.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Bytes before the body.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The entry of the footer for such a batch at `place`.
    pub fn block(&self, place: u64) -> Block {
        let (header, body) = (self.header.len(), self.length - self.header.len());
        Block::new(place as i64, header as i32, body as i64)
    }

    /// Starts a batch: everything but the values of the parameters.
    pub fn start(&self, message: &mut Vec<u8>, chain: u32, first_draw: u32) {
        if message.len() != self.length || !message.starts_with(&self.header) {
            message.clear();
            message.resize(self.length, 0);
            message[..self.header.len()].copy_from_slice(&self.header);
        }
        let [chains, draws] = [0, 1].map(|c| self.columns[c].start);
        for (row, draw) in (first_draw..).take(self.rows).enumerate() {
            set(message, chains + INDEX * row, chain.to_le_bytes());
            set(message, draws + INDEX * row, draw.to_le_bytes());
        }
    }

    /// Puts rows of `width` values each into a batch, the first as row `at`.
    pub fn put(&self, message: &mut [u8], at: usize, rows: &[f64], width: usize) {
        let (mut first, count) = (0, rows.len() / width);
        for column in &self.columns[2..] {
            let values = column.width / VALUE;
            let start = column.start + column.width * at;
            let target = &mut message[start..start + column.width * count];
            let (slots, rows) = (target.as_chunks_mut().0, rows.chunks_exact(width));
            if values == 1 {
                // Alone, lest each value be copied by a call.
                for (slot, row) in slots.iter_mut().zip(rows) {
                    *slot = row[first].to_le_bytes();
                }
            } else {
                for (slots, row) in slots.chunks_exact_mut(values).zip(rows) {
                    for (slot, value) in slots.iter_mut().zip(&row[first..first + values]) {
                        *slot = value.to_le_bytes();
                    }
                }
            }
            first += values;
        }
    }

    /// Copies the first `rows` rows of a batch of another form into one of this form.
    pub fn copy_rows(&self, message: &mut [u8], from: (&Self, &[u8]), rows: usize) {
        let (form, source) = from;
        for (to, from) in self.columns.iter().zip(&form.columns) {
            let bytes = to.width * rows;
            message[to.start..to.start + bytes]
                .copy_from_slice(&source[from.start..from.start + bytes]);
        }
    }
}

fn set<const N: usize>(message: &mut [u8], at: usize, bytes: [u8; N]) {
    message[at..at + N].copy_from_slice(&bytes);
}

fn padded(length: usize) -> usize {
    length.next_multiple_of(ALIGNMENT)
}

fn batch_header(shape: Shape, rows: usize, columns: &[Column], body: usize) -> Vec<u8> {
    let (mut nodes, mut buffers) = (Vec::new(), Vec::new());
    for column in columns {
        let (start, bytes) = (column.start as i64, (column.width * rows) as i64);
        // A column without nulls has an empty buffer of validity bits.
        nodes.push(FieldNode::new(rows as i64, 0));
        buffers.push(Buffer::new(start, 0));
        if column.is_list {
            nodes.push(FieldNode::new((rows * shape.fks) as i64, 0));
            buffers.push(Buffer::new(start, 0));
        }
        buffers.push(Buffer::new(start, bytes));
    }
    let mut builder = FlatBufferBuilder::new();
    let batch = RecordBatchArgs {
        length: rows as i64,
        nodes: Some(builder.create_vector(&nodes)),
        buffers: Some(builder.create_vector(&buffers)),
        ..RecordBatchArgs::default()
    };
    let batch = RecordBatch::create(&mut builder, &batch).as_union_value();
    let message = message(builder, (MessageHeader::RecordBatch, batch), body);
    let header = delimited(message, 0);
    header.pieces().collect::<Vec<_>>().concat()
}

/// The start of a file: its magic and its schema, with the document where that has an empty text.
///
/// # Errors
/// If that is more than a file can hold.
pub(super) fn head(schema: &Schema, document: &Arc<Document>) -> Result<Encoded, Error> {
    let mut magic = [0; 8];
    magic[..MAGIC.len()].copy_from_slice(MAGIC);
    let mut builder = FlatBufferBuilder::with_capacity(room(schema));
    let schema = IpcSchemaEncoder::new().schema_to_fb_offset(&mut builder, schema);
    let header = (MessageHeader::Schema, schema.as_union_value());
    let mut head = message(builder, header, 0);
    let built = root_as_message_with_opts(&UNLIMITED, head.built()).ok();
    let place = place_of_document(built.and_then(|message| message.header_as_schema()))?;
    head.lead_to(document, place)?;
    let mut head = delimited(head, magic.len());
    head.prepend(&magic);
    head.check_length()?;
    Ok(head)
}

/// What was built here need not be suspected.
const UNLIMITED: VerifierOptions = VerifierOptions {
    max_depth: 64,
    max_tables: usize::MAX,
    max_apparent_size: usize::MAX,
    ignore_missing_null_terminator: false,
};

/// Where a flat buffer has the offset that leads to the document of a schema.
fn place_of_document(schema: Option<arrow_ipc::Schema<'_>>) -> Result<usize, Error> {
    let texts = schema.and_then(|schema| schema.custom_metadata());
    let mut texts = texts.into_iter().flatten();
    let place = texts
        .find(|text| text.key() == Some(METADATA_KEY))
        .map(|text| text._tab.loc() + usize::from(text._tab.vtable().get(KeyValue::VT_VALUE)));
    place.ok_or_else(|| Error::Internal("a schema that cannot be read back".into()))
}

/// Bytes that hold a schema with what stands before it, or nearly: what is too short is doubled, and copied
/// each time.
fn room(schema: &Schema) -> usize {
    let texts = |metadata: &HashMap<String, String>| {
        let each = metadata.iter().map(|(name, text)| name.len() + text.len());
        each.sum::<usize>()
    };
    let fields = schema.fields().iter();
    let fields = fields.map(|field| FIELD + field.name().len() + texts(field.metadata()));
    texts(schema.metadata()) + fields.sum::<usize>() + FIELD
}

/// A message without its body, which has so many bytes.
fn message(
    mut builder: FlatBufferBuilder<'_>,
    (header_type, header): (MessageHeader, WIPOffset<UnionWIPOffset>),
    body: usize,
) -> Encoded {
    let message = MessageArgs {
        version: MetadataVersion::V5,
        header_type,
        header: Some(header),
        bodyLength: body as i64,
        custom_metadata: None,
    };
    let message = Message::create(&mut builder, &message);
    builder.finish(message, None);
    Encoded::new(builder)
}

/// A message as it stands in a file at `before` bytes behind a multiple of the alignment: it ends at such a multiple.
fn delimited(mut bytes: Encoded, before: usize) -> Encoded {
    let prefix = CONTINUATION.len() + INDEX;
    let length = padded(before + prefix + bytes.len()) - before - prefix;
    bytes.append_zeros(length - bytes.len());
    bytes.prepend(&(length as i32).to_le_bytes());
    bytes.prepend(&CONTINUATION);
    bytes
}

/// The end of a file: the end of its messages, and the footer with the place of every batch.
///
/// # Errors
/// As [`head`].
pub(super) fn tail(
    schema: &Schema,
    document: &Arc<Document>,
    batches: &[Block],
    trailing: BTreeMap<String, String>,
) -> Result<Encoded, Error> {
    let texts = trailing.iter().map(|(name, text)| name.len() + text.len());
    let room = room(schema) + size_of_val(batches) + texts.sum::<usize>();
    let mut builder = FlatBufferBuilder::with_capacity(room);
    let dictionaries = builder.create_vector::<Block>(&[]);
    let batches = builder.create_vector(batches);
    let schema = IpcSchemaEncoder::new().schema_to_fb_offset(&mut builder, schema);
    let trailing = (!trailing.is_empty()).then(|| {
        let texts: HashMap<_, _> = trailing.into_iter().collect();
        metadata_to_fb(&mut builder, &texts)
    });
    let mut footer = FooterBuilder::new(&mut builder);
    footer.add_version(MetadataVersion::V5);
    footer.add_schema(schema);
    footer.add_dictionaries(dictionaries);
    footer.add_recordBatches(batches);
    if let Some(trailing) = trailing {
        footer.add_custom_metadata(trailing);
    }
    let footer = footer.finish();
    builder.finish(footer, None);
    let mut bytes = Encoded::new(builder);
    let built = root_as_footer_with_opts(&UNLIMITED, bytes.built()).ok();
    let place = place_of_document(built.and_then(|footer| footer.schema()))?;
    bytes.lead_to(document, place)?;
    bytes.check_length()?;
    let length = bytes.len() as i32;
    bytes.append(&length.to_le_bytes());
    bytes.append(MAGIC);
    bytes.prepend(&[0; 4]);
    bytes.prepend(&CONTINUATION);
    Ok(bytes)
}
