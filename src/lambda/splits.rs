//! Random splits of the scores: some to learn from, the rest to predict.

use crate::data::{Data, FkStats, ForeignKey, Sample, Scores};
use crate::model::{Hierarchy, Role};
use crate::sampler::Generator;
use rand::seq::SliceRandom;

/// An FK with fewer scores has none to spare.
const FEWEST: usize = 4;
/// FKs that a row of the validation must have, or all where there are fewer.
const FEWEST_FKS: usize = 3;

/// The scores of every FK that takes part, in input order.
pub(super) struct Pool<'a> {
    fks: Vec<PooledFk<'a>>,
}

pub(super) struct PooledFk<'a> {
    /// Its place in the input.
    pub input: usize,
    pub name: &'a str,
    pub scores: &'a [f64],
}

/// One FK's part in a split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parted {
    pub train: FkStats,
    pub held_out: FkStats,
}

impl<'a> Pool<'a> {
    /// The FKs of the hierarchy, all of whose scores are known.
    pub fn new(data: &'a Data, hierarchy: &Hierarchy, scores: &'a Scores) -> Self {
        let fks = data.fks().iter().zip(&hierarchy.roles).enumerate();
        let members = fks.filter(|(_, (_, role))| matches!(role, Role::InHierarchy(_)));
        let pooled = members.filter_map(|(input, (fk, _))| {
            Some(PooledFk {
                input,
                name: &fk.name,
                scores: scores.of(input)?,
            })
        });
        Self {
            fks: pooled.collect(),
        }
    }

    pub fn fks(&self) -> &[PooledFk<'a>] {
        &self.fks
    }

    pub fn n_total(&self) -> usize {
        self.fks.iter().map(|fk| fk.scores.len()).sum()
    }

    /// 5, 10, 20, 50, 100, ... while enough FKs have twice as many scores.
    pub fn grid(&self) -> Vec<usize> {
        let observed = self.fks.iter().filter(|fk| !fk.scores.is_empty()).count();
        let enough = FEWEST_FKS.min(observed).max(1);
        let steps = (0..).flat_map(|power: u32| [5, 10, 20].map(|n| n * 10_usize.pow(power)));
        let fits = |n: &usize| self.scored(*n).count() >= enough;
        steps.take_while(fits).collect()
    }

    /// The FKs that are predicted from `n` scores, by their place in the pool.
    pub fn scored(&self, n: usize) -> impl Iterator<Item = usize> + '_ {
        let fks = self.fks.iter().enumerate();
        fks.filter(move |(_, fk)| fk.scores.len() >= 2 * n)
            .map(|(place, _)| place)
    }

    /// How many of its scores an FK learns from: `n` where it has twice as many, else half of them.
    fn train_size(fk: &PooledFk<'_>, n: usize) -> usize {
        match fk.scores.len() {
            have if have >= 2 * n => n,
            have if have >= FEWEST => have / 2,
            have => have,
        }
    }

    /// Splits the scores of every FK at random.
    pub fn split(&self, n: usize, rng: &mut Generator) -> Vec<Parted> {
        let part = |fk: &PooledFk<'_>| {
            let mut order = fk.scores.to_vec();
            let (train, held_out) = order.partial_shuffle(rng, Self::train_size(fk, n));
            Parted {
                train: stats(train),
                held_out: stats(held_out),
            }
        };
        self.fks.iter().map(part).collect()
    }

    /// The training part as data of its own.
    pub fn training_data(&self, parts: &[Parted]) -> Result<Data, crate::Error> {
        let fks = self.fks.iter().zip(parts).map(|(fk, part)| ForeignKey {
            name: fk.name.into(),
            sample: Sample::Scores(part.train),
        });
        Data::new(fks.collect())
    }
}

fn stats(scores: &[f64]) -> FkStats {
    let mut stats = FkStats::default();
    scores.iter().for_each(|&score| stats.observe(score));
    stats
}
