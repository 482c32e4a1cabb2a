//! Which columns mean what.

use std::fmt;

use super::fault::Fault;
use super::problem::{ColumnNames, InputProblem};
use super::read::ReadOptions;

/// What the columns of a table mean; numbers are column positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The column that tells tasks apart, where there are several.
    pub(super) task: Option<usize>,
    pub(super) layout: Layout,
}

/// How a table says its scores; numbers are column positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One row per permutation.
    Long { fk: usize, score: usize },
    /// One row per permutation, one column per FK (but for that of the task).
    Wide,
    /// One row per FK, already aggregated.
    Stats(StatsColumns),
}

/// The columns of aggregated scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StatsColumns {
    pub(super) fk: usize,
    pub(super) n: Option<usize>,
    pub(super) mean: usize,
    pub(super) spread: usize,
    pub(super) kind: Spread,
}

/// What the column beside the mean says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spread {
    /// Sample standard deviation of the scores.
    Sd,
    /// Sample variance of the scores.
    Var,
    /// Standard error of the mean.
    Se,
}

/// What may have been meant where a column is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnHint {
    /// Another column looks like the one that is missing.
    Rename {
        /// The flag that names the column.
        flag: &'static str,
        /// The column that may be meant.
        candidate: String,
    },
    /// The column may have another name.
    Name {
        /// The flag that names the column.
        flag: &'static str,
    },
    /// The header holds numbers: there is none.
    NoHeader,
    /// Neither column is there: other names, or a wide table.
    NameBothOrWide,
    /// Aggregated scores with a column missing.
    Aggregated,
}

impl fmt::Display for ColumnHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rename { flag, candidate } => write!(f, "did you mean {flag} '{candidate}'?"),
            Self::Name { flag } => write!(f, "name the column with {flag}"),
            Self::NoHeader => f.write_str("the first line must hold the columns' names"),
            Self::NameBothOrWide => f.write_str(
                "name the columns with --fk-column and --score-column, or give --wide if every column is an FK",
            ),
            Self::Aggregated => f.write_str(
                "scores need a column named by --score-column; aggregated scores need n, mean and sd or var, or mean and se",
            ),
        }
    }
}

impl Layout {
    /// The same layout where columns stand elsewhere.
    pub(super) fn moved(self, to: impl Fn(usize) -> usize) -> Self {
        match self {
            Self::Long { fk, score } => Self::Long {
                fk: to(fk),
                score: to(score),
            },
            Self::Wide => Self::Wide,
            Self::Stats(columns) => Self::Stats(StatsColumns {
                fk: to(columns.fk),
                n: columns.n.map(&to),
                mean: to(columns.mean),
                spread: to(columns.spread),
                kind: columns.kind,
            }),
        }
    }
}

impl Meaning {
    /// What the columns of a table with these names mean.
    pub(super) fn detect(names: &[String], options: &ReadOptions) -> Result<Self, Fault> {
        let header = Header { names, options };
        Ok(Self {
            task: header.task()?,
            layout: header.layout()?,
        })
    }
}

/// The columns' names beside what the caller said of them.
struct Header<'a> {
    names: &'a [String],
    options: &'a ReadOptions,
}

