//! The JSON of a subcommand: one object, its schema named first.

use crate::Error;
use serde::Serialize;

/// A record with the name of the schema that it follows.
#[derive(Debug, Serialize)]
struct JsonReport<'a, T> {
    /// `fkbayes.<subcommand>/1`.
    schema: &'static str,
    /// The record.
    #[serde(flatten)]
    record: &'a T,
}

/// The record as one indented JSON object at full precision, `schema` its first key.
///
/// # Errors
/// If it cannot be formed, which would be a defect of this program.
pub fn to_json<T: Serialize>(schema: &'static str, record: &T) -> Result<String, Error> {
    serde_json::to_string_pretty(&JsonReport { schema, record })
        .map_err(|error| Error::Internal(error.to_string()))
}
