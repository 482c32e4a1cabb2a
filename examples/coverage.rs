//! Do 90 % intervals cover the truth where the importances are real ones?
//!
//! The truth is examples/data/f1_truth.csv: mean and standard deviation of 4,000 permutation scores
//! of each foreign key of a Formula 1 database. Scores are drawn from it again and again, fitted
//! under four models, and the intervals that hold the key's true mean are counted.
//!
//! Usage: `coverage [REPLICATES] [FACTOR]`. FACTOR multiplies every standard deviation: √50 is what
//! permutations of 10 rows in place of 500 would give. docs/coverage.md says what comes out.

use std::error::Error;
use std::fmt::Write;
use std::num::NonZero;
use std::sync::atomic::AtomicU64;

use fkbayes::data::{Data, FkStats, ForeignKey, ReadOptions, Sample, Source, read};
use fkbayes::diagnostics::r_hat;
use fkbayes::draws::{Columns, Draws, MemorySink};
use fkbayes::model::{Hierarchy, Importance, Model, Noise, SamplerSettings};
use fkbayes::numeric::quantile_sorted;
use fkbayes::sampler::{Generator, Run, run};
use ndarray::ArrayView2;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

const TRUTH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/f1_truth.csv");
/// Ends of the central 90 % interval.
const ENDS: [f64; 2] = [0.05, 0.95];
/// Chains are apart where the R-hat of some importance exceeds this: with 500 draws each, 1.01 would
/// sound many false alarms, and chains that sit in different modes give 1.2 and more.
const APART: f64 = 1.1;
/// Where a key's name is cut, so that a table fits into 80 columns.
const WIDEST_NAME: usize = 29;

/// What is simulated.
pub struct Study {
    /// Data sets per number of scores.
    pub replicates: u32,
    /// What every standard deviation is multiplied by.
    pub factor: f64,
    /// Scores per foreign key: one table each.
    pub sizes: Vec<u32>,
    /// One column each: a heading and the model.
    pub models: Vec<(&'static str, Model)>,
    /// The chains of every fit.
    pub sampler: SamplerSettings,
    /// Seed of scores and chains.
    pub seed: u64,
    /// What every interval's width is multiplied by: 1, but where a test wants to see itself fail.
    pub stretch: f64,
}

impl Default for Study {
    fn default() -> Self {
        Self {
            replicates: 200,
            factor: 1.0,
            sizes: vec![12, 30, 100],
            models: models(),
            // Where chains mix, importances are all but independent from draw to draw. From 2,000 of
            // them the ends of an interval have a Monte-Carlo error of 0.05 posterior standard
            // deviations: their noise and the bias of sample quantiles together cost 0.0013 of coverage.
            sampler: SamplerSettings {
                chains: 4,
                warmup: 200,
                draws: 500,
                ..SamplerSettings::default()
            },
            seed: 1,
            stretch: 1.0,
        }
    }
}

/// Every combination of noise and law of the importances: N for normal, t for Student-t.
fn models() -> Vec<(&'static str, Model)> {
    let per_fk = Noise::PerFk { c0: 1.0 };
    let student_t = Importance::StudentT { nu: 4.0 };
    [
        ("pooled/N", Noise::Pooled, Importance::Normal),
        ("pooled/t", Noise::Pooled, student_t),
        ("per-fk/N", per_fk, Importance::Normal),
        ("per-fk/t", per_fk, student_t),
    ]
    .map(|(heading, noise, importance)| {
        let model = Model {
            noise,
            importance,
            ..Model::default()
        };
        (heading, model)
    })
    .into()
}

/// A foreign key as it really is.
#[derive(Debug, Clone)]
pub struct Truth {
    /// Its name.
    pub fk: String,
    /// Its importance, in nat.
    pub mean: f64,
    /// Standard deviation of one score, in nat. Where it is 0 all scores are equal, the fit sets the
    /// key aside as known, and there is no interval to speak of.
    pub sd: f64,
}

impl Truth {
    fn scores(&self, n: u32, rng: &mut Generator) -> ForeignKey {
        let mut stats = FkStats::default();
        for _ in 0..n {
            let z: f64 = rng.sample(StandardNormal);
            stats.observe(self.mean + self.sd * z);
        }
        ForeignKey {
            name: self.fk.as_str().into(),
            sample: Sample::Scores(stats),
        }
    }
}

/// The truth table, its standard deviations multiplied by `factor`.
pub fn truth(factor: f64) -> Result<Vec<Truth>, fkbayes::Error> {
    let pools = read(&[Source::from(TRUTH)], &ReadOptions::default())?;
    let truth = pools.fks().iter().filter_map(|fk| match fk.sample {
        Sample::Scores(pool) => Some(Truth {
            fk: fk.name.to_string(),
            mean: pool.mean()?,
            sd: factor * pool.variance()?.sqrt(),
        }),
        Sample::Estimate { .. } => None,
    });
    Ok(truth.collect())
}

/// How often the intervals of one model held the truth.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Data sets so far.
    pub replicates: u32,
    /// Intervals that held the truth, per foreign key.
    pub hits: Vec<u32>,
    /// Hits per data set over all keys that vary, and their squares, summed over data sets.
    sums: [u64; 2],
    /// Data sets whose chains did not agree: their intervals mix places where single chains stay.
    pub apart: u32,
}

