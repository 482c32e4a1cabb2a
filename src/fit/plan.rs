//! How many more permutations, of which foreign key: what `fkbayes plan` answers.

use super::assess::Run;
use super::plan_record::{
    AllocationRow, CurveRow, NeededRow, ObjectiveRecord, PlanRecord, ReductionRow, SimulationRecord,
};
use super::plan_request::{PlanRequest, Planned, Question};
use super::record::Fitted;
use super::{Fitter, Prepared};
use crate::Error;
use crate::data::Data;
use crate::draws::{Draws, DrawsFile, MemorySink, Metadata};
use crate::model::Hierarchy;
use crate::numeric::finite;
use crate::plan::{Allocation, Consistency, CurvePoint, Forecast, Needed, Outlook, shared_draws};
use crate::posterior::{
    EmpiricalBayes, ExactPosterior, Hyperparameters, empirical_bayes, variance_reduction,
};
use crate::warning::Warning;
use std::path::Path;
use std::sync::atomic::AtomicU64;

/// Futures behind each point of the curve, as a share of those behind an answer.
const CURVE_SHARE: usize = 2;

/// What planning rests on.
struct Basis<'a> {
    data: &'a Data,
    hierarchy: &'a Hierarchy,
    outlook: Outlook,
    estimate: EmpiricalBayes,
    by_quadrature: bool,
}

impl Fitter {
    /// Plans further permutations from scores, counting simulated futures in `progress`.
    ///
    /// # Errors
    /// If settings, data or the question make no sense.
    pub fn plan(
        &self,
        data: &Data,
        request: &PlanRequest,
        progress: &AtomicU64,
    ) -> Result<PlanRecord, Error> {
        let prepared = self.prepare(data)?;
        let exact = prepared
            .exact
            .as_ref()
            .and_then(|exact| exact.as_ref().ok());
        let draws = match exact {
            Some(_) => Vec::new(),
            None => self.draw_shared(&prepared)?,
        };
        let hierarchy = &prepared.hierarchy;
        let basis = Basis::new(data, hierarchy, exact, &draws)?;
        basis.answer(&prepared.metadata, request, self.threads, progress)
    }

    /// The shared parameters by chains, where there is no exact posterior.
    fn draw_shared(&self, prepared: &Prepared) -> Result<Vec<Hyperparameters>, Error> {
        let mut sinks = vec![MemorySink::default(); self.sampler.chains as usize];
        self.sample(prepared, &mut sinks, &AtomicU64::new(0))?;
        let draws = Draws::from_sinks(prepared.columns.clone(), &sinks);
        shared_draws(&prepared.hierarchy, &draws)
    }
}

/// Plans further permutations from a draws file, on `threads` threads (0: all there are).
///
/// # Errors
/// If the file is not a draws file or is damaged, or the question makes no sense.
pub fn plan_draws(
    path: &Path,
    request: &PlanRequest,
    threads: usize,
    progress: &AtomicU64,
) -> Result<PlanRecord, Error> {
    let file = DrawsFile::open(path)?;
    let exact = file
        .metadata()
        .exact
        .then(|| ExactPosterior::new(file.hierarchy()).ok())
        .flatten();
    let draws = match &exact {
        Some(_) => Vec::new(),
        None => shared_draws(file.hierarchy(), &file)?,
    };
    let basis = Basis::new(file.data(), file.hierarchy(), exact.as_ref(), &draws)?;
    basis.answer(file.metadata(), request, threads, progress)
}

impl<'a> Basis<'a> {
    fn new(
        data: &'a Data,
        hierarchy: &'a Hierarchy,
        exact: Option<&ExactPosterior>,
        draws: &[Hyperparameters],
    ) -> Result<Self, Error> {
        Ok(Self {
            outlook: Outlook::new(data, hierarchy, exact, draws)?,
            estimate: empirical_bayes(hierarchy),
            by_quadrature: exact.is_some(),
            data,
            hierarchy,
        })
    }

