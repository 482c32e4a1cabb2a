//! `fkbayes sensitivity`.

use super::CommandResult;
use super::input_arguments::InputArguments;
use super::model_arguments::{ModelArguments, PRIORS};
use super::output::{TalkArguments, print};
use crate::Error;
use crate::model::Hyperprior;
use crate::report::{Detail, render_sensitivity, to_json};
use crate::sensitivity::{Sensitivity, sensitivity};
use clap::Args;

const LEGEND: &str = "\
The answer, by the exact posterior; no chain is run:
  median     of sigma2_fk, with its 90 % interval
  first      the FK with the largest posterior mean
  P(1st)     probability that its importance is the largest, from up to 4000
             independent draws with a fixed seed
  shift      largest shift of an importance's mean, in its sd under the
             current hyperprior
  sd         largest ratio of an importance's sds, either way
  full/plug  smallest and largest ratio of full to plug-in variance
  power      how fast the posterior moves with the power of hyperprior and
             likelihood; above 0.05 it is sensitive (Kallioinen et al. 2024)";

const EXAMPLES: &str = "\
Examples:
  fkbayes sensitivity scores.csv
  fkbayes sensitivity scores.csv --prior half-cauchy=0.01 --against ig=2,0.001
  fkbayes sensitivity scores.csv --noise pooled --format markdown";

/// Move the hyperprior and see what else moves: is the conclusion the data's or the prior's?
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{LEGEND}\n\n{EXAMPLES}"))]
pub(super) struct SensitivityArguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    model: ModelArguments,
    /// One more hyperprior to set against the current one, spelled as for --prior; may be repeated.
    #[arg(
        long,
        value_name = "PRIOR",
        allow_hyphen_values = true,
        value_parser = PRIORS,
        hide_possible_values = true,
        help_heading = "Model"
    )]
    against: Vec<String>,
    #[command(flatten)]
    talk: TalkArguments,
}

pub(super) fn run(arguments: &SensitivityArguments) -> CommandResult {
    let found = arguments.find()?;
    let view = arguments.talk.view(Detail::Answer);
    arguments.talk.warn(&found.warnings);
    let text = if arguments.talk.json {
        to_json("fkbayes.sensitivity/1", &found)? + "\n"
    } else {
        render_sensitivity(&found, view)
    };
    print(&text)?;
    // There is no chain that could be distrusted.
    Ok(arguments.talk.outcome(true))
}

impl SensitivityArguments {
    fn find(&self) -> Result<Sensitivity, Error> {
        let model = self.model.model(&self.model.file()?)?;
        let against: Result<Vec<Hyperprior>, Error> =
            self.against.iter().map(|prior| prior.parse()).collect();
        sensitivity(&model, &self.input.read(0)?, &against?)
    }
}
