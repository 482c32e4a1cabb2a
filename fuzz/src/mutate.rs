//! Files that are almost sound.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Numbers at which lengths and counts go wrong.
const NUMBERS: [u64; 14] = [
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    1 << 40,
    i64::MAX as u64,
    1 << 63,
    u64::MAX,
];

/// Pieces of text at which readers of text go wrong.
const TEXTS: [&str; 30] = [
    "\"",
    "\"\"",
    "\n",
    "\r",
    "\r\n",
    ",",
    "\t",
    ";",
    "\0",
    "\u{FEFF}",
    "NaN",
    "inf",
    "-inf",
    "1e400",
    "1e-400",
    "1e150",
    "-0",
    "9007199254740993",
    "fk",
    "score",
    "n",
    "se",
    "null",
    "{",
    "[",
    "[[[[[[[[",
    "{\"a\":",
    "=",
    "'''",
    "ig=1e308,1e-308",
];

/// Longest input.
const LONGEST: usize = 1 << 16;

pub struct Mutator {
    rng: Xoshiro256PlusPlus,
    seeds: Vec<Vec<u8>>,
}

impl Mutator {
    pub fn new(seed: u64, seeds: Vec<Vec<u8>>) -> Self {
        let rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self { rng, seeds }
    }

    /// A seed with one to eight mutations.
    pub fn next_input(&mut self) -> Vec<u8> {
        let mut input = self.seed();
        let most = 1 << self.rng.random_range(0..4);
        for _ in 0..most {
            self.mutate(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn seed(&mut self) -> Vec<u8> {
        let chosen = self.rng.random_range(0..self.seeds.len());
        self.seeds[chosen].clone()
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        if input.is_empty() {
            input.push(0);
        }
        let at = self.place(input.len());
        match self.rng.random_range(0..12) {
            0 | 1 => input[at] ^= 1 << self.rng.random_range(0..8),
            2 => input[at] = self.rng.random(),
            3 => input[at] = [0, 1, 0x7F, 0x80, 0xFF][self.rng.random_range(0..5)],
            4 | 5 => self.number(input, at),
            6 => input.truncate(at),
            7 => {
                let end = self.end(at, input.len());
                input.drain(at..end);
            }
            8 => {
                let end = self.end(at, input.len());
                let piece = input[at..end].to_vec();
                let times = 1 << self.rng.random_range(0..5);
                for _ in 0..times {
                    if input.len() < LONGEST {
                        input.splice(at..at, piece.iter().copied());
                    }
                }
            }
            9 => {
                let other = self.seed();
                let from = self.place(other.len());
                let end = self.end(from, other.len());
                let stop = self.end(at, input.len());
                input.splice(at..stop, other[from..end].iter().copied());
            }
            10 => {
                let text = TEXTS[self.rng.random_range(0..TEXTS.len())];
                let times = 1 << self.rng.random_range(0..3);
                input.splice(at..at, text.repeat(times).into_bytes());
            }
            _ => {
                let text = TEXTS[self.rng.random_range(0..TEXTS.len())].as_bytes();
                for (byte, new) in input[at..].iter_mut().zip(text) {
                    *byte = *new;
                }
            }
        }
    }

    /// A place in the input; the ends, where formats keep what matters, more often than the middle.
    fn place(&mut self, length: usize) -> usize {
        let near = length.min(64);
        match self.rng.random_range(0..4) {
            0 => self.rng.random_range(0..near.max(1)),
            1 => length - self.rng.random_range(1..=near.max(1)).min(length),
            2 if length > 600 => length - self.rng.random_range(1..=600),
            _ => self.rng.random_range(0..length.max(1)),
        }
    }

    fn end(&mut self, from: usize, length: usize) -> usize {
        let longest = 1 << self.rng.random_range(0..10);
        (from + self.rng.random_range(1..=longest)).min(length)
    }

    /// Overwrites a number of 1, 2, 4 or 8 bytes, or adds a little to it.
    fn number(&mut self, input: &mut [u8], at: usize) {
        let width = 1 << self.rng.random_range(0..4);
        let Some(bytes) = input.get_mut(at..at + width) else {
            return;
        };
        let mut old = [0; 8];
        old[..width].copy_from_slice(bytes);
        let new = match self.rng.random_range(0..3) {
            0 => u64::from_le_bytes(old).wrapping_add(self.rng.random_range(1..9)),
            1 => u64::from_le_bytes(old).wrapping_sub(self.rng.random_range(1..9)),
            _ => NUMBERS[self.rng.random_range(0..NUMBERS.len())],
        };
        bytes.copy_from_slice(&new.to_le_bytes()[..width]);
    }
}
