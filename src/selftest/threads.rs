//! The same draws whatever the number of threads.

use super::record::CheckRecord;
use super::{SelfTest, members};
use crate::Error;
use crate::data::Data;
use crate::draws::DrawsSource;
use crate::fit::Fitter;
use crate::model::{Model, SamplerSettings};
use crate::summary::RanksWanted;

/// Few: what differs between threads differs from the first draw on.
const DRAWS: u32 = 200;

pub(super) fn check(test: &SelfTest) -> Result<CheckRecord, Error> {
    let data = super::exact::data()?;
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut compared = 0;
    for model in members::with_priors()? {
        let name = members::described(&model);
        let (one, two) = (
            draws(test, &data, &model, 1)?,
            draws(test, &data, &model, 2)?,
        );
        let differ = one.iter().zip(&two).filter(|(a, b)| a != b).count();
        compared += one.len();
        found.push((differ + one.len().abs_diff(two.len()), name));
    }
    let differences: usize = found.iter().map(|(differ, _)| differ).sum();
    let worst = found.iter().find(|(differ, _)| *differ > 0);
    Ok(CheckRecord {
        check: "threads",
        what: "draws on 1 thread with draws on 2",
        runs: found.len(),
        compared,
        statistic: "differences",
        worst: Some(differences as f64),
        bound: 0.0,
        worst_at: worst.map(|(_, name)| name.clone()).unwrap_or_default(),
        ok: differences == 0,
    })
}

/// Every number of every draw, bit by bit.
fn draws(test: &SelfTest, data: &Data, model: &Model, threads: usize) -> Result<Vec<u64>, Error> {
    let fitter = Fitter {
        model: model.clone(),
        sampler: SamplerSettings {
            warmup: DRAWS,
            draws: DRAWS,
            seed: test.seed,
            ..SamplerSettings::default()
        },
        exact: false,
        threads,
        ranks: RanksWanted::First,
    };
    let (_, draws) = fitter.fit_in_memory(data)?;
    let all = draws.block(0..draws.columns().len())?;
    Ok(all.iter().map(|x| x.to_bits()).collect())
}
