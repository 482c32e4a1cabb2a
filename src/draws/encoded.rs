//! What a builder of flat buffers has built, with more bytes at both ends.

use super::Document;
use crate::Error;
use crate::data::PositionedFile;
use flatbuffers::FlatBufferBuilder;
use std::io;
use std::sync::Arc;

/// Bytes at the end of the buffer in which they were built, backwards, and some behind that, with the document of a
/// file where they have one: it is not copied, as that of a million FKs has a hundred megabytes.
pub(super) struct Encoded {
    buffer: Vec<u8>,
    start: usize,
    document: Arc<Document>,
    behind: Vec<u8>,
}

impl Encoded {
    pub fn new(builder: FlatBufferBuilder<'_>) -> Self {
        let (buffer, start) = builder.collapse();
        Self {
            buffer,
            start,
            document: Arc::default(),
            behind: Vec::new(),
        }
    }

    /// What was built.
    pub fn built(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    pub fn len(&self) -> usize {
        self.pieces().map(<[u8]>::len).sum()
    }

    /// All bytes, in pieces.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let document = self.document.pieces();
        [self.built()]
            .into_iter()
            .chain(document)
            .chain([self.behind.as_slice()])
    }

    /// Writes them to a place of a file.
    pub fn write_at(&self, file: &PositionedFile, mut place: u64) -> io::Result<()> {
        for piece in self.pieces() {
            file.write_all_at(piece, place)?;
            place += piece.len() as u64;
        }
        Ok(())
    }

    /// Puts a document behind what was built, as the text to which the offset at this place there leads: a flat
    /// buffer's offsets lead onwards to wherever their text stands, its length in front and a zero behind.
    pub fn lead_to(&mut self, document: &Arc<Document>, place: usize) -> Result<(), Error> {
        let length = u32::try_from(document.len()).map_err(|_| too_long())?;
        let padding = self.built().len().next_multiple_of(4) - self.built().len();
        self.buffer.resize(self.buffer.len() + padding, 0);
        let built = &mut self.buffer[self.start..];
        let offset = u32::try_from(built.len() - place).map_err(|_| too_long())?;
        built[place..place + 4].copy_from_slice(&offset.to_le_bytes());
        self.buffer.extend(length.to_le_bytes());
        self.document = Arc::clone(document);
        self.behind.push(0);
        Ok(())
    }

    /// Refuses more bytes than readers take, who take lengths for 31-bit numbers.
    pub fn check_length(&self) -> Result<(), Error> {
        match i32::try_from(self.len()) {
            Ok(_) => Ok(()),
            Err(_) => Err(too_long()),
        }
    }

    /// Puts bytes before those that there are, where there is mostly room.
    pub fn prepend(&mut self, bytes: &[u8]) {
        match self.start.checked_sub(bytes.len()) {
            Some(start) => {
                self.buffer[start..self.start].copy_from_slice(bytes);
                self.start = start;
            }
            None => {
                self.buffer.splice(..self.start, bytes.iter().copied());
                self.start = 0;
            }
        }
    }

    pub fn append(&mut self, bytes: &[u8]) {
        self.behind.extend_from_slice(bytes);
    }

    pub fn append_zeros(&mut self, count: usize) {
        self.behind.resize(self.behind.len() + count, 0);
    }

    /// Whether these are the bytes.
    pub fn is(&self, bytes: &[u8]) -> bool {
        let mut rest = Some(bytes);
        for piece in self.pieces() {
            rest = rest.and_then(|rest| rest.strip_prefix(piece));
        }
        rest.is_some_and(<[u8]>::is_empty)
    }
}

fn too_long() -> Error {
    Error::Unfit("there are more foreign keys than a file can describe".into())
}
