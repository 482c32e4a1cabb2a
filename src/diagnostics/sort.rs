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
    let mut starts = count(draws);
    for (shift, next) in SHIFTS.into_iter().zip(&mut starts) {
        scatter(draws, scratch, shift, next);
        std::mem::swap(draws, scratch);
    }
    let prefix = |draw: &Draw| key(draw.value) >> SHIFTS[0];
    for run in draws.chunk_by_mut(|a, b| prefix(a) == prefix(b)) {
        if run.len() > 1 {
            run.sort_unstable_by(|a, b| a.value.total_cmp(&b.value));
        }
    }
}

const BUCKETS: usize = 1 << DIGIT;

fn bucket(value: f64, shift: u32) -> usize {
    (key(value) >> shift) as usize % BUCKETS
}

/// Where each bucket starts, for each digit.
fn count(draws: &[Draw]) -> [[u32; BUCKETS]; SHIFTS.len()] {
    let mut counts = [[0; BUCKETS]; SHIFTS.len()];
    for draw in draws {
        for (count, shift) in counts.iter_mut().zip(SHIFTS) {
            count[bucket(draw.value, shift)] += 1;
        }
    }
    for count in &mut counts {
        let mut start = 0;
        for slot in count {
            start += std::mem::replace(slot, start);
        }
    }
    counts
}

/// One stable pass by the digit at `shift`.
fn scatter(from: &[Draw], to: &mut [Draw], shift: u32, next: &mut [u32; BUCKETS]) {
    for draw in from {
        let slot = &mut next[bucket(draw.value, shift)];
        to[*slot as usize] = *draw;
        *slot += 1;
    }
}

/// The bits of a number, rearranged so that they order as the number does.
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    let all_if_negative = ((bits as i64) >> 63) as u64;
    bits ^ (all_if_negative | 1 << 63)
}
