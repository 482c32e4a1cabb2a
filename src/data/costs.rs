//! What a permutation of each foreign key costs.

use super::problem::InputProblem;
use super::read::{ReadOptions, read};
use super::{ForeignKey, Source};
use crate::Error;
use std::path::Path;

/// Reads a table with the columns `fk` and `cost`, one row per FK, in any of the formats of scores.
///
/// # Errors
/// [`Error::Input`] if it cannot be read or holds no such table; [`Error::Setting`] if a column is missing
/// or an FK has several costs.
pub fn read_costs(path: &Path) -> Result<Vec<(String, f64)>, Error> {
    let options = ReadOptions {
        score_column: "cost".to_owned(),
        aggregated: false,
        ..ReadOptions::default()
    };
    let setting = || format!("--cost {}", path.display());
    let costs = match read(&[Source::from(path.to_owned())], &options) {
        Err(Error::Input { problem, .. })
            if matches!(*problem, InputProblem::MissingColumn { .. }) =>
        {
            return Err(Error::Setting {
                setting: setting(),
                problem: "needs the columns 'fk' and 'cost', one row per FK".into(),
            });
        }
        other => other?,
    };
    let one = |fk: &ForeignKey| match (fk.sample.n(), fk.sample.mean()) {
        (Some(1), Some(cost)) => Ok((fk.name.to_string(), cost)),
        _ => Err(Error::Setting {
            setting: setting(),
            problem: format!(
                "FK '{}' has several costs; keep one row for each FK",
                fk.name
            ),
        }),
    };
    costs.fks().iter().map(one).collect()
}