    fn answer(
        &self,
        metadata: &Metadata,
        request: &PlanRequest,
        threads: usize,
        progress: &AtomicU64,
    ) -> Result<PlanRecord, Error> {
        let planned = Planned::new(request, self.data, &self.outlook, progress)?;
        let run = Run {
            metadata,
            data: self.data,
            hierarchy: self.hierarchy,
            draws_file: None,
            seconds: None,
        };
        let mut record = PlanRecord {
            fitted: Fitted::of(&run),
            question: request.question,
            simulation: SimulationRecord {
                replicates: planned.simulation.replicates,
                seed: request.seed,
                posterior: if self.by_quadrature { "exact" } else { "chain" },
                consistency: Consistency::default(),
            },
            objective: request.objective,
            top: planned.simulation.top,
            with_costs: !request.costs.is_empty(),
            reduction: None,
            allocation: None,
            objective_figures: ObjectiveRecord::default(),
            needed: None,
            total: None,
            most: request.most,
            top_rank_now: None,
            top_rank_then: None,
            top_rank_then_mcse: None,
            curve: Vec::new(),
            warnings: super::assess::warnings(&run, &self.estimate),
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| Error::Internal(format!("cannot start threads: {error}")))?;
        pool.install(|| {
            self.fill_in(&mut record, request, &planned);
            let points = self.curve(request, &planned);
            let consistency = points.iter().map(|point| point.consistency);
            record.simulation.consistency =
                consistency.fold(Consistency::default(), Consistency::and);
            record.curve = points.iter().map(CurveRow::from).collect();
        });
        if !record.simulation.consistency.passed() {
            record
                .warnings
                .push(Warning::Futures(record.simulation.consistency.max_abs_z).to_string());
        }
        Ok(record)
    }

    fn fill_in(&self, record: &mut PlanRecord, request: &PlanRequest, planned: &Planned<'_>) {
        let outlook = &self.outlook;
        match request.question {
            Question::Curve => {}
            Question::Delta(delta) => {
                let delta: Vec<u64> = planned
                    .open
                    .iter()
                    .map(|&open| u64::from(open) * delta)
                    .collect();
                let forecast = outlook.simulate(&delta, planned.simulation);
                record.reduction = Some(self.reductions(&delta, &forecast));
            }
            Question::Budget(total) => {
                let budget = planned.budget(total);
                let found = outlook.allocate(request.objective, &budget, planned.simulation);
                let now = outlook.simulate(&vec![0; outlook.k()], planned.simulation);
                record.objective_figures = ObjectiveRecord::new(request.objective, &now, &found);
                record.allocation = Some(self.allocation(&found.best, &found.equal));
            }
            Question::TargetSd(sd) => self.seek(record, planned, |_| sd * sd),
            Question::TargetReduction(share) => self.seek(record, planned, |k| {
                (1.0 - share) * outlook.variance(k).unwrap_or(f64::INFINITY)
            }),
            Question::TargetRank(probability) => {
                let budget = planned.budget(request.most as f64);
                let found = outlook.rank_target(probability, &budget, planned.simulation);
                let delta = found.delta.as_deref();
                let of = |k: usize| delta.map(|delta| delta[k]);
                record.total = delta.map(|delta| delta.iter().sum());
                let forecast = delta.map(|delta| outlook.simulate(delta, planned.simulation));
                record.needed = Some(self.needed(of, forecast.as_ref()));
                record.top_rank_now = Some(found.now.value);
                record.top_rank_then = Some(found.then.value);
                record.top_rank_then_mcse = Some(found.then.mcse);
            }
        }
    }

    /// The fewest permutations of every FK after which its variance is at most the target.
    fn seek(&self, record: &mut PlanRecord, planned: &Planned<'_>, target: impl Fn(usize) -> f64) {
        let most = record.most;
        let (needed, forecast) =
            self.outlook
                .needed(target, &planned.open, most, planned.simulation);
        let number = |k: usize| (needed[k] != Needed::TooMany).then(|| needed[k].number());
        record.total = (0..needed.len()).map(number).sum();
        record.needed = Some(self.needed(number, Some(&forecast)));
    }

