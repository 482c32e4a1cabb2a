//! Scores from record batches, whichever format they came in.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, Float64Array, LargeStringArray, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, Schema};

use super::aggregated::Aggregated;
use super::collect::Collector;
use super::fault::Fault;
use super::format::Format;
use super::keys::Keys;
use super::layout::{Layout, Meaning};
use super::long::LongRows;
use super::number;
use super::part::Part;
use super::problem::InputProblem;
use super::read::ReadOptions;

/// Schema metadata that only a draws file has.
const DRAWS_KEY: &str = "fkbayes";

/// The columns of a columnar input.
pub(super) struct Columns {
    format: Format,
    names: Vec<String>,
    /// The column that tells tasks apart.
    task: Option<usize>,
    layout: Layout,
}

impl Columns {
    /// Settles what the columns mean, and that their types can hold it.
    pub(super) fn new(
        schema: &Schema,
        format: Format,
        options: &ReadOptions,
    ) -> Result<Self, Fault> {
        if schema.metadata().contains_key(DRAWS_KEY) {
            return Err(InputProblem::DrawsFile.into());
        }
        let names: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
        let Meaning { task, layout } = Meaning::detect(&names, options)?;
        let columns = Self {
            format,
            task,
            layout,
            names,
        };
        columns.check_types(schema)?;
        Ok(columns)
    }

    /// The columns that are needed, in file order.
    pub(super) fn needed(&self) -> Vec<usize> {
        let mut needed = match self.layout {
            Layout::Long { fk, score } => vec![fk, score],
            Layout::Wide => (0..self.names.len()).collect(),
            Layout::Stats(c) => [Some(c.fk), c.n, Some(c.mean), Some(c.spread)]
                .into_iter()
                .flatten()
                .collect(),
        };
        needed.extend(self.task);
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    /// The same columns where only the needed ones are left, with this schema.
    pub(super) fn projected(&self, schema: &Schema) -> Self {
        let names = schema.fields().iter().map(|f| f.name().clone()).collect();
        let needed = self.needed();
        let moved = |column: usize| needed.iter().position(|n| *n == column).unwrap_or(column);
        Self {
            format: self.format,
            names,
            task: self.task.map(moved),
            layout: self.layout.moved(moved),
        }
    }

    /// A reader of the rows of a long table; none for other tables.
    pub(super) fn long(&self) -> Option<LongRows<'_>> {
        let Layout::Long { fk, score } = self.layout else {
            return None;
        };
        Some(LongRows::new(
            self.format,
            &self.names,
            (self.task, fk, score),
        ))
    }

    /// Position of the FKs of a long table.
    pub(super) fn long_fk(&self) -> Option<usize> {
        match self.layout {
            Layout::Long { fk, .. } => Some(fk),
            _ => None,
        }
    }

    /// A reader of this table's batches, in order.
    pub(super) fn rows<'a>(&'a self, out: &'a mut Collector) -> Rows<'a> {
        let aggregated = match self.layout {
            Layout::Stats(columns) => Some(Aggregated::new(columns, &self.names, "row")),
            _ => None,
        };
        Rows {
            columns: self,
            out,
            aggregated,
            long: self.long(),
            part: Part::default(),
            read: 0,
        }
    }

    fn check_types(&self, schema: &Schema) -> Result<(), Fault> {
        let fk = match self.layout {
            Layout::Long { fk, .. } => Some(fk),
            Layout::Stats(columns) => Some(columns.fk),
            Layout::Wide => None,
        };
        for column in self.needed() {
            let field = schema.field(column);
            let (fits, expected) = if Some(column) == fk || Some(column) == self.task {
                (
                    is_name(field.data_type()),
                    "text, a dictionary of texts, or integers",
                )
            } else {
                (is_number(field.data_type()), "integers, floats or decimals")
            };
            if !fits {
                let found = field.data_type().to_string();
                let problem = InputProblem::WrongType { found, expected };
                return Err(Fault::from(problem).column(field.name()));
            }
        }
        Ok(())
    }

    fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("", |name| name)
    }
}

/// Takes record batches one after the other.
pub(super) struct Rows<'a> {
    columns: &'a Columns,
    out: &'a mut Collector,
    aggregated: Option<Aggregated<'a>>,
    long: Option<LongRows<'a>>,
    part: Part,
    /// Rows of the batches before this one.
    read: u64,
}

