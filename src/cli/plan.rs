//! `fkbayes plan`.

use super::CommandResult;
use super::input_arguments::InputArguments;
use super::model_arguments::ModelArguments;
use super::output::{TalkArguments, print};
use super::progress::{Words, watch_as};
use super::sampler_arguments::SamplerArguments;
use super::suggestions::Suggestions;
use crate::Error;
use crate::data::read_costs;
use crate::draws::{is_draws_file, replace_text};
use crate::fit::{PlanRecord, PlanRequest, Question, plan_draws};
use crate::plan::Objective;
use crate::report::{Detail, curve_mark, plot_curve, render_plan, to_json};
use clap::Args;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;

const LEGEND: &str = "\
The answer, over simulated futures (docs/planning.md):
  expected     share by which the full posterior variance of an importance falls, on average over
               what the new scores may be; 5 % and 95 %: quantiles of that share
  plug-in      more / (n + more + lambda) at the estimate of lambda
  then         root of the expected posterior variance
  equal split  the same number of permutations for every FK, and the sd that it leaves
  P(1st right) probability that the FK with the largest posterior mean will be the one with the
               largest importance; with --top M: that the first M are the largest M
  neighbours   expected share of neighbours in that ranking that stand in the right order
  futures      deviations of the simulated futures from the present posterior, on average none";
const EXAMPLES: &str = "\
Examples:
  fkbayes plan scores.csv --delta 100              100 more of every FK
  fkbayes plan draws.arrow --budget 3000           where 3000 more help most
  fkbayes plan scores.csv --target-sd 0.001        the fewest that reach it
  fkbayes plan scores.csv --target-rank 0.95 --top 3";

/// How many more permutations, of which FK?
///
/// What they would bring, how to spend a budget of them, and the fewest that reach a target. Every answer
/// ends with the curve: total permutations against precision and the ranking.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{LEGEND}\n\n{EXAMPLES}"))]
pub(super) struct PlanArguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    question: QuestionArguments,
    #[command(flatten)]
    terms: TermArguments,
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    sampler: SamplerArguments,
    #[command(flatten)]
    talk: TalkArguments,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Question")]
#[group(multiple = false)]
struct QuestionArguments {
    /// D more permutations of every FK.
    ///
    /// Of those alone that are named with --fk, if any are.
    #[arg(long, value_name = "D", allow_hyphen_values = true)]
    delta: Option<String>,
    /// Spend B permutations where they help most.
    ///
    /// Beside it the equal split, and what no plan can undercut.
    #[arg(long, value_name = "B", allow_hyphen_values = true)]
    budget: Option<String>,
    /// Until every posterior sd is at most S.
    ///
    /// The fewest permutations, per FK and in total; S is in score units.
    #[arg(long, value_name = "S", allow_hyphen_values = true)]
    target_sd: Option<String>,
    /// Until every variance has fallen by R.
    ///
    /// The fewest permutations, per FK and in total, until the share R of every posterior
    /// variance is gone.
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    target_reduction: Option<String>,
    /// Until the first ranks are right, with P.
    ///
    /// The fewest permutations in total until the first ranks (see --top) are right with
    /// probability P.
    #[arg(long, value_name = "P", allow_hyphen_values = true)]
    target_rank: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Terms")]
struct TermArguments {
    /// Only this FK may be permuted; may be repeated.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    fk: Vec<String>,
    /// Costs of one permutation, columns fk and cost.
    ///
    /// A budget is then in their units. An FK without a cost is refused, unless --fk leaves it out.
    #[arg(long, value_name = "FILE")]
    cost: Option<PathBuf>,
    /// sum-variance, max-variance, top-rank or separate.
    ///
    /// What a budget is spent on: the smallest sum of posterior variances (the default), the
    /// smallest largest one, the first ranks right, or neighbours in the ranking told apart.
    #[arg(
        long,
        value_name = "O",
        allow_hyphen_values = true,
        value_parser = OBJECTIVES,
        hide_possible_values = true
    )]
    objective: Option<String>,
    /// How many first ranks are meant.
    ///
    /// By top-rank and by --target-rank.
    #[arg(
        long,
        value_name = "M",
        default_value = "1",
        allow_hyphen_values = true
    )]
    top: String,
    /// Look no further than N permutations.
    ///
    /// Of one FK for --target-sd and --target-reduction, in total for --target-rank.
    #[arg(
        long,
        value_name = "N",
        default_value = "1000000",
        allow_hyphen_values = true
    )]
    most: String,
    /// Simulated futures behind a figure.
    ///
    /// Half as many for each point of the curve; fewer where they would take too long, which the
    /// answer says.
    #[arg(
        long,
        value_name = "N",
        default_value = "1000",
        allow_hyphen_values = true
    )]
    replicates: String,
    /// Draw the curve.
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
}