impl Header<'_> {
    fn task(&self) -> Result<Option<usize>, Fault> {
        let Some(column) = &self.options.task_column else {
            return Ok(None);
        };
        let found = self.find(column)?;
        if found.is_none() {
            let flag = "--by";
            let hint = match self.alike(column) {
                Some(candidate) => ColumnHint::Rename { flag, candidate },
                None => ColumnHint::Name { flag },
            };
            return Err(self.missing(column, hint));
        }
        Ok(found)
    }

    fn layout(&self) -> Result<Layout, Fault> {
        if self.options.wide {
            return self.wide();
        }
        let fk = self.find(&self.options.fk_column)?;
        let score = self.find(&self.options.score_column)?;
        match (fk, score) {
            (Some(fk), Some(score)) => Ok(Layout::Long { fk, score }),
            (Some(fk), None) if self.options.aggregated => self.stats(fk).map(Layout::Stats),
            (Some(fk), None) => Err(self.missing_score(fk)),
            (None, score) => Err(self.missing_fk(score)),
        }
    }

    /// Position of a column, which may be there only once.
    fn find(&self, name: &str) -> Result<Option<usize>, Fault> {
        let mut found = (0..)
            .zip(self.names)
            .filter(|(_, other)| other.trim() == name.trim());
        let first = found.next().map(|(i, _)| i);
        match found.next() {
            Some(_) => Err(Fault::from(InputProblem::DuplicateColumn).column(name)),
            None => Ok(first),
        }
    }

    fn wide(&self) -> Result<Layout, Fault> {
        let (fk, score) = (&self.options.fk_column, &self.options.score_column);
        if let (Some(_), Some(_)) = (self.find(fk)?, self.find(score)?) {
            let (fk, score) = (fk.clone(), score.clone());
            return Err(InputProblem::NotWide { fk, score }.into());
        }
        if self
            .names
            .first()
            .is_some_and(|name| name.trim().is_empty())
        {
            return Err(InputProblem::IndexColumn {
                remedy: "to_csv(index=False)",
            }
            .into());
        }
        // pandas' name for an index without one, where columns come after it
        if self.names.iter().any(|name| name == "__index_level_0__") {
            return Err(InputProblem::IndexColumn {
                remedy: "to_parquet(index=False)",
            }
            .into());
        }
        if self.names.iter().any(|name| name.trim().is_empty()) {
            return Err(InputProblem::BlankFk.into());
        }
        if self.options.task_column.is_some() && self.names.len() == 1 {
            return Err(InputProblem::NoFks.into());
        }
        let mut sorted: Vec<&String> = self.names.iter().collect();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair.first() == pair.last()) {
            Some(pair) => {
                let name = pair.first().map_or("", |name| name.as_str());
                Err(Fault::from(InputProblem::DuplicateColumn).column(name))
            }
            None => Ok(Layout::Wide),
        }
    }

    fn stats(&self, fk: usize) -> Result<StatsColumns, Fault> {
        let (n, mean) = (self.find("n")?, self.find("mean")?);
        let (sd, var, se) = (self.find("sd")?, self.find("var")?, self.find("se")?);
        let Some(mean) = mean else {
            return Err(self.missing_score(fk));
        };
        let columns = |n, spread, kind| StatsColumns {
            fk,
            n,
            mean,
            spread,
            kind,
        };
        match (sd, var, se, n) {
            (Some(_), Some(_), _, _) => Err(conflict("sd", "var")),
            (Some(_), _, Some(_), _) => Err(conflict("se", "sd")),
            (_, Some(_), Some(_), _) => Err(conflict("se", "var")),
            (None, None, Some(se), n) => Ok(columns(n, se, Spread::Se)),
            (None, None, None, _) => Err(self.missing("sd", ColumnHint::Aggregated)),
            (_, _, None, None) => Err(self.missing("n", ColumnHint::Aggregated)),
            (Some(sd), None, None, n) => Ok(columns(n, sd, Spread::Sd)),
            (None, Some(var), None, n) => Ok(columns(n, var, Spread::Var)),
        }
    }

    fn missing_fk(&self, score: Option<usize>) -> Fault {
        let column = &self.options.fk_column;
        let hint = match score {
            None if self.has_numbers() => ColumnHint::NoHeader,
            None if self.alike(column).is_none() => ColumnHint::NameBothOrWide,
            score => self.renamed("--fk-column", column, score),
        };
        self.missing(column, hint)
    }

    fn missing_score(&self, fk: usize) -> Fault {
        let column = &self.options.score_column;
        self.missing(column, self.renamed("--score-column", column, Some(fk)))
    }

    /// The column that is spelled alike, or that is the only one left.
    fn renamed(&self, flag: &'static str, column: &str, taken: Option<usize>) -> ColumnHint {
        let others = (0..).zip(self.names).filter(|(i, _)| Some(*i) != taken);
        let only = || match others.map(|(_, name)| name).collect::<Vec<_>>().as_slice() {
            [name] => Some((*name).clone()),
            _ => None,
        };
        match self.alike(column).or_else(only) {
            Some(candidate) => ColumnHint::Rename { flag, candidate },
            None => ColumnHint::Name { flag },
        }
    }

    fn alike(&self, column: &str) -> Option<String> {
        self.names
            .iter()
            .find(|name| name.trim().eq_ignore_ascii_case(column.trim()))
            .cloned()
    }

    fn has_numbers(&self) -> bool {
        self.names
            .iter()
            .any(|name| name.trim().parse::<f64>().is_ok())
    }

    fn missing(&self, column: &str, hint: ColumnHint) -> Fault {
        let found = ColumnNames(self.names.to_vec());
        InputProblem::MissingColumn {
            column: column.to_owned(),
            found,
            hint,
        }
        .into()
    }
}

fn conflict(first: &str, second: &str) -> Fault {
    let (first, second) = (first.to_owned(), second.to_owned());
    InputProblem::ConflictingColumns { first, second }.into()
}
