//! Scores and their truth as tables.

use super::draw::{Scores, Simulated};
use crate::Error;
use crate::data::{TableFormat, TableWriter};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::str::FromStr;
use std::sync::Arc;

/// Schema metadata key by which Arrow and Parquet files of simulated scores are known.
pub(super) const MARK: &str = "fkbayes.simulated";
/// Columns of the truth.
pub(super) const TRUTH: [&str; 7] = [
    "fk",
    "n",
    "alpha",
    "sigma2_obs",
    "sigma2_fk",
    "location",
    "d0",
];
/// Columns of scores, one row each.
pub(super) const LONG: [&str; 2] = ["fk", "score"];
/// Columns of aggregated scores.
pub(super) const STATS: [&str; 4] = ["fk", "n", "mean", "sd"];

/// Cells of a record batch.
const BATCH: usize = 1 << 16;

/// How scores are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScoreLayout {
    /// One row per score: `fk`, `score`.
    #[default]
    Long,
    /// One column per FK, one row per permutation.
    Wide,
    /// One row per FK: `fk`, `n`, `mean`, `sd`.
    Stats,
}

impl fmt::Display for ScoreLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Long => "long",
            Self::Wide => "wide",
            Self::Stats => "stats",
        })
    }
}

impl FromStr for ScoreLayout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "long" => Ok(Self::Long),
            "wide" => Ok(Self::Wide),
            "stats" => Ok(Self::Stats),
            _ => Err(Error::Setting {
                setting: format!("layout '{text}'"),
                problem: "is none of long, wide and stats".into(),
            }),
        }
    }
}

/// Writes the scores.
pub(super) fn write_scores(
    file: &File,
    simulated: &Simulated,
    layout: ScoreLayout,
    format: TableFormat,
) -> io::Result<()> {
    match layout {
        ScoreLayout::Long => write_long(file, simulated, format),
        ScoreLayout::Wide => write_wide(file, simulated, format),
        ScoreLayout::Stats => write_stats(file, simulated, format),
    }
}

fn write_long(file: &File, simulated: &Simulated, format: TableFormat) -> io::Result<()> {
    let schema = schema(&LONG, "scores", false);
    let mut writer = TableWriter::new(file, format, &schema)?;
    let fks = simulated.truth().fks.iter().zip(simulated.scores());
    let mut rows = fks.flat_map(|(fk, scores)| scores.map(|score| (fk.fk.as_str(), score)));
    loop {
        let (names, scores): (Vec<&str>, Vec<f64>) = rows.by_ref().take(BATCH).unzip();
        if names.is_empty() {
            return writer.finish();
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(names)),
            Arc::new(Float64Array::from(scores)),
        ];
        writer.write(&batch(&schema, columns)?)?;
    }
}

fn write_wide(file: &File, simulated: &Simulated, format: TableFormat) -> io::Result<()> {
    let fks = &simulated.truth().fks;
    let names: Vec<&str> = fks.iter().map(|fk| fk.fk.as_str()).collect();
    let schema = marked(
        names.iter().map(|name| number(name, true)).collect(),
        "scores",
    );
    let mut writer = TableWriter::new(file, format, &schema)?;
    let most = fks.iter().map(|fk| fk.n).max().unwrap_or(0);
    let mut scores = simulated.scores();
    let rows = (BATCH / fks.len().max(1)).max(1) as u64;
    let mut written = 0;
    while written < most {
        let rows = rows.min(most - written);
        let column = |scores: &mut Scores| -> ArrayRef {
            Arc::new(Float64Array::from_iter((0..rows).map(|_| scores.next())))
        };
        let columns = scores.iter_mut().map(column).collect();
        writer.write(&batch(&schema, columns)?)?;
        written += rows;
    }
    writer.finish()
}

fn write_stats(file: &File, simulated: &Simulated, format: TableFormat) -> io::Result<()> {
    let schema = schema(&STATS, "scores", true);
    let mut writer = TableWriter::new(file, format, &schema)?;
    let stats = simulated.stats();
    let names = simulated.truth().fks.iter().map(|fk| fk.fk.as_str());
    let sd = stats.iter().map(|s| s.variance().map(f64::sqrt));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(names)),
        Arc::new(UInt64Array::from_iter_values(stats.iter().map(|s| s.n()))),
        Arc::new(Float64Array::from_iter(stats.iter().map(|s| s.mean()))),
        Arc::new(Float64Array::from_iter(sd)),
    ];
    writer.write(&batch(&schema, columns)?)?;
    writer.finish()
}

/// Writes the truth: one row per FK, what all FKs share repeated in every row.
pub(super) fn write_truth(
    file: &File,
    simulated: &Simulated,
    format: TableFormat,
) -> io::Result<()> {
    let schema = schema(&TRUTH, "truth", true);
    let mut writer = TableWriter::new(file, format, &schema)?;
    let (fks, shared) = (&simulated.truth().fks, simulated.truth().shared);
    let repeated = |value: Option<f64>| -> ArrayRef {
        Arc::new(Float64Array::from_iter(fks.iter().map(|_| value)))
    };
    let each = |value: fn(&super::TrueFk) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(fks.iter().map(value)))
    };
    let names = fks.iter().map(|fk| fk.fk.as_str());
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(names)),
        Arc::new(UInt64Array::from_iter_values(fks.iter().map(|fk| fk.n))),
        each(|fk| fk.alpha),
        each(|fk| fk.sigma2_obs),
        repeated(shared.sigma2_fk),
        repeated(Some(shared.location)),
        repeated(shared.d0),
    ];
    writer.write(&batch(&schema, columns)?)?;
    writer.finish()
}

fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> io::Result<RecordBatch> {
    RecordBatch::try_new(schema.clone(), columns).map_err(|error: ArrowError| {
        // The columns are those of the schema: this would be a defect.
        io::Error::other(error)
    })
}

/// A schema of columns by their names: `fk` a text, `n` a count, all others numbers.
fn schema(names: &[&str], kind: &str, nullable: bool) -> SchemaRef {
    let field = |name: &&str| match *name {
        "fk" => Field::new("fk", DataType::Utf8, false),
        "n" => Field::new("n", DataType::UInt64, false),
        name => number(name, nullable),
    };
    marked(names.iter().map(field).collect(), kind)
}

fn number(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Float64, nullable)
}

fn marked(fields: Vec<Field>, kind: &str) -> SchemaRef {
    let mark = HashMap::from([(MARK.to_owned(), kind.to_owned())]);
    Arc::new(Schema::new_with_metadata(fields, mark))
}
