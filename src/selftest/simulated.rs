//! Checks on data that are simulated from the prior: ranks, and the joint distribution.

use super::planted;
use super::record::CheckRecord;
use super::{OF_JOINT, OF_RANKS, SelfTest, Subject, members};
use crate::Error;
use crate::calibrate::{Calibration, Calibrator, JointCheck};
use crate::model::{Hyperprior, Importance, Model, Noise, SamplerKind};
use crate::simulate::Sizes;
use statrs::distribution::{ContinuousCDF, StudentsT};
use std::sync::atomic::AtomicU64;

/// Replicates of the ranks, and draws in each.
const REPLICATES: u32 = 400;
const DRAWS: u32 = 39;
/// Runs of the joint test, and alternations in each.
const RUNS: u32 = 600;
const ALTERNATIONS: u32 = 19;
/// The error that is planted is a small one where it stands on few FKs: it takes more of both.
const FOR_PLANTED: u32 = 4;

pub(super) fn total(subject: Subject) -> u64 {
    let members = calibrators(&SelfTest::default(), subject);
    members.map_or(0, |all| {
        let ranks: u64 = all.iter().map(|one| u64::from(one.replicates)).sum();
        let joint = all.iter().filter(|one| one.kind == SamplerKind::Gibbs);
        ranks + joint.map(|one| u64::from(runs(one))).sum::<u64>()
    })
}

/// Runs of the joint test for as many replicates of the ranks.
fn runs(calibrator: &Calibrator) -> u32 {
    calibrator.replicates / REPLICATES * RUNS
}

/// Every member with a prior, by chains; those with normal importances and known noise, of which an exact
/// posterior for each data set takes no time, by the exact sampler too.
fn calibrators(test: &SelfTest, subject: Subject) -> Result<Vec<Calibrator>, Error> {
    let one = |(i, (model, kind)): (usize, (Model, SamplerKind))| Calibrator {
        noise_scale: matches!(model.noise, Noise::PerFk { .. }).then_some(members::NOISE_SCALE),
        replicates: REPLICATES,
        draws: DRAWS,
        kind,
        seed: test.seed.wrapping_add(i as u64),
        threads: test.threads,
        ..Calibrator::new(
            model,
            members::SIZES.len(),
            Sizes::Given(members::SIZES.to_vec()),
        )
    };
    if subject == Subject::Planted {
        let model = Model {
            hyperprior: Some(Hyperprior::inverse_gamma(2.0, 3.0)?),
            noise: Noise::known(10.0)?,
            ..Model::default()
        };
        let planted = one((0, (model, SamplerKind::Gibbs)));
        return Ok(vec![Calibrator {
            replicates: FOR_PLANTED * REPLICATES,
            ..planted
        }]);
    }
    let models = members::with_priors()?;
    let is_quick = |model: &&Model| {
        model.importance == Importance::Normal && matches!(model.noise, Noise::Known(_))
    };
    let quick: Vec<Model> = models.iter().filter(is_quick).cloned().collect();
    let by = |kind| move |model| (model, kind);
    let all = models
        .into_iter()
        .map(by(SamplerKind::Gibbs))
        .chain(quick.into_iter().map(by(SamplerKind::Exact)));
    Ok(all.enumerate().map(one).collect())
}

/// Ranks of the truth among draws from the posterior given its scores.
pub(super) fn ranks(
    test: &SelfTest,
    subject: Subject,
    progress: &AtomicU64,
) -> Result<CheckRecord, Error> {
    let mut found: Vec<(f64, String)> = Vec::new();
    let calibrators = calibrators(test, subject)?;
    for calibrator in &calibrators {
        let Calibration { quantities, .. } = match subject {
            Subject::Ours => calibrator.run(progress)?,
            Subject::Planted => calibrator.run_with(&planted::kernel, progress)?,
        };
        found.extend(quantities.into_iter().map(|quantity| {
            let member = members::described(&calibrator.model);
            let name = format!("{} of {member}, {}", quantity.name, calibrator.kind);
            (quantity.p_value, name)
        }));
    }
    let level = OF_RANKS / found.len().max(1) as f64;
    let worst = found.iter().min_by(|a, b| a.0.total_cmp(&b.0));
    Ok(CheckRecord {
        check: "ranks",
        what: "ranks of the truth among draws",
        runs: calibrators.len(),
        compared: found.len(),
        statistic: "min_p",
        worst: worst.map(|(p, _)| *p),
        bound: level,
        worst_at: worst.map(|(_, at)| at.clone()).unwrap_or_default(),
        ok: worst.is_some_and(|(p, _)| *p >= level),
    })
}

/// Scores given parameters and parameters given scores in turn.
pub(super) fn joint(
    test: &SelfTest,
    subject: Subject,
    progress: &AtomicU64,
) -> Result<CheckRecord, Error> {
    let mut found: Vec<(f64, String)> = Vec::new();
    let mut calibrators = calibrators(test, subject)?;
    // Independent draws go through the same conditionals as those that were compared above.
    calibrators.retain(|calibrator| calibrator.kind == SamplerKind::Gibbs);
    let mut fewest = u32::MAX;
    for calibrator in &calibrators {
        let joint = Calibrator {
            replicates: runs(calibrator),
            draws: ALTERNATIONS,
            ..calibrator.clone()
        };
        fewest = fewest.min(joint.replicates);
        let JointCheck { figures, .. } = match subject {
            Subject::Ours => joint.joint(progress)?,
            Subject::Planted => joint.joint_with(&planted::kernel, progress)?,
        };
        found.extend(figures.into_iter().map(|(name, z)| {
            // What is no number is no agreement either.
            let z = if z.is_nan() { f64::INFINITY } else { z.abs() };
            let member = members::described(&joint.model);
            (z, format!("{name} of {member}"))
        }));
    }
    let bound = student_bound(OF_JOINT / found.len().max(1) as f64, fewest);
    let worst = found.iter().max_by(|a, b| a.0.total_cmp(&b.0));
    Ok(CheckRecord {
        check: "joint",
        what: "scores and parameters in turn",
        runs: calibrators.len(),
        compared: found.len(),
        statistic: "max_abs_z",
        worst: worst.map(|(z, _)| *z).filter(|z| z.is_finite()),
        bound,
        worst_at: worst.map(|(_, at)| at.clone()).unwrap_or_default(),
        ok: worst.is_some_and(|(z, _)| *z <= bound),
    })
}

/// What |t| exceeds with the probability `level`: errors stand on a limited number of runs.
fn student_bound(level: f64, runs: u32) -> f64 {
    let degrees = f64::from(runs.saturating_sub(1).max(1));
    StudentsT::new(0.0, 1.0, degrees).map_or(f64::INFINITY, |t| -t.inverse_cdf(0.5 * level))
}
