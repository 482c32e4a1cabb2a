//! The draws of a file in the order in which they were drawn, chain by chain.

use super::{DrawsFile, DrawsSource, Layout};
use crate::Error;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt32Type};
use arrow_array::{Array, RecordBatch};

impl DrawsFile {
    /// Gives every draw to `take`, with the number of its chain: a value per column of the draws.
    ///
    /// # Errors
    /// If the file is damaged, or `take` fails.
    pub fn for_each_row(
        &self,
        mut take: impl FnMut(usize, &[f64]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let settings = &self.metadata().sampler;
        let (chains, draws) = (settings.chains as usize, settings.draws as usize);
        let mut row = vec![0.0; self.columns().len()];
        let mut done = 0;
        for batch in self.batches(self.file_columns(&(0..row.len())))? {
            let batch = batch.map_err(|error| self.wrong(format!("is damaged: {error}")))?;
            let values = Values::of(&batch, self.layout())
                .filter(|values| values.are_rows(row.len(), done, draws))
                .filter(|_| done + batch.num_rows() <= chains * draws)
                .ok_or_else(|| self.wrong("is damaged: rows are not those of its metadata"))?;
            for i in 0..batch.num_rows() {
                values.fill(&mut row, i);
                take(done / draws, &row)?;
                done += 1;
            }
        }
        if done == chains * draws {
            return Ok(());
        }
        Err(self.wrong(format!(
            "is damaged: it holds {done} rows, its metadata say {}",
            chains * draws
        )))
    }
}

/// The columns of a batch.
struct Values<'a> {
    chain: &'a [u32],
    draw: &'a [u32],
    single: Vec<&'a [f64]>,
    /// The items of all lists, and how many a list has.
    lists: Option<(&'a [f64], usize)>,
}

impl<'a> Values<'a> {
    fn of(batch: &'a RecordBatch, layout: Layout) -> Option<Self> {
        let columns = batch.columns();
        if columns.iter().any(|column| column.null_count() > 0) {
            return None;
        }
        let singles = columns.len() - usize::from(layout == Layout::List);
        let single = columns.get(2..singles)?.iter();
        let single = single.map(|column| Some(column.as_primitive_opt::<Float64Type>()?.values()));
        let lists = match layout {
            Layout::Wide => None,
            Layout::List => {
                let lists = columns.last()?.as_fixed_size_list_opt()?;
                let items = lists.values().as_primitive_opt::<Float64Type>()?;
                Some((
                    &**items.values(),
                    usize::try_from(lists.value_length()).ok()?,
                ))
            }
        };
        Some(Self {
            chain: columns.first()?.as_primitive_opt::<UInt32Type>()?.values(),
            draw: columns.get(1)?.as_primitive_opt::<UInt32Type>()?.values(),
            single: single
                .map(|values| values.map(|values| &**values))
                .collect::<Option<_>>()?,
            lists,
        })
    }

    /// Whether they are rows of so many values, the first of them row `first` of chains of `draws`.
    fn are_rows(&self, width: usize, first: usize, draws: usize) -> bool {
        let rows = self.chain.len();
        let (items, size) = self.lists.unwrap_or((&[], 0));
        let in_order = (first..)
            .zip(self.chain.iter().zip(self.draw))
            .all(|(row, (&c, &d))| row / draws == c as usize && row % draws == d as usize);
        in_order && self.single.len() + size == width && items.len() == rows * size
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
