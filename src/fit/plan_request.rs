//! What a plan is asked for, and whether that makes sense.

use crate::Error;
use crate::data::Data;
use crate::plan::{Budget, Objective, Outlook, Simulation};
use crate::warning::listed;
use std::sync::atomic::AtomicU64;

/// Counts beyond this have no use, and sums of them no digits.
const LARGEST: f64 = 1e12;

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
        self.replicates as u64 * (2 * rounds + POINTS) / 2
    }
}

/// A question that makes sense, in terms of the hierarchy.
pub(super) struct Planned<'a> {
    /// Which FKs may be permuted, by place in the hierarchy.
    pub open: Vec<bool>,
    pub costs: Vec<f64>,
    pub simulation: Simulation<'a>,
}

impl<'a> Planned<'a> {
    pub fn new(
        request: &PlanRequest,
        data: &Data,
        outlook: &Outlook,
        progress: &'a AtomicU64,
    ) -> Result<Self, Error> {
        check_numbers(request, data)?;
        let names: Vec<&str> = data.fks().iter().map(|fk| fk.name.as_str()).collect();
        for name in &request.fks {
            known(&names, name, "--fk")?;
        }
        let planned_names: Vec<&str> = (0..outlook.k())
            .map(|k| names[outlook.input_place(k)])
            .collect();
        refuse_constant(request, &planned_names)?;
        let open: Vec<bool> = planned_names
            .iter()
            .map(|name| request.fks.is_empty() || request.fks.iter().any(|open| open == name))
            .collect();
        let planned = Self {
            costs: costs(request, &names, &planned_names, &open)?,
            open,
            simulation: Simulation {
                replicates: outlook.affordable(request.replicates),
                seed: request.seed,
                top: request.top,
                progress,
            },
        };
        planned.check_affordable(request)?;
        Ok(planned)
    }

    pub fn budget(&self, total: f64) -> Budget {
        Budget {
            total,
            costs: self.costs.clone(),
            open: self.open.clone(),
        }
    }

    /// Totals of the curve: in permutations, or at what the open FKs' cost on average.
    pub fn totals(&self, outlook: &Outlook) -> Vec<f64> {
        let open = self.costs.iter().zip(&self.open).filter(|(_, open)| **open);
        let costs: Vec<f64> = open.map(|(cost, _)| *cost).collect();
        let average = costs.iter().sum::<f64>() / costs.len().max(1) as f64;
        outlook
            .totals()
            .iter()
            .map(|total| total * average)
            .collect()
    }

    /// Less than one permutation is no budget.
    fn check_affordable(&self, request: &PlanRequest) -> Result<(), Error> {
        let Question::Budget(total) = request.question else {
            return Ok(());
        };
        let open = self.costs.iter().zip(&self.open).filter(|(_, open)| **open);
        let cheapest = open.map(|(cost, _)| *cost).fold(f64::INFINITY, f64::min);
        if total >= cheapest {
            return Ok(());
        }
        Err(Error::Setting {
            setting: format!("--budget {total}"),
            problem: format!("affords nothing: the cheapest permutation costs {cheapest}"),
        })
    }
}

/// Every number of the request in its range.
fn check_numbers(request: &PlanRequest, data: &Data) -> Result<(), Error> {
    let refuse = |setting: String, problem: &str| {
        Err(Error::Setting {
            setting,
            problem: problem.into(),
        })
    };
    let share = |x: f64| x > 0.0 && x < 1.0;
    match request.question {
        Question::Delta(0) => {
            return refuse("--delta 0".into(), "plan at least one permutation");
        }
        Question::Budget(x) if !(x > 0.0 && x <= LARGEST) => {
            return refuse(
                format!("--budget {x}"),
                "must be positive, and at most 1e12: there is nothing to spend otherwise",
            );
        }
        Question::TargetSd(x) if !(x > 0.0 && x.is_finite()) => {
            return refuse(
                format!("--target-sd {x}"),
                "cannot be reached: a standard deviation falls towards 0 but stays above it; give a \
                 positive number, in score units",
            );
        }
        Question::TargetReduction(x) if !share(x) => {
            return refuse(
                format!("--target-reduction {x}"),
                "cannot be reached: the share by which a variance falls lies between 0 and 1, and is \
                 1 for infinitely many permutations only",
            );
        }
        Question::TargetRank(x) if !share(x) => {
            return refuse(
                format!("--target-rank {x}"),
                "cannot be reached: a probability below 1, such as 0.95, is needed; certainty takes \
                 infinitely many permutations",
            );
        }
        _ => {}
    }
    let k = data.fks().len();
    if !(1..=k).contains(&request.top) {
        return refuse(
            format!("--top {}", request.top),
            &format!("must be from 1 to the number of foreign keys, {k}"),
        );
    }
    if request.replicates < 2 {
        return refuse(
            format!("--replicates {}", request.replicates),
            "at least 2, so that there is a Monte-Carlo error",
        );
    }
    if !(1.0..=LARGEST).contains(&(request.most as f64)) {
        return refuse(format!("--most {}", request.most), "must be from 1 to 1e12");
    }
    Ok(())
}

/// The name, if it is one of `names`; else the nearest is suggested.
fn known(names: &[&str], name: &str, setting: &str) -> Result<(), Error> {
    if names.contains(&name) {
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
        .max_by(|a, b| a.0.total_cmp(&b.0));
    Err(Error::Setting {
        setting: format!("{setting} '{name}'"),
        problem: match nearest {
            Some((_, nearest)) => format!("there is no such FK; did you mean '{nearest}'?"),
            None => "there is no such FK".into(),
        },
    })
}

/// More scores of an FK whose scores never vary say nothing new.
fn refuse_constant(request: &PlanRequest, planned: &[&str]) -> Result<(), Error> {
    match request
        .fks
        .iter()
        .find(|name| !planned.contains(&name.as_str()))
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
    names: &[&str],
    planned: &[&str],
    open: &[bool],
) -> Result<Vec<f64>, Error> {
    if request.costs.is_empty() {
        return Ok(vec![1.0; planned.len()]);
    }
    for (name, cost) in &request.costs {
        known(names, name, "--cost: FK")?;
        if !(*cost > 0.0 && *cost <= LARGEST) {
            return Err(Error::Setting {
                setting: format!("--cost: FK '{name}'"),
                problem: format!("costs {cost}; a cost must be positive, and at most 1e12"),
            });
        }
    }
    let of = |name: &str| request.costs.iter().find(|(other, _)| other == name);
    let without: Vec<String> = planned
        .iter()
        .zip(open)
        .filter(|(name, open)| **open && of(name).is_none())
        .map(|(name, _)| format!("'{name}'"))
        .collect();
    if without.is_empty() {
        let cost = |name: &&str| of(name).map_or(1.0, |(_, cost)| *cost);
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