/// What one fit gives.
struct Outcome {
    /// Per key, whether its interval holds the truth; `None` where there is no interval.
    held: Vec<Option<bool>>,
    /// Whether chains are apart.
    apart: bool,
}

impl Tally {
    fn new(fks: usize) -> Self {
        Self {
            hits: vec![0; fks],
            ..Self::default()
        }
    }

    fn count(&mut self, outcome: &Outcome) {
        let mut hits = 0;
        for (slot, held) in self.hits.iter_mut().zip(&outcome.held) {
            let hit = u32::from(*held == Some(true));
            *slot += hit;
            hits += u64::from(hit);
        }
        self.replicates += 1;
        self.apart += u32::from(outcome.apart);
        self.sums[0] += hits;
        self.sums[1] += hits * hits;
    }

    fn merge(&mut self, other: &Self) {
        self.replicates += other.replicates;
        self.apart += other.apart;
        for (slot, hits) in self.hits.iter_mut().zip(&other.hits) {
            *slot += hits;
        }
        for (slot, sum) in self.sums.iter_mut().zip(other.sums) {
            *slot += sum;
        }
    }

    /// Coverage of key `k` and its Monte-Carlo standard error.
    pub fn coverage(&self, k: usize) -> (f64, f64) {
        self.share(self.hits[k])
    }

    /// The share of data sets. One data set inside and one outside more go into its error, so that
    /// it is not 0 where all are inside.
    fn share(&self, count: u32) -> (f64, f64) {
        let (count, of) = (f64::from(count), f64::from(self.replicates));
        let p = (count + 1.0) / (of + 2.0);
        (count / of, (p * (1.0 - p) / of).sqrt())
    }

    /// Average coverage over `fks` keys. Intervals of one data set share its noise and its σ²_FK, so
    /// the error is that of the average of whole data sets.
    pub fn average(&self, fks: usize) -> (f64, f64) {
        let of = f64::from(self.replicates);
        let [mean, square] = self.sums.map(|sum| sum as f64 / of);
        let variance = (square - mean * mean).max(0.0) / of;
        (mean / fks as f64, variance.sqrt() / fks as f64)
    }
}

/// The tallies of all models at one number of scores.
pub struct Table {
    /// Scores per foreign key.
    pub n: u32,
    /// In the order of the study's models.
    pub tallies: Vec<Tally>,
}

impl Study {
    /// One table per number of scores.
    pub fn tables(&self, truth: &[Truth]) -> Result<Vec<Table>, fkbayes::Error> {
        let table = |&n| {
            let tallies = self.tallies(truth, n)?;
            Ok(Table { n, tallies })
        };
        self.sizes.iter().map(table).collect()
    }

