//! How to show an answer.

use super::paint::Paint;
use crate::Error;
use std::str::FromStr;

/// How much to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The answer on one screen.
    Answer,
    /// The parameter, diagnostics and variance tables too.
    Full,
}

/// In which form to show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// Aligned tables and wrapped sentences, for a terminal.
    #[default]
    Table,
    /// The first table alone, comma-separated, its numbers at full precision.
    Csv,
    /// All of it as Markdown.
    Markdown,
}

impl FromStr for Form {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "table" => Ok(Self::Table),
            "csv" => Ok(Self::Csv),
            "markdown" => Ok(Self::Markdown),
            _ => Err(Error::Setting {
                setting: format!("format '{text}'"),
                problem: "is none of table, csv and markdown".into(),
            }),
        }
    }
}

/// How to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Columns of the terminal.
    pub width: usize,
    /// How much to show.
    pub detail: Detail,
    /// In which form.
    pub form: Form,
    /// Colours.
    pub paint: Paint,
}

impl View {
    /// Whether tables leave out what would not fit one screen.
    pub(super) fn is_short(self) -> bool {
        self.detail == Detail::Answer && self.form != Form::Csv
    }
}
