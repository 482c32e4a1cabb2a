//! Cells of tables: what people read, and what programs do.

use super::number::{ABSENT, count, probability, ratio, significant, supported};
use crate::data::csv_number;

/// One cell: a rounded text, and the exact value behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// For people.
    pub shown: String,
    /// For programs; empty where there is nothing.
    pub exact: String,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self {
            shown: text.clone(),
            exact: text,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Cell {
    /// A number as `shown`; what does not exist is empty for programs.
    pub fn number(shown: String, x: Option<f64>) -> Self {
        let exact = x.filter(|x| x.is_finite()).map(csv_number);
        Self {
            shown,
            exact: exact.unwrap_or_default(),
        }
    }

    /// A number as `show` has it, or a dash.
    pub fn maybe(x: Option<f64>, show: impl Fn(f64) -> String) -> Self {
        Self::number(x.map_or_else(|| ABSENT.to_owned(), show), x)
    }

    /// A number in `digits` significant digits.
    pub fn figure(x: Option<f64>, digits: usize) -> Self {
        Self::number(significant(x, digits), x)
    }

    /// An estimate in as many of `digits` as its Monte-Carlo error supports.
    pub fn estimate(x: Option<f64>, digits: usize, mcse: Option<f64>) -> Self {
        Self::number(supported(x, digits, mcse), x)
    }

    /// A probability, or a share.
    pub fn share(p: Option<f64>) -> Self {
        Self::maybe(p, probability)
    }

    /// A ratio.
    pub fn factor(x: Option<f64>) -> Self {
        Self::maybe(x, ratio)
    }

    /// A number rounded to a whole one.
    pub fn whole(x: Option<f64>) -> Self {
        Self::maybe(x, count)
    }

    /// A count.
    pub fn size(n: Option<u64>) -> Self {
        match n {
            Some(n) => n.to_string().into(),
            None => Self::number(ABSENT.to_owned(), None),
        }
    }
}