const OBJECTIVES: Suggestions = Suggestions(&Objective::NAMES);

const WORDS: Words = Words {
    doing: "simulating",
    finishing: "planning",
    unit: Some("futures"),
};

pub(super) fn run(arguments: &PlanArguments) -> CommandResult {
    arguments.check_plot()?;
    let record = arguments.find()?;
    if let Some(path) = &arguments.terms.plot {
        replace_text(path, &curve_mark(), Some(&plot_curve(&record)?))?;
    }
    let view = arguments.talk.view(Detail::Answer);
    arguments.talk.warn(&record.warnings);
    let text = if arguments.talk.json {
        to_json("fkbayes.plan/1", &record)? + "\n"
    } else {
        render_plan(&record, view)
    };
    print(&text)?;
    Ok(arguments.talk.outcome(record.trusted()))
}

impl PlanArguments {
    fn find(&self) -> Result<PlanRecord, Error> {
        let fitter = self.sampler.fitter(&self.model)?;
        let request = self.request(fitter.sampler.seed)?;
        let watched = |work: &dyn Fn(&AtomicU64) -> Result<PlanRecord, Error>| {
            watch_as(WORDS, request.futures(), self.talk.quiet, work)
        };
        match self.input.only_file() {
            Some(draws) if is_draws_file(draws) => {
                self.model.refuse_beside(draws)?;
                watched(&|progress| plan_draws(draws, &request, fitter.threads, progress))
            }
            _ => {
                let data = self.input.read(fitter.threads)?;
                watched(&|progress| fitter.plan(&data, &request, progress))
            }
        }
    }

    fn request(&self, seed: u64) -> Result<PlanRequest, Error> {
        let terms = &self.terms;
        let costs = terms.cost.as_deref().map(read_costs).transpose()?;
        Ok(PlanRequest {
            question: self.question.question(costs.is_some())?,
            objective: match &terms.objective {
                Some(objective) => objective.parse()?,
                None => self.question.usual_objective(),
            },
            top: whole("--top", &terms.top)? as usize,
            fks: terms.fk.clone(),
            costs: costs.unwrap_or_default(),
            most: whole("--most", &terms.most)?,
            replicates: whole("--replicates", &terms.replicates)? as usize,
            seed,
        })
    }

    /// Refuses, before any work is done, a plot in place of something else.
    fn check_plot(&self) -> Result<(), Error> {
        match &self.terms.plot {
            Some(path) => super::output::check_svg(path, &curve_mark()),
            None => Ok(()),
        }
    }
}

impl QuestionArguments {
    fn question(&self, with_costs: bool) -> Result<Question, Error> {
        if let Some(text) = &self.delta {
            return Ok(Question::Delta(whole("--delta", text)?));
        }
        if let Some(text) = &self.budget {
            let budget = if with_costs {
                number("--budget", text)?
            } else {
                whole("--budget", text)? as f64
            };
            return Ok(Question::Budget(budget));
        }
        if let Some(text) = &self.target_sd {
            return number("--target-sd", text).map(Question::TargetSd);
        }
        if let Some(text) = &self.target_reduction {
            return number("--target-reduction", text).map(Question::TargetReduction);
        }
        match &self.target_rank {
            Some(text) => number("--target-rank", text).map(Question::TargetRank),
            None => Ok(Question::Curve),
        }
    }

    /// What the question is about, where nothing else is said.
    fn usual_objective(&self) -> Objective {
        match self.target_rank {
            Some(_) => Objective::TopRank,
            None => Objective::SumVariance,
        }
    }
}

fn number(flag: &str, text: &str) -> Result<f64, Error> {
    text.trim().parse().map_err(|_| Error::Setting {
        setting: format!("{flag} {text}"),
        problem: "is not a number".into(),
    })
}

/// Up to here double precision holds every whole number.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// A whole number, negative ones refused.
fn whole(flag: &str, text: &str) -> Result<u64, Error> {
    let text = text.trim();
    // 1e3 is a whole number too.
    let spelled = text.parse().ok().or_else(|| {
        let number = text.parse::<f64>().ok()?;
        let exact = number.fract() == 0.0 && (0.0..=LARGEST_WHOLE).contains(&number);
        exact.then_some(number as u64)
    });
    spelled.ok_or_else(|| Error::Setting {
        setting: format!("{flag} {text}"),
        problem: "must be a whole number from 1 up".into(),
    })
}
