//! The columns of a long table: each row an FK and a score, and a task where there are several.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch};

use super::columnar::{column_of, floats_of};
use super::fault::Fault;
use super::format::Format;
use super::keys::Keys;
use super::number;
use super::part::Part;
use super::problem::InputProblem;

/// Rows of a batch that are read first, and times as many each time after.
const FEW: usize = 1 << 10;
const GROWTH: usize = 4;

/// Reads batches of rows into a part.
pub(super) struct LongRows<'a> {
    format: Format,
    names: &'a [String],
    task: Option<usize>,
    fk: usize,
    score: usize,
    known: Option<Known>,
}

/// A dictionary of FKs, and the numbers of those of its values that were met.
struct Known {
    values: ArrayRef,
    numbers: Vec<Option<u32>>,
}

impl<'a> LongRows<'a> {
    pub(super) fn new(
        format: Format,
        names: &'a [String],
        (task, fk, score): (Option<usize>, usize, usize),
    ) -> Self {
        Self {
            format,
            names,
            task,
            fk,
            score,
            known: None,
        }
    }

    /// Adds the rows of a batch up to a fault, a few first: once all keys are known the others are added at once.
    pub(super) fn read(&mut self, batch: &RecordBatch, part: &mut Part) {
        let (mut read, mut size) = (0, FEW);
        while read < batch.num_rows() && part.fault.is_none() {
            let some = batch.slice(read, size.min(batch.num_rows() - read));
            part.fault = self.read_rows(&some, part).err();
            part.lines += some.num_rows() as u64;
            part.rows += some.num_rows() as u64;
            read += some.num_rows();
            size *= GROWTH;
        }
    }

    fn read_rows(&mut self, batch: &RecordBatch, part: &mut Part) -> Result<(), Fault> {
        let column = |column| column_of(batch, column, self.format);
        let (fks, scores) = (column(self.fk)?, column(self.score)?);
        let tasks = self.task.map(column).transpose()?;
        let scores = floats_of(&scores, self.format)?;
        if let (Some(scores), None) = (&scores, &tasks)
            && self.read_known(&fks, scores, part)
        {
            return Ok(());
        }
        let tasks = tasks.map(|tasks| Keys::new(&tasks, self.format));
        let tasks = tasks.transpose()?;
        let keys = Keys::new(&fks, self.format)?;
        let first = part.lines + 1;
        for (row, line) in (0..fks.len()).zip(first..) {
            let task = self.task(tasks.as_ref(), row, line, part)?;
            let fk = keys.name(row).ok_or(InputProblem::BlankFk);
            let fk = fk.and_then(|name| part.members.fk(name, line));
            let fk = fk.map_err(|e| self.fault(e, line, self.fk))?;
            let score = scores.as_ref().filter(|scores| scores.is_valid(row));
            let score = score.map(|scores| scores.value(row));
            let score = score
                .ok_or(InputProblem::Blank)
                .and_then(number::check_score);
            let score = score.map_err(|e| {
                let fault = self.fault(e, line, self.score);
                fault.fk(part.members.name(fk))
            })?;
            let member = task.map_or(fk, |task| part.members.pair(task, fk, line));
            part.numbers.push(member);
            part.scores.push(score);
        }
        if tasks.is_none() {
            self.learn(&fks, part);
        }
        Ok(())
    }

    /// The number of a row's task, where there are tasks.
    fn task(
        &self,
        tasks: Option<&Keys>,
        row: usize,
        line: u64,
        part: &mut Part,
    ) -> Result<Option<u32>, Fault> {
        let (Some(tasks), Some(column)) = (tasks, self.task) else {
            return Ok(None);
        };
        let task = tasks.name(row).ok_or(InputProblem::BlankTask);
        let task = task.and_then(|name| part.members.task(name));
        task.map(Some).map_err(|e| self.fault(e, line, column))
    }

    fn fault(&self, problem: InputProblem, line: u64, column: usize) -> Fault {
        let name = self.names.get(column).map_or("", |name| name);
        Fault::from(problem).line(line).column(name)
    }

    /// Adds the rows of a batch, at once, if all its keys are known and all its scores are sound; false
    /// if they must be looked at one by one.
    fn read_known(&self, fks: &ArrayRef, scores: &Float64Array, part: &mut Part) -> bool {
        let (Some(keys), Some(known)) = (fks.as_dictionary_opt::<Int32Type>(), &self.known) else {
            return false;
        };
        let sound = scores.values().iter();
        let sound = sound.fold(true, |sound, score| sound & number::is_score(*score));
        let nulls = keys.keys().null_count() + scores.null_count();
        if !sound || nulls > 0 || !Arc::ptr_eq(&known.values, keys.values()) {
            return false;
        }
        let above = part.numbers.len();
        let mut all = true;
        part.numbers.extend(keys.keys().values().iter().map(|&key| {
            let number = known.numbers.get(key as usize).copied().flatten();
            all &= number.is_some();
            number.unwrap_or_default()
        }));
        if all {
            part.scores.extend_from_slice(scores.values());
        } else {
            part.numbers.truncate(above);
        }
        all
    }

    /// Learns the numbers of a dictionary's values from the rows of a batch that were just added.
    fn learn(&mut self, fks: &ArrayRef, part: &Part) {
        let Some(keys) = fks.as_dictionary_opt::<Int32Type>() else {
            return;
        };
        let values = keys.values();
        let known = self.known.take().filter(|k| Arc::ptr_eq(&k.values, values));
        let mut known = known.unwrap_or_else(|| Known {
            values: values.clone(),
            numbers: vec![None; values.len()],
        });
        let above = part.numbers.len().saturating_sub(fks.len());
        let added = part.numbers.get(above..).unwrap_or_default();
        for (&key, &number) in keys.keys().values().iter().zip(added) {
            if let Some(place) = known.numbers.get_mut(key as usize) {
                *place = Some(number);
            }
        }
        self.known = Some(known);
    }
}