    /// Each thread takes every so-manieth data set. The chains start threads of their own, which a
    /// shared pool of workers does not go well with.
    fn tallies(&self, truth: &[Truth], n: u32) -> Result<Vec<Tally>, fkbayes::Error> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let share = |first: usize| {
            let mut tallies = vec![Tally::new(truth.len()); self.models.len()];
            for replicate in (first as u32..self.replicates).step_by(threads) {
                self.replicate(truth, n, replicate, &mut tallies)?;
            }
            Ok(tallies)
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|first| scope.spawn(move || share(first)))
                .collect();
            let mut total = vec![Tally::new(truth.len()); self.models.len()];
            for worker in workers {
                let tallies: Vec<Tally> = match worker.join() {
                    Ok(tallies) => tallies?,
                    Err(panic) => std::panic::resume_unwind(panic),
                };
                for (total, tally) in total.iter_mut().zip(&tallies) {
                    total.merge(tally);
                }
            }
            Ok(total)
        })
    }

    /// One data set, fitted under every model: differences between columns are not those of luck.
    fn replicate(
        &self,
        truth: &[Truth],
        n: u32,
        replicate: u32,
        tallies: &mut [Tally],
    ) -> Result<(), fkbayes::Error> {
        let stream = u64::from(n) << 32 | u64::from(replicate);
        let mut rng = Generator::seed_from_u64(self.seed.rotate_left(48) ^ stream);
        let data = Data::new(truth.iter().map(|fk| fk.scores(n, &mut rng)).collect())?;
        let settings = SamplerSettings {
            seed: rng.random(),
            ..self.sampler.clone()
        };
        for ((_, model), tally) in self.models.iter().zip(tallies) {
            tally.count(&self.fit(truth, &data, model, &settings)?);
        }
        Ok(())
    }

    fn fit(
        &self,
        truth: &[Truth],
        data: &Data,
        model: &Model,
        settings: &SamplerSettings,
    ) -> Result<Outcome, fkbayes::Error> {
        let hierarchy = Hierarchy::resolve(model, data)?;
        let columns = Columns::new(&hierarchy, truth.iter().map(|fk| fk.fk.as_str()));
        let mut sinks = vec![MemorySink::default(); settings.chains as usize];
        let job = Run {
            hierarchy: &hierarchy,
            exact: None,
            settings,
            kept: None,
            threads: 1,
            progress: &AtomicU64::new(0),
        };
        run(job, &mut sinks)?;
        let draws = Draws::from_sinks(columns, &sinks);
        let held = truth.iter().map(|fk| {
            let (low, high) = interval(&draws, &fk.fk, self.stretch)?;
            (fk.sd > 0.0).then_some(low <= fk.mean && fk.mean <= high)
        });
        let held = held.collect();
        let apart = truth.iter().any(|fk| {
            let r_hat = alpha(&draws, &fk.fk).and_then(r_hat);
            r_hat.is_some_and(|r_hat| r_hat > APART)
        });
        Ok(Outcome { held, apart })
    }

    /// The tables as text of 80 columns.
    pub fn render(&self, truth: &[Truth], tables: &[Table]) -> Result<String, std::fmt::Error> {
        let mut out = String::new();
        writeln!(
            out,
            "Coverage of 90 % intervals: {} data sets per table, every sd times {}, seed {};\n\
             {} chains of {} draws. After ± the Monte-Carlo standard error. α/se is the true\n\
             importance over the standard error of its mean score; chains are apart where\n\
             the R-hat of some importance exceeds {APART}. Importances are normal (N) or\n\
             student-t=4 (t).",
            self.replicates, self.factor, self.seed, self.sampler.chains, self.sampler.draws
        )?;
        for table in tables {
            self.render_table(&mut out, truth, table)?;
        }
        Ok(out)
    }

    fn render_table(
        &self,
        out: &mut String,
        truth: &[Truth],
        table: &Table,
    ) -> Result<(), std::fmt::Error> {
        let n = f64::from(table.n);
        writeln!(
            out,
            "\nn = {} scores per key; λ/n = {:.2e}",
            table.n,
            lambda(truth) / n
        )?;
        write!(out, "{:WIDEST_NAME$}{:>7}", "fk", "α/se")?;
        for (heading, _) in &self.models {
            write!(out, " {heading:>10}")?;
        }
        writeln!(out)?;
        for (k, fk) in truth.iter().enumerate() {
            write!(out, "{:WIDEST_NAME$}", shortened(&fk.fk))?;
            if fk.sd == 0.0 {
                writeln!(out, "  constant: set aside, its importance known")?;
                continue;
            }
            write!(out, "{:>7.1}", fk.mean / (fk.sd / n.sqrt()))?;
            render_cells(out, table.tallies.iter().map(|tally| tally.coverage(k)))?;
        }
        let varying = truth.iter().filter(|fk| fk.sd > 0.0).count();
        let (tallies, name) = (&table.tallies, WIDEST_NAME + 7);
        write!(out, "{:name$}", "average")?;
        render_cells(out, tallies.iter().map(|tally| tally.average(varying)))?;
        write!(out, "{:name$}", "data sets with chains apart")?;
        render_cells(out, tallies.iter().map(|tally| tally.share(tally.apart)))
    }
}

