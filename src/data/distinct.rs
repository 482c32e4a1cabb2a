//! Aggregated scores where no FK was seen before: each row is an FK, and whether some are the same is looked at when
//! many are there, by all threads.

use super::aggregated::fault;
use super::collect::Collector;
use super::fault::Fault;
use super::name::Name;
use super::names::{NameHash, NameIndex};
use super::problem::InputProblem;
use super::stated::Stated;
use super::{FkStats, Sample};

/// The rows of a table, by number.
pub(super) struct Distinct<'a> {
    fk_column: usize,
    columns: &'a [String],
    names: Vec<Name>,
    samples: Vec<Sample>,
    hashes: Vec<u32>,
    /// Where each stands.
    lines: Vec<u64>,
    hash_of: NameHash,
    /// Rows at which it is looked whether some are the same.
    next_look: usize,
}

/// Times as many rows are read before it is looked again whether some are the same: what stands twice is told long
/// before the end of a long table, and to look costs little more than once.
const MORE: usize = 16;

impl<'a> Distinct<'a> {
    /// Of a table with these columns, in one of which FKs are named.
    pub(super) fn new(fk_column: usize, columns: &'a [String], hash_of: NameHash) -> Self {
        Self {
            fk_column,
            columns,
            names: Vec::new(),
            samples: Vec::new(),
            hashes: Vec::new(),
            lines: Vec::new(),
            hash_of,
            next_look: 1,
        }
    }

    /// How names are hashed.
    pub(super) fn hash_of(&self) -> NameHash {
        self.hash_of.clone()
    }

    /// Makes room for so many rows: room that is not needed is not touched.
    pub(super) fn make_room(&mut self, rows: usize) {
        self.names.reserve(rows);
        self.samples.reserve(rows);
        self.hashes.reserve(rows);
        self.lines.reserve(rows);
    }

    /// Takes rows, above which there are `before` lines; of a row whose numbers are wrong the name is taken, which
    /// may be wrong first.
    pub(super) fn take(&mut self, stated: Stated, before: u64) -> Result<(), Fault> {
        // Of the last rows it is looked in the end.
        self.look()?;
        stated.each(|row| {
            let line = before + row.line;
            let at_line = |wrong| fault(self.columns, line, wrong);
            let (fk, sample) = row.stated.map_err(at_line)?;
            let name = fk.name();
            let sample = sample.map_err(|wrong| at_line(wrong).fk(&name));
            let nothing = Sample::Scores(FkStats::default());
            self.names.push(name);
            self.samples.push(*sample.as_ref().unwrap_or(&nothing));
            self.hashes.push(fk.hash());
            self.lines.push(line);
            sample.map(|_| ())
        })
    }

    /// Looks whether some are the same, where there are many more than the last time.
    fn look(&mut self) -> Result<(), Fault> {
        if self.names.len() < self.next_look {
            return Ok(());
        }
        self.next_look = MORE * self.names.len();
        self.told_apart().map(|_| ())
    }

    /// The place of each name, if no two are the same.
    fn told_apart(&self) -> Result<NameIndex, Fault> {
        let text = |number: u32| self.names.get(number as usize).map_or("", Name::as_str);
        let index = NameIndex::of_hashed(self.hash_of.clone(), &self.hashes, text);
        index.map_err(|second| self.twice(second))
    }

    /// Hands the FKs on; of what is wrong with rows and what stood twice among them the latter came first.
    pub(super) fn finish(self, out: &mut Collector) -> Result<(), Fault> {
        let index = self.told_apart()?;
        out.adopt(self.names, index, self.samples);
        Ok(())
    }

    fn twice(&self, second: usize) -> Fault {
        let name = self.names.get(second).map_or("", Name::as_str);
        let first = self.names.iter().position(|other| other == name);
        let line = |number: usize| self.lines.get(number).copied().unwrap_or_default();
        let problem = InputProblem::DuplicateFk {
            first: format!("line {}", first.map_or(0, line)),
        };
        fault(self.columns, line(second), (self.fk_column, problem)).fk(name)
    }
}
