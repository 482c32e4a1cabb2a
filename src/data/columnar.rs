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
use super::layout::{Layout, Meaning};
use super::number;
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
    /// Rows of the batches before this one.
    read: u64,
}

impl Rows<'_> {
    /// Takes one batch.
    pub(super) fn take(&mut self, batch: &RecordBatch) -> Result<(), Fault> {
        match self.columns.layout {
            Layout::Long { fk, score } => self.long(batch, fk, score)?,
            Layout::Wide => self.wide(batch)?,
            Layout::Stats(_) => self.stats(batch)?,
        }
        self.read += batch.num_rows() as u64;
        Ok(())
    }

    /// Ends the table, which must have had rows.
    pub(super) fn finish(self) -> Result<(), Fault> {
        if self.read == 0 {
            return Err(InputProblem::NoRows.into());
        }
        Ok(())
    }

    fn long(&mut self, batch: &RecordBatch, fk: usize, score: usize) -> Result<(), Fault> {
        let mut keys = Keys::new(&self.column(batch, fk)?, self.columns.format)?;
        let tasks = self.tasks(batch)?;
        let scores = self.floats(batch, score)?;
        let columns = self.columns;
        for (row, line) in (0..batch.num_rows()).zip(self.read + 1..) {
            let slot = match &tasks {
                None => keys.slot(row, self.out),
                Some(tasks) => {
                    self.enter(tasks, row, line)?;
                    // The same FK has another slot in another task.
                    let name = keys.name(row).ok_or(InputProblem::BlankFk);
                    name.and_then(|name| self.out.slot(name))
                }
            };
            let slot = slot.map_err(|e| Fault::from(e).line(line).column(columns.name(fk)))?;
            let observed = value(&scores, row)
                .ok_or(InputProblem::Blank)
                .and_then(number::check_score)
                .map_err(|e| Fault::from(e).column(columns.name(score)))
                .and_then(|value| self.out.observe_at(slot, value).map_err(Fault::from));
            observed.map_err(|fault| fault.line(line).fk(self.out.name(slot)))?;
        }
        Ok(())
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
            for (row, line) in (0..batch.num_rows()).zip(self.read + 1..) {
                if let Some(tasks) = &tasks {
                    self.enter(tasks, row, line)?;
                    slot = slot_here(self.out)?;
                }
                let Some(score) = value(&scores, row) else {
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
                aggregated.row(line, cell, self.out)?;
            }
        }
        Ok(())
    }

    fn column(&self, batch: &RecordBatch, column: usize) -> Result<ArrayRef, Fault> {
        batch.columns().get(column).cloned().ok_or_else(|| {
            let detail = format!(
                "column '{}' is not in every batch",
                self.columns.name(column)
            );
            InputProblem::Damaged {
                format: self.columns.format,
                detail,
            }
            .into()
        })
    }

    fn floats(&self, batch: &RecordBatch, column: usize) -> Result<Float64Array, Fault> {
        let array = converted(
            &self.column(batch, column)?,
            &DataType::Float64,
            self.columns.format,
        )?;
        Ok(array.as_primitive::<Float64Type>().clone())
    }
}

/// A column of names of one batch, of FKs or of tasks.
enum Keys {
    Texts(LargeStringArray),
    Dictionary {
        keys: Vec<usize>,
        array: ArrayRef,
        values: LargeStringArray,
        /// The slot of each value once it is met: values that no row uses are no FKs.
        slots: Vec<Option<usize>>,
    },
}

impl Keys {
    fn new(array: &ArrayRef, format: Format) -> Result<Self, Fault> {
        let Some(dictionary) = array.as_any_dictionary_opt() else {
            return Ok(Self::Texts(texts_of(array, format)?));
        };
        let values = texts_of(dictionary.values(), format)?;
        // Of an empty dictionary all keys are null; arrow would panic on it.
        let keys = if values.is_empty() {
            Vec::new()
        } else {
            dictionary.normalized_keys()
        };
        let slots = vec![None; values.len()];
        Ok(Self::Dictionary {
            keys,
            array: array.clone(),
            values,
            slots,
        })
    }

    /// The name in a row, where there is one.
    fn name(&self, row: usize) -> Option<&[u8]> {
        match self {
            Self::Texts(texts) => texts.is_valid(row).then(|| texts.value(row).as_bytes()),
            Self::Dictionary {
                keys,
                array,
                values,
                ..
            } => {
                let key = *keys.get(row).filter(|_| array.is_valid(row))?;
                let known = key < values.len() && values.is_valid(key);
                known.then(|| values.value(key).as_bytes())
            }
        }
    }

    fn slot(&mut self, row: usize, out: &mut Collector) -> Result<usize, InputProblem> {
        match self {
            Self::Texts(texts) if texts.is_valid(row) => out.slot(texts.value(row).as_bytes()),
            Self::Dictionary {
                keys,
                array,
                values,
                slots,
            } if array.is_valid(row) => {
                let key = keys.get(row).copied().unwrap_or_default();
                match slots.get_mut(key) {
                    Some(Some(slot)) => Ok(*slot),
                    Some(unknown) if values.is_valid(key) => {
                        let slot = out.slot(values.value(key).as_bytes())?;
                        *unknown = Some(slot);
                        Ok(slot)
                    }
                    _ => Err(InputProblem::BlankFk),
                }
            }
            _ => Err(InputProblem::BlankFk),
        }
    }
}

fn value(array: &Float64Array, row: usize) -> Option<f64> {
    array.is_valid(row).then(|| array.value(row))
}

fn texts_of(array: &ArrayRef, format: Format) -> Result<LargeStringArray, Fault> {
    Ok(converted(array, &DataType::LargeUtf8, format)?
        .as_string::<i64>()
        .clone())
}

fn converted(array: &ArrayRef, to: &DataType, format: Format) -> Result<ArrayRef, Fault> {
    cast(array, to).map_err(|e| {
        InputProblem::Damaged {
            format,
            detail: e.to_string(),
        }
        .into()
    })
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
