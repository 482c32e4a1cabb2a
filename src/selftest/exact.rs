//! Chains against the exact posterior.

use super::planted::Planted;
use super::record::CheckRecord;
use super::{OF_EXACT, SelfTest, Subject, count, members};
use crate::Error;
use crate::data::{Data, FkStats, ForeignKey, Sample};
use crate::diagnostics::{Comparisons, Workspace};
use crate::fit::Fitter;
use crate::model::{Hierarchy, Hyperprior, Model, Noise, SamplerKind, SamplerSettings};
use crate::numeric::two_sided_normal_bound;
use crate::posterior::ExactPosterior;
use crate::sampler::{Kernel, State, keyed_stream};
use crate::summary::RanksWanted;
use ndarray::Array2;
use rayon::prelude::*;
use std::sync::atomic::AtomicU64;

const CHAINS: u32 = 4;
const WARMUP: u32 = 500;
/// Draws per chain; of the exact sampler, whose draws are independent and cost more.
const DRAWS: u32 = 2500;
const INDEPENDENT_DRAWS: u32 = 1000;
/// What one run counts for beside a replicate of the other checks.
const WEIGHT: u64 = 100;

/// n, mean and variance of the scores of each FK: few and many, one far off, one without any, and the noise
/// about the same.
const SCORES: [(u64, f64, f64); 7] = [
    (3, 2.1, 8.1),
    (5, -1.4, 11.9),
    (0, 0.0, 0.0),
    (8, 0.3, 9.2),
    (12, 1.9, 10.4),
    (20, -0.6, 9.7),
    (30, 4.2, 10.9),
];

/// The largest deviation of one run, how many figures were compared, and where the largest is.
struct Deviation {
    z: f64,
    figures: usize,
    at: String,
}

pub(super) fn total(subject: Subject) -> u64 {
    match subject {
        Subject::Ours => WEIGHT * members::all().map_or(0, |models| 2 * models.len() as u64),
        Subject::Planted => WEIGHT,
    }
}

/// Every member that has an exact posterior, by chains and by the exact sampler; or the planted sampler.
pub(super) fn check(
    test: &SelfTest,
    subject: Subject,
    progress: &AtomicU64,
) -> Result<CheckRecord, Error> {
    let data = data()?;
    let found = match subject {
        Subject::Planted => vec![planted(test, &data, progress)?],
        Subject::Ours => {
            let runs: Vec<(usize, Model, SamplerKind)> = members::all()?
                .into_iter()
                .enumerate()
                .flat_map(|(i, model)| {
                    [SamplerKind::Gibbs, SamplerKind::Exact].map(|kind| (i, model.clone(), kind))
                })
                .collect();
            let one = |(i, model, kind): (usize, Model, SamplerKind)| {
                let found = deviation(test, &data, model, (i, kind));
                count(progress, WEIGHT);
                found
            };
            let found: Vec<Option<Deviation>> = runs
                .into_par_iter()
                .map(one)
                .collect::<Result<_, Error>>()?;
            found.into_iter().flatten().collect()
        }
    };
    Ok(record(&found))
}

fn record(found: &[Deviation]) -> CheckRecord {
    let compared = found.iter().map(|run| run.figures).sum();
    let bound = two_sided_normal_bound(OF_EXACT, compared);
    let worst = found.iter().max_by(|a, b| a.z.total_cmp(&b.z));
    CheckRecord {
        check: "exact",
        what: "chains with the exact posterior",
        runs: found.len(),
        compared,
        statistic: "max_abs_z",
        worst: worst.map(|run| run.z).filter(|z| z.is_finite()),
        bound,
        worst_at: worst.map(|run| run.at.clone()).unwrap_or_default(),
        ok: worst.is_some_and(|run| run.z <= bound),
    }
}

pub(super) fn data() -> Result<Data, Error> {
    let fk = |(k, &(n, mean, variance)): (usize, &(u64, f64, f64))| ForeignKey {
        name: format!("fk_{}", k + 1).into(),
        sample: Sample::Scores(FkStats::from_summary(n, mean, variance)),
    };
    Data::new(SCORES.iter().enumerate().map(fk).collect())
}

/// One member by one sampler; `None` where it has no exact posterior.
fn deviation(
    test: &SelfTest,
    data: &Data,
    model: Model,
    (i, kind): (usize, SamplerKind),
) -> Result<Option<Deviation>, Error> {
    let hierarchy = Hierarchy::resolve(&model, data)?;
    if ExactPosterior::new(&hierarchy).is_err() {
        return Ok(None);
    }
    let name = format!("{}, {kind}", members::described(&model));
    let fitter = Fitter {
        model,
        sampler: SamplerSettings {
            kind,
            chains: CHAINS,
            warmup: WARMUP,
            draws: match kind {
                SamplerKind::Exact => INDEPENDENT_DRAWS,
                _ => DRAWS,
            },
            // Members must not share their random numbers.
            seed: test.seed.wrapping_add(i as u64),
            ..SamplerSettings::default()
        },
        exact: true,
        threads: 1,
        ranks: RanksWanted::First,
    };
    let (fit, _) = fitter.fit_in_memory(data)?;
    Ok(fit.diagnostics.exact_check.map(|check| Deviation {
        z: check.max_abs_z,
        figures: check.parameters,
        at: format!("{} of {name}", check.worst),
    }))
}

/// σ²_FK of the planted sampler through the distribution function that it should have.
fn planted(test: &SelfTest, data: &Data, progress: &AtomicU64) -> Result<Deviation, Error> {
    let model = Model {
        hyperprior: Some(Hyperprior::inverse_gamma(2.0, 3.0)?),
        noise: Noise::known(10.0)?,
        ..Model::default()
    };
    let hierarchy = Hierarchy::resolve(&model, data)?;
    let exact = ExactPosterior::new(&hierarchy)
        .map_err(|why| Error::Internal(format!("the exact posterior is {why}")))?;
    let mut u = Array2::zeros((CHAINS as usize, DRAWS as usize));
    for (chain, mut row) in u.rows_mut().into_iter().enumerate() {
        let mut rng = keyed_stream(&[test.seed, chain as u64]);
        let mut state = State::start(&hierarchy, &mut rng);
        for _ in 0..WARMUP {
            Planted(&hierarchy).step(&mut state, &mut rng);
        }
        for u in &mut row {
            Planted(&hierarchy).step(&mut state, &mut rng);
            *u = exact.sigma2_fk_cdf(state.sigma2_fk);
        }
    }
    let mut comparisons = Comparisons::default();
    comparisons.uniform(&mut Workspace::default(), "sigma2_fk", u);
    count(progress, WEIGHT);
    let found = comparisons.result();
    Ok(found.map_or_else(
        || Deviation {
            z: 0.0,
            figures: 0,
            at: String::new(),
        },
        |check| Deviation {
            z: check.max_abs_z,
            figures: check.parameters,
            at: check.worst,
        },
    ))
}
