//! A study as a table: one row per cell.

use super::record::Study;
use super::settings::Settings;
use crate::Error;
use crate::draws::{FORMAT, TableColumn, TableFile};
use crate::model::Hyperprior;
use serde::Serialize;

/// The kind of the table, and of the JSON.
pub const SCHEMA: &str = "fkbayes.study/1";

/// What the file says of itself.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    format: u32,
    version: &'static str,
    settings: &'a Settings,
}

/// Writes a study: columns `k`, `n` (text, as in `5:20:80`), `lambda`, `hyperprior`, `replicates`, then
/// every figure under the name it has in JSON.
///
/// # Errors
/// If it cannot be written.
pub fn write_study(study: &Study, settings: &Settings, file: &TableFile) -> Result<(), Error> {
    let cells = &study.cells;
    let text =
        |f: fn(&super::CellRecord) -> String| TableColumn::Text(cells.iter().map(f).collect());
    let mut columns = vec![
        (
            "k".to_owned(),
            TableColumn::Count(cells.iter().map(|cell| Some(cell.k as u64)).collect()),
        ),
        ("n".to_owned(), text(|cell| cell.n.to_string())),
        (
            "lambda".to_owned(),
            TableColumn::Number(cells.iter().map(|cell| Some(cell.lambda)).collect()),
        ),
        (
            "hyperprior".to_owned(),
            text(|cell| Hyperprior::to_string(&cell.hyperprior)),
        ),
        (
            "replicates".to_owned(),
            TableColumn::Count(
                cells
                    .iter()
                    .map(|cell| cell.replicates.map(u64::from))
                    .collect(),
            ),
        ),
    ];
    let figures: Vec<_> = cells.iter().map(super::CellRecord::figures).collect();
    let names = figures.first().into_iter().flatten().map(|(name, _)| *name);
    for (i, name) in names.enumerate() {
        let values = figures.iter().map(|row| row.get(i).and_then(|(_, x)| *x));
        columns.push((name.to_owned(), TableColumn::Number(values.collect())));
    }
    let document = Document {
        schema: SCHEMA,
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION"),
        settings,
    };
    let document =
        serde_json::to_string(&document).map_err(|error| Error::Internal(error.to_string()))?;
    file.write(columns, document)
}
