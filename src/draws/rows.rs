//! The draws of a file in the order in which they were drawn, chain by chain.

use super::{DrawsSource, StoredDraws};
use crate::Error;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt32Type};
use arrow_array::{Array, RecordBatch};

impl StoredDraws {
    /// Gives every draw to `take`, with the number of its chain: a value per column of the draws.
    pub(super) fn for_each_row(
        &self,
        mut take: impl FnMut(usize, &[f64]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let draws = self.draws_per_chain();
        let mut row = vec![0.0; self.columns().len()];
        let mut done = 0;
        for batch in self.batches(self.file_columns(&(0..row.len())))? {
            let batch = batch.map_err(|error| self.wrong(format!("is damaged: {error}")))?;
            let values = Values::of(&batch)
                .filter(|values| values.has_width(row.len()) && values.are_in_order(done, draws))
                .filter(|_| done + batch.num_rows() <= self.rows())
                .ok_or_else(|| self.other_rows())?;
            for i in 0..batch.num_rows() {
                values.fill(&mut row, i);
                take(done / draws, &row)?;
                done += 1;
            }
        }
        self.check_rows(done)
    }
}

/// The columns of a batch.
pub(super) struct Values<'a> {
    chain: &'a [u32],
    draw: &'a [u32],
    pub single: Vec<&'a [f64]>,
    /// The items of all lists, and how many a list has.
    pub lists: Option<(&'a [f64], usize)>,
}

impl<'a> Values<'a> {
    /// `None` if the columns are not those of draws, or hold nulls.
    pub fn of(batch: &'a RecordBatch) -> Option<Self> {
        let columns = batch.columns();
        if columns.iter().any(|column| column.null_count() > 0) {
            return None;
        }
        let indices = |i: usize| columns.get(i)?.as_primitive_opt::<UInt32Type>();
        let last = columns.get(2..)?.last();
        let lists = match last.and_then(|column| column.as_fixed_size_list_opt()) {
            None => None,
            Some(lists) => {
                let items = lists.values().as_primitive_opt::<Float64Type>()?;
                let size = usize::try_from(lists.value_length()).ok()?;
                Some((&**items.values(), size))
            }
        };
        let singles = columns.len() - usize::from(lists.is_some());
        let single = columns.get(2..singles)?.iter();
        let single =
            single.map(|column| Some(&**column.as_primitive_opt::<Float64Type>()?.values()));
        Some(Self {
            chain: indices(0)?.values(),
            draw: indices(1)?.values(),
            single: single.collect::<Option<_>>()?,
            lists,
        })
    }

    /// Whether its rows are draws in their order, the first of them row `first` of chains of `draws`.
    pub fn are_in_order(&self, first: usize, draws: usize) -> bool {
        (first..)
            .zip(self.chain.iter().zip(self.draw))
            .all(|(row, (&c, &d))| row / draws == c as usize && row % draws == d as usize)
    }

    /// Whether a row has so many values.
    fn has_width(&self, width: usize) -> bool {
        let (items, size) = self.lists.unwrap_or((&[], 0));
        self.single.len() + size == width && items.len() == self.chain.len() * size
    }

    fn fill(&self, row: &mut [f64], i: usize) {
        for (slot, values) in row.iter_mut().zip(&self.single) {
            *slot = values[i];
        }
        if let Some((items, size)) = self.lists {
            row[self.single.len()..].copy_from_slice(&items[i * size..(i + 1) * size]);
        }
    }
}
