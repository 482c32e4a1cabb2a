//! Checkpoints on the command line.

use super::output::say;
use crate::Error;
use crate::fit::{Checkpointing, LeftOver, left_over};
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
#[command(next_help_heading = "Draws")]
pub(super) struct CheckpointArguments {
    /// Save the run in FILE while it is under way.
    ///
    /// Its draws stand in FILE.draws. Killed at any moment, it goes on with --resume and ends with the same bytes as if it had never
    /// stopped. Both files are removed once the draws stand under their name.
    #[arg(long, value_name = "FILE", conflicts_with = "no_draws")]
    checkpoint: Option<PathBuf>,
    /// How often to save it: 100ms, 30s, 5m [default: 30s].
    #[arg(
        long,
        value_name = "TIME",
        requires = "checkpoint",
        hide_short_help = true,
        allow_hyphen_values = true,
        value_parser = duration
    )]
    checkpoint_every: Option<Duration>,
    /// Go on with the run that left FILE.
    #[arg(long, requires = "checkpoint")]
    resume: bool,
}

impl CheckpointArguments {
    pub fn path(&self) -> Option<&Path> {
        self.checkpoint.as_deref()
    }

    pub fn checkpointing(&self) -> Option<Checkpointing> {
        Some(Checkpointing {
            path: self.checkpoint.clone()?,
            every: self.checkpoint_every.unwrap_or(EVERY),
            resume: self.resume,
        })
    }

    /// What there is to be resumed.
    pub fn left_over(&self, quiet: bool) -> Result<Option<LeftOver>, Error> {
        let Some(path) = self.checkpoint.as_ref().filter(|_| self.resume) else {
            return Ok(None);
        };
        let left = left_over(path)?;
        if !quiet {
            say(&match left {
                Some(left) => format!(
                    "going on after {} of {} draws per chain",
                    left.draws, left.draws_requested
                ),
                None => format!(
                    "there is no {} to go on with: starting from the beginning",
                    path.display()
                ),
            });
        }
        Ok(left)
    }
}

/// A span of time: a number with its unit.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "give a time such as 100ms, 30s or 5m".to_owned();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = text
        .strip_suffix(unit)
        .and_then(|number| number.parse().ok());
    let number: u64 = number.filter(|number| *number > 0).ok_or_else(wrong)?;
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        _ => return Err(wrong()),
    };
    number
        .checked_mul(milliseconds)
        .map(Duration::from_millis)
        .ok_or_else(wrong)
}
