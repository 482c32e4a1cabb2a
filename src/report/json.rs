//! The JSON of a subcommand: one object, its schema named first.

use crate::Error;
use crate::fit::Fit;
use serde::Serialize;

/// A record with the name of the schema that it follows.
#[derive(Debug, Serialize)]
pub struct JsonReport<'a> {
    /// `fkbayes.<subcommand>/1`.
    pub schema: &'static str,
    /// The record.
    #[serde(flatten)]
    pub fit: &'a Fit,
}

/// The object as indented text, at full precision.
///
/// # Errors
/// If it cannot be formed, which would be a defect of this program.
pub fn to_json(schema: &'static str, fit: &Fit) -> Result<String, Error> {
    serde_json::to_string_pretty(&JsonReport { schema, fit })
        .map_err(|error| Error::Internal(error.to_string()))
}
