//! One stream of random numbers per (seed, cell, part of its work).

use super::grid::Cell;
use crate::sampler::Generator;
use rand::SeedableRng;

/// The stream of part `part` of a cell. It follows the cell's own numbers, not its place: a cell is
/// the same whatever else is in the grid, and whichever thread does it.
pub(super) fn stream(seed: u64, cell: &Cell, part: u64) -> Generator {
    let mut words = vec![seed, cell.k as u64, cell.lambda.to_bits(), part];
    words.extend(cell.n.numbers());
    let key = words.iter().fold(0, |key, word| mix(key ^ mix(*word)));
    Generator::seed_from_u64(key)
}

/// SplitMix64 (Steele, Lea & Flood 2014): a bijection that leaves no pattern of its input.
fn mix(word: u64) -> u64 {
    let mut z = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
