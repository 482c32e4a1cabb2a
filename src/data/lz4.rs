//! How much an LZ4 frame can unpack to, told without unpacking it.

/// Bytes that the frame unpacks to, at most; 0 for what is no frame, which no decoder takes.
///
/// A frame is a header and blocks, each unpacking to the size that the header states at most
/// (<https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md>).
pub(super) fn at_most(frame: &[u8]) -> u64 {
    let Some((block, mut at, checksum)) = header(frame) else {
        return 0;
    };
    let mut blocks = 0_u64;
    while let Some(size) = word(frame, at).filter(|size| *size != 0) {
        /// Says that the block is not compressed.
        const PLAIN: u32 = 1 << 31;
        blocks += 1;
        at += 4 + (size & !PLAIN) as usize + checksum;
    }
    blocks.saturating_mul(block)
}

/// The largest block, where the first one begins, and how many bytes follow each.
fn header(frame: &[u8]) -> Option<(u64, usize, usize)> {
    const MAGIC: u32 = 0x184D_2204;
    if word(frame, 0)? != MAGIC {
        return None;
    }
    let flags = *frame.get(4)?;
    let has = |bit: u8| flags & (1 << bit) != 0;
    let block = match (frame.get(5)? >> 4) & 7 {
        4 => 1 << 16,
        5 => 1 << 18,
        6 => 1 << 20,
        _ => 1 << 22,
    };
    let content_size = if has(3) { 8 } else { 0 };
    let dictionary = if has(0) { 4 } else { 0 };
    Some((
        block,
        7 + content_size + dictionary,
        if has(4) { 4 } else { 0 },
    ))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(word.try_into().ok()?))
}
