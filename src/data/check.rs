//! What must hold of foreign keys before anything is computed from them.

use super::fault::Fault;
use super::names::NameIndex;
use super::number::LARGEST_COUNT;
use super::problem::InputProblem;
use super::{FkStats, ForeignKey, Sample};

/// At least one FK.
pub(super) fn some(fks: &[ForeignKey]) -> Result<(), Fault> {
    if fks.is_empty() {
        return Err(InputProblem::NoFks.into());
    }
    Ok(())
}

/// Each FK with a name of its own; gives the place of each.
pub(super) fn names(fks: &[ForeignKey]) -> Result<NameIndex, Fault> {
    if let Some(fk) = fks.iter().find(|fk| fk.name.trim().is_empty()) {
        return Err(Fault::from(InputProblem::BlankFk).fk(&fk.name));
    }
    NameIndex::of(fks).map_err(|second| {
        let name = fks.get(second).map_or("", |fk| &fk.name);
        Fault::from(InputProblem::SharedName).fk(name)
    })
}

/// Numbers that can be worked with, and all of one kind.
pub(super) fn samples<'a>(fks: impl Iterator<Item = (&'a str, Sample)>) -> Result<(), Fault> {
    // Known standard errors and a noise level learnt from scores do not go into one model.
    let (mut estimate, mut scores) = (None, None);
    for (name, held) in fks {
        sample(&held).map_err(|problem| Fault::from(problem).fk(name))?;
        match held {
            Sample::Estimate { .. } => estimate = estimate.or(Some(name)),
            Sample::Scores(stats) if stats.n() > 0 => scores = scores.or(Some(name)),
            Sample::Scores(_) => {}
        }
    }
    match (estimate.map(str::to_owned), scores.map(str::to_owned)) {
        (Some(estimate), Some(scores)) => Err(InputProblem::MixedKinds { estimate, scores }.into()),
        _ => Ok(()),
    }
}

fn sample(sample: &Sample) -> Result<(), InputProblem> {
    match sample {
        Sample::Scores(stats) => scores(stats),
        Sample::Estimate { n, mean, se } => {
            count(n.unwrap_or_default())?;
            finite(*mean)?;
            finite(*se)?;
            if *se > 0.0 {
                return Ok(());
            }
            Err(InputProblem::NonPositiveSe {
                value: se.to_string(),
            })
        }
    }
}

fn scores(stats: &FkStats) -> Result<(), InputProblem> {
    count(stats.n())?;
    if stats.sum_sq() < 0.0 {
        return Err(InputProblem::NegativeSpread {
            value: stats.sum_sq().to_string(),
        });
    }
    // Scores are checked one by one as they come: what is not finite here has overflowed.
    if stats.sum_sq().is_finite() && stats.mean().is_none_or(f64::is_finite) {
        return Ok(());
    }
    Err(InputProblem::Overflow)
}

fn finite(value: f64) -> Result<(), InputProblem> {
    if value.is_finite() {
        return Ok(());
    }
    Err(InputProblem::NotFinite {
        value: value.to_string(),
    })
}

fn count(n: u64) -> Result<(), InputProblem> {
    if n <= LARGEST_COUNT {
        return Ok(());
    }
    Err(InputProblem::CountTooLarge {
        value: n.to_string(),
    })
}