/// The draws of a key's importance, as (chain × draw).
fn alpha<'a>(draws: &'a Draws, fk: &str) -> Option<ArrayView2<'a, f64>> {
    draws.get(&format!("alpha[{fk}]"))
}

/// The central 90 % interval of a key's importance, its width multiplied by `stretch`.
fn interval(draws: &Draws, fk: &str, stretch: f64) -> Option<(f64, f64)> {
    let mut sorted: Vec<f64> = alpha(draws, fk)?.iter().copied().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let [low, high] = ENDS.map(|p| quantile_sorted(&sorted, p));
    let (low, high) = (low?, high?);
    let (middle, half) = (0.5 * (low + high), 0.5 * stretch * (high - low));
    Some((middle - half, middle + half))
}

/// Average noise variance over the mean square of the importances: n/(n + λ) is how much of a mean
/// score survives under common noise and normal importances.
fn lambda(truth: &[Truth]) -> f64 {
    let sum = |square: fn(&Truth) -> f64| truth.iter().map(square).sum::<f64>();
    sum(|fk| fk.sd * fk.sd) / sum(|fk| fk.mean * fk.mean)
}

fn render_cells(
    out: &mut String,
    cells: impl Iterator<Item = (f64, f64)>,
) -> Result<(), std::fmt::Error> {
    for (coverage, error) in cells {
        let error = format!("{error:.3}");
        write!(out, " {coverage:.3}±{}", error.trim_start_matches('0'))?;
    }
    writeln!(out)
}

/// Names are ASCII here; a long one keeps both its ends.
fn shortened(name: &str) -> String {
    let Some(excess) = name.len().checked_sub(WIDEST_NAME - 1).filter(|&e| e > 0) else {
        return name.to_owned();
    };
    let keep = name.len() - excess - 1;
    let (head, tail) = (keep / 2, name.len() - (keep - keep / 2));
    format!("{}…{}", &name[..head], &name[tail..])
}

/// The study as text.
pub fn report(study: &Study) -> Result<String, Box<dyn Error>> {
    let truth = truth(study.factor)?;
    let tables = study.tables(&truth)?;
    Ok(study.render(&truth, &tables)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut study = Study::default();
    let mut arguments = std::env::args().skip(1);
    if let Some(replicates) = arguments.next() {
        study.replicates = replicates.parse()?;
    }
    if let Some(factor) = arguments.next() {
        study.factor = factor.parse()?;
    }
    if study.replicates == 0 || !(study.factor > 0.0 && study.factor.is_finite()) {
        return Err("usage: coverage [REPLICATES] [FACTOR], both positive".into());
    }
    print!("{}", report(&study)?);
    Ok(())
}
