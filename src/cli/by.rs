//! `fkbayes fit --by COLUMN`: many hierarchies, one table.

use super::CommandResult;
use super::fit::FitArguments;
use super::output::print;
use super::progress::{Words, watch_as};
use crate::Error;
use crate::by::{Outputs, SCHEMA, TableTarget, fit_tasks_to_files};
use crate::data::TableFormat;
use crate::draws::Format;
use crate::report::{render_tasks, to_json};
use std::path::Path;

const DEFAULT_TABLE: &str = "fits.arrow";

const WORDS: Words = Words {
    doing: "fitting",
    finishing: "writing",
    unit: Some("tasks"),
};

pub(super) fn run(arguments: &FitArguments, column: &str) -> CommandResult {
    let talk = &arguments.output.talk;
    talk.format.check(talk.json)?;
    let fitter = arguments.sampler.fitter(&arguments.model)?;
    let outputs = outputs(arguments)?;
    outputs.check()?;
    let tasks = arguments.input.read_tasks(column, fitter.threads)?;
    let fits = watch_as(WORDS, tasks.len() as u64, talk.quiet, |progress| {
        fit_tasks_to_files(&fitter, &tasks, &outputs, progress)
    })?;
    let text = if talk.json {
        to_json(SCHEMA, &fits)? + "\n"
    } else {
        render_tasks(&fits, arguments.output.view())
    };
    print(&text)?;
    Ok(talk.outcome(fits.ok()))
}

fn outputs(arguments: &FitArguments) -> Result<Outputs, Error> {
    let out = arguments.out.as_deref().unwrap_or(Path::new(DEFAULT_TABLE));
    let stated = arguments.output.talk.format.file().map(table_format);
    let draws = arguments.draws_out.as_deref();
    Ok(Outputs {
        table: TableTarget {
            path: out.to_owned(),
            format: match stated {
                Some(format) => format,
                None => by_extension("--out", out)?,
            },
        },
        draws: draws.map(draws_target).transpose()?,
    })
}

fn draws_target(path: &Path) -> Result<TableTarget, Error> {
    Ok(TableTarget {
        path: path.to_owned(),
        format: by_extension("--draws-out", path)?,
    })
}

fn by_extension(flag: &str, path: &Path) -> Result<TableFormat, Error> {
    TableFormat::of_path(path).ok_or_else(|| Error::Setting {
        setting: format!("{flag} {}", path.display()),
        problem: "tables are written as .arrow, .parquet or .csv".into(),
    })
}

fn table_format(format: Format) -> TableFormat {
    match format {
        Format::Arrow => TableFormat::Arrow,
        Format::Parquet => TableFormat::Parquet,
    }
}
