//! How many more permutations, of which foreign key: what `fkbayes plan` answers.

use super::assess::Run;
use super::plan_record::{
    AllocationRow, CurveRow, NeededRow, ObjectiveRecord, PlanRecord, ReductionRow, SimulationRecord,
};
use super::plan_request::{PlanRequest, Planned, Question};
use super::prepared::Prepared;
use super::record::{DiagnosticsRecord, Fit, Fitted};
use super::{Control, Fitter, summarise_file};
use crate::Error;
use crate::data::Data;
use crate::draws::{DrawsFile, Metadata};
use crate::model::Hierarchy;
use crate::numeric::finite;
use crate::plan::{
    Allocation, Consistency, CurvePoint, Forecast, Needed, Outlook, Simulation, shared_draws,
};
use crate::posterior::{
    EmpiricalBayes, ExactPosterior, Hyperparameters, empirical_bayes, variance_reduction,
};
use crate::threads::pool;
use crate::warning::Warning;
use std::path::Path;
use std::sync::atomic::AtomicU64;

/// What planning rests on.
struct Basis<'a> {
    data: &'a Data,
    hierarchy: &'a Hierarchy,
    outlook: Outlook,
    estimate: EmpiricalBayes,
    /// What chains are worth, where there is no exact posterior.
    chains: Option<DiagnosticsRecord>,
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
        request.validate(data)?;
        let prepared = Prepared::new(self, data, None)?;
        let exact = prepared
            .exact
            .as_ref()
            .and_then(|exact| exact.as_ref().ok());
        let basis = match exact {
            Some(exact) => Basis::exactly(data, &prepared.hierarchy, exact)?,
            None => {
                let (fit, draws) =
                    self.fit_prepared(data, &prepared, Control::counting(&AtomicU64::new(0)))?;
                let shared = shared_draws(&prepared.hierarchy, &draws)?;
                Basis::by_draws(data, &prepared.hierarchy, &shared, fit)?
            }
        };
        basis.answer(&prepared.metadata, request, self.threads, progress)
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
    request.validate(file.data())?;
    let exact = file
        .metadata()
        .exact
        .then(|| ExactPosterior::new(file.hierarchy()));
    let basis = match exact {
        Some(Ok(exact)) => Basis::exactly(file.data(), file.hierarchy(), &exact)?,
        _ => {
            let shared = shared_draws(file.hierarchy(), &file)?;
            let fit = summarise_file(path)?;
            Basis::by_draws(file.data(), file.hierarchy(), &shared, fit)?
        }
    };
    basis.answer(file.metadata(), request, threads, progress)
}

impl<'a> Basis<'a> {
    fn exactly(
        data: &'a Data,
        hierarchy: &'a Hierarchy,
        exact: &ExactPosterior,
    ) -> Result<Self, Error> {
        Ok(Self {
            outlook: Outlook::new(data, hierarchy, Some(exact), &[])?,
            estimate: empirical_bayes(hierarchy),
            chains: None,
            data,
            hierarchy,
        })
    }

