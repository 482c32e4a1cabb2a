//! Sorting numbers with their places: by radix first, by comparison where that does not tell.

/// A number, and where it stood.
#[derive(Debug, Clone, Copy, Default)]
pub struct Placed {
    /// The number.
    pub value: f64,
    /// Its place among those that have one.
    pub position: Option<u32>,
}

/// Below this a comparison sort is as fast.
const SMALL: usize = 512;
/// Bits of one pass; the buckets' counters fit the first-level cache.
const DIGIT: u32 = 11;
/// Three passes cover sign, exponent and 21 bits of the mantissa.
const SHIFTS: [u32; 3] = [64 - 3 * DIGIT, 64 - 2 * DIGIT, 64 - DIGIT];

/// What [`sort_placed`] works in: the leading bits of a value's key, and behind them its place.
#[derive(Debug, Default)]
pub struct SortScratch([Vec<u64>; 2]);

/// Writes finite values in order; equal ones in any order. `position` is that of a place among the values, of
/// which there are less than 2^31.
pub fn sort_placed(
    values: &[f64],
    position: impl Fn(usize) -> Option<u32>,
    SortScratch([first, second]): &mut SortScratch,
    sorted: &mut Vec<Placed>,
) {
    let placed = |place: usize| Placed {
        value: values[place],
        position: position(place),
    };
    sorted.clear();
    if values.len() < SMALL {
        sorted.extend((0..values.len()).map(placed));
        sorted.sort_unstable_by(|a, b| a.value.total_cmp(&b.value));
        return;
    }
    let places = values.len().next_power_of_two() as u64 - 1;
    first.resize(values.len(), 0);
    second.resize(values.len(), 0);
    let [mut low, mut middle, mut high] = count(values);
    let packed = values.iter().zip(0..);
    let packed = packed.map(|(value, place)| key(*value) & !places | place);
    scatter(packed, first, SHIFTS[0], &mut low);
    scatter(first.iter().copied(), second, SHIFTS[1], &mut middle);
    scatter(second.iter().copied(), first, SHIFTS[2], &mut high);
    sorted.extend(
        first
            .iter()
            .map(|packed| placed((packed & places) as usize)),
    );
    // Keys differ where bits do, so that of neighbours in order equal leading bits tell as much.
    let prefix = |placed: &Placed| placed.value.to_bits() >> SHIFTS[0];
    for run in sorted.chunk_by_mut(|a, b| prefix(a) == prefix(b)) {
        if run.len() > 1 {
            run.sort_unstable_by(|a, b| a.value.total_cmp(&b.value));
        }
    }
}

const BUCKETS: usize = 1 << DIGIT;

fn bucket(key: u64, shift: u32) -> usize {
    (key >> shift) as usize % BUCKETS
}

/// Where each bucket starts, for each digit.
fn count(values: &[f64]) -> [[u32; BUCKETS]; SHIFTS.len()] {
    let mut counts = [[0; BUCKETS]; SHIFTS.len()];
    for value in values {
        let key = key(*value);
        for (count, shift) in counts.iter_mut().zip(SHIFTS) {
            count[bucket(key, shift)] += 1;
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
fn scatter(from: impl Iterator<Item = u64>, to: &mut [u64], shift: u32, next: &mut [u32; BUCKETS]) {
    for packed in from {
        let slot = &mut next[bucket(packed, shift)];
        to[*slot as usize] = packed;
        *slot += 1;
    }
}

/// The bits of a value, rearranged so that they order as the number does.
fn key(value: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    let bits = value.to_bits();
    let all_if_negative = ((bits as i64) >> 63) as u64;
    bits ^ (all_if_negative | SIGN)
}
