//! Aggregated scores where no FK was seen before: each row is an FK, and which of them are the same is looked at
//! once all are there, by all threads.

use super::aggregated::Wrong;
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
}

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
        }
    }

    /// How names are hashed.
    pub(super) fn hash_of(&self) -> NameHash {
        self.hash_of.clone()
    }

    /// Makes room for so many rows: room that is not needed is not touched.
    pub(super) fn expect(&mut self, rows: usize) {
        self.names.reserve(rows);
        self.samples.reserve(rows);
        self.hashes.reserve(rows);
        self.lines.reserve(rows);
    }

    /// Takes rows, above which there are `before` lines; of a row whose numbers are wrong the name is taken, which
    /// may be wrong first.
    pub(super) fn take(&mut self, stated: Stated, before: u64) -> Result<(), Fault> {
        stated.each(|row| {
            let Some(fk) = &row.fk else {
                let wrong = row.sample.err();
                return wrong.map_or(Ok(()), |wrong| Err(self.fault(before + row.line, wrong)));
            };
            let name = fk.name();
            let line = before + row.line;
            let (sample, fault) = match row.sample {
                Ok(sample) => (sample, None),
                Err(wrong) => (
                    Sample::Scores(FkStats::default()),
                    Some(self.fault(line, wrong).fk(&name)),
                ),
            };
            self.names.push(name);
            self.samples.push(sample);
            self.hashes.push(fk.hash());
            self.lines.push(line);
            fault.map_or(Ok(()), Err)
        })
    }

    /// Hands the FKs on; of what is wrong with rows and what stood twice among them the latter came first.
    pub(super) fn finish(self, out: &mut Collector) -> Result<(), Fault> {
        let text = |number: u32| self.names.get(number as usize).map_or("", Name::as_str);
        match NameIndex::of_hashed(self.hash_of.clone(), &self.hashes, text) {
            Ok(index) => out.adopt(self.names, index, self.samples),
            Err(second) => return Err(self.twice(second)),
        }
        Ok(())
    }

    fn twice(&self, second: usize) -> Fault {
        let name = self.names.get(second).map_or("", Name::as_str);
        let first = self.names.iter().position(|other| other == name);
        let line = |number: usize| self.lines.get(number).copied().unwrap_or_default();
        let problem = InputProblem::DuplicateFk {
            first: format!("line {}", first.map_or(0, line)),
        };
        self.fault(line(second), (self.fk_column, problem)).fk(name)
    }

    fn fault(&self, line: u64, (column, problem): Wrong) -> Fault {
        let column = self.columns.get(column).map_or("", String::as_str);
        Fault::from(problem).line(line).column(column)
    }
}
