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
    pub(super) members: Members,
    /// Slots of those of them that were taken before.
    pub(super) slots: Vec<usize>,
    /// Number of the FK of each score.
    pub(super) numbers: Vec<u32>,
    /// The scores, checked.
    pub(super) scores: Vec<f64>,
    /// Lines of the text, or rows of the table, that the stretch has.
    pub(super) lines: u64,
    /// Rows of the table among them.
    pub(super) rows: u64,
    /// What ended the stretch early, with a line counted from its beginning.
    pub(super) fault: Option<Fault>,
}

/// The FKs of a part, each within its task where there are tasks, in the order in which they are first
/// seen.
#[derive(Debug, Default)]
pub(super) struct Members {
    fks: Seen,
    tasks: Seen,
    /// Where there are tasks: numbers of task and FK, and the line where they are first together.
    pairs: Vec<(u32, u32, u64)>,
    numbers: HashMap<(u32, u32), u32, ahash::RandomState>,
}

impl Members {
    /// The number of an FK, which is that of a member where there are no tasks.
    #[inline]
    pub(super) fn fk(&mut self, name: &[u8], line: u64) -> Result<u32, InputProblem> {
        self.fks.number(name, line, || InputProblem::BlankFk)
    }

    /// The number of a task.
    pub(super) fn task(&mut self, name: &[u8], line: u64) -> Result<u32, InputProblem> {
        self.tasks.number(name, line, || InputProblem::BlankTask)
    }

    /// The number of an FK within a task.
    pub(super) fn pair(&mut self, task: u32, fk: u32, line: u64) -> u32 {
        let next = self.pairs.len() as u32;
        let number = *self.numbers.entry((task, fk)).or_insert(next);
        if number == next {
            self.pairs.push((task, fk, line));
        }
        number
    }

    /// The name of an FK.
    pub(super) fn name(&self, fk: u32) -> &str {
        self.fks.list.get(fk as usize).map_or("", |(name, _)| name)
    }

    /// Task and FK of a member, and the line where it stands first.
    pub(super) fn get(&self, number: usize) -> Option<(Option<&str>, &str, u64)> {
        if self.tasks.list.is_empty() {
            let (name, line) = self.fks.list.get(number)?;
            return Some((None, name, *line));
        }
        let &(task, fk, line) = self.pairs.get(number)?;
        let (task, _) = self.tasks.list.get(task as usize)?;
        Some((Some(task), self.name(fk), line))
    }
}

/// Names in the order in which they are first seen, with the line where that was.
#[derive(Debug)]
struct Seen {
    list: Vec<(String, u64)>,
    numbers: HashMap<Vec<u8>, u32, ahash::RandomState>,
    /// Numbers of names met lately, by [`place`]: most rows need no more than a look here.
    lately: [u32; LATELY],
}

const LATELY: usize = 256;

impl Default for Seen {
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

impl Seen {
    /// The number of a name, which is a new one if the name was not seen before; `blank` is what is
    /// wrong with a name that is none.
    #[inline]
    fn number(
        &mut self,
        name: &[u8],
        line: u64,
        blank: fn() -> InputProblem,
    ) -> Result<u32, InputProblem> {
        let place = place(name);
        if let Some(&number) = self.lately.get(place)
            && let Some((known, _)) = self.list.get(number as usize)
            && known.as_bytes() == name
        {
            return Ok(number);
        }
        let number = match self.numbers.get(name) {
            Some(number) => *number,
            None => self.add(name, line, blank)?,
        };
        if let Some(lately) = self.lately.get_mut(place) {
            *lately = number;
        }
        Ok(number)
    }

    fn add(
        &mut self,
        name: &[u8],
        line: u64,
        blank: fn() -> InputProblem,
    ) -> Result<u32, InputProblem> {
        let text = checked(name, blank())?;
        let number = self.list.len() as u32;
        self.list.push((text.to_owned(), line));
        self.numbers.insert(name.to_vec(), number);
        Ok(number)
    }
}

/// A name that an FK or a task may have; `blank` is what is wrong with one that is none.
pub(super) fn checked(name: &[u8], blank: InputProblem) -> Result<&str, InputProblem> {
    let not_utf8 = |_| InputProblem::NotUtf8 {
        text: clip(&String::from_utf8_lossy(name)),
    };
    let text = std::str::from_utf8(name).map_err(not_utf8)?;
    if text.trim().is_empty() {
        return Err(blank);
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
