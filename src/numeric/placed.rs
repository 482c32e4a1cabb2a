//! Sorting numbers with their places: by radix first, by comparison where that does not tell.

use std::cmp::Reverse;

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

/// What values are sorted in: the leading bits of a value's key, and behind them its place.
#[derive(Debug, Default)]
pub struct SortScratch([Vec<u64>; 2]);

/// Writes finite values in order; equal ones in any order. `position` is that of a place among the values, of
/// which there are less than 2^31.
pub fn sort_placed(
    values: &[f64],
    position: impl Fn(usize) -> Option<u32>,
    scratch: &mut SortScratch,
    sorted: &mut Vec<Placed>,
) {
    let placed = |place: usize| Placed {
        value: values[place],
        position: position(place),
    };
    let places = places(values.len());
    let packed = packed_in_order(values, scratch);
    sorted.clear();
    sorted.extend(
        packed
            .iter()
            .map(|packed| placed((packed & places) as usize)),
    );
    let prefix = |placed: &Placed| key(placed.value) >> SHIFTS[0];
    for run in sorted.chunk_by_mut(|a, b| prefix(a) == prefix(b)) {
        if run.len() > 1 {
            run.sort_unstable_by(|a, b| a.value.total_cmp(&b.value));
        }
    }
}

/// Calls `f` for the places of equal values, which are in order, from the largest value down: how many are larger,
/// and the places. Values are as for [`sort_placed`], or infinite; they are looked up only where leading bits
/// do not tell.
pub fn for_each_tie(values: &[f64], scratch: &mut SortScratch, mut f: impl FnMut(usize, &[usize])) {
    let places = places(values.len());
    let packed = packed_in_order(values, scratch);
    let (mut larger, mut alike) = (0, Vec::new());
    for run in packed
        .chunk_by(|a, b| a >> SHIFTS[0] == b >> SHIFTS[0])
        .rev()
    {
        if let [single] = run {
            f(larger, &[(single & places) as usize]);
            larger += 1;
            continue;
        }
        alike.clear();
        alike.extend(run.iter().map(|packed| (packed & places) as usize));
        alike.sort_by_key(|&place| Reverse(key(values[place])));
        for tied in alike.chunk_by(|&a, &b| values[a] == values[b]) {
            f(larger, tied);
            larger += tied.len();
        }
    }
}

/// The bits that hold a place among so many.
fn places(count: usize) -> u64 {
    count.next_power_of_two() as u64 - 1
}

/// The leading bits of each value's key, and behind them its place, in order by the bits from the lowest
/// of [`SHIFTS`] on.
fn packed_in_order<'a>(
    values: &[f64],
    SortScratch([first, second]): &'a mut SortScratch,
) -> &'a [u64] {
    let places = places(values.len());
    let packed = values.iter().zip(0..);
    let packed = packed.map(|(value, place)| key(*value) & !places | place);
    if values.len() < SMALL {
        first.clear();
        first.extend(packed);
        first.sort_unstable();
        return first;
    }
    first.resize(values.len(), 0);
    second.resize(values.len(), 0);
    let [mut low, mut middle, mut high] = count(values);
    scatter(packed, first, SHIFTS[0], &mut low);
    scatter(first.iter().copied(), second, SHIFTS[1], &mut middle);
    scatter(second.iter().copied(), first, SHIFTS[2], &mut high);
    first
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

/// The bits of a value, rearranged so that they order as the number does; both zeros have the same.
fn key(value: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    let bits = (value + 0.0).to_bits();
    let all_if_negative = ((bits as i64) >> 63) as u64;
    bits ^ (all_if_negative | SIGN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// Values that lie close, tie, and are zeros of both signs or infinite, few and many.
    fn values(count: usize) -> Vec<f64> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(count as u64);
        let mut value = || match rng.random_range(0..9) {
            0 => 0.0,
            1 => -0.0,
            2 => -1e-310,
            3 => f64::INFINITY,
            4 => f64::NEG_INFINITY,
            5 => f64::from_bits(7),
            6 => 1.0 + f64::EPSILON * f64::from(rng.random_range(0..9_u8)),
            _ => rng.random::<f64>() - 0.5,
        };
        (0..count).map(|_| value()).collect()
    }

    #[test]
    fn ties_come_from_the_largest_down_with_their_places_in_order() {
        for count in [0, 1, 2, 100, SMALL, 5000] {
            let values = values(count);
            let mut places: Vec<usize> = (0..count).collect();
            places.sort_by(|&a, &b| (values[b] + 0.0).total_cmp(&(values[a] + 0.0)));
            let mut scratch = SortScratch::default();
            let mut told: Vec<usize> = Vec::new();
            for_each_tie(&values, &mut scratch, |larger, tied| {
                assert_eq!(larger, told.len());
                let ties = values.iter().filter(|value| **value == values[tied[0]]);
                assert_eq!(tied.len(), ties.count());
                told.extend(tied);
            });
            assert_eq!(told, places, "{count}");
        }
    }

    #[test]
    fn sorted_values_have_their_places() {
        for count in [0, 1, 100, SMALL, 5000] {
            let values = values(count);
            let (mut scratch, mut sorted) = (SortScratch::default(), Vec::new());
            let place = |place: usize| Some(place as u32);
            sort_placed(&values, place, &mut scratch, &mut sorted);
            assert!(sorted.is_sorted_by(|a, b| a.value <= b.value), "{count}");
            let mut places: Vec<u32> = sorted.iter().filter_map(|one| one.position).collect();
            let is_at =
                |one: &Placed, place: u32| values[place as usize].to_bits() == one.value.to_bits();
            let stands = |one: &Placed| one.position.is_some_and(|place| is_at(one, place));
            assert!(sorted.iter().all(stands));
            places.sort_unstable();
            assert!(places.into_iter().eq(0..count as u32), "{count}");
        }
    }
}
