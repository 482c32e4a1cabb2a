//! What chains carry on, as bytes from which they can be brought back.

use super::slice::Slice;
use super::state::{Generator, State};
use crate::Error;
use serde::{Deserialize, Serialize};

/// Version of the bytes; it changes with their layout.
const VERSION: u8 = 1;
/// Bytes of the checksum at the end.
const CHECKSUM: usize = 4;

/// Everything that one chain carries from sweep to sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ChainSnapshot {
    pub sweeps: u64,
    pub rng: Generator,
    pub state: State,
    /// The adaptation of the kernel.
    pub slices: Vec<Slice>,
}

/// Chains at the end of a round: going on from here gives the bits that going on without a break
/// would have given.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    pub(super) chains: Vec<ChainSnapshot>,
}

impl Snapshot {
    /// As bytes, with a version in front and a checksum behind.
    ///
    /// # Errors
    /// If memory for them cannot be had.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = postcard::to_extend(&self.chains, vec![VERSION])
            .map_err(|error| Error::Internal(format!("cannot save the chains: {error}")))?;
        let sum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        Ok(bytes)
    }

    /// The inverse of [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// What is wrong with the bytes, as the end of a sentence about them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let damaged = || "are damaged".to_owned();
        let end = bytes.len().checked_sub(CHECKSUM).ok_or_else(damaged)?;
        let (content, sum) = bytes.split_at(end);
        if crc32fast::hash(content).to_le_bytes() != sum {
            return Err(damaged());
        }
        match content.split_first() {
            Some((&VERSION, chains)) => postcard::from_bytes(chains)
                .map(|chains| Self { chains })
                .map_err(|_| damaged()),
            _ => Err("were saved by another version of fkbayes".into()),
        }
    }
}
