//! `fkbayes selftest`.

use super::CommandResult;
use super::exit::Outcome;
use super::output::{TalkArguments, print, say};
use super::progress::{Words, watch_as};
use super::sampler_arguments::{threads, whole_seed};
use crate::report::{Detail, render_selftest, to_json};
use crate::selftest::SelfTest;
use clap::Args;

const WORDS: Words = Words {
    doing: "testing",
    finishing: "judging",
    unit: None,
};

const RULES: &str = "\
Chains of every member of the model family, and independent draws through the exact posterior, are \
compared with that posterior; ranks of true values among draws given their scores must be uniform \
(Talts et al. 2018); scores and parameters drawn in turn must leave the prior as it is (Geweke 2004); \
draws must be the same on one thread and on two; and R-hat, ESS and Monte-Carlo errors must be those \
that ArviZ gives. The first three must find an error that is planted in a sampler.

All figures together raise a false alarm in a right program with a probability of at most 1e-4.

Exit codes: 0 if all is as it should be; 1 if not; with --strict 3 if not.";

const EXAMPLES: &str = "\
Examples:
  fkbayes selftest
  fkbayes selftest --seed 7 --json";

/// Check on this machine that the program samples what it should.
///
/// The statistical checks of the program's own tests, in about a minute, and whether they would find an
/// error.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{RULES}\n\n{EXAMPLES}"))]
pub(super) struct SelfTestArguments {
    /// Seed of the random numbers.
    #[arg(long, value_name = "S", default_value = "1", allow_hyphen_values = true, value_parser = whole_seed)]
    seed: u64,
    /// Threads to use; figures do not depend on it [default: all].
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = threads)]
    threads: Option<u32>,
    #[command(flatten)]
    talk: TalkArguments,
}

pub(super) fn run(arguments: &SelfTestArguments) -> CommandResult {
    let test = SelfTest {
        seed: arguments.seed,
        threads: arguments.threads.unwrap_or(0) as usize,
    };
    let found = watch_as(WORDS, test.total(), arguments.talk.quiet, |progress| {
        test.run(progress)
    })?;
    let text = if arguments.talk.json {
        to_json("fkbayes.selftest/1", &found)? + "\n"
    } else {
        render_selftest(&found, arguments.talk.view(Detail::Answer))
    };
    print(&text)?;
    if found.ok {
        return Ok(Outcome::Done);
    }
    say("error: the self-test failed; the answer says where");
    Ok(match arguments.talk.outcome(false) {
        Outcome::Done => Outcome::Failed,
        strict => strict,
    })
}
