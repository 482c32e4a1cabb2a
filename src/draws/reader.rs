//! Reads draws files, whichever of the formats they are in.

use super::arrow::METADATA_KEY;
use super::metadata::DOCUMENT_START;
use super::stored::{Kind, open, text};
use super::{Columns, DrawsSource, FORMAT, Format, Layout, Metadata, StoredDraws};
use crate::Error;
use crate::data::{Data, decoding_text, footer_front, vet_arrow, vet_parquet, with_metadata};
use crate::model::Hierarchy;
use arrow_ipc::reader::FileReader;
use arrow_schema::{DataType, SchemaRef};
use memchr::memmem;
use ndarray::Array3;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::io::BufReader;
use std::ops::Range;
use std::path::Path;

/// A draws file that was opened and understood; draws are read when asked for.
#[derive(Debug, Clone)]
pub struct DrawsFile {
    metadata: Metadata,
    data: Data,
    hierarchy: Hierarchy,
    draws: StoredDraws,
}

/// Whether a file is a draws file of this program, in either format and of any version.
#[must_use]
pub fn is_draws_file(path: &Path) -> bool {
    // Of a pipe nothing must be read: whoever reads its scores would miss it.
    if !path.is_file() {
        return false;
    }
    let is_no_table = |document: &str| super::table::kind_of(document).is_none();
    ends_with_document(path).unwrap_or(false) || with_document(path, is_no_table).unwrap_or(false)
}

/// Bytes of a footer in front of which a document is looked for.
const IN_FRONT: usize = 1 << 16;

/// Whether an Arrow file's footer ends with a document of draws, where they are written here: of a million FKs
/// it has a hundred megabytes, which need not be read to know whose file it is.
fn ends_with_document(path: &Path) -> Option<bool> {
    let (front, footer) = footer_front(path, IN_FRONT)?;
    let start = memmem::find(&front, DOCUMENT_START.as_bytes())?;
    // Its length in front, a zero behind.
    let length = front.get(start.checked_sub(4)?..start)?;
    let length = u32::from_le_bytes(length.try_into().ok()?);
    Some(start + length as usize + 1 == footer)
}

/// What `of` makes of what a file of this program says of itself.
pub(super) fn with_document<T>(path: &Path, of: impl FnOnce(&str) -> T) -> Option<T> {
    let (kind, file) = open(path).ok()?;
    if kind == Kind::Parquet {
        vet_parquet(file).ok()?;
    }
    with_metadata(path, METADATA_KEY, |document| document.map(of))?
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
        let kept = metadata.kept(&hierarchy, &data);
        let kept = kept.map_err(|error| wrong(error.to_string()))?;
        let names = data.fks().iter().map(|fk| fk.name.as_str());
        let columns = Columns::of(&hierarchy, names, kept.as_ref());
        let layout = check_names(&schema, &columns).map_err(wrong)?;
        check_size(path, &metadata, columns.len()).map_err(wrong)?;
        let draws = StoredDraws::open(path, columns, layout, &metadata.sampler)?;
        Ok(Self {
            metadata,
            data,
            hierarchy,
            draws,
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
        self.draws.path()
    }

    /// How its importances are laid out.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.draws.layout()
    }

    /// The format of the file.
    #[must_use]
    pub fn format(&self) -> Format {
        self.draws.format()
    }

    /// Bytes that were added to the end of the file under a name, where there are any.
    ///
    /// # Errors
    /// If the file cannot be read or they are damaged.
    pub fn trailing(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.draws.trailing(name)
    }

    /// Gives every draw to `take`, with the number of its chain: a value per column of the draws.
    ///
    /// # Errors
    /// If the file is damaged, or `take` fails.
    pub fn for_each_row(
        &self,
        take: impl FnMut(usize, &[f64]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.draws.for_each_row(take)
    }
}

impl DrawsSource for DrawsFile {
    fn columns(&self) -> &Columns {
        self.draws.columns()
    }

    fn block(&self, parameters: Range<usize>) -> Result<Array3<f64>, Error> {
        self.draws.block(parameters)
    }
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
fn check_size(path: &Path, metadata: &Metadata, columns: usize) -> Result<(), String> {
    let found = std::fs::metadata(path)
        .map_err(|error| format!("cannot be read: {error}"))?
        .len();
    let rows = u64::from(metadata.sampler.chains) * u64::from(metadata.sampler.draws);
    let promised = rows.saturating_mul(8 * (columns as u64 + 1));
    if promised > found.saturating_mul(MOST_COMPRESSED) {
        return Err(format!(
            "is damaged: it is too small for the {rows} draws of its metadata"
        ));
    }
    Ok(())
}

/// Whether `chain` and `draw` are counts, and all the others numbers or lists of them.
fn has_types(schema: &SchemaRef) -> bool {
    let mut types = schema.fields().iter().map(|field| field.data_type());
    let indices = types.by_ref().take(2).all(|t| *t == DataType::UInt32);
    indices
        && types.all(|t| match t {
            DataType::FixedSizeList(item, _) => *item.data_type() == DataType::Float64,
            other => *other == DataType::Float64,
        })
}

/// Which layout the file has; its columns must be those that its metadata imply.
fn check_names(schema: &SchemaRef, columns: &Columns) -> Result<Layout, String> {
    let found: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    if !has_types(schema) {
        return Err("is damaged: its columns are not of the types that draws have".into());
    }
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
