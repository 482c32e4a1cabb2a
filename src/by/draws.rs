//! The draws of all tasks in one file: tasks need not have the same parameters, so each parameter of a
//! chain is a row, and its draws are a list.

use super::record::DRAWS_SCHEMA;
use super::task::TaskFit;
use crate::data::{TableFormat, TableWriter};
use crate::draws::{Draws, DrawsSource, METADATA_KEY};
use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, FixedSizeListArray, Float64Array, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::Arc;

/// Draws on their way to the file.
pub(super) struct DrawsTable<'a> {
    schema: SchemaRef,
    item: Arc<Field>,
    draws: i32,
    writer: TableWriter<'a>,
}

impl<'a> DrawsTable<'a> {
    /// For chains of `draws` draws each.
    pub fn new(file: &'a File, format: TableFormat, draws: u32) -> io::Result<Self> {
        let item = Arc::new(Field::new("item", DataType::Float64, false));
        let draws = i32::try_from(draws).map_err(io::Error::other)?;
        let fields = vec![
            Field::new("task", DataType::Utf8, false),
            Field::new("parameter", DataType::Utf8, false),
            Field::new("chain", DataType::UInt32, false),
            Field::new("draws", DataType::FixedSizeList(item.clone(), draws), false),
        ];
        let document = serde_json::json!({
            "schema": DRAWS_SCHEMA,
            "version": env!("CARGO_PKG_VERSION"),
        });
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), document.to_string())]);
        let schema: SchemaRef = Arc::new(Schema::new_with_metadata(fields, metadata));
        Ok(Self {
            writer: TableWriter::new(file, format, &schema)?,
            schema,
            item,
            draws,
        })
    }

    pub fn take(&mut self, fitted: &TaskFit) -> io::Result<()> {
        match &fitted.draws {
            Some(draws) => self.write(&fitted.record.task, draws),
            None => Ok(()),
        }
    }

    fn write(&mut self, task: &str, draws: &Draws) -> io::Result<()> {
        let parameters = draws.columns().names();
        let values = draws
            .block(0..parameters.len())
            .map_err(|error| io::Error::other(error.to_string()))?;
        let chains = values.shape().get(1).map_or(0, |chains| *chains);
        let (mut tasks, mut names) = (StringBuilder::new(), StringBuilder::new());
        for parameter in parameters {
            for _ in 0..chains {
                tasks.append_value(task);
                names.append_value(parameter);
            }
        }
        let chain = (0..parameters.len()).flat_map(|_| (0u32..).take(chains));
        let chain = UInt32Array::from_iter_values(chain);
        // In the order (parameter, chain, draw).
        let values = Float64Array::from_iter_values(values);
        let lists =
            FixedSizeListArray::try_new(self.item.clone(), self.draws, Arc::new(values), None);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(tasks.finish()),
            Arc::new(names.finish()),
            Arc::new(chain),
            Arc::new(lists.map_err(io::Error::other)?),
        ];
        let batch = RecordBatch::try_new(self.schema.clone(), columns);
        self.writer.write(&batch.map_err(io::Error::other)?)
    }

    pub fn finish(self) -> io::Result<()> {
        self.writer.finish()
    }
}
