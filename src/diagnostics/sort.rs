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

/// A draw whose value is written as its key.
#[derive(Debug, Clone, Copy, Default)]
struct Keyed {
    key: u64,
    position: Option<u32>,
}

/// What [`sort`] works in.
#[derive(Default)]
pub(super) struct Scratch([Vec<Keyed>; 2]);

/// Sorts finite draws by value; equal values in any order.
pub(super) fn sort(draws: &mut [Draw], Scratch([first, second]): &mut Scratch) {
    if draws.len() < SMALL {
        draws.sort_unstable_by(|a, b| a.value.total_cmp(&b.value));
        return;
    }
    first.resize(draws.len(), Keyed::default());
    second.resize(draws.len(), Keyed::default());
    let [mut low, mut middle, mut high] = count(draws);
    scatter(draws.iter().map(Keyed::of), first, SHIFTS[0], &mut low);
    scatter(first.iter().copied(), second, SHIFTS[1], &mut middle);
    scatter(second.iter().copied(), first, SHIFTS[2], &mut high);
    for (draw, keyed) in draws.iter_mut().zip(first) {
        *draw = keyed.draw();
    }
    // Keys differ where bits do, so that of neighbours in order equal leading bits tell as much.
    let prefix = |draw: &Draw| draw.value.to_bits() >> SHIFTS[0];
    for run in draws.chunk_by_mut(|a, b| prefix(a) == prefix(b)) {
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
fn count(draws: &[Draw]) -> [[u32; BUCKETS]; SHIFTS.len()] {
    let mut counts = [[0; BUCKETS]; SHIFTS.len()];
    for draw in draws {
        let key = Keyed::of(draw).key;
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
fn scatter(
    from: impl Iterator<Item = Keyed>,
    to: &mut [Keyed],
    shift: u32,
    next: &mut [u32; BUCKETS],
) {
    for keyed in from {
        let slot = &mut next[bucket(keyed.key, shift)];
        to[*slot as usize] = keyed;
        *slot += 1;
    }
}

const SIGN: u64 = 1 << 63;

impl Keyed {
    /// The bits of the value, rearranged so that they order as the number does.
    fn of(draw: &Draw) -> Self {
        let bits = draw.value.to_bits();
        let all_if_negative = ((bits as i64) >> 63) as u64;
        Self {
            key: bits ^ (all_if_negative | SIGN),
            position: draw.position,
        }
    }

    fn draw(&self) -> Draw {
        let all_if_negative = !((self.key as i64) >> 63) as u64;
        Draw {
            value: f64::from_bits(self.key ^ (all_if_negative | SIGN)),
            position: self.position,
        }
    }
}
