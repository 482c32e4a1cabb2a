//! `fkbayes model`: model files.

use super::CommandResult;
use super::exit::{Failure, Outcome};
use super::format::NoFormat;
use super::input_arguments::InputArguments;
use super::model_arguments::ModelArguments;
use super::output::{TalkArguments, print};
use crate::model::{Hierarchy, Model, ModelFile};
use crate::report::to_json;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The JSON Schema of model files.
const SCHEMA: &str = include_str!("../../models/schema.json");

/// Check, resolve or describe model files.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  fkbayes model check mine.toml
  fkbayes model show scores.csv --noise pooled > mine.toml
  fkbayes model schema > fkbayes.schema.json")]
pub(super) struct ModelCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say whether a model file is sound; errors name line and column.
    #[command(
        after_help = "Examples:\n  fkbayes model check mine.toml && fkbayes fit scores.csv --model mine.toml"
    )]
    Check {
        /// Model file (TOML).
        file: PathBuf,
        #[command(flatten)]
        talk: TalkArguments<NoFormat>,
    },
    /// Print the model in force for given scores, every default resolved, as a model file.
    #[command(after_help = "Examples:\n  fkbayes model show scores.csv --noise pooled > mine.toml")]
    Show(Box<Show>),
    /// Print the JSON Schema of model files, by which editors complete them.
    #[command(after_help = "Examples:\n  fkbayes model schema > fkbayes.schema.json")]
    Schema {
        #[command(flatten)]
        talk: TalkArguments<NoFormat>,
    },
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    talk: TalkArguments<NoFormat>,
}

pub(super) fn run(command: &ModelCommand) -> CommandResult {
    let text = match &command.action {
        Action::Check { file, talk } => check(file, talk.json)?,
        Action::Show(show) => resolve(show)?,
        // It is JSON in any case.
        Action::Schema { .. } => SCHEMA.to_owned(),
    };
    print(&text)?;
    Ok(Outcome::Done)
}

fn check(file: &Path, json: bool) -> Result<String, Failure> {
    let stated = ModelFile::read(file)?;
    if json {
        return as_json("fkbayes.model-check/1", &stated.model());
    }
    Ok(format!("{}: sound\n", file.display()))
}

fn resolve(show: &Show) -> Result<String, Failure> {
    let stated = show.model.model(&show.model.file()?)?;
    let effective = Hierarchy::resolve(&stated, &show.input.read(0)?)?.model;
    if show.talk.json {
        return as_json("fkbayes.model-show/1", &effective);
    }
    toml::to_string(&effective).map_err(|error| crate::Error::Internal(error.to_string()).into())
}

/// The one key of the object beside its schema.
#[derive(Serialize)]
struct ModelRecord<'a> {
    model: &'a Model,
}

fn as_json(schema: &'static str, model: &Model) -> Result<String, Failure> {
    Ok(to_json(schema, &ModelRecord { model })? + "\n")
}
