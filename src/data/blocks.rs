//! Cuts a text into blocks that hold whole records.

use std::io::{self, Read};

use memchr::{memchr_iter, memrchr2_iter};

/// Bytes of a block; fixed, so that nothing depends on the machine. Longer records make longer blocks.
const SIZE: usize = 1 << 19;

/// Longest record that is taken for text: a wide table of ten million FKs fits, a disk image does not
/// fill the memory.
pub(super) const LONGEST: usize = 1 << 28;

/// A stretch of text from the beginning of a record to the end of one.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    /// Where its first record begins.
    pub(super) start: usize,
    /// Its last record is longer than any may be, and cut off.
    pub(super) cut: bool,
}

impl Block {
    /// Its records.
    pub(super) fn records(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

/// Blocks of a text, in order.
pub(super) struct Blocks<R> {
    input: R,
    /// The beginning of the next block, read with the one before.
    carried: Vec<u8>,
    ended: bool,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            carried: Vec::new(),
            ended: false,
        }
    }

    /// The next block; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Block>> {
        if self.ended {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.carried);
        loop {
            let wanted = if bytes.len() < SIZE {
                SIZE - bytes.len()
            } else {
                bytes.len()
            };
            let wanted = wanted.min(LONGEST.saturating_sub(bytes.len()));
            // A byte to spare tells `read_to_end` that the end is the end, and not want of room.
            bytes.reserve(wanted + 1);
            let read = (&mut self.input)
                .take(wanted as u64)
                .read_to_end(&mut bytes)?;
            if read < wanted {
                self.ended = true;
                return Ok((!bytes.is_empty()).then(|| Block {
                    bytes,
                    ..Block::default()
                }));
            }
            if let Some(end) = end_of_records(&bytes) {
                self.carried = bytes.split_off(end);
                return Ok(Some(Block {
                    bytes,
                    ..Block::default()
                }));
            }
            if bytes.len() >= LONGEST {
                self.ended = true;
                return Ok(Some(Block {
                    bytes,
                    cut: true,
                    ..Block::default()
                }));
            }
        }
    }
}

/// Where the last whole record ends: after the last line break with an even number of quotes before it.
///
/// In a text that keeps the rules a line break stands inside quotes if and only if their number before
/// it is odd. In one that breaks them, this holds up to the first fault, which ends the reading.
fn end_of_records(text: &[u8]) -> Option<usize> {
    let mut quotes = memchr_iter(b'"', text).count();
    for at in memrchr2_iter(b'\n', b'"', text) {
        match text.get(at) {
            Some(b'"') => quotes -= 1,
            _ if quotes.is_multiple_of(2) => return Some(at + 1),
            _ => {}
        }
    }
    None
}
