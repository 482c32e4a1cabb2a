//! The file formats of draws.

use crate::Error;
use std::path::Path;
use std::str::FromStr;

/// File format of draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Arrow IPC file.
    Arrow,
    /// Parquet.
    Parquet,
}

impl Format {
    /// Parquet for the extension `.parquet`, else Arrow.
    #[must_use]
    pub fn of_path(path: &Path) -> Self {
        match path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("parquet") => Self::Parquet,
            _ => Self::Arrow,
        }
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "arrow" => Ok(Self::Arrow),
            "parquet" => Ok(Self::Parquet),
            _ => Err(Error::Setting {
                setting: format!("format '{text}'"),
                problem: "is neither arrow nor parquet".into(),
            }),
        }
    }
}