    fn curve(&self, request: &PlanRequest, planned: &Planned<'_>) -> Vec<CurvePoint> {
        let mut simulation = planned.simulation;
        simulation.replicates = (simulation.replicates / CURVE_SHARE).max(1);
        let totals = planned.totals(&self.outlook);
        let budget = planned.budget(0.0);
        self.outlook
            .curve(&totals, request.objective, &budget, simulation)
    }

    /// A row per FK of the hierarchy, in input order.
    fn rows<T>(&self, row: impl Fn(usize, &str) -> T) -> Vec<T> {
        let name = |k: usize| self.data.fks()[self.outlook.input_place(k)].name.as_str();
        (0..self.outlook.k()).map(|k| row(k, name(k))).collect()
    }

    fn sd_now(&self, k: usize) -> Option<f64> {
        self.outlook.variance(k).map(f64::sqrt)
    }

    fn reductions(&self, delta: &[u64], forecast: &Forecast) -> Vec<ReductionRow> {
        let outlook = &self.outlook;
        let mut rows = self.rows(|k, name| {
            let now = outlook.variance(k);
            let then = forecast.fks[k].variance;
            let share = |variance: f64| Some(1.0 - variance / now?).filter(|_| now > Some(0.0));
            let (formula, low, high) = outlook.formula(k, delta[k]);
            let quantiles = forecast.fks[k].reduction;
            ReductionRow {
                fk: name.to_owned(),
                n: outlook.n(k),
                delta: delta[k],
                plugin: self.plugin_reduction(k, delta[k]),
                expected: then.and_then(|then| share(then.value)),
                expected_mcse: then
                    .and_then(|then| Some(then.mcse / now?))
                    .and_then(finite),
                q5: quantiles.map(|(q5, _)| q5),
                q95: quantiles.map(|(_, q95)| q95),
                at_least: share(outlook.most_variance(k, delta[k])),
                at_most: share(outlook.least_variance(k, delta[k])),
                formula: finite(formula),
                formula_q5: finite(low),
                formula_q95: finite(high),
                sd_now: self.sd_now(k),
                sd_then: then.map(|then| then.value.max(0.0).sqrt()),
            }
        });
        rows.retain(|row| row.delta > 0);
        rows
    }

    /// Δ/(n + Δ + λ̂_k); none where σ̂²_FK is 0 or nothing is known of the FK's noise.
    fn plugin_reduction(&self, k: usize, delta: u64) -> Option<f64> {
        let n = self.outlook.n(k);
        let hierarchy = self.hierarchy;
        let noise = match n {
            0 => hierarchy.common_noise.then_some(hierarchy.sigma2_obs)?,
            _ => hierarchy.sampling_variance(k, hierarchy.sigma2_obs) * n as f64,
        };
        let lambda = finite(noise / self.estimate.sigma2_fk)?;
        Some(variance_reduction(n, delta, lambda))
    }

    fn allocation(&self, best: &Allocation, equal: &Allocation) -> Vec<AllocationRow> {
        let sd = |forecast: &Forecast, k: usize| {
            forecast.fks[k].variance.map(|v| v.value.max(0.0).sqrt())
        };
        self.rows(|k, name| AllocationRow {
            fk: name.to_owned(),
            n: self.outlook.n(k),
            delta: best.delta[k],
            delta_equal_split: equal.delta[k],
            sd_now: self.sd_now(k),
            sd_then: sd(&best.forecast, k),
            sd_equal_split: sd(&equal.forecast, k),
        })
    }

    fn needed(
        &self,
        number: impl Fn(usize) -> Option<u64>,
        forecast: Option<&Forecast>,
    ) -> Vec<NeededRow> {
        self.rows(|k, name| {
            let then = forecast.and_then(|forecast| forecast.fks[k].variance);
            NeededRow {
                fk: name.to_owned(),
                n: self.outlook.n(k),
                delta: number(k),
                sd_now: self.sd_now(k),
                sd_then: then
                    .filter(|_| number(k).is_some())
                    .map(|then| then.value.max(0.0).sqrt()),
            }
        })
    }
}
