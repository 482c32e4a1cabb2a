//! `fkbayes man`: manual pages, from the same words as the help.

use super::CommandResult;
use super::exit::{Failure, Outcome};
use super::output::print;
use crate::Error;
use clap::{Args, Command};
use clap_mangen::Man;
use std::io;

/// Print the manual page, in roff.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  fkbayes man | man -l -
  fkbayes man > fkbayes.1                everything on one page
  fkbayes man fit > fkbayes-fit.1        for packagers who want a page each
  fkbayes man model check > fkbayes-model-check.1")]
pub(super) struct ManArguments {
    /// Subcommand whose own page to print; without one, everything is on one page.
    #[arg(value_name = "SUBCOMMAND")]
    subcommand: Vec<String>,
}

pub(super) fn run(arguments: &ManArguments, command: Command) -> CommandResult {
    let without_help = |command: Command| command.disable_help_subcommand(true);
    let mut command = without_help(command).mut_subcommands(without_help);
    command.build();
    let one = subcommand(&command, &arguments.subcommand)?;
    let mut page = Vec::new();
    title(one, &mut page).map_err(Failure::Stdout)?;
    sections(one, &mut page).map_err(Failure::Stdout)?;
    if arguments.subcommand.is_empty() {
        for leaf in leaves(&command) {
            part(leaf, &mut page).map_err(Failure::Stdout)?;
        }
    }
    print(&once(&String::from_utf8_lossy(&page)))?;
    Ok(Outcome::Done)
}

/// Where the words lead from `command`.
fn subcommand<'a>(command: &'a Command, words: &[String]) -> Result<&'a Command, Error> {
    words.iter().try_fold(command, |command, word| {
        command.find_subcommand(word).ok_or_else(|| Error::Setting {
            setting: format!("'{word}'"),
            problem: format!("is no subcommand of {}", command.get_name()),
        })
    })
}

/// Subcommands that have none themselves.
fn leaves(command: &Command) -> Vec<&Command> {
    let below = |sub| match Command::has_subcommands(sub) {
        true => leaves(sub),
        false => vec![sub],
    };
    command.get_subcommands().flat_map(below).collect()
}

/// A subcommand as part of the page of the command: its sections stand one level down.
fn part(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let mut part = Vec::new();
    sections(command, &mut part)?;
    let heading = format!(".SH \"{}\"\n", bin_name(command).to_uppercase());
    let text = String::from_utf8_lossy(&part).replace(".SH ", ".SS ");
    page.extend((heading + &text).bytes());
    Ok(())
}

fn bin_name(command: &Command) -> &str {
    command.get_bin_name().unwrap_or_else(|| command.get_name())
}

fn title(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let source = concat!("fkbayes ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(source);
    man.render_title(page)?;
    man.render_name_section(page)
}

/// The preamble that stands before every section, in the first place only.
fn once(page: &str) -> String {
    const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";
    PREAMBLE.to_owned() + &page.replace(PREAMBLE, "")
}

/// Everything behind the name.
fn sections(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone());
    let usage = command.clone().render_usage().to_string();
    let usage = text(usage.trim_start_matches("Usage: "));
    page.extend(format!(".SH SYNOPSIS\n{usage}\n").bytes());
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    let long = command.get_after_long_help();
    if let Some(help) = long.or_else(|| command.get_after_help()) {
        for block in help.to_string().split("\n\n") {
            page.extend(block_as_roff(block).bytes());
        }
    }
    Ok(())
}

/// A heading with lines that stand as they are, or a paragraph.
fn block_as_roff(block: &str) -> String {
    match block.split_once(":\n") {
        Some((heading, lines)) if lines.starts_with("  ") => {
            let lines: Vec<String> = lines.lines().map(text).collect();
            format!(
                ".SH \"{}\"\n.nf\n{}\n.fi\n",
                text(heading).to_uppercase(),
                lines.join("\n")
            )
        }
        _ => {
            let lines: Vec<String> = block.lines().map(text).collect();
            format!(".PP\n{}\n", lines.join("\n"))
        }
    }
}

/// Text without a meaning to roff.
fn text(line: &str) -> String {
    let escaped = line.replace('\\', "\\e").replace('-', "\\-");
    match escaped.starts_with(['.', '\'']) {
        true => format!("\\&{escaped}"),
        false => escaped,
    }
}
