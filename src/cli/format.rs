//! What `--format` means, which is not the same everywhere: the form of the answer, and for commands
//! that write tables the format of their file.

use super::suggestions::Suggestions;
use crate::Error;
use crate::draws::Format;
use crate::report::Form;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// In which form the answer is to be shown.
pub(super) trait Formats: Args {
    /// As `--format` has it.
    fn form(&self) -> Form;
}

/// `--format` where nothing but the answer has a form.
#[derive(Debug, Args)]
pub(super) struct AnswerFormat {
    /// Form of the answer: table, csv or markdown.
    ///
    /// csv is the first table alone, with every FK and under the names that the JSON has: numbers at
    /// full precision, empty where there is none. markdown is all tables, with the sentences.
    #[arg(
        long,
        value_name = "FORM",
        default_value = "table",
        hide_possible_values = true,
        conflicts_with = "json",
        value_parser = PossibleValuesParser::new(["table", "csv", "markdown"])
            .try_map(|form| form.parse::<Form>())
    )]
    format: Form,
}

impl Formats for AnswerFormat {
    fn form(&self) -> Form {
        self.format
    }
}

/// `--format` where draws are written too: their formats have other names than the forms of the answer.
#[derive(Debug, Args)]
pub(super) struct DrawsFormat {
    /// Form of the answer: table, csv or markdown; or format of the draws: arrow or parquet.
    ///
    /// Both may be given, one after the other. csv is the first table alone, with every FK and under
    /// the names that the JSON has: numbers at full precision, empty where there is none. markdown is
    /// all tables, with the sentences. The draws' format is by default that of --out's extension.
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        value_parser = Suggestions(&["table", "csv", "markdown", "arrow", "parquet"])
    )]
    format: Vec<String>,
}

impl Formats for DrawsFormat {
    fn form(&self) -> Form {
        let mut words = self.format.iter();
        words.find_map(|word| word.parse().ok()).unwrap_or_default()
    }
}

impl DrawsFormat {
    /// The format of the draws, where it is given.
    pub fn file(&self) -> Option<Format> {
        self.format.iter().find_map(|word| word.parse().ok())
    }

    /// Refuses what is neither a form nor a format, two of either, and a form of what is JSON.
    pub fn check(&self, json: bool) -> Result<(), Error> {
        let wrong = |setting: String, problem: &str| {
            let problem = problem.to_owned();
            Err(Error::Setting { setting, problem })
        };
        let is_form = |word: &&String| word.parse::<Form>().is_ok();
        let is_file = |word: &&String| word.parse::<Format>().is_ok();
        let unknown = |word: &&String| !is_form(word) && !is_file(word);
        if let Some(word) = self.format.iter().find(unknown) {
            return wrong(
                format!("format '{word}'"),
                "is neither arrow nor parquet, for the draws, nor table, csv or markdown, for the \
                 answer",
            );
        }
        let forms: Vec<&String> = self.format.iter().filter(is_form).collect();
        let files: Vec<&String> = self.format.iter().filter(is_file).collect();
        for words in [&forms, &files] {
            if let [first, second, ..] = words.as_slice() {
                return wrong(
                    format!("--format {first} and --format {second}"),
                    "exclude each other",
                );
            }
        }
        match forms.first().filter(|_| json) {
            Some(form) => wrong(
                format!("--format {form}"),
                "cannot be used with --json, which is a form of the answer itself",
            ),
            None => Ok(()),
        }
    }
}

/// No `--format` of the answer: it has no tables.
#[derive(Debug, Args)]
pub(super) struct NoFormat {}

impl Formats for NoFormat {
    fn form(&self) -> Form {
        Form::Table
    }
}
