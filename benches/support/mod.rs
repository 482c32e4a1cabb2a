//! Data for the benches: a hierarchy drawn at σ²_FK = 1, σ²_obs = 101.

use fkbayes::Error;
use fkbayes::data::{Data, FkStats, ForeignKey, ReadOptions, Sample, Source, read};
use fkbayes::model::{Hierarchy, Hyperprior, Importance, Location, Model, Noise};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The variance of a score; λ at σ²_FK = 1.
pub const NOISE: f64 = 101.0;

/// FKs with `n[k]` scores each, under IG(2, 1).
pub fn simulated(n: &[u64]) -> Result<Hierarchy, Error> {
    simulated_under(Hyperprior::inverse_gamma(2.0, 1.0)?, n)
}

/// FKs with `n[k]` scores each, under another hyperprior.
pub fn simulated_under(hyperprior: Hyperprior, n: &[u64]) -> Result<Hierarchy, Error> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(20_261_122);
    let fk = |(k, &n): (usize, &u64)| {
        let z: f64 = rng.sample(StandardNormal);
        let mean = z * (1.0 + NOISE / n as f64).sqrt();
        ForeignKey {
            name: format!("fk_{k}").into(),
            sample: Sample::Scores(FkStats::from_summary(n, mean, NOISE)),
        }
    };
    let data = Data::new(n.iter().enumerate().map(fk).collect())?;
    let model = Model {
        hyperprior: Some(hyperprior),
        noise: Noise::known(NOISE)?,
        ..Model::default()
    };
    Hierarchy::resolve(&model, &data)
}

/// `k` numbers of scores, `distinct` of them different: 1, 2, ..., `distinct`, or 10 where they are
/// all the same.
pub fn uneven(k: usize, distinct: usize) -> Vec<u64> {
    if distinct == 1 {
        return vec![10; k];
    }
    (0..k).map(|i| 1 + (i % distinct) as u64).collect()
}

/// The scores of examples/data/f1.csv: 11 FKs, 8 different numbers of permutations.
pub fn f1() -> Result<Data, Error> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/f1.csv");
    read(&[Source::from(path)], &ReadOptions::default())
}

/// The default model on [`f1`] with a given noise.
pub fn f1_hierarchy(noise: Noise) -> Result<Hierarchy, Error> {
    let model = Model {
        noise,
        ..Model::default()
    };
    Hierarchy::resolve(&model, &f1()?)
}

/// The same with importances of a given law and location.
pub fn f1_hierarchy_of(
    importance: Importance,
    noise: Noise,
    location: Location,
) -> Result<Hierarchy, Error> {
    let model = Model {
        importance,
        noise,
        location,
        ..Model::default()
    };
    Hierarchy::resolve(&model, &f1()?)
}
