//! The values of a draws file: read from their places where these are known, decoded elsewhere.

use super::arrow::Shape;
use super::located::Located;
use super::rows::Values;
use super::{Columns, DrawsOutput, DrawsSource, Format, Layout};
use crate::Error;
use crate::data::decoding_text;
use crate::sampler::SamplerSettings;
use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use arrow_schema::ArrowError;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ndarray::Array3;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Draws in a file of which all is known but the values.
#[derive(Debug, Clone)]
pub struct StoredDraws {
    path: PathBuf,
    kind: Kind,
    columns: Columns,
    chains: usize,
    draws: usize,
    layout: Layout,
    /// Where values can be read without decoding.
    located: Option<Arc<Located>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Arrow,
    Parquet,
}

impl StoredDraws {
    /// The draws at `path`, whose columns and numbers must be these.
    ///
    /// # Errors
    /// If they cannot be read, or rows are missing.
    pub fn open(
        path: &Path,
        columns: Columns,
        layout: Layout,
        settings: &SamplerSettings,
    ) -> Result<Self, Error> {
        let wrong = |problem| Error::DrawsFile {
            file: path.display().to_string(),
            problem,
        };
        let (kind, _) = open(path).map_err(wrong)?;
        let mut opened = Self {
            path: path.to_owned(),
            kind,
            columns,
            chains: settings.chains as usize,
            draws: settings.draws as usize,
            layout,
            located: None,
        };
        opened.located = opened.locate()?.map(Arc::new);
        Ok(opened)
    }

    /// Draws that are about to stand in a file.
    pub(super) fn located(output: &DrawsOutput<'_>, located: Located) -> Self {
        Self {
            path: output.path.to_owned(),
            kind: Kind::Arrow,
            columns: output.columns.clone(),
            chains: output.metadata.sampler.chains as usize,
            draws: output.metadata.sampler.draws as usize,
            layout: output.layout,
            located: Some(Arc::new(located)),
        }
    }

