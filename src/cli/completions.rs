//! `fkbayes completions`.

use super::CommandResult;
use super::exit::Outcome;
use super::output::print;
use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// Print a script by which a shell completes this command.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  fkbayes completions bash > ~/.local/share/bash-completion/completions/fkbayes
  fkbayes completions zsh > ~/.zfunc/_fkbayes      with ~/.zfunc in fpath
  fkbayes completions fish > ~/.config/fish/completions/fkbayes.fish
  fkbayes completions powershell >> $PROFILE")]
pub(super) struct CompletionsArguments {
    /// The shell that reads it.
    shell: Shell,
}

pub(super) fn run(arguments: &CompletionsArguments, mut command: Command) -> CommandResult {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(arguments.shell, &mut command, name, &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
