//! What was observed: the permutation scores of each foreign key, as sufficient statistics.
//!
//! [`read`] takes scores from files, in the layouts and formats that it finds there; [`Collector`]
//! takes them one at a time. Both give [`Data`], which holds what the model needs and no more; on
//! request they keep the [`Scores`] beside it. [`read_tasks`] reads several problems at once, one [`Data`]
//! for each value of a column.

mod aggregated;
mod arrow;
mod arrow_vetting;
mod blocks;
mod check;
mod collect;
mod columnar;
mod costs;
mod csv;
mod decoding;
mod distinct;
mod fault;
mod format;
mod keys;
mod layout;
mod limits;
mod long;
mod lz4;
mod name;
mod names;
mod number;
mod parquet;
mod parquet_long;
mod parquet_vetting;
mod part;
mod per_fk;
mod positioned;
mod problem;
mod read;
mod run;
mod scores;
mod side_by_side;
mod source;
mod stated;
mod stats;
mod tasks;
mod text;
mod thrift;
mod vetting;
mod write;

pub use collect::Collector;
pub use costs::read_costs;
pub(crate) use decoding::decoding_text;
pub use format::Format;
pub use layout::ColumnHint;
pub(crate) use limits::read_small;
pub use name::Name;
pub(crate) use number::is_score;
pub use per_fk::{Compact, PerFk, Rows};
pub(crate) use positioned::PositionedFile;
pub use problem::{ColumnNames, InputProblem};
pub use read::{ReadOptions, read, read_tasks, read_with_scores};
pub use scores::Scores;
pub use source::Source;
pub use stats::FkStats;
pub use tasks::Tasks;
pub(crate) use vetting::{footer_front, vet_arrow, vet_parquet};
pub use write::TableFormat;
pub(crate) use write::{TableWriter, csv_number, csv_text, with_metadata};

use crate::Error;
use fault::Fault;
use names::NameIndex;
use std::sync::Arc;

/// What is known of one foreign key's scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sample {
    /// Scores, aggregated; `n = 0` is legal.
    Scores(FkStats),
    /// An estimate with a known standard error, as a meta-analysis has it.
    Estimate {
        /// Number of scores behind the estimate, where it is known.
        n: Option<u64>,
        /// The estimate, in score units.
        mean: f64,
        /// Its standard error, in score units, positive.
        se: f64,
    },
}

impl Sample {
    /// Number of scores, where it is known.
    #[must_use]
    pub fn n(&self) -> Option<u64> {
        match self {
            Self::Scores(stats) => Some(stats.n()),
            Self::Estimate { n, .. } => *n,
        }
    }

    /// Mean score or estimate; none without scores.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        match self {
            Self::Scores(stats) => stats.mean(),
            Self::Estimate { mean, .. } => Some(*mean),
        }
    }
}

/// A foreign key and what was observed of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKey {
    /// The key's name, as the input spells it.
    pub name: Name,
    /// Its scores.
    pub sample: Sample,
}

/// The foreign keys of one prediction problem, in input order.
///
/// There is at least one; names are not blank and differ; numbers are finite and standard errors
/// positive; and where one FK has an [`Estimate`](Sample::Estimate), no other has scores.
#[derive(Debug, Clone)]
pub struct Data {
    fks: Arc<Vec<ForeignKey>>,
    index: Arc<NameIndex>,
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.fks == other.fks
    }
}

impl AsRef<str> for ForeignKey {
    fn as_ref(&self) -> &str {
        &self.name
    }
}

impl Data {
    /// Foreign keys in the order in which they are to be reported.
    ///
    /// ```
    /// use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
    /// let sample = Sample::Scores(FkStats::from_summary(3, 0.5, 0.01));
    /// let fk = ForeignKey { name: "orders.customer_id".into(), sample };
    /// assert!(Data::new(vec![fk.clone()]).is_ok());
    /// assert!(Data::new(vec![fk.clone(), fk]).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if one of the conditions above does not hold.
    pub fn new(fks: Vec<ForeignKey>) -> Result<Self, Error> {
        Self::of_shared(Arc::new(fks))
    }

    /// The same where others have them too.
    pub(crate) fn of_shared(fks: Arc<Vec<ForeignKey>>) -> Result<Self, Error> {
        let wrong = |fault: Fault| fault.in_file("scores".to_owned());
        let index = check::names(&fks).map_err(wrong)?;
        let samples = fks.iter().map(|fk| (fk.name.as_str(), fk.sample));
        check::samples(samples).map_err(wrong)?;
        Self::of_checked(fks, index)
    }

    /// Foreign keys that were told apart by their names, none of which is blank, and whose samples were checked.
    fn of_checked(fks: Arc<Vec<ForeignKey>>, index: NameIndex) -> Result<Self, Error> {
        check::some(&fks).map_err(|fault| fault.in_file("scores".to_owned()))?;
        Ok(Self {
            fks,
            index: Arc::new(index),
        })
    }

    /// Where the FK of a name stands in the input, from 0.
    ///
    /// ```
    /// # use fkbayes::data::Collector;
    /// let mut scores = Collector::default();
    /// scores.observe("orders.customer_id", 0.25)?;
    /// scores.observe("orders.store_id", 0.75)?;
    /// let data = scores.finish()?;
    /// assert_eq!(data.place("orders.store_id"), Some(1));
    /// assert_eq!(data.place("orders"), None);
    /// # Ok::<(), fkbayes::Error>(())
    /// ```
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        let text = |number: u32| self.fks.get(number as usize).map_or("", |fk| &fk.name);
        let found = self.index.find(name.as_bytes(), text);
        found.ok().map(|number| number as usize)
    }

    /// The foreign keys, for others to have too.
    pub(crate) fn shared(&self) -> Arc<Vec<ForeignKey>> {
        self.fks.clone()
    }

    /// The foreign keys, in input order.
    #[must_use]
    pub fn fks(&self) -> &[ForeignKey] {
        &self.fks
    }
}