    fn locate(&self) -> Result<Option<Located>, Error> {
        if self.kind != Kind::Arrow {
            return Ok(None);
        }
        let cannot = |error: std::io::Error| self.wrong(format!("cannot be read: {error}"));
        let file = File::open(&self.path).map_err(cannot)?;
        let shape = Shape::new(&self.columns, self.layout);
        let located = Located::new(file, shape, self.rows()).map_err(cannot)?;
        let Some(located) = located else {
            return Ok(None);
        };
        self.check_rows(located.rows())?;
        if !located.is_in_order(self.draws).map_err(cannot)? {
            return Err(self.other_rows());
        }
        Ok(Some(located))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    pub(super) fn format(&self) -> Format {
        match self.kind {
            Kind::Arrow => Format::Arrow,
            Kind::Parquet => Format::Parquet,
        }
    }

    pub(super) fn draws_per_chain(&self) -> usize {
        self.draws
    }

    /// Rows that the metadata promise.
    pub(super) fn rows(&self) -> usize {
        self.chains * self.draws
    }

    pub(super) fn other_rows(&self) -> Error {
        self.wrong("is damaged: rows are not those of its metadata")
    }

    pub(super) fn check_rows(&self, found: usize) -> Result<(), Error> {
        let expected = self.rows();
        if found == expected {
            return Ok(());
        }
        Err(self.wrong(format!(
            "is damaged: it holds {found} rows, its metadata say {expected}"
        )))
    }

    /// Bytes that were added to the end of the file under a name, where there are any.
    ///
    /// # Errors
    /// If the file cannot be read or they are damaged.
    pub(super) fn trailing(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let (_, file) = open(&self.path).map_err(|problem| self.wrong(problem))?;
        let found = decoding_text(|| match self.kind {
            Kind::Arrow => FileReader::try_new(BufReader::new(file), None)
                .map(|reader| reader.custom_metadata().get(name).cloned())
                .map_err(text),
            Kind::Parquet => ParquetRecordBatchReaderBuilder::try_new(file)
                .map(|builder| {
                    let pairs = builder.metadata().file_metadata().key_value_metadata();
                    let pair = pairs?.iter().find(|pair| pair.key == name)?;
                    pair.value.clone()
                })
                .map_err(text),
        });
        let found = found.map_err(|error| self.wrong(format!("is damaged: {error}")))?;
        let decoded = found.map(|found| BASE64_STANDARD.decode(found)).transpose();
        decoded.map_err(|error| self.wrong(format!("is damaged: {name}: {error}")))
    }

    pub(super) fn wrong(&self, problem: impl Into<String>) -> Error {
        Error::DrawsFile {
            file: self.path.display().to_string(),
            problem: problem.into(),
        }
    }

    /// File columns that hold the wanted parameters, `chain` and `draw` before them.
    pub(super) fn file_columns(&self, parameters: &Range<usize>) -> Vec<usize> {
        let last = match self.layout {
            Layout::Wide => self.columns.len(),
            Layout::List => self.columns.hyperparameters() + 1,
        };
        let position = |p: usize| (p + 2).min(last + 1);
        let mut columns = vec![0, 1];
        columns.extend(parameters.clone().map(position));
        columns.dedup();
        columns
    }

    pub(super) fn batches(&self, columns: Vec<usize>) -> Result<Batches, Error> {
        let (_, file) = open(&self.path).map_err(|problem| self.wrong(problem))?;
        type Decoder = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>;
        let opened = decoding_text(|| match self.kind {
            Kind::Arrow => Ok(Box::new(
                FileReader::try_new(BufReader::new(file), Some(columns)).map_err(text)?,
            ) as Decoder),
            Kind::Parquet => {
                let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(text)?;
                let mask = ProjectionMask::roots(builder.parquet_schema(), columns);
                let reader = builder.with_projection(mask).build().map_err(text)?;
                Ok(Box::new(reader))
            }
        });
        let mut decoder = opened.map_err(|error| self.wrong(format!("is damaged: {error}")))?;
        Ok(Box::new(std::iter::from_fn(move || {
            decoding_text(|| decoder.next().transpose().map_err(text)).transpose()
        })))
    }
}

/// Record batches, one after the other; a panic of the decoder is an error like others.
pub(super) type Batches = Box<dyn Iterator<Item = Result<RecordBatch, String>>>;

pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl DrawsSource for StoredDraws {
    fn columns(&self) -> &Columns {
        &self.columns
    }

    fn block(&self, parameters: Range<usize>) -> Result<Array3<f64>, Error> {
        let (chains, draws) = (self.chains, self.draws);
        let mut values = Array3::zeros((parameters.len(), chains, draws));
        if let Some(located) = &self.located {
            let read = located.read(parameters, &mut values);
            return match read {
                Ok(()) => Ok(values),
                Err(error) => Err(self.wrong(format!("cannot be read: {error}"))),
            };
        }
        let mut row = 0;
        for batch in self.batches(self.file_columns(&parameters))? {
            let batch = batch.map_err(|error| self.wrong(format!("is damaged: {error}")))?;
            row = self
                .copy_batch(&batch, &parameters, row, &mut values)
                .ok_or_else(|| self.other_rows())?;
        }
        self.check_rows(row)?;
        Ok(values)
    }
}

impl StoredDraws {
    /// Copies a batch whose first row is row `first` of the file; returns the row after its last.
    fn copy_batch(
        &self,
        batch: &RecordBatch,
        parameters: &Range<usize>,
        first: usize,
        values: &mut Array3<f64>,
    ) -> Option<usize> {
        let (_, chains, draws) = values.dim();
        let end = first + batch.num_rows();
        let columns = Values::of(batch).filter(|_| end <= chains * draws)?;
        if !columns.are_in_order(first, draws) {
            return None;
        }
        let flat = values.as_slice_mut()?;
        let hyperparameters = self.columns.hyperparameters();
        for (i, p) in parameters.clone().enumerate() {
            let target = flat.get_mut(i * chains * draws + first..i * chains * draws + end)?;
            if self.layout == Layout::Wide || p < hyperparameters {
                target.copy_from_slice(columns.single.get(i)?);
                continue;
            }
            let (items, size) = columns.lists?;
            let mine = items.iter().skip(p - hyperparameters).step_by(size);
            for (slot, value) in target.iter_mut().zip(mine) {
                *slot = *value;
            }
        }
        Some(end)
    }
}

pub(super) fn open(path: &Path) -> Result<(Kind, File), String> {
    let cannot = |error: std::io::Error| {
        format!("cannot be read: {error}; check the name of the draws file")
    };
    let mut file = File::open(path).map_err(cannot)?;
    let mut magic = [0; 6];
    let read = file.read(&mut magic).map_err(cannot)?;
    let kind = match &magic[..read] {
        b"ARROW1" => Kind::Arrow,
        start if start.starts_with(b"PAR1") => Kind::Parquet,
        _ => return Err("is not a draws file (neither Arrow nor Parquet)".into()),
    };
    // A fresh handle: the readers expect to start at the beginning.
    Ok((kind, File::open(path).map_err(cannot)?))
}
