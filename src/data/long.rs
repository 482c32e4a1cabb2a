//! The columns of a long table: each row an FK and a score.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef, Float64Array, LargeStringArray};
use arrow_schema::DataType;

use super::columnar::{converted, texts_of};
use super::fault::Fault;
use super::format::Format;
use super::number;
use super::part::Part;
use super::problem::InputProblem;

/// Reads batches of rows into a part.
pub(super) struct LongRows<'a> {
    pub(super) fk: &'a str,
    pub(super) score: &'a str,
    pub(super) format: Format,
    dictionary: Option<Dictionary>,
}

/// The names that keys stand for.
struct Dictionary {
    values: ArrayRef,
    texts: LargeStringArray,
    /// The number of each value once it is met: values that no row uses are no FKs.
    numbers: Vec<Option<u32>>,
}

/// The FKs of one batch.
enum Keys {
    Texts(LargeStringArray),
    Dictionary { keys: Vec<usize>, array: ArrayRef },
}

impl<'a> LongRows<'a> {
    pub(super) fn new(fk: &'a str, score: &'a str, format: Format) -> Self {
        Self {
            fk,
            score,
            format,
            dictionary: None,
        }
    }

    /// Adds the rows of a batch; the rows above a fault are there all the same.
    pub(super) fn read(&mut self, fks: &ArrayRef, scores: &ArrayRef, part: &mut Part) {
        let rows = fks.len() as u64;
        part.fault = self.read_rows(fks, scores, part).err();
        part.lines += rows;
        part.rows += rows;
    }

    fn read_rows(
        &mut self,
        fks: &ArrayRef,
        scores: &ArrayRef,
        part: &mut Part,
    ) -> Result<(), Fault> {
        let first = part.lines + 1;
        if scores.data_type() == &DataType::Null && !scores.is_empty() {
            let keys = self.keys(fks)?;
            let number = self.number(&keys, 0, first, part)?;
            return Err(self.wrong(InputProblem::Blank, first, number, part));
        }
        let scores = converted(scores, &DataType::Float64, self.format)?;
        let scores = scores.as_primitive::<Float64Type>();
        if self.read_known(fks, scores, part) {
            return Ok(());
        }
        let keys = self.keys(fks)?;
        part.fks.reserve(scores.len());
        part.scores.reserve(scores.len());
        for ((row, &score), line) in (0..).zip(scores.values()).zip(first..) {
            let number = self.number(&keys, row, line, part)?;
            if scores.is_null(row) {
                return Err(self.wrong(InputProblem::Blank, line, number, part));
            }
            let score =
                number::check_score(score).map_err(|e| self.wrong(e, line, number, part))?;
            part.fks.push(number);
            part.scores.push(score);
        }
        Ok(())
    }

    /// Adds the rows of a batch, at once, if all its keys are known and all its scores are sound; false
    /// if they must be looked at one by one.
    fn read_known(&self, fks: &ArrayRef, scores: &Float64Array, part: &mut Part) -> bool {
        let (Some(keys), Some(names)) = (fks.as_dictionary_opt::<Int32Type>(), &self.dictionary)
        else {
            return false;
        };
        let sound = scores.values().iter();
        let sound = sound.fold(true, |sound, score| sound & number::is_score(*score));
        let nulls = keys.keys().null_count() + scores.null_count();
        if !sound || nulls > 0 || !names.are_of(keys.values()) {
            return false;
        }
        let above = part.fks.len();
        let mut known = true;
        part.fks.extend(keys.keys().values().iter().map(|&key| {
            let number = names.numbers.get(key as usize).copied().flatten();
            known &= number.is_some();
            number.unwrap_or_default()
        }));
        if known {
            part.scores.extend_from_slice(scores.values());
        } else {
            part.fks.truncate(above);
        }
        known
    }

    fn keys(&mut self, array: &ArrayRef) -> Result<Keys, Fault> {
        let Some(dictionary) = array.as_any_dictionary_opt() else {
            return Ok(Keys::Texts(texts_of(array, self.format)?));
        };
        let values = dictionary.values();
        if !self
            .dictionary
            .as_ref()
            .is_some_and(|held| held.are_of(values))
        {
            self.dictionary = Some(Dictionary {
                values: values.clone(),
                texts: texts_of(values, self.format)?,
                numbers: vec![None; values.len()],
            });
        }
        // Of an empty dictionary all keys are null; arrow would panic on it.
        let keys = if values.is_empty() {
            Vec::new()
        } else {
            dictionary.normalized_keys()
        };
        let array = array.clone();
        Ok(Keys::Dictionary { keys, array })
    }

    #[inline]
    fn number(
        &mut self,
        keys: &Keys,
        row: usize,
        line: u64,
        part: &mut Part,
    ) -> Result<u32, Fault> {
        let number = match (keys, &mut self.dictionary) {
            (Keys::Texts(texts), _) if texts.is_valid(row) => {
                part.names.number(texts.value(row).as_bytes(), line)
            }
            (Keys::Dictionary { keys, array }, Some(names)) if array.is_valid(row) => {
                names.number(keys.get(row).copied().unwrap_or_default(), line, part)
            }
            _ => Err(InputProblem::BlankFk),
        };
        number.map_err(|problem| Fault::from(problem).line(line).column(self.fk))
    }

    fn wrong(&self, problem: InputProblem, line: u64, number: u32, part: &Part) -> Fault {
        let fault = Fault::from(problem).line(line).column(self.score);
        fault.fk(part.names.name(number))
    }
}

impl Dictionary {
    /// Whether these values are its own.
    fn are_of(&self, values: &ArrayRef) -> bool {
        Arc::ptr_eq(&self.values, values)
    }

    #[inline]
    fn number(&mut self, key: usize, line: u64, part: &mut Part) -> Result<u32, InputProblem> {
        match self.numbers.get_mut(key) {
            Some(Some(number)) => Ok(*number),
            Some(unknown) if self.texts.is_valid(key) => {
                let number = part.names.number(self.texts.value(key).as_bytes(), line)?;
                *unknown = Some(number);
                Ok(number)
            }
            _ => Err(InputProblem::BlankFk),
        }
    }
}
