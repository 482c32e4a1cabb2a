//! One row of aggregated scores: from its cells to a [`Sample`].

use super::collect::Collector;
use super::fault::Fault;
use super::layout::{Spread, StatsColumns};
use super::number;
use super::problem::InputProblem;
use super::{FkStats, Sample};

/// Reads the rows of one table of aggregated scores.
pub(super) struct Aggregated<'a> {
    columns: StatsColumns,
    names: &'a [String],
    /// What a row is called: `line` in a text, `row` elsewhere.
    unit: &'static str,
    /// By slot, where the FK stood first; 0 where it was not met in this table.
    seen: Vec<u64>,
}

impl<'a> Aggregated<'a> {
    pub(super) fn new(columns: StatsColumns, names: &'a [String], unit: &'static str) -> Self {
        Self {
            columns,
            names,
            unit,
            seen: Vec::new(),
        }
    }

    /// Takes one row, whose cells are looked up by column; it stands `at` this line below `before`
    /// others, and faults are told by the former.
    pub(super) fn row<'c>(
        &mut self,
        at: u64,
        before: u64,
        cell: impl Fn(usize) -> &'c [u8],
        out: &mut Collector,
    ) -> Result<(), Fault> {
        let fk = self.columns.fk;
        let slot = out.slot(cell(fk));
        let slot = slot.map_err(|problem| self.fault(at, (fk, problem)))?;
        let sample = self.columns.sample(cell);
        self.take(at, before, (slot, sample), out)
    }

    /// What is wrong with a row as a whole.
    pub(super) fn fault(&self, at: u64, wrong: Wrong) -> Fault {
        fault(self.names, at, wrong)
    }

    /// The same for a row of which is known whose it is, and what it says.
    pub(super) fn take(
        &mut self,
        at: u64,
        before: u64,
        (slot, sample): (usize, Result<Sample, Wrong>),
        out: &mut Collector,
    ) -> Result<(), Fault> {
        let fk = self.columns.fk;
        if let Some(first) = self.seen.get(slot).filter(|first| **first > 0) {
            let first = format!("{} {first}", self.unit);
            let problem = InputProblem::DuplicateFk { first };
            return Err(self.fault(at, (fk, problem)).fk(out.name(slot)));
        }
        let sample = sample.map_err(|wrong| self.fault(at, wrong).fk(out.name(slot)))?;
        out.add(slot, sample)
            .map_err(|problem| Fault::from(problem).line(at).fk(out.name(slot)))?;
        if slot >= self.seen.len() {
            self.seen.resize(slot + 1, 0);
        }
        if let Some(first) = self.seen.get_mut(slot) {
            *first = before + at;
        }
        Ok(())
    }
}

/// The column of a row that is wrong, and why.
pub(super) type Wrong = (usize, InputProblem);

/// What is wrong with a row of a table that has these columns.
pub(super) fn fault(columns: &[String], line: u64, (column, problem): Wrong) -> Fault {
    let column = columns.get(column).map_or("", String::as_str);
    Fault::from(problem).line(line).column(column)
}

impl StatsColumns {
    /// What a row says, or the column that is wrong.
    pub(super) fn sample<'c>(&self, cell: impl Fn(usize) -> &'c [u8]) -> Result<Sample, Wrong> {
        let Self {
            n,
            mean,
            spread,
            kind,
            ..
        } = *self;
        let n = match n {
            // Beside a standard error the number of scores may be unknown.
            Some(column) if kind == Spread::Se && number::is_blank(cell(column)) => None,
            Some(column) => Some(number::count(cell(column)).map_err(|e| (column, e))?),
            None => None,
        };
        if n == Some(0) {
            nothing(cell(mean), 0).map_err(|e| (mean, e))?;
            nothing(cell(spread), 0).map_err(|e| (spread, e))?;
            return Ok(Sample::Scores(FkStats::default()));
        }
        let mean = number::score(cell(mean)).map_err(|e| (mean, e))?;
        let variance = match (kind, n) {
            (Spread::Se, n) => {
                let se = number::standard_error(cell(spread)).map_err(|e| (spread, e))?;
                return Ok(Sample::Estimate { n, mean, se });
            }
            (_, Some(1)) => nothing_but_zero(cell(spread), 1),
            (Spread::Sd, _) => number::sd(cell(spread)).map(|sd| sd * sd),
            (Spread::Var, _) => number::variance(cell(spread)),
        }
        .map_err(|e| (spread, e))?;
        // Sd and Var come with a count: the layout says so.
        Ok(Sample::Scores(FkStats::from_summary(
            n.unwrap_or_default(),
            mean,
            variance,
        )))
    }
}

/// An empty cell, as the mean of no scores must be.
fn nothing(text: &[u8], n: u64) -> Result<(), InputProblem> {
    if number::is_blank(text) {
        return Ok(());
    }
    let value = String::from_utf8_lossy(text.trim_ascii()).into_owned();
    Err(InputProblem::TooFewScores { value, n })
}

/// An empty cell or a 0, as the spread of one score may be.
fn nothing_but_zero(text: &[u8], n: u64) -> Result<f64, InputProblem> {
    match number::score(text) {
        Ok(0.0) => Ok(0.0),
        _ => nothing(text, n).map(|()| 0.0),
    }
}
