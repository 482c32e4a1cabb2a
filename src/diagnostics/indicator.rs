//! Products of 0/1 chains by counting bits, 64 draws at a time.

use super::moments::dot_here;
use fearless_simd::{Level, dispatch};

const WORD: usize = 64;

/// Chains of equal length that hold nothing but 0 and 1.
#[derive(Default)]
pub(super) struct Indicators {
    /// Each chain from its lowest bit on, and a word of zeros after it.
    words: Vec<u64>,
    words_per_chain: usize,
    chain_len: usize,
}

impl Indicators {
    /// Takes chains if they are indicators; whether they are.
    pub(super) fn load(&mut self, chains: &[f64], chain_len: usize) -> bool {
        if !chains.iter().all(|&x| x == 0.0 || x == 1.0) {
            return false;
        }
        self.chain_len = chain_len;
        self.words_per_chain = chain_len.div_ceil(WORD) + 1;
        self.words.clear();
        for chain in chains.chunks_exact(chain_len) {
            self.words.extend(chain.chunks(WORD).map(pack));
            self.words.push(0);
        }
        true
    }

    /// Mean of each chain.
    pub(super) fn means(&self) -> impl Iterator<Item = f64> {
        let chains = self.words.chunks_exact(self.words_per_chain.max(1));
        chains.map(|chain| ones(chain, self.chain_len) / self.chain_len as f64)
    }

    /// Σ (x_t - mean)(x_{t + lag} - mean) within chains, added up over chains.
    pub(super) fn sum_at(&self, lag: usize) -> f64 {
        // Where the processor has an instruction that counts bits, it is used.
        dispatch!(Level::new(), _ => self.sum_here(lag))
    }

    #[inline(always)]
    fn sum_here(&self, lag: usize) -> f64 {
        let n = self.chain_len as f64;
        let overlap = self.chain_len - lag.min(self.chain_len);
        let sum = |chain: &[u64]| {
            let all = ones(chain, self.chain_len);
            let mean = all / n;
            let early = ones(chain, overlap);
            let late = all - ones(chain, lag);
            both(chain, lag) - mean * (early + late) + overlap as f64 * mean * mean
        };
        let chains = self.words.chunks_exact(self.words_per_chain.max(1));
        chains.map(sum).sum()
    }
}

/// Bit k from value k: as a sum of powers of two, exact and without waiting for each other.
fn pack(values: &[f64]) -> u64 {
    let (low, high) = values.split_at(values.len().min(WORD / 2));
    dot_here(low, &POWERS) as u64 | (dot_here(high, &POWERS) as u64) << (WORD / 2)
}

/// 2^k at k.
const POWERS: [f64; WORD / 2] = {
    let mut powers = [1.0; WORD / 2];
    let mut k = 1;
    while k < powers.len() {
        powers[k] = 2.0 * powers[k - 1];
        k += 1;
    }
    powers
};

/// Ones among the first `len` draws.
#[inline(always)]
fn ones(chain: &[u64], len: usize) -> f64 {
    let (whole, rest) = chain.split_at((len / WORD).min(chain.len()));
    let last = rest
        .first()
        .map_or(0, |word| word & ((1 << (len % WORD)) - 1));
    let count: u32 = whole.iter().map(|word| word.count_ones()).sum();
    f64::from(count + last.count_ones())
}

/// Draws that are 1 now and `lag` later.
#[inline(always)]
fn both(chain: &[u64], lag: usize) -> f64 {
    let (words, bits) = (lag / WORD, lag % WORD);
    let Some(later) = chain.get(words..) else {
        return 0.0;
    };
    let count: u32 = later
        .windows(2)
        .zip(chain)
        // Shifted in two steps: by 64 at once is not defined.
        .map(|(pair, now)| now & (pair[0] >> bits | pair[1] << 1 << (WORD - 1 - bits)))
        .map(u64::count_ones)
        .sum();
    f64::from(count)
}
