//! Draws held in memory.

use super::{Columns, DrawsSource};
use crate::Error;
use crate::sampler::ChainSink;
use ndarray::{Array3, ArrayView2, Axis, Slice};
use std::ops::Range;

/// Draws of all parameters, as (parameter × chain × draw).
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    columns: Columns,
    values: Array3<f64>,
}

/// Collects the draws of one chain.
#[derive(Debug, Clone, Default)]
pub struct MemorySink {
    rows: Vec<f64>,
}

impl MemorySink {
    /// With room for so many values, if it can be had: they need not be moved as they become more.
    #[must_use]
    pub fn with_room(values: usize) -> Self {
        let mut rows = Vec::new();
        // Where it cannot be had at once it may be had bit by bit.
        let _ = rows.try_reserve_exact(values);
        Self { rows }
    }
}

impl ChainSink for MemorySink {
    fn record(&mut self, row: &[f64]) -> Result<(), Error> {
        self.rows.extend_from_slice(row);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

impl Draws {
    /// The draws of finished chains of equal length, one sink per chain.
    #[must_use]
    pub fn from_sinks(columns: Columns, sinks: &[MemorySink]) -> Self {
        let width = columns.len();
        let draws = sinks.first().map_or(0, |sink| sink.rows.len() / width);
        let values = Array3::from_shape_fn((width, sinks.len(), draws), |(p, chain, draw)| {
            sinks[chain].rows[draw * width + p]
        });
        Self { columns, values }
    }

    /// The draws of one parameter by its name, as (chain × draw).
    ///
    /// ```
    /// # use fkbayes::fit::Fitter;
    /// # use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
    /// # fn main() -> Result<(), fkbayes::Error> {
    /// # let fks = [("a", 0.3), ("b", -0.1)].map(|(name, mean)| ForeignKey {
    /// #     name: name.into(),
    /// #     sample: Sample::Scores(FkStats::from_summary(20, mean, 1.0)),
    /// # });
    /// # let (_, draws) = Fitter::default().fit_in_memory(&Data::new(fks.into())?)?;
    /// assert_eq!(draws.get("sigma2_fk").map(|chains| chains.dim()), Some((4, 2500)));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<ArrayView2<'_, f64>> {
        let p = self.columns.names().iter().position(|n| n == name)?;
        Some(self.values.index_axis(Axis(0), p))
    }
}

impl DrawsSource for Draws {
    fn columns(&self) -> &Columns {
        &self.columns
    }

    fn block(&self, parameters: Range<usize>) -> Result<Array3<f64>, Error> {
        Ok(self
            .values
            .slice_axis(Axis(0), Slice::from(parameters))
            .to_owned())
    }
}
