//! What a plan is asked for, and whether that makes sense.

use crate::Error;
use crate::data::Data;
use crate::plan::{Budget, MOST, Objective, Outlook, Simulation};
use crate::warning::listed;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicU64;

/// Futures that may be asked for.
const FEWEST_FUTURES: usize = 100;
const MOST_FUTURES: usize = 1_000_000;

/// What is to be found out.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Question {
    /// The curve alone, which every answer has.
    #[default]
    Curve,
    /// What this many more permutations of every open FK bring.
    Delta(u64),
    /// How to spend this much.
    Budget(f64),
    /// The fewest permutations until no open FK has a larger posterior standard deviation, in score units.
    TargetSd(f64),
    /// The fewest permutations until the variance of every open FK has fallen by this share.
    TargetReduction(f64),
    /// The fewest permutations until the first ranks are right with this probability.
    TargetRank(f64),
}

/// A question and its terms.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRequest {
    /// What is to be found out.
    pub question: Question,
    /// What permutations are spent on.
    pub objective: Objective,
    /// How many of the first ranks are to be right.
    pub top: usize,
    /// The FKs that may be permuted; none means all.
    pub fks: Vec<String>,
    /// Cost of one permutation by FK; none means that all cost the same.
    pub costs: Vec<(String, f64)>,
    /// Permutations to consider at most, of one FK for a standard deviation or a reduction, in total for a
    /// ranking.
    pub most: u64,
    /// Simulated futures.
    pub replicates: usize,
    /// Seed of their random numbers.
    pub seed: u64,
}

impl Default for PlanRequest {
    fn default() -> Self {
        Self {
            question: Question::Curve,
            objective: Objective::SumVariance,
            top: 1,
            fks: Vec::new(),
            costs: Vec::new(),
            most: 1_000_000,
            replicates: 1000,
            seed: 1,
        }
    }
}

impl PlanRequest {
    /// Whether the question makes sense for some FKs.
    ///
    /// # Errors
    /// If a number is out of its range.
    pub fn validate(&self, data: &Data) -> Result<(), Error> {
        check_question(self.question)?;
        check_terms(self, data)
    }

    /// Simulated futures that an answer takes, about.
    #[must_use]
    pub fn futures(&self) -> u64 {
        const POINTS: u64 = 9;
        let rounds = match self.question {
            Question::Curve => 0,
            Question::Delta(_) => 1,
            Question::Budget(_) => 4,
            Question::TargetSd(_) | Question::TargetReduction(_) => 4,
            Question::TargetRank(_) => 30,
        };
        (self.replicates as u64).saturating_mul(2 * rounds + POINTS) / 2
    }
}

/// A question that makes sense, in terms of the hierarchy.
pub(super) struct Planned<'a> {
    /// Costs, and which FKs may be permuted, by place in the hierarchy; nothing to spend yet.
    pub terms: Budget,
    pub simulation: Simulation<'a>,
    with_costs: bool,
}

impl<'a> Planned<'a> {
    pub fn new(
        request: &PlanRequest,
        data: &Data,
        outlook: &Outlook,
        progress: &'a AtomicU64,
    ) -> Result<Self, Error> {
        let all = data.fks();
        let names: HashSet<&str> = all.iter().map(|fk| fk.name.as_str()).collect();
        for name in &request.fks {
            known(&names, name, "--fk")?;
        }
        let members: Vec<&str> = (0..outlook.k())
            .map(|k| all[outlook.input_place(k)].name.as_str())
            .collect();
        refuse_constant(request, &members.iter().copied().collect())?;
        let named: HashSet<&str> = request.fks.iter().map(String::as_str).collect();
        let open: Vec<bool> = members
            .iter()
            .map(|name| named.is_empty() || named.contains(name))
            .collect();
        let planned = Self {
            terms: Budget {
                total: 0.0,
                costs: costs(request, &names, &members, &open)?,
                open,
            },
            simulation: Simulation {
                replicates: outlook.affordable(request.replicates),
                seed: request.seed,
                top: request.top,
                progress,
            },
            with_costs: !request.costs.is_empty(),
        };
        planned.check_budget(request)?;
        Ok(planned)
    }

    /// Futures behind each point of the curve: half of those behind an answer, and not too few.
    pub fn curve_replicates(&self) -> usize {
        let all = self.simulation.replicates;
        all.min((all / 2).max(FEWEST_FUTURES))
    }

    pub fn open(&self) -> &[bool] {
        &self.terms.open
    }

    /// What a permutation of the open FKs costs on average.
    fn average_cost(&self) -> f64 {
        let count = self.terms.open_costs().count().max(1);
        self.terms.open_costs().sum::<f64>() / count as f64
    }

    /// Totals of the curve, in permutations, or at what the open FKs' cost on average, with that of the
    /// answer among them.
    pub fn totals(&self, outlook: &Outlook, answer: Option<f64>) -> Vec<f64> {
        let average = self.average_cost();
        let ladder = outlook.totals();
        let ladder = ladder.iter().map(|total| total * average);
        let mut totals: Vec<f64> = ladder.chain(answer.filter(|total| *total > 0.0)).collect();
        totals.sort_by(f64::total_cmp);
        totals.dedup();
        totals
    }

    /// The most to be considered: permutations of one FK, or for a ranking what they cost on average.
    pub fn most(&self, request: &PlanRequest) -> f64 {
        let unit = match request.question {
            Question::TargetRank(_) => self.average_cost(),
            _ => 1.0,
        };
        request.most as f64 * unit
    }

    /// What permutations cost together, where costs were given.
    pub fn cost_of(&self, number: impl Fn(usize) -> Option<u64>) -> Option<f64> {
        let costs = self.terms.costs.iter().enumerate();
        let cost: Option<f64> = costs.map(|(k, cost)| Some(number(k)? as f64 * cost)).sum();
        cost.filter(|_| self.with_costs)
    }

