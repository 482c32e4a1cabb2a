//! Draws as Arrow columns: their schema.

use super::document::to_json;
use super::{Columns, Layout, Metadata};
use crate::Error;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::collections::HashMap;
use std::sync::Arc;

/// Schema metadata key under which the [`Metadata`] stand.
pub(crate) const METADATA_KEY: &str = "fkbayes";
/// Field metadata key of the list column under which the FK names stand, as a JSON array.
const FKS_KEY: &str = "fks";

/// Bytes of a value of `chain` or `draw`, and of a parameter.
pub(super) const INDEX: usize = 4;
pub(super) const VALUE: usize = 8;
/// Rows that are turned into columns together: a cache line of every column.
pub(super) const TILE: usize = 64 / VALUE;

/// Bytes of an FK's name in JSON, amply.
const NAME: usize = 64;

/// How a row of draws is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub hyperparameters: usize,
    pub fks: usize,
    pub layout: Layout,
}

/// The schema of a draws file; where its metadata stand, there is an empty text.
pub(super) fn schema(
    columns: &Columns,
    layout: Layout,
    metadata: &Metadata,
) -> Result<SchemaRef, Error> {
    let mut fields = vec![
        Field::new("chain", DataType::UInt32, false),
        Field::new("draw", DataType::UInt32, false),
    ];
    let wide = match layout {
        Layout::Wide => columns.len(),
        Layout::List => columns.hyperparameters(),
    };
    fields.extend(
        columns.names()[..wide]
            .iter()
            .map(|n| Field::new(n, DataType::Float64, false)),
    );
    if layout == Layout::List {
        let fk = |place: usize| metadata.fks.get(place).map(|fk| fk.name.as_str());
        let names: Vec<&str> = columns.importances().filter_map(fk).collect();
        let list = list_type(names.len())?;
        let names = to_json(&names, NAME * names.len())?;
        fields.push(
            Field::new("alpha", list, false)
                .with_metadata(HashMap::from([(FKS_KEY.to_owned(), names)])),
        );
    }
    let document = HashMap::from([(METADATA_KEY.to_owned(), String::new())]);
    Ok(Arc::new(Schema::new_with_metadata(fields, document)))
}

fn list_type(fks: usize) -> Result<DataType, Error> {
    let size = i32::try_from(fks)
        .map_err(|_| Error::Unfit(format!("{fks} foreign keys are more than a file can hold")))?;
    Ok(DataType::FixedSizeList(item_field(), size))
}

fn item_field() -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Float64, false))
}

impl Shape {
    /// The shape of rows with these columns.
    pub(super) fn new(columns: &Columns, layout: Layout) -> Self {
        Self {
            hyperparameters: columns.hyperparameters(),
            fks: columns.len() - columns.hyperparameters(),
            layout,
        }
    }

    /// Number of values in a row.
    pub(super) fn width(self) -> usize {
        self.hyperparameters + self.fks
    }

    /// Bytes of a row in each column, `chain` and `draw` first, and whether it is the column of lists.
    pub(super) fn columns(self) -> impl Iterator<Item = (usize, bool)> {
        let (columns, list) = match self.layout {
            Layout::Wide => (self.width(), None),
            Layout::List => (self.hyperparameters, Some((VALUE * self.fks, true))),
        };
        [(INDEX, false), (INDEX, false)]
            .into_iter()
            .chain(std::iter::repeat_n((VALUE, false), columns))
            .chain(list)
    }
}

/// What the system said, where an error of the Arrow library wraps it.
pub(super) fn to_io(error: ArrowError) -> std::io::Error {
    match error {
        ArrowError::IoError(_, source) => source,
        other => std::io::Error::other(other),
    }
}
