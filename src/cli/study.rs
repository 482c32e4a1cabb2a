//! `fkbayes study`.

use super::CommandResult;
use super::exit::Outcome;
use super::interrupt::leaves;
use super::model_arguments::PRIORS;
use super::output::{TalkArguments, check_svg, print, say};
use super::progress::{Words, watch_as};
use super::sampler_arguments::{fresh_seed, threads, whole, whole_seed};
use super::suggestions::Suggestions;
use crate::Error;
use crate::draws::{TableFile, replace_text};
use crate::model::Hyperprior;
use crate::report::{Detail, PLOT_MARK, plot_study, study_table, to_json};
use crate::study::{
    CellRecord, CellSink, Engine, Grid, Observer, Partial, SCHEMA, Settings, Study, read_partial,
    run as run_study, total_cost, write_study,
};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

/// How good is the plug-in formula, over a grid of K, n and lambda?
///
/// Its variances and intervals beside the full posterior's. Every combination of the lists is a cell;
/// sigma2_fk = 1, sigma2_obs = lambda is known, and the hyperprior is in these units.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  fkbayes study                               63 cells, 1000 data sets each
  fkbayes study --k 11 --n 12:50:551 --lambda 101    one cell, unequal n
  fkbayes study --prior flat --out study.arrow --plot study.svg
  fkbayes study --engine exact-expectation --k 10,10000 --n 20 --lambda 10 \\
      --a0 2 --b0 3")]
pub(super) struct StudyArguments {
    /// Numbers of FKs.
    #[arg(
        long,
        value_name = "LIST",
        default_value = "2,3,5,10,20,50,100",
        allow_hyphen_values = true
    )]
    k: String,
    /// Scores per FK; 5:20:80 gives a third of the FKs each.
    #[arg(
        long,
        value_name = "LIST",
        default_value = "5,20,551",
        allow_hyphen_values = true
    )]
    n: String,
    /// Noise variance of one score over sigma2_fk.
    #[arg(
        long,
        value_name = "LIST",
        default_value = "1,10,101",
        allow_hyphen_values = true
    )]
    lambda: String,
    /// Shape of the inverse-gamma hyperprior of sigma2_fk.
    #[arg(long, value_name = "X", requires = "b0", allow_hyphen_values = true)]
    a0: Option<f64>,
    /// Scale of the inverse-gamma hyperprior of sigma2_fk.
    #[arg(long, value_name = "X", requires = "a0", allow_hyphen_values = true)]
    b0: Option<f64>,
    /// Hyperprior of sigma2_fk: ig=A0,B0, half-t=NU,SCALE, half-cauchy=SCALE or flat.
    ///
    /// Without any it is IG(1/2, s/2), s the median of lambda/n.
    #[arg(
        long,
        value_name = "PRIOR",
        allow_hyphen_values = true,
        conflicts_with_all = ["a0", "b0"],
        value_parser = PRIORS,
        hide_possible_values = true
    )]
    prior: Option<String>,
    /// Simulated data sets per cell.
    #[arg(long, value_name = "N", default_value = "1000", allow_hyphen_values = true, value_parser = whole)]
    replicates: u32,
    /// Seed of the random numbers; without one, one is drawn, printed and stored.
    #[arg(long, value_name = "S", allow_hyphen_values = true, value_parser = whole_seed)]
    seed: Option<u64>,
    /// Posteriors by quadrature (exact), by one short chain each (gibbs), or integrated over the data as
    /// well (exact-expectation, equal n).
    #[arg(
        long,
        value_name = "ENGINE",
        default_value = "exact",
        allow_hyphen_values = true,
        value_parser = Suggestions(&["exact", "gibbs", "exact-expectation"]),
        hide_possible_values = true
    )]
    engine: String,
    /// Threads to use; results do not depend on it [default: all].
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = threads)]
    threads: Option<u32>,
    /// Write one row per cell to FILE (.arrow or .parquet); finished cells are kept in FILE.partial
    /// meanwhile.
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    out: Option<PathBuf>,
    /// Go on with the interrupted study that left FILE.partial, if there is one.
    #[arg(long, help_heading = "Results")]
    resume: bool,
    /// Draw ratio and coverage against K.
    #[arg(long, value_name = "FILE.svg", help_heading = "Results")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    talk: TalkArguments,
}

const WORDS: Words = Words {
    doing: "studying",
    finishing: "writing",
    unit: None,
};

