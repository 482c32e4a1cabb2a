//! One stream of random numbers per (seed, cell, part of its work).

use super::grid::Cell;
use crate::sampler::{Generator, keyed_stream};

/// The stream of part `part` of a cell. It follows the cell's own numbers, not its place: a cell is
/// the same whatever else is in the grid, and whichever thread does it.
pub(super) fn stream(seed: u64, cell: &Cell, part: u64) -> Generator {
    let mut key = vec![seed, cell.k as u64, cell.lambda.to_bits(), part];
    key.extend(cell.n.numbers());
    keyed_stream(&key)
}
