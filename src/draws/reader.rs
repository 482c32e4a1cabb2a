//! Reads draws files, whichever of the formats they are in.

use super::arrow::METADATA_KEY;
use super::{Columns, DrawsSource, FORMAT, Format, Layout, Metadata};
use crate::Error;
use crate::data::{Data, decoding_text, vet_arrow, vet_parquet};
use crate::model::Hierarchy;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt32Type};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::FileReader;
use arrow_schema::{ArrowError, DataType, SchemaRef};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ndarray::Array3;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A draws file that was opened and understood; draws are read when asked for.
#[derive(Debug, Clone)]
pub struct DrawsFile {
    path: PathBuf,
    kind: Kind,
    metadata: Metadata,
    data: Data,
    hierarchy: Hierarchy,
    columns: Columns,
    layout: Layout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Arrow,
    Parquet,
}

/// Whether a file is a draws file of this program, in either format and of any version.
#[must_use]
pub fn is_draws_file(path: &Path) -> bool {
    document_of(path).is_some_and(|document| super::table::kind_of(&document).is_none())
}

/// What a file of this program says of itself.
pub(super) fn document_of(path: &Path) -> Option<String> {
    let (kind, file) = open_vetted(path).ok()?;
    let schema = schema(kind, file).ok()?;
    schema.metadata().get(METADATA_KEY).cloned()
}