pub(super) fn run(arguments: &StudyArguments) -> CommandResult {
    let (settings, known) = arguments.resume(arguments.settings()?)?;
    let file = arguments
        .out
        .as_deref()
        .map(|out| TableFile::create(out, SCHEMA))
        .transpose()?;
    arguments.check_plot(&settings)?;
    let mut partial = match &arguments.out {
        Some(out) => Some(Partial::create(&Partial::path_of(out), &settings, &known)?),
        None => None,
    };
    if let Some(out) = &arguments.out {
        leaves(format!(
            "; finished cells are in {}: go on with --resume",
            Partial::path_of(out).display()
        ));
    }
    let threads = arguments.threads.unwrap_or(0) as usize;
    let study = watch_as(
        WORDS,
        total_cost(&settings),
        arguments.talk.quiet,
        |progress| {
            let mut observer = observer(progress, partial.as_mut());
            run_study(&settings, threads, known, &mut observer)
        },
    )?;
    if let Some(file) = &file {
        write_study(&study, &settings, file)?;
    }
    if let Some(partial) = partial {
        partial.remove()?;
    }
    if let Some(path) = &arguments.plot {
        replace_text(path, PLOT_MARK, Some(&plot_study(&study)?))?;
    }
    print(&arguments.view(&study)?)?;
    Ok(Outcome::Done)
}

fn observer<'a>(progress: &'a AtomicU64, partial: Option<&'a mut Partial>) -> Observer<'a> {
    let keep = |partial: &'a mut Partial| -> CellSink<'a> {
        Box::new(move |cell: &CellRecord| partial.record(cell))
    };
    Observer {
        progress: Some(progress),
        finished: partial.map(keep),
    }
}

impl StudyArguments {
    /// The settings as the flags state them; a seed that is not given is drawn.
    fn settings(&self) -> Result<Settings, Error> {
        let settings = Settings {
            grid: Grid::parse(&self.k, &self.n, &self.lambda)?,
            hyperprior: self.hyperprior()?,
            replicates: self.replicates,
            seed: self.seed.map_or_else(fresh_seed, Ok)?,
            engine: self.engine.parse()?,
        };
        settings.validate()?;
        Ok(settings)
    }

    fn hyperprior(&self) -> Result<Option<Hyperprior>, Error> {
        match (&self.prior, self.a0, self.b0) {
            (Some(prior), _, _) => prior.parse().map(Some),
            (None, Some(a0), Some(b0)) => Hyperprior::inverse_gamma(a0, b0).map(Some),
            _ => Ok(None),
        }
    }

    /// The cells that an interrupted study has finished; a seed that is not given is the study's.
    fn resume(&self, mut settings: Settings) -> Result<(Settings, Vec<CellRecord>), Error> {
        let Some(out) = &self.out else {
            return if self.resume {
                Err(Error::Setting {
                    setting: "--resume".into(),
                    problem: "name the interrupted study's output with --out".into(),
                })
            } else {
                Ok((settings, Vec::new()))
            };
        };
        let path = Partial::path_of(out);
        if !self.resume {
            refuse_left_over(&path)?;
            return Ok((settings, Vec::new()));
        }
        let Some((left, cells)) = read_partial(&path)? else {
            return Ok((settings, Vec::new()));
        };
        if self.seed.is_none() {
            settings.seed = left.seed;
        }
        settings.refuse_other(&left)?;
        if !self.talk.quiet {
            let all = settings.grid.cells().len();
            say(&format!("going on after {} of {all} cells", cells.len()));
        }
        Ok((settings, cells))
    }

    /// Refuses, before any work is done, a plot of nothing or in place of something else.
    fn check_plot(&self, settings: &Settings) -> Result<(), Error> {
        let Some(path) = &self.plot else {
            return Ok(());
        };
        if settings.engine == Engine::ExactExpectation {
            return Err(Error::Setting {
                setting: format!("--plot {}", path.display()),
                problem: "exact-expectation gives neither ratios nor coverage to draw; use \
                          --engine exact"
                    .into(),
            });
        }
        check_svg(path, PLOT_MARK)
    }

    fn view(&self, study: &Study) -> Result<String, Error> {
        if self.talk.json {
            return Ok(to_json(SCHEMA, study)? + "\n");
        }
        Ok(study_table(study, self.talk.view(Detail::Answer)))
    }
}

/// What an interrupted study left is not overwritten unasked.
fn refuse_left_over(path: &Path) -> Result<(), Error> {
    if !path.exists() {
        return Ok(());
    }
    Err(Error::Setting {
        setting: "--out".into(),
        problem: format!(
            "an interrupted study left {}; go on with --resume, or remove that file",
            path.display()
        ),
    })
}
