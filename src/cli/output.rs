//! What every subcommand shares: JSON or tables, colours, how much to say, and how to end.

use super::exit::{Failure, Outcome};
use super::format::{AnswerFormat, Formats};
use crate::Error;
use crate::draws::replace_text;
use crate::fit::Fit;
use crate::report::{Detail, Form, Paint, View, render, tamed, tamed_lines, to_json};
use crate::summary::RanksWanted;
use clap::{Args, ValueEnum};
use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArguments<F: Formats = AnswerFormat> {
    /// Add tables: parameters, diagnostics, variances, ranks.
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    pub talk: TalkArguments<F>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct TalkArguments<F: Formats = AnswerFormat> {
    /// Print one JSON object instead of tables.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub format: F,
    /// No progress and no warnings on stderr.
    #[arg(long)]
    pub quiet: bool,
    /// When to use colours.
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Color,
    /// Exit with code 3 if the chains are not to be trusted.
    ///
    /// That is what their diagnostics say; warnings about the model do not count.
    #[arg(long)]
    pub strict: bool,
}

impl<F: Formats> OutputArguments<F> {
    /// Prints the record, and its warnings on stderr unless they are on the same screen already.
    pub fn show(&self, schema: &'static str, fit: &Fit) -> Result<Outcome, Failure> {
        self.talk.warn(&fit.diagnostics.warnings);
        let text = if self.talk.json {
            to_json(schema, fit)? + "\n"
        } else {
            render(fit, self.view())
        };
        print(&text)?;
        Ok(self.talk.outcome(fit.diagnostics.ok))
    }

    /// What the answer says of ranks: the first alone, unless all of it is shown.
    pub fn ranks(&self) -> RanksWanted {
        if self.talk.json || self.full {
            RanksWanted::All
        } else {
            RanksWanted::First
        }
    }

    /// How to show an answer, all of it or what fits a screen.
    pub fn view(&self) -> View {
        self.talk.view(if self.full {
            Detail::Full
        } else {
            Detail::Answer
        })
    }
}

impl<F: Formats> TalkArguments<F> {
    /// How to show an answer.
    pub fn view(&self, detail: Detail) -> View {
        View {
            width: terminal_width(),
            detail,
            form: self.format.form(),
            paint: Paint {
                on: self.wants_color(io::stdout().is_terminal()),
            },
        }
    }

    /// Prints warnings on stderr, unless they are in the answer in the same place already.
    pub fn warn(&self, warnings: &[String]) {
        let in_the_answer = !self.json && self.format.form() != Form::Csv;
        let together = io::stdout().is_terminal() || is_one_place();
        if self.quiet || in_the_answer && together {
            return;
        }
        let paint = Paint {
            on: self.wants_color(io::stderr().is_terminal()),
        };
        for warning in warnings {
            say(&format!("{} {}", paint.warn("warning:"), tamed(warning)));
        }
    }

    /// How to end once the answer stands.
    pub fn outcome(&self, trusted: bool) -> Outcome {
        if trusted || !self.strict {
            Outcome::Done
        } else {
            Outcome::NotTrusted
        }
    }

    fn wants_color(&self, terminal: bool) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !no_color(),
        }
    }
}

/// Whether both streams go to the same file or pipe, as with `2>&1`.
#[cfg(unix)]
fn is_one_place() -> bool {
    use std::fs::File;
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;
    let place = |stream: std::os::fd::BorrowedFd<'_>| {
        let metadata = File::from(stream.try_clone_to_owned().ok()?)
            .metadata()
            .ok()?;
        Some((metadata.dev(), metadata.ino()))
    };
    let (out, err) = (place(io::stdout().as_fd()), place(io::stderr().as_fd()));
    out.is_some() && out == err
}

/// That cannot be told here.
#[cfg(not(unix))]
fn is_one_place() -> bool {
    false
}

/// One line on stderr; a reader who has left is no reason to stop.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// An error on stderr.
pub(super) fn say_error(message: &str) {
    // What is wrong may be a name from a file.
    let message = tamed_lines(message);
    say(&format!("{} {message}", error_paint().bad("error:")));
}

/// Prints an answer. CSV and JSON hold names as they are, for programs; on a terminal nothing but colours
/// may act.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let shown = match stdout.is_terminal() {
        true => Cow::Owned(with_colors_alone(text)),
        false => Cow::Borrowed(text),
    };
    let written = stdout
        .write_all(shown.as_bytes())
        .and_then(|()| stdout.flush());
    written.map_err(Failure::Stdout)
}

/// Text without any escape sequence that is no colour.
fn with_colors_alone(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let mut out = tamed_lines(parts.next().unwrap_or_default());
    for part in parts {
        let color = part
            .strip_prefix('[')
            .and_then(|rest| rest.split_once('m'))
            .filter(|(code, _)| code.chars().all(|c| c.is_ascii_digit() || c == ';'));
        match color {
            Some((code, rest)) => out.push_str(&format!("\x1b[{code}m{}", tamed_lines(rest))),
            None => out.push_str(&format!("{}{}", tamed("\x1b"), tamed_lines(part))),
        }
    }
    out
}

/// Refuses a plot that is no SVG, or that would stand in place of something else.
pub(super) fn check_svg(path: &Path, mark: &str) -> Result<(), Error> {
    let svg = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("svg"));
    if !svg {
        return Err(Error::Setting {
            setting: format!("--plot {}", path.display()),
            problem: "plots are drawn as .svg".into(),
        });
    }
    replace_text(path, mark, None)
}

/// Colours for errors, which can come before `--color` is known.
fn error_paint() -> Paint {
    Paint {
        on: io::stderr().is_terminal() && !no_color(),
    }
}

/// See <https://no-color.org>.
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Columns of the terminal, 80 where there is none; more than 160 would only part the columns.
fn terminal_width() -> usize {
    let wished = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    if let Some(columns) = wished.filter(|_| !io::stdout().is_terminal()) {
        return usize::clamp(columns, 60, 160);
    }
    let columns = console::Term::stdout()
        .size_checked()
        .map_or(80, |(_, columns)| columns);
    usize::from(columns).clamp(60, 160)
}