impl DrawsFile {
    /// Opens a draws file and reads what it says of itself.
    ///
    /// # Errors
    /// If it is not a draws file, is damaged, or was written in a format this version does not know.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let wrong = |problem: String| Error::DrawsFile {
            file: path.display().to_string(),
            problem,
        };
        let (kind, file) = open_vetted(path).map_err(wrong)?;
        let schema = schema(kind, file).map_err(wrong)?;
        let document = schema.metadata().get(METADATA_KEY).ok_or_else(|| {
            wrong("is not a draws file of fkbayes; write one with `fkbayes fit`".into())
        })?;
        let metadata: Metadata = serde_json::from_str(document)
            .map_err(|error| wrong(format!("its metadata cannot be understood: {error}")))?;
        if metadata.format != FORMAT {
            return Err(wrong(format!(
                "has format {}, this version knows {FORMAT}; use the version that wrote it ({})",
                metadata.format, metadata.version
            )));
        }
        metadata
            .sampler
            .validate()
            .map_err(|error| wrong(error.to_string()))?;
        let data = metadata.data().map_err(|error| wrong(error.to_string()))?;
        let hierarchy = metadata
            .hierarchy(&data)
            .map_err(|error| wrong(error.to_string()))?;
        let columns = Columns::new(&hierarchy, data.fks().iter().map(|fk| fk.name.as_str()));
        let layout = check_names(&schema, &columns).map_err(wrong)?;
        check_size(path, &metadata).map_err(wrong)?;
        Ok(Self {
            path: path.to_owned(),
            kind,
            metadata,
            data,
            hierarchy,
            columns,
            layout,
        })
    }

    /// What the file says of itself.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The data that were fitted.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The model with its data.
    #[must_use]
    pub fn hierarchy(&self) -> &Hierarchy {
        &self.hierarchy
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How its importances are laid out.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The format of the file.
    #[must_use]
    pub fn format(&self) -> Format {
        match self.kind {
            Kind::Arrow => Format::Arrow,
            Kind::Parquet => Format::Parquet,
        }
    }

    /// Bytes that were added to the end of the file under a name, where there are any.
    ///
    /// # Errors
    /// If the file cannot be read or they are damaged.
    pub fn trailing(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let (_, file) = open(&self.path).map_err(|problem| self.wrong(problem))?;
        let text = decoding_text(|| match self.kind {
            Kind::Arrow => FileReader::try_new(BufReader::new(file), None)
                .map(|reader| reader.custom_metadata().get(name).cloned())
                .map_err(|error| error.to_string()),
            Kind::Parquet => ParquetRecordBatchReaderBuilder::try_new(file)
                .map(|builder| {
                    let pairs = builder.metadata().file_metadata().key_value_metadata();
                    let pair = pairs?.iter().find(|pair| pair.key == name)?;
                    pair.value.clone()
                })
                .map_err(|error| error.to_string()),
        });
        let text = text.map_err(|error| self.wrong(format!("is damaged: {error}")))?;
        let decoded = text.map(|text| BASE64_STANDARD.decode(text)).transpose();
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

impl DrawsSource for DrawsFile {
    fn columns(&self) -> &Columns {
        &self.columns
    }

    fn block(&self, parameters: Range<usize>) -> Result<Array3<f64>, Error> {
        let settings = &self.metadata.sampler;
        let (chains, draws) = (settings.chains as usize, settings.draws as usize);
        let mut values = Array3::zeros((parameters.len(), chains, draws));
        let mut row = 0;
        for batch in self.batches(self.file_columns(&parameters))? {
            let batch = batch.map_err(|error| self.wrong(format!("is damaged: {error}")))?;
            row = self
                .copy_batch(&batch, &parameters, row, &mut values)
                .ok_or_else(|| self.wrong("is damaged: rows are not those of its metadata"))?;
        }
        if row != chains * draws {
            return Err(self.wrong(format!(
                "is damaged: it holds {row} rows, its metadata say {}",
                chains * draws
            )));
        }
        Ok(values)
    }
}

impl DrawsFile {
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
        if end > chains * draws || batch.columns().iter().any(|column| column.null_count() > 0) {
            return None;
        }
        let chain = batch.column(0).as_primitive_opt::<UInt32Type>()?.values();
        let draw = batch.column(1).as_primitive_opt::<UInt32Type>()?.values();
        let in_order = (first..end)
            .zip(chain.iter().zip(draw))
            .all(|(row, (&c, &d))| row / draws == c as usize && row % draws == d as usize);
        if !in_order {
            return None;
        }
        let flat = values.as_slice_mut()?;
        let hyperparameters = self.columns.hyperparameters();
        for (i, p) in parameters.clone().enumerate() {
            let target = flat.get_mut(i * chains * draws + first..i * chains * draws + end)?;
            if self.layout == Layout::Wide || p < hyperparameters {
                let column = batch.column(2 + i).as_primitive_opt::<Float64Type>()?;
                target.copy_from_slice(column.values());
            } else {
                let lists = batch.columns().last()?.as_fixed_size_list_opt()?;
                let size = usize::try_from(lists.value_length()).ok()?;
                let items = lists.values().as_primitive_opt::<Float64Type>()?.values();
                let mine = items.iter().skip(p - hyperparameters).step_by(size);
                for (slot, value) in target.iter_mut().zip(mine) {
                    *slot = *value;
                }
            }
        }
        Some(end)
    }
}

/// Record batches, one after the other; a panic of the decoder is an error like others.
pub(super) type Batches = Box<dyn Iterator<Item = Result<RecordBatch, String>>>;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Opens a file, and checks that it does not promise more than it can hold.
fn open_vetted(path: &Path) -> Result<(Kind, File), String> {
    let (kind, file) = open(path)?;
    match kind {
        Kind::Arrow => vet_arrow(file)?,
        Kind::Parquet => vet_parquet(file)?,
    }
    open(path)
}

fn open(path: &Path) -> Result<(Kind, File), String> {
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

fn schema(kind: Kind, file: File) -> Result<SchemaRef, String> {
    let schema = decoding_text(|| match kind {
        Kind::Arrow => {
            let reader = FileReader::try_new(BufReader::new(file), None).map_err(text)?;
            Ok(reader.schema())
        }
        Kind::Parquet => {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(text)?;
            Ok(builder.schema().clone())
        }
    });
    schema.map_err(|error| format!("is damaged: {error}"))
}

/// Draws are random digits: no compression makes them this many times smaller.
const MOST_COMPRESSED: u64 = 64;

/// Refuses metadata that promise more draws than the file can hold, before memory is set aside.
fn check_size(path: &Path, metadata: &Metadata) -> Result<(), String> {
    let found = std::fs::metadata(path)
        .map_err(|error| format!("cannot be read: {error}"))?
        .len();
    let rows = u64::from(metadata.sampler.chains) * u64::from(metadata.sampler.draws);
    let promised = rows.saturating_mul(8 * (metadata.fks.len() as u64 + 1));
    if promised > found.saturating_mul(MOST_COMPRESSED) {
        return Err(format!(
            "is damaged: it is too small for the {rows} draws of its metadata"
        ));
    }
    Ok(())
}

/// Which layout the file has; its columns must be those that its metadata imply.
fn check_names(schema: &SchemaRef, columns: &Columns) -> Result<Layout, String> {
    let found: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let before = ["chain", "draw"];
    let wide = before
        .into_iter()
        .chain(columns.names().iter().map(String::as_str));
    if found.iter().copied().eq(wide) {
        return Ok(Layout::Wide);
    }
    let hyperparameters = &columns.names()[..columns.hyperparameters()];
    let list = before
        .into_iter()
        .chain(hyperparameters.iter().map(String::as_str))
        .chain(["alpha"]);
    let fks = columns.len() - columns.hyperparameters();
    let holds_all = matches!(
        schema.fields().last().map(|field| field.data_type()),
        Some(DataType::FixedSizeList(_, size)) if usize::try_from(*size) == Ok(fks)
    );
    if found.iter().copied().eq(list) && holds_all {
        return Ok(Layout::List);
    }
    Err(format!(
        "is damaged: its columns ({}) are not those of its metadata",
        found.join(", ")
    ))
}
