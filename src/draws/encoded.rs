//! What a builder of flat buffers has built, with more bytes at both ends.

use flatbuffers::FlatBufferBuilder;

/// Bytes at the end of the buffer in which they were built, backwards, and some behind that: neither the
/// buffer is copied nor grows, as the description of a million FKs has a hundred megabytes.
pub(super) struct Encoded {
    buffer: Vec<u8>,
    start: usize,
    behind: Vec<u8>,
}

impl Encoded {
    pub fn new(builder: FlatBufferBuilder<'_>) -> Self {
        let (buffer, start) = builder.collapse();
        Self {
            buffer,
            start,
            behind: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.pieces().map(<[u8]>::len).iter().sum()
    }

    /// The bytes, in two pieces.
    pub fn pieces(&self) -> [&[u8]; 2] {
        [&self.buffer[self.start..], &self.behind]
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

    /// The memory, for others to build in.
    pub fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    pub fn append(&mut self, bytes: &[u8]) {
        self.behind.extend_from_slice(bytes);
    }

    pub fn append_zeros(&mut self, count: usize) {
        self.behind.resize(self.behind.len() + count, 0);
    }

    /// Whether these are the bytes.
    pub fn is(&self, bytes: &[u8]) -> bool {
        let [first, second] = self.pieces();
        bytes.strip_prefix(first) == Some(second)
    }
}