    /// On some of the draws; variances are those of all.
    fn by_draws(
        data: &'a Data,
        hierarchy: &'a Hierarchy,
        shared: &[Hyperparameters],
        fit: Fit,
    ) -> Result<Self, Error> {
        let outlook = Outlook::new(data, hierarchy, None, shared)?;
        let full = |k: usize| fit.variance.get(outlook.input_place(k))?.full;
        let variances: Vec<Option<f64>> = (0..outlook.k()).map(full).collect();
        Ok(Self {
            outlook: outlook.with_variances(&variances),
            estimate: empirical_bayes(hierarchy),
            chains: Some(fit.diagnostics),
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
        let mut record = self.empty_record(metadata, request, &planned);
        pool(threads)?.install(|| {
            let answer = self.fill_in(&mut record, request, &planned);
            let spent = match request.question {
                Question::Budget(total) => Some(total),
                _ => record.total_cost.or(record.total.map(|total| total as f64)),
            };
            let points = self.curve(request, &planned, spent);
            let checked = points.iter().map(|point| point.consistency);
            record.simulation.consistency = checked.fold(answer, Consistency::and);
            record.curve = points.iter().map(CurveRow::from).collect();
        });
        let checked = record.simulation.consistency;
        if !checked.passed() {
            let warning = Warning::Futures(checked.max_abs_z);
            record.warnings.push(warning.to_string());
        }
        Ok(record)
    }

    fn empty_record(
        &self,
        metadata: &Metadata,
        request: &PlanRequest,
        planned: &Planned<'_>,
    ) -> PlanRecord {
        let run = Run {
            metadata,
            data: self.data,
            hierarchy: self.hierarchy,
            draws_file: None,
            seconds: None,
        };
        PlanRecord {
            fitted: Fitted::of(&run),
            question: request.question,
            simulation: SimulationRecord {
                replicates: planned.simulation.replicates,
                curve_replicates: planned.curve_replicates(),
                seed: request.seed,
                posterior: match self.chains {
                    None => "exact",
                    Some(_) => "chain",
                },
                chains_ok: self.chains.as_ref().map(|chains| chains.ok),
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
            total_cost: None,
            most: planned.most(request),
            top_rank_now: None,
            top_rank_then: None,
            top_rank_then_mcse: None,
            curve: Vec::new(),
            warnings: match &self.chains {
                None => super::assess::warnings(&run, &self.estimate),
                Some(chains) => chains.warnings.clone(),
            },
        }
    }

    /// The answer to the question; how far its futures agree with the present.
    fn fill_in(
        &self,
        record: &mut PlanRecord,
        request: &PlanRequest,
        planned: &Planned<'_>,
    ) -> Consistency {
        let outlook = &self.outlook;
        match request.question {
            Question::Curve => Consistency::default(),
            Question::Delta(delta) => {
                let delta: Vec<u64> = planned
                    .open()
                    .iter()
                    .map(|&open| u64::from(open) * delta)
                    .collect();
                let forecast = outlook.simulate(&delta, planned.simulation);
                record.reduction = Some(self.reductions(&delta, &forecast));
                forecast.consistency
            }
            Question::Budget(total) => {
                let budget = planned.terms.of_total(total);
                let found = outlook.allocate(request.objective, &budget, planned.simulation);
                let now = outlook.simulate(&vec![0; outlook.k()], planned.simulation);
                record.objective_figures = ObjectiveRecord::new(request.objective, &now, &found);
                record.allocation = Some(self.allocation(planned, &found.best, &found.equal));
                let equal = found.equal.forecast.consistency;
                found.best.forecast.consistency.and(equal)
            }
            Question::TargetSd(sd) => self.seek(record, planned, |_| sd * sd),
            Question::TargetReduction(share) => self.seek(record, planned, |k| {
                (1.0 - share) * outlook.variance(k).unwrap_or(f64::INFINITY)
            }),
            Question::TargetRank(probability) => self.seek_rank(record, planned, probability),
        }
    }

    /// The fewest permutations of every FK after which its variance is at most the target.
    fn seek(
        &self,
        record: &mut PlanRecord,
        planned: &Planned<'_>,
        target: impl Fn(usize) -> f64,
    ) -> Consistency {
        let (open, simulation) = (planned.open(), planned.simulation);
        let (needed, forecast) = self
            .outlook
            .needed(target, open, record.most as u64, simulation);
        let number = |k: usize| (needed[k] != Needed::TooMany).then(|| needed[k].number());
        record.total = (0..needed.len()).map(number).sum();
        record.total_cost = planned.cost_of(number);
        record.needed = Some(self.needed(planned, number, &forecast));
        forecast.consistency
    }

    /// The fewest permutations after which the first ranks are right with some probability.
    fn seek_rank(
        &self,
        record: &mut PlanRecord,
        planned: &Planned<'_>,
        probability: f64,
    ) -> Consistency {
        let budget = planned.terms.of_total(record.most);
        let found = self
            .outlook
            .rank_target(probability, &budget, planned.simulation);
        let number = |k: usize| found.delta.as_ref().map(|delta| delta[k]);
        record.total = found.delta.as_ref().map(|delta| delta.iter().sum());
        record.total_cost = planned.cost_of(number);
        record.needed = Some(self.needed(planned, number, &found.then));
        record.top_rank_now = Some(found.now.value);
        record.top_rank_then = Some(found.then.top.value);
        record.top_rank_then_mcse = Some(found.then.top.mcse);
        found.then.consistency
    }

    fn curve(
        &self,
        request: &PlanRequest,
        planned: &Planned<'_>,
        spent: Option<f64>,
    ) -> Vec<CurvePoint> {
        let simulation = Simulation {
            replicates: planned.curve_replicates(),
            ..planned.simulation
        };
        let totals = planned.totals(&self.outlook, spent);
        self.outlook
            .curve(&totals, request.objective, &planned.terms, simulation)
    }

    /// A row for each of some FKs of the hierarchy, in input order.
    fn rows<T>(&self, which: impl Fn(usize) -> bool, row: impl Fn(usize, &str) -> T) -> Vec<T> {
        let name = |k: usize| self.data.fks()[self.outlook.input_place(k)].name.as_str();
        let chosen = (0..self.outlook.k()).filter(|&k| which(k));
        chosen.map(|k| row(k, name(k))).collect()
    }

    fn sd_now(&self, k: usize) -> Option<f64> {
        self.outlook.variance(k).map(f64::sqrt)
    }

    fn reductions(&self, delta: &[u64], forecast: &Forecast) -> Vec<ReductionRow> {
        let outlook = &self.outlook;
        let planned = |k: usize| delta[k] > 0;
        self.rows(planned, |k, name| {
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
        })
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

    fn allocation(
        &self,
        planned: &Planned<'_>,
        best: &Allocation,
        equal: &Allocation,
    ) -> Vec<AllocationRow> {
        let sd = |forecast: &Forecast, k: usize| {
            forecast.fks[k].variance.map(|v| v.value.max(0.0).sqrt())
        };
        self.rows(
            |k| planned.open()[k],
            |k, name| AllocationRow {
                fk: name.to_owned(),
                n: self.outlook.n(k),
                delta: best.delta[k],
                delta_equal_split: equal.delta[k],
                sd_now: self.sd_now(k),
                sd_then: sd(&best.forecast, k),
                sd_equal_split: sd(&equal.forecast, k),
            },
        )
    }

    fn needed(
        &self,
        planned: &Planned<'_>,
        number: impl Fn(usize) -> Option<u64>,
        forecast: &Forecast,
    ) -> Vec<NeededRow> {
        self.rows(
            |k| planned.open()[k],
            |k, name| {
                let then = forecast.fks[k].variance.filter(|_| number(k).is_some());
                NeededRow {
                    fk: name.to_owned(),
                    n: self.outlook.n(k),
                    delta: number(k),
                    sd_now: self.sd_now(k),
                    sd_then: then.map(|then| then.value.max(0.0).sqrt()),
                }
            },
        )
    }
}