    /// Less than one permutation is no budget, and more than can be counted is none either.
    fn check_budget(&self, request: &PlanRequest) -> Result<(), Error> {
        let Question::Budget(total) = request.question else {
            return Ok(());
        };
        let cheapest = self.terms.cheapest();
        let problem = if total < cheapest {
            format!("affords nothing: the cheapest permutation costs {cheapest}")
        } else if total / cheapest > MOST {
            "affords more than 1e12 permutations; check the units of the costs".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::Setting {
            setting: format!("--budget {total}"),
            problem,
        })
    }
}

fn refuse(setting: String, problem: &str) -> Result<(), Error> {
    Err(Error::Setting {
        setting,
        problem: problem.into(),
    })
}

/// The number that is asked about, in its range.
fn check_question(question: Question) -> Result<(), Error> {
    let share = |x: f64| x > 0.0 && x < 1.0;
    match question {
        Question::Delta(x) if !(1.0..=MOST).contains(&(x as f64)) => refuse(
            format!("--delta {x}"),
            "plan at least one permutation, and at most 1e12",
        ),
        Question::Budget(x) if !(x > 0.0 && x <= MOST) => refuse(
            format!("--budget {x}"),
            "must be positive, and at most 1e12: there is nothing to spend otherwise",
        ),
        Question::TargetSd(x) if !(x > 0.0 && x.is_finite()) => refuse(
            format!("--target-sd {x}"),
            "cannot be reached: a standard deviation falls towards 0 but stays above it; give a \
             positive number, in score units",
        ),
        Question::TargetReduction(x) if !share(x) => refuse(
            format!("--target-reduction {x}"),
            "is no target: give the share by which a variance is to fall, between 0 and 1, such as \
             0.5; all of it goes with infinitely many permutations only",
        ),
        Question::TargetRank(x) if !share(x) => refuse(
            format!("--target-rank {x}"),
            "is no target: give a probability between 0 and 1, such as 0.95; certainty takes \
             infinitely many permutations",
        ),
        _ => Ok(()),
    }
}

/// The other numbers, in theirs.
fn check_terms(request: &PlanRequest, data: &Data) -> Result<(), Error> {
    let k = data.fks().len();
    if !(1..=k).contains(&request.top) {
        return refuse(
            format!("--top {}", request.top),
            &format!("must be from 1 to the number of foreign keys, {k}"),
        );
    }
    if !(FEWEST_FUTURES..=MOST_FUTURES).contains(&request.replicates) {
        return refuse(
            format!("--replicates {}", request.replicates),
            &format!("must be from {FEWEST_FUTURES} to {MOST_FUTURES}: fewer say too little"),
        );
    }
    if !(1.0..=MOST).contains(&(request.most as f64)) {
        return refuse(format!("--most {}", request.most), "must be from 1 to 1e12");
    }
    Ok(())
}

/// The name, if it is one of `names`; else the nearest is suggested.
fn known(names: &HashSet<&str>, name: &str, setting: &str) -> Result<(), Error> {
    if names.contains(name) {
        return Ok(());
    }
    // A slip of case counts less than one of letters.
    let likeness = |other: &str| {
        let folded = strsim::jaro_winkler(&other.to_lowercase(), &name.to_lowercase());
        folded + 1e-3 * strsim::jaro_winkler(other, name)
    };
    let nearest = names
        .iter()
        .map(|other| (likeness(other), other))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
    Err(Error::Setting {
        setting: format!("{setting} '{name}'"),
        problem: match nearest {
            Some((_, nearest)) => format!("there is no such FK; did you mean '{nearest}'?"),
            None => "there is no such FK".into(),
        },
    })
}

/// More scores of an FK whose scores never vary say nothing new.
fn refuse_constant(request: &PlanRequest, planned: &HashSet<&str>) -> Result<(), Error> {
    match request
        .fks
        .iter()
        .find(|name| !planned.contains(name.as_str()))
    {
        None => Ok(()),
        Some(name) => Err(Error::Setting {
            setting: format!("--fk '{name}'"),
            problem:
                "all its scores are equal, so it was set aside: more of them would say nothing \
                      new"
                .into(),
        }),
    }
}

/// The cost of one permutation of every FK of the hierarchy.
fn costs(
    request: &PlanRequest,
    names: &HashSet<&str>,
    planned: &[&str],
    open: &[bool],
) -> Result<Vec<f64>, Error> {
    if request.costs.is_empty() {
        return Ok(vec![1.0; planned.len()]);
    }
    for (name, cost) in &request.costs {
        known(names, name, "--cost: FK")?;
        if !(*cost > 0.0 && *cost <= MOST) {
            return Err(Error::Setting {
                setting: format!("--cost: FK '{name}'"),
                problem: format!("costs {cost}; a cost must be positive, and at most 1e12"),
            });
        }
    }
    let costs = request.costs.iter();
    let costs: HashMap<&str, f64> = costs.map(|(name, cost)| (name.as_str(), *cost)).collect();
    let without: Vec<String> = planned
        .iter()
        .zip(open)
        .filter(|(name, open)| **open && !costs.contains_key(*name))
        .map(|(name, _)| format!("'{name}'"))
        .collect();
    if without.is_empty() {
        let cost = |name: &&str| costs.get(name).copied().unwrap_or(1.0);
        return Ok(planned.iter().map(cost).collect());
    }
    Err(Error::Setting {
        setting: "--cost".into(),
        problem: format!(
            "no cost for FK {}; add a row for each, or leave them out with --fk",
            listed(&without)
        ),
    })
}
