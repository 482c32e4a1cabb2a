//! Scores from any number of inputs, each in a format and layout of its own.

use super::collect::Collector;
use super::fault::Fault;
use super::format::Format;
use super::problem::InputProblem;
use super::source::{Opened, Source};
use super::tasks::Tasks;
use super::{Data, Scores, arrow, parquet, text};
use crate::Error;

/// What the caller says of the inputs' layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Every column is an FK, every row a permutation.
    pub wide: bool,
    /// Name of the FK column, `fk` by default.
    pub fk_column: String,
    /// Name of the score column, `score` by default.
    pub score_column: String,
    /// Whether aggregated scores will do where there is no score column.
    pub aggregated: bool,
    /// Threads to read with, 0 for all there are; what is read does not depend on it.
    pub threads: usize,
    /// Name of the column that tells tasks apart, for [`read_tasks`]; [`read`] takes all rows for one
    /// task.
    pub task_column: Option<String>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            wide: false,
            fk_column: "fk".to_owned(),
            score_column: "score".to_owned(),
            aggregated: true,
            threads: 0,
            task_column: None,
        }
    }
}

/// Reads scores in one pass, in constant memory per FK; several inputs count as one.
///
/// Formats (CSV, TSV, Parquet, Arrow IPC file or stream) are told by content; layouts (long, wide,
/// aggregated) by the columns. FKs keep the order in which they are first seen.
///
/// # Errors
///
/// [`Error::Input`] with the input's name, the place and the remedy, for whatever is wrong in an
/// input; [`Error::Setting`] if the options contradict themselves or there is no input;
/// [`Error::Internal`] if a pipe cannot be spooled.
pub fn read(inputs: &[Source], options: &ReadOptions) -> Result<Data, Error> {
    Ok(gather(inputs, options, Collector::default())?
        .finish_checked()?
        .0)
}

/// The same, with the scores themselves beside the data, where they did not come aggregated.
///
/// # Errors
///
/// As [`read`].
pub fn read_with_scores(inputs: &[Source], options: &ReadOptions) -> Result<(Data, Scores), Error> {
    gather(inputs, options, Collector::keeping_scores())?.finish_checked()
}

/// Reads the scores of several tasks in one pass: one problem for each value of the task column.
///
/// What is wrong with a row is an error, as for [`read`]; what is wrong with a task as a whole is told by
/// its [`Tasks::data`].
///
/// # Errors
///
/// As [`read`], and [`Error::Setting`] if no task column is named.
pub fn read_tasks(inputs: &[Source], options: &ReadOptions) -> Result<Tasks, Error> {
    if options.task_column.is_none() {
        return Err(setting("--by", "name the column that tells tasks apart"));
    }
    Ok(gather(inputs, options, Collector::by_task())?.finish_tasks())
}

fn gather(
    inputs: &[Source],
    options: &ReadOptions,
    mut collector: Collector,
) -> Result<Collector, Error> {
    check(inputs, options)?;
    for source in inputs {
        let named = |fault: Fault| fault.in_file(source.to_string());
        let opened = source.open().map_err(named)?;
        read_one(opened, options, &mut collector)?.map_err(named)?;
        collector.check().map_err(named)?;
    }
    Ok(collector)
}

/// Reads one input; the outer error is one that the input is not to blame for.
fn read_one(
    opened: Opened,
    options: &ReadOptions,
    out: &mut Collector,
) -> Result<Result<(), Fault>, Error> {
    match opened.format {
        Format::Text => text::read(opened.length(), opened.into_text(), options, out),
        Format::Parquet => parquet::read(opened.into_file()?, options, out),
        Format::ArrowFile => Ok(arrow::read_file(opened.into_file()?, options, out)),
        Format::ArrowStream => Ok(arrow::read_stream(opened.into_stream(), options, out)),
    }
}

fn check(inputs: &[Source], options: &ReadOptions) -> Result<(), Error> {
    if inputs.is_empty() {
        return Err(setting(
            "INPUT",
            "none given; name at least one file, or '-'",
        ));
    }
    if options.fk_column.trim() == options.score_column.trim() {
        return Err(setting(
            "--fk-column",
            "names the same column as --score-column",
        ));
    }
    let is_task_column = |name: &str| {
        let task = options.task_column.as_ref();
        task.is_some_and(|task| task.trim() == name.trim())
    };
    if is_task_column(&options.fk_column) {
        return Err(setting("--by", "names the FK column; name another one"));
    }
    if is_task_column(&options.score_column) {
        return Err(setting("--by", "names the score column; name another one"));
    }
    if inputs
        .iter()
        .filter(|source| **source == Source::Stdin)
        .count()
        > 1
    {
        return Err(Fault::from(InputProblem::StdinTwice).in_file(Source::Stdin.to_string()));
    }
    Ok(())
}

fn setting(setting: &str, problem: &str) -> Error {
    Error::Setting {
        setting: setting.to_owned(),
        problem: problem.to_owned(),
    }
}
