//! A stretch of an input that is read by itself, and what joins it to the rest.

use std::collections::HashMap;

use super::fault::Fault;
use super::problem::{InputProblem, clip};

/// Scores of a stretch of rows, by the stretch's own numbers of FKs.
///
/// Stretches are read side by side and taken one after the other, so that all that depends on order
/// (which FK came first, how scores are summed, which fault is told) is as if they were one.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// The FKs of a table that names them row by row.
    pub(super) names: Names,
    /// Slots of those of them that were taken before.
    pub(super) slots: Vec<usize>,
    /// Number of the FK of each score.
    pub(super) fks: Vec<u32>,
    /// The scores, checked.
    pub(super) scores: Vec<f64>,
    /// Lines of the text, or rows of the table, that the stretch has.
    pub(super) lines: u64,
    /// Rows of the table among them.
    pub(super) rows: u64,
    /// What ended the stretch early, with a line counted from its beginning.
    pub(super) fault: Option<Fault>,
}

/// FK names in the order in which they are first seen, with the line where that was.
#[derive(Debug)]
pub(super) struct Names {
    list: Vec<(String, u64)>,
    numbers: HashMap<Vec<u8>, u32, ahash::RandomState>,
    /// Numbers of names met lately, by [`place`]: most rows need no more than a look here.
    lately: [u32; LATELY],
}

const LATELY: usize = 256;

impl Default for Names {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            numbers: HashMap::default(),
            lately: [0; LATELY],
        }
    }
}

/// Where a name stands among those met lately.
fn place(name: &[u8]) -> usize {
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let first = word(name.first_chunk());
    let last = word(name.last_chunk());
    let short = name
        .first()
        .zip(name.last())
        .map_or(0, |(first, last)| u64::from(*first) << 8 | u64::from(*last));
    // Multiplied by the golden ratio's digits, the upper bits depend on all (Knuth, 6.4).
    let mixed = (first ^ last.rotate_left(23) ^ short ^ name.len() as u64)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 56) as usize
}

impl Names {
    /// The number of an FK, which is a new one if the FK was not seen before.
    #[inline]
    pub(super) fn number(&mut self, name: &[u8], line: u64) -> Result<u32, InputProblem> {
        let place = place(name);
        if let Some(&number) = self.lately.get(place)
            && let Some((known, _)) = self.list.get(number as usize)
            && known.as_bytes() == name
        {
            return Ok(number);
        }
        let number = match self.numbers.get(name) {
            Some(number) => *number,
            None => self.add(name, line)?,
        };
        if let Some(lately) = self.lately.get_mut(place) {
            *lately = number;
        }
        Ok(number)
    }

    fn add(&mut self, name: &[u8], line: u64) -> Result<u32, InputProblem> {
        let text = checked(name)?;
        let number = self.list.len() as u32;
        self.list.push((text.to_owned(), line));
        self.numbers.insert(name.to_vec(), number);
        Ok(number)
    }

    /// The name with this number.
    pub(super) fn name(&self, number: u32) -> &str {
        self.list.get(number as usize).map_or("", |(name, _)| name)
    }

    /// The names from this number on, with the lines where they stand first.
    pub(super) fn from(&self, number: usize) -> impl Iterator<Item = (&str, u64)> {
        let rest = self.list.get(number..).unwrap_or_default();
        rest.iter().map(|(name, line)| (name.as_str(), *line))
    }
}

/// A name that an FK may have.
pub(super) fn checked(name: &[u8]) -> Result<&str, InputProblem> {
    let not_utf8 = |_| InputProblem::NotUtf8 {
        text: clip(&String::from_utf8_lossy(name)),
    };
    let text = std::str::from_utf8(name).map_err(not_utf8)?;
    if text.trim().is_empty() {
        return Err(InputProblem::BlankFk);
    }
    if text.len() > LONGEST_NAME {
        return Err(InputProblem::NameTooLong {
            start: clip(text),
            limit: LONGEST_NAME,
        });
    }
    Ok(text)
}

/// Longest name of an FK, in bytes: names are held in memory, and stand in every table.
pub(super) const LONGEST_NAME: usize = 1 << 12;
