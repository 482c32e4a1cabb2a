//! One stream of random numbers per piece of work, known by a few whole numbers.

use super::state::Generator;
use rand::SeedableRng;

/// The generator of a key: the seed and whatever else sets the piece of work apart. It is the same
/// whichever thread asks, and in whichever order.
#[must_use]
pub fn keyed_stream(key: &[u64]) -> Generator {
    Generator::seed_from_u64(key.iter().fold(0, |seed, word| mix(seed ^ mix(*word))))
}

/// SplitMix64 (Steele, Lea & Flood 2014): a bijection that leaves no pattern of its input.
fn mix(word: u64) -> u64 {
    let mut z = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
