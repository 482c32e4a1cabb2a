//! The table of a run: one row per task and FK, written while tasks are fitted.

use super::record::SCHEMA;
use super::task::{FkRow, TaskFit};
use crate::data::{TableFormat, TableWriter, Tasks};
use crate::draws::{FORMAT, METADATA_KEY};
use crate::fit::Fitter;
use crate::model::Model;
use crate::sampler::SamplerSettings;
use arrow_array::builder::{Float64Builder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde::Serialize;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::Arc;

/// Rows of a record batch.
const BATCH: usize = 1 << 16;

/// A number of a row.
type Figure = fn(&FkRow) -> Option<f64>;

/// The columns of numbers, in order.
const FIGURES: [(&str, Figure); 10] = [
    ("mean", |row| row.mean),
    ("posterior_mean", |row| row.posterior_mean),
    ("sd", |row| row.sd),
    ("q5", |row| row.q5),
    ("q95", |row| row.q95),
    ("full", |row| row.full),
    ("plugin", |row| row.plugin),
    ("ratio", |row| row.ratio),
    ("r_hat", |row| row.r_hat),
    ("ess_bulk", |row| row.ess_bulk),
];

/// What the file says of itself; nothing that differs between equal runs.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    format: u32,
    version: &'static str,
    model: &'a Model,
    sampler: &'a SamplerSettings,
}

/// The header of the table as CSV, by which it is known again.
pub(super) fn csv_header() -> String {
    let names: Vec<&str> = names().collect();
    names.join(",")
}

fn names() -> impl Iterator<Item = &'static str> {
    let figures = FIGURES.iter().map(|(name, _)| *name);
    ["task", "fk", "n"]
        .into_iter()
        .chain(figures)
        .chain(["error"])
}

fn schema(document: String) -> SchemaRef {
    let field = |name: &str| match name {
        "task" | "fk" => Field::new(name, DataType::Utf8, false),
        "error" => Field::new(name, DataType::Utf8, true),
        "n" => Field::new(name, DataType::UInt64, true),
        _ => Field::new(name, DataType::Float64, true),
    };
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), document)]);
    Arc::new(Schema::new_with_metadata(
        names().map(field).collect::<Vec<_>>(),
        metadata,
    ))
}

/// Rows on their way to the file.
pub(super) struct Table<'a> {
    tasks: &'a Tasks,
    schema: SchemaRef,
    writer: TableWriter<'a>,
    rows: usize,
    names: [StringBuilder; 2],
    n: UInt64Builder,
    figures: [Float64Builder; FIGURES.len()],
    error: StringBuilder,
}

impl<'a> Table<'a> {
    pub fn new(
        file: &'a File,
        format: TableFormat,
        fitter: &Fitter,
        tasks: &'a Tasks,
    ) -> io::Result<Self> {
        let document = serde_json::to_string(&Document {
            schema: SCHEMA,
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION"),
            model: &fitter.model,
            sampler: &fitter.sampler,
        });
        let schema = schema(document.map_err(io::Error::other)?);
        Ok(Self {
            tasks,
            writer: TableWriter::new(file, format, &schema)?,
            schema,
            rows: 0,
            names: Default::default(),
            n: UInt64Builder::new(),
            figures: Default::default(),
            error: StringBuilder::new(),
        })
    }

    pub fn take(&mut self, fitted: &TaskFit) -> io::Result<()> {
        let [task, fk] = &mut self.names;
        for ((name, _), row) in self.tasks.fks(fitted.task).zip(&fitted.rows) {
            task.append_value(&fitted.record.task);
            fk.append_value(name.as_str());
            self.n.append_option(row.n);
            for (column, (_, figure)) in self.figures.iter_mut().zip(FIGURES) {
                column.append_option(figure(row));
            }
            self.error.append_option(fitted.record.error.as_deref());
        }
        self.rows += fitted.rows.len();
        if self.rows >= BATCH {
            self.flush()?;
        }
        Ok(())
    }

    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.writer.finish()
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        let [task, fk] = &mut self.names;
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(task.finish()),
            Arc::new(fk.finish()),
            Arc::new(self.n.finish()),
        ];
        for figure in &mut self.figures {
            columns.push(Arc::new(figure.finish()));
        }
        columns.push(Arc::new(self.error.finish()));
        let batch = RecordBatch::try_new(self.schema.clone(), columns);
        self.writer.write(&batch.map_err(io::Error::other)?)
    }
}
