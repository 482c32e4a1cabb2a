//! Scores from delimited text.

use std::io::Read;

use memchr::memchr_iter;

use super::aggregated::Aggregated;
use super::blocks::{Block, Blocks, LONGEST};
use super::collect::Collector;
use super::csv::{Records, delimiter};
use super::distinct::Distinct;
use super::fault::Fault;
use super::layout::{Layout, Meaning, StatsColumns};
use super::limits;
use super::names::NameHash;
use super::number;
use super::part::Part;
use super::problem::{InputProblem, clip};
use super::read::ReadOptions;
use super::side_by_side::in_order;
use super::source::unreadable;
use super::stated::Stated;
use crate::Error;

/// Blocks in flight for each thread: enough that threads seldom wait for the slowest of a wave.
const PER_THREAD: usize = 8;

/// Reads a text, of so many bytes where that is known, to its end; the outer error is one that the text is not to
/// blame for.
pub(super) fn read(
    length: Option<u64>,
    input: impl Read + Send,
    options: &ReadOptions,
    out: &mut Collector,
) -> Result<Result<(), Fault>, Error> {
    let mut blocks = Blocks::new(input);
    let (table, first) = match Table::open(&mut blocks, options) {
        Ok(opened) => opened,
        Err(fault) => return Ok(Err(fault)),
    };
    let mut first = Some(first);
    let next = || match first.take() {
        Some(first) => Ok(Some(first)),
        None => blocks.next().map_err(unreadable),
    };
    let mut above = Above {
        rows: 0,
        lines: table.lines,
    };
    let read = match table.layout {
        Layout::Long { fk, score } => in_order(
            options.threads,
            PER_THREAD,
            next,
            |block| table.long(&block, fk, score),
            |mut part| {
                let before = above.add(&part);
                out.take(&mut part, before)
            },
        ),
        Layout::Wide if table.task.is_some() => table.wide_by_task(next, &mut above, out),
        Layout::Wide => {
            let slots = match table.slots(out) {
                Ok(slots) => slots,
                Err(fault) => return Ok(Err(fault)),
            };
            in_order(
                options.threads,
                PER_THREAD,
                next,
                |block| table.wide(&block),
                |part| {
                    let before = above.add(&part);
                    out.take_columns(&slots, part, before)
                },
            )
        }
        Layout::Stats(columns) if out.is_new() => {
            let mut rows = Distinct::new(columns.fk, &table.names, out.hash_of_names());
            let (hash_of, mut length) = (rows.hash_of(), length);
            let read = table.stats(
                options.threads,
                next,
                (&columns, hash_of),
                |part, stated| {
                    let before = above.add(&part);
                    // The first block tells how many rows there are, about.
                    if let Some(length) = length.take() {
                        rows.make_room(stated.rows_in(length));
                    }
                    rows.take(stated, before)?;
                    part.fault.map_or(Ok(()), |fault| Err(fault.below(before)))
                },
            )?;
            Ok(rows.finish(out).and(read))
        }
        Layout::Stats(columns) => {
            let mut aggregated = Aggregated::new(columns, &table.names, "line");
            let hash_of = out.hash_of_names();
            table.stats(
                options.threads,
                next,
                (&columns, hash_of),
                |part, stated| {
                    let before = above.add(&part);
                    table
                        .take_stats(stated, before, &mut aggregated, out)
                        .and(part.fault.map_or(Ok(()), Err))
                        .map_err(|fault| fault.below(before))
                },
            )
        }
    };
    Ok(read?.and_then(|()| match above.rows {
        0 => Err(InputProblem::NoRows.into()),
        _ => Ok(()),
    }))
}

/// How much of a text stands above what comes next.
struct Above {
    rows: u64,
    lines: u64,
}

impl Above {
    /// Goes on below a part; gives the lines above it.
    fn add(&mut self, part: &Part) -> u64 {
        let before = self.lines;
        self.rows += part.rows;
        self.lines += part.lines;
        before
    }
}

/// What the header says of the rows below it.
struct Table {
    delimiter: u8,
    names: Vec<String>,
    /// The column that tells tasks apart.
    task: Option<usize>,
    layout: Layout,
    /// Lines down to the header.
    lines: u64,
}

impl Table {
    /// Reads the header; gives the first block, which goes on after it.
    fn open<R: Read>(
        blocks: &mut Blocks<R>,
        options: &ReadOptions,
    ) -> Result<(Self, Block), Fault> {
        let Some(mut first) = blocks.next().map_err(unreadable)? else {
            return Err(InputProblem::EmptyFile.into());
        };
        let known = if options.wide { "" } else { &options.fk_column };
        let delimiter = delimiter(&first.bytes, known);
        let mut records = Records::new(&first.bytes, delimiter, limits::TEXT_COLUMNS);
        if !records.advance()? {
            return Err(InputProblem::EmptyFile.into());
        }
        let line = records.line();
        if first.cut && records.position() >= first.bytes.len() {
            return Err(too_long(line));
        }
        limits::text_columns(records.len()).map_err(|e| Fault::from(e).line(line))?;
        let names = names(&records).map_err(|problem| Fault::from(problem).line(line))?;
        let Meaning { task, layout } =
            Meaning::detect(&names, options).map_err(|fault| fault.line(line))?;
        let table = Self {
            delimiter,
            names,
            task,
            layout,
            lines: records.lines(),
        };
        first.start = records.position();
        Ok((table, first))
    }

    fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("", |name| name)
    }

    /// Hands every row of a block to `take`, once its number of fields is right.
    fn each_row(
        &self,
        block: &Block,
        mut take: impl FnMut(u64, &Records, &mut Part) -> Result<(), Fault>,
    ) -> Part {
        let mut records = Records::new(block.records(), self.delimiter, self.names.len());
        let mut part = Part::default();
        let mut read = || -> Result<(), Fault> {
            while records.advance()? {
                let (line, found) = (records.line(), records.len());
                let expected = self.names.len();
                if block.cut && records.position() >= block.records().len() {
                    return Err(too_long(line));
                }
                if found != expected {
                    return Err(Fault::from(InputProblem::Fields { found, expected }).line(line));
                }
                take(line, &records, &mut part)?;
                part.rows += 1;
            }
            Ok(())
        };
        part.fault = read().err();
        part.lines = records.lines();
        part
    }

    fn long(&self, block: &Block, fk: usize, score: usize) -> Part {
        self.each_row(block, |line, row, part| {
            let at = |problem, column| Fault::from(problem).line(line).column(self.name(column));
            let task = self.task.map(|task| {
                let number = part.members.task(row.field(task));
                number.map_err(|e| at(e, task))
            });
            let task = task.transpose()?;
            let fk_number = part.members.fk(row.field(fk), line);
            let fk_number = fk_number.map_err(|e| at(e, fk))?;
            let value = number::score(row.field(score));
            let value = value.map_err(|e| at(e, score).fk(part.members.name(fk_number)))?;
            let member = task.map_or(fk_number, |task| part.members.pair(task, fk_number, line));
            part.numbers.push(member);
            part.scores.push(value);
            Ok(())
        })
    }

    /// The slots of the FKs that are columns of a wide table.
    fn slots(&self, out: &mut Collector) -> Result<Vec<usize>, Fault> {
        let slot = |name: &String| out.slot(name.as_bytes()).map_err(Fault::from);
        self.names.iter().map(slot).collect()
    }

    fn wide(&self, block: &Block) -> Part {
        self.each_row(block, |line, row, part| {
            for (column, name) in (0..).zip(&self.names) {
                let cell = row.field(column as usize);
                if number::is_blank(cell) {
                    continue;
                }
                let value = number::score(cell);
                let value = value.map_err(|e| Fault::from(e).line(line).column(name))?;
                part.numbers.push(column);
                part.scores.push(value);
            }
            Ok(())
        })
    }

    /// Hands what the blocks state to `take`, in order.
    fn stats(
        &self,
        threads: usize,
        next: impl FnMut() -> Result<Option<Block>, Fault> + Send,
        (columns, hash_of): (&StatsColumns, NameHash),
        mut take: impl FnMut(Part, Stated) -> Result<(), Fault> + Send,
    ) -> Result<Result<(), Fault>, Error> {
        in_order(
            threads,
            PER_THREAD,
            next,
            |block| self.stated(&block, columns, hash_of.clone()),
            |(part, stated)| take(part, stated),
        )
    }

    fn stated(&self, block: &Block, columns: &StatsColumns, hash_of: NameHash) -> (Part, Stated) {
        let records = block.records();
        let lines = memchr_iter(b'\n', records).count() + 1;
        let mut stated = Stated::with_room(records.len(), lines, hash_of);
        let part = self.each_row(block, |line, row, _| {
            stated.push(line, self.task, columns, |i| row.field(i));
            Ok(())
        });
        (part, stated)
    }

    /// Takes rows of aggregated scores, above which there are `before` lines.
    fn take_stats(
        &self,
        stated: Stated,
        before: u64,
        aggregated: &mut Aggregated<'_>,
        out: &mut Collector,
    ) -> Result<(), Fault> {
        stated.each(|row| {
            self.enter(row.line, row.task, out)?;
            let stated = row.stated;
            let (fk, sample) = stated.map_err(|wrong| aggregated.fault(row.line, wrong))?;
            aggregated.take(row.line, before, (fk.slot(out), sample), out)
        })
    }

    /// A wide table each of whose rows belongs to a task: the same column is another FK in each.
    fn wide_by_task(
        &self,
        next: impl FnMut() -> Result<Option<Block>, Fault>,
        above: &mut Above,
        out: &mut Collector,
    ) -> Result<Result<(), Fault>, Error> {
        Ok(self.in_turn(next, above, |line, row| {
            self.enter(line, self.task.map_or(&[], |task| row.field(task)), out)?;
            let columns = (0..).zip(&self.names);
            for (column, name) in columns.filter(|(column, _)| Some(*column) != self.task) {
                let wrong = |problem| Fault::from(problem).line(line).column(name);
                let slot = out.slot(name.as_bytes()).map_err(wrong)?;
                let cell = row.field(column);
                if !number::is_blank(cell) {
                    let score = number::score(cell).map_err(wrong)?;
                    out.observe_at(slot, score).map_err(wrong)?;
                }
            }
            Ok(())
        }))
    }

    /// Hands row after row to `take`, with its line in its block.
    fn in_turn(
        &self,
        mut next: impl FnMut() -> Result<Option<Block>, Fault>,
        above: &mut Above,
        mut take: impl FnMut(u64, &Records) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        while let Some(block) = next()? {
            let before = above.lines;
            let part = self.each_row(&block, |line, row, _| take(line, row));
            above.add(&part);
            if let Some(fault) = part.fault {
                return Err(fault.below(before));
            }
        }
        Ok(())
    }

    /// Announces the task of a row, where there are tasks.
    fn enter(&self, line: u64, task: &[u8], out: &mut Collector) -> Result<(), Fault> {
        let Some(column) = self.task else {
            return Ok(());
        };
        out.enter(task)
            .map_err(|e| Fault::from(e).line(line).column(self.name(column)))
    }
}

fn names(header: &Records) -> Result<Vec<String>, InputProblem> {
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

fn too_long(line: u64) -> Fault {
    let limit = LONGEST as u64;
    Fault::from(InputProblem::LineTooLong { limit }).line(line)
}
