//! Draws of the posterior, and how they are stored.

mod arrow;
mod columns;
mod document;
mod early_sync;
mod encoded;
mod format;
mod frame;
mod located;
mod memory;
mod message;
mod metadata;
mod observed;
mod parquet;
mod part;
mod place;
mod reader;
mod rows;
mod scratch;
mod stored;
mod table;
mod writer;

pub(crate) use arrow::METADATA_KEY;
pub(crate) use columns::importance_of;
pub use columns::{Columns, Layout};
pub(crate) use document::{Document, observed_text};
pub use format::Format;
pub use memory::{Draws, MemorySink};
pub use metadata::{FORMAT, Incomplete, Metadata};
pub use observed::StoredFk;
pub use part::Part;
pub(crate) use place::{
    directory_of, put_in_place, remove_temporaries, replace_by_way_of, temporary_beside,
};
pub use reader::{DrawsFile, is_draws_file};
pub use scratch::Scratch;
pub use stored::StoredDraws;
pub use table::{TableColumn, TableFile, replace_bytes, replace_text};
pub(crate) use table::{kind_of, refuse_other};
pub(crate) use writer::check_target;
pub use writer::{DrawsOutput, DrawsWriter, Ending};

use crate::Error;
use ndarray::Array3;
use std::ops::Range;

/// Draws that can be read parameter by parameter, wherever they are stored.
pub trait DrawsSource {
    /// The parameters, in column order.
    fn columns(&self) -> &Columns;

    /// Draws of a range of parameters, as (parameter × chain × draw).
    ///
    /// # Errors
    /// If they cannot be read.
    fn block(&self, parameters: Range<usize>) -> Result<Array3<f64>, Error>;
}
