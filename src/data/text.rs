//! Scores from delimited text.

use std::io::{BufRead, BufReader, Read};

use super::aggregated::Aggregated;
use super::collect::Collector;
use super::csv::Records;
use super::fault::Fault;
use super::layout::{Layout, Meaning};
use super::number;
use super::problem::{InputProblem, clip};
use super::read::ReadOptions;

/// Large enough that reading from a pipe costs next to nothing.
const BUFFER: usize = 1 << 18;

/// Reads a text to its end.
pub(super) fn read(
    input: impl Read,
    options: &ReadOptions,
    out: &mut Collector,
) -> Result<(), Fault> {
    let mut records = Records::new(BufReader::with_capacity(BUFFER, input));
    let known = if options.wide { "" } else { &options.fk_column };
    if !records.header(known)? {
        return Err(InputProblem::EmptyFile.into());
    }
    let header_line = records.line();
    let names = names(&records).map_err(|problem| Fault::from(problem).line(header_line))?;
    let meaning = Meaning::detect(&names, options).map_err(|fault| fault.line(header_line))?;
    let mut table = Table {
        records,
        names: &names,
        task: meaning.task,
    };
    match meaning.layout {
        Layout::Long { fk, score } => table.long(fk, score, out),
        Layout::Wide => table.wide(out),
        Layout::Stats(columns) => {
            let mut rows = Aggregated::new(columns, &names, "line");
            table.each_row(out, |line, records, out| {
                rows.row(line, |i| records.field(i), out)
            })
        }
    }
}

fn names<R: BufRead>(header: &Records<R>) -> Result<Vec<String>, InputProblem> {
    let name = |i| {
        let bytes = header.field(i);
        match std::str::from_utf8(bytes) {
            Ok(name) if name.contains('\0') => Err(InputProblem::NotText),
            Ok(name) if name.contains('\r') => Err(InputProblem::LoneCarriageReturn),
            Ok(name) => Ok(name.to_owned()),
            Err(_) => Err(InputProblem::NotUtf8 {
                text: clip(&String::from_utf8_lossy(bytes)),
            }),
        }
    };
    (0..header.len()).map(name).collect()
}

/// The rows below a header.
struct Table<'a, R> {
    records: Records<R>,
    names: &'a [String],
    /// The column that tells tasks apart.
    task: Option<usize>,
}

impl<R: BufRead> Table<'_, R> {
    /// Hands every row to `take`, once its number of fields is right and `out` knows its task.
    fn each_row(
        &mut self,
        out: &mut Collector,
        mut take: impl FnMut(u64, &Records<R>, &mut Collector) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let expected = self.names.len();
        let mut rows = 0_u64;
        while self.records.advance()? {
            let (line, found) = (self.records.line(), self.records.len());
            if found != expected {
                return Err(Fault::from(InputProblem::Fields { found, expected }).line(line));
            }
            if let Some(task) = self.task {
                out.enter(self.records.field(task)).map_err(|e| {
                    let column = self.names.get(task).map_or("", |name| name);
                    Fault::from(e).line(line).column(column)
                })?;
            }
            take(line, &self.records, out)?;
            rows += 1;
        }
        if rows == 0 {
            return Err(InputProblem::NoRows.into());
        }
        Ok(())
    }

    fn long(&mut self, fk: usize, score: usize, out: &mut Collector) -> Result<(), Fault> {
        let names = self.names;
        let at = |problem: InputProblem, line, column: usize| {
            Fault::from(problem)
                .line(line)
                .column(names.get(column).map_or("", |n| n.as_str()))
        };
        self.each_row(out, |line, row, out| {
            let slot = out.slot(row.field(fk)).map_err(|e| at(e, line, fk))?;
            let value = number::score(row.field(score))
                .map_err(|e| at(e, line, score).fk(out.name(slot)))?;
            out.observe_at(slot, value)
                .map_err(|e| Fault::from(e).line(line).fk(out.name(slot)))
        })
    }

    fn wide(&mut self, out: &mut Collector) -> Result<(), Fault> {
        let (names, task) = (self.names, self.task);
        let is_fk = |(column, _): &(usize, &String)| Some(*column) != task;
        let columns: Vec<(usize, &String)> = (0..).zip(names).filter(is_fk).collect();
        let slots_of = |out: &mut Collector| -> Result<Vec<usize>, InputProblem> {
            let slots = columns.iter().map(|(_, name)| out.slot(name.as_bytes()));
            slots.collect()
        };
        // Without tasks every row has the same.
        let mut slots = match task {
            Some(_) => Vec::new(),
            None => slots_of(out)?,
        };
        self.each_row(out, |line, row, out| {
            if task.is_some() {
                slots = slots_of(out)?;
            }
            for ((column, name), &slot) in columns.iter().zip(&slots) {
                let cell = row.field(*column);
                if number::is_blank(cell) {
                    continue;
                }
                number::score(cell)
                    .and_then(|score| out.observe_at(slot, score))
                    .map_err(|e| Fault::from(e).line(line).column(name))?;
            }
            Ok(())
        })
    }
}