impl Rows<'_> {
    /// Takes one batch.
    pub(super) fn take(&mut self, batch: &RecordBatch) -> Result<(), Fault> {
        match self.columns.layout {
            Layout::Long { .. } => self.long(batch)?,
            Layout::Wide => self.wide(batch)?,
            Layout::Stats(_) => self.stats(batch)?,
        }
        self.read += batch.num_rows() as u64;
        Ok(())
    }

    /// Rows taken so far.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Ends the table, which must have had rows.
    pub(super) fn finish(self) -> Result<(), Fault> {
        if self.read == 0 {
            return Err(InputProblem::NoRows.into());
        }
        Ok(())
    }

    fn long(&mut self, batch: &RecordBatch) -> Result<(), Fault> {
        if let Some(long) = &mut self.long {
            self.part.lines = 0;
            long.read(batch, &mut self.part);
        }
        self.out.take(&mut self.part, self.read)
    }

    fn wide(&mut self, batch: &RecordBatch) -> Result<(), Fault> {
        let tasks = self.tasks(batch)?;
        let columns = self.columns;
        let named = columns.names.iter().enumerate();
        for (column, name) in named.filter(|(column, _)| Some(*column) != columns.task) {
            let slot_here = |out: &mut Collector| {
                let slot = out.slot(name.as_bytes());
                slot.map_err(|e| Fault::from(e).column(name))
            };
            let mut slot = match tasks {
                Some(_) => 0,
                None => slot_here(self.out)?,
            };
            let scores = self.floats(batch, column)?;
            if scores.is_none() && tasks.is_none() {
                continue;
            }
            for (row, line) in (0..batch.num_rows()).zip(self.read + 1..) {
                if let Some(tasks) = &tasks {
                    self.enter(tasks, row, line)?;
                    slot = slot_here(self.out)?;
                }
                let Some(score) = scores.as_ref().and_then(|scores| value(scores, row)) else {
                    continue;
                };
                number::check_score(score)
                    .and_then(|score| self.out.observe_at(slot, score))
                    .map_err(|e| Fault::from(e).line(line).column(name))?;
            }
        }
        Ok(())
    }

    /// The column that tells tasks apart, where there is one.
    fn tasks(&self, batch: &RecordBatch) -> Result<Option<Keys>, Fault> {
        let keys = |task| Keys::new(&self.column(batch, task)?, self.columns.format);
        self.columns.task.map(keys).transpose()
    }

    /// A row of another task, or of the same.
    fn enter(&mut self, tasks: &Keys, row: usize, line: u64) -> Result<(), Fault> {
        let name = tasks.name(row).ok_or(InputProblem::BlankTask);
        name.and_then(|name| self.out.enter(name)).map_err(|e| {
            let column = self.columns.task.map_or("", |task| self.columns.name(task));
            Fault::from(e).line(line).column(column)
        })
    }

    /// Aggregated scores are few: they go through the same words as those of a text.
    fn stats(&mut self, batch: &RecordBatch) -> Result<(), Fault> {
        let needed = self.columns.needed();
        let mut texts: Vec<Option<LargeStringArray>> = vec![None; self.columns.names.len()];
        for column in needed {
            let array = texts_of(&self.column(batch, column)?, self.columns.format)?;
            if let Some(place) = texts.get_mut(column) {
                *place = Some(array);
            }
        }
        let tasks = self.tasks(batch)?;
        for (row, line) in (0..batch.num_rows()).zip(self.read + 1..) {
            let cell = |column: usize| match texts.get(column) {
                Some(Some(texts)) if texts.is_valid(row) => texts.value(row).as_bytes(),
                _ => &[],
            };
            if let Some(tasks) = &tasks {
                self.enter(tasks, row, line)?;
            }
            if let Some(aggregated) = &mut self.aggregated {
                aggregated.row(line, 0, cell, self.out)?;
            }
        }
        Ok(())
    }

    fn column(&self, batch: &RecordBatch, column: usize) -> Result<ArrayRef, Fault> {
        column_of(batch, column, self.columns.format)
    }

    fn floats(&self, batch: &RecordBatch, column: usize) -> Result<Option<Float64Array>, Fault> {
        floats_of(&self.column(batch, column)?, self.columns.format)
    }
}

/// The numbers of a column; none where it holds nothing but nulls.
pub(super) fn floats_of(array: &ArrayRef, format: Format) -> Result<Option<Float64Array>, Fault> {
    if array.data_type().is_null() {
        return Ok(None);
    }
    let array = converted(array, &DataType::Float64, format)?;
    Ok(Some(array.as_primitive::<Float64Type>().clone()))
}

/// A column of a batch, which a damaged file may lack.
pub(super) fn column_of(
    batch: &RecordBatch,
    column: usize,
    format: Format,
) -> Result<ArrayRef, Fault> {
    batch.columns().get(column).cloned().ok_or_else(|| {
        let detail = format!("column {} is not in every batch", column + 1);
        Fault::damaged(format, detail)
    })
}

fn value(array: &Float64Array, row: usize) -> Option<f64> {
    array.is_valid(row).then(|| array.value(row))
}

pub(super) fn texts_of(array: &ArrayRef, format: Format) -> Result<LargeStringArray, Fault> {
    Ok(converted(array, &DataType::LargeUtf8, format)?
        .as_string::<i64>()
        .clone())
}

fn converted(array: &ArrayRef, to: &DataType, format: Format) -> Result<ArrayRef, Fault> {
    cast(array, to).map_err(|e| Fault::damaged(format, e.to_string()))
}

fn is_name(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_name(values),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        other => other.is_integer(),
    }
}

fn is_number(data_type: &DataType) -> bool {
    // A column of nulls alone has no type of its own.
    data_type.is_numeric() || data_type.is_null()
}
