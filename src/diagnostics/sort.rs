//! Sorting draws with their positions: by radix first, by comparison where that does not tell.

/// One draw, and where it stands in the split chains.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Draw {
    pub(super) value: f64,
    /// `None` for the middle draw of a chain of odd length, which splitting drops.
    pub(super) position: Option<u32>,
}

/// Below this a comparison sort is as fast.
const SMALL: usize = 512;
/// Bits of one pass; the buckets' counters fit the first-level cache.
const DIGIT: u32 = 11;
/// Three passes cover sign, exponent and 21 bits of the mantissa.
const SHIFTS: [u32; 3] = [64 - 3 * DIGIT, 64 - 2 * DIGIT, 64 - DIGIT];

/// Sorts finite draws by value; equal values in any order.
pub(super) fn sort(draws: &mut Vec<Draw>, scratch: &mut Vec<Draw>) {
    if draws.len() < SMALL {
        draws.sort_unstable_by(|a, b| a.value.total_cmp(&b.value));
        return;
    }
    scratch.clear();
    scratch.resize(draws.len(), Draw::default());
    for shift in SHIFTS {
        scatter(draws, scratch, shift);
        std::mem::swap(draws, scratch);
    }
    let prefix = |draw: &Draw| key(draw.value) >> SHIFTS[0];
    for run in draws.chunk_by_mut(|a, b| prefix(a) == prefix(b)) {
        if run.len() > 1 {
            run.sort_unstable_by(|a, b| a.value.total_cmp(&b.value));
        }
    }
}

/// One stable pass by the digit at `shift`.
fn scatter(from: &[Draw], to: &mut [Draw], shift: u32) {
    const BUCKETS: usize = 1 << DIGIT;
    let bucket = |draw: &Draw| (key(draw.value) >> shift) as usize % BUCKETS;
    let mut next = [0_usize; BUCKETS];
    for draw in from {
        next[bucket(draw)] += 1;
    }
    let mut start = 0;
    for slot in &mut next {
        start += std::mem::replace(slot, start);
    }
    for draw in from {
        let slot = &mut next[bucket(draw)];
        to[*slot] = *draw;
        *slot += 1;
    }
}

/// The bits of a number, rearranged so that they order as the number does.
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    let all_if_negative = ((bits as i64) >> 63) as u64;
    bits ^ (all_if_negative | 1 << 63)
}
