//! One replicate: truth, scores, draws, ranks.

use super::BoxedKernel;
use super::quantity::{Lookup, Quantity};
use super::settle::Calibrator;
use super::thin::Thinning;
use crate::Error;
use crate::data::{Data, FkStats, ForeignKey, Sample};
use crate::model::{Hierarchy, Noise, NoiseVariance};
use crate::sampler::{Generator, State};
use crate::simulate::{Hyperparameters, Law, TrueFk, check_number_of_fks};
use rand::{RngExt, SeedableRng};
use rand_distr::{ChiSquared, StandardNormal};

/// What all replicates share.
pub(super) struct Replicator<'a> {
    pub calibrator: &'a Calibrator,
    law: Law,
    pub names: Vec<String>,
    pub sizes: Vec<u64>,
    pub quantities: Vec<Quantity>,
    /// The stream before the first of the replicates.
    rng: Generator,
}

/// A draw from the prior.
pub(super) struct Truth {
    pub shared: Hyperparameters,
    pub fks: Vec<TrueFk>,
}

/// The same, with scores.
pub(super) struct Replicate {
    truth: Truth,
    pub hierarchy: Hierarchy,
}

impl Truth {
    /// Moves location and importances together to where the location is 0: a flat one would drift.
    pub fn center(&mut self) {
        let m = self.shared.location;
        self.shared.location = 0.0;
        for fk in &mut self.fks {
            fk.alpha -= m;
        }
    }
}

impl<'a> Replicator<'a> {
    pub fn new(calibrator: &'a Calibrator) -> Result<Self, Error> {
        calibrator.check()?;
        let law = calibrator.law()?;
        let k = calibrator.k;
        check_number_of_fks(k)?;
        calibrator.sizes.check(k)?;
        let first = Generator::seed_from_u64(calibrator.seed);
        let mut rng = first.clone();
        let draw = |place| calibrator.sizes.draw(place, &mut rng);
        let sizes: Vec<u64> = (0..k).map(draw).collect();
        if sizes.iter().all(|&n| n == 0) {
            return Err(Error::Setting {
                setting: "--n".into(),
                problem: "leaves every foreign key without scores; raise it".into(),
            });
        }
        let digits = k.to_string().len();
        let name = |place: usize| format!("fk_{:0digits$}", place + 1);
        Ok(Self {
            quantities: Quantity::all(calibrator, &sizes),
            names: (0..k).map(name).collect(),
            calibrator,
            law,
            sizes,
            rng: first,
        })
    }

    /// One stream of random numbers per replicate, 2^128 numbers apart.
    pub fn streams(&self, count: usize) -> Vec<Generator> {
        let mut next = self.rng.clone();
        let mut jumped = || {
            next.jump();
            next.clone()
        };
        (0..count).map(|_| jumped()).collect()
    }

    /// The same, far from those of the replicates.
    pub fn pilot_streams(&self, count: usize) -> Vec<Generator> {
        let mut next = self.rng.clone();
        let mut jumped = || {
            next.long_jump();
            next.clone()
        };
        (0..count).map(|_| jumped()).collect()
    }

    /// Draws parameters and scores.
    pub fn draw(&self, rng: &mut Generator) -> Result<Replicate, Error> {
        let shared = self.law.draw_hyperparameters(rng)?;
        let mut fks = Vec::with_capacity(self.sizes.len());
        let mut scores = Vec::with_capacity(self.sizes.len());
        for k in 0..self.sizes.len() {
            let fk = self.draw_fk(k, &shared, rng)?;
            scores.push(draw_stats(&fk, rng));
            fks.push(fk);
        }
        Ok(Replicate {
            truth: Truth { shared, fks },
            hierarchy: self.resolve(&scores)?,
        })
    }

    /// Draws parameters alone.
    pub fn draw_truth(&self, rng: &mut Generator) -> Result<Truth, Error> {
        let shared = self.law.draw_hyperparameters(rng)?;
        let fks = (0..self.sizes.len()).map(|k| self.draw_fk(k, &shared, rng));
        Ok(Truth {
            shared,
            fks: fks.collect::<Result<_, Error>>()?,
        })
    }

    /// Scores given parameters.
    pub fn observe(&self, truth: &Truth, rng: &mut Generator) -> Result<Hierarchy, Error> {
        let scores: Vec<FkStats> = truth.fks.iter().map(|fk| draw_stats(fk, rng)).collect();
        self.resolve(&scores)
    }

    /// What the noise has for parameters.
    pub fn noise_names(&self) -> &'static [&'static str] {
        match self.calibrator.model.noise {
            Noise::Sampled { .. } => &["sigma2_obs"],
            Noise::PerFk { .. } => &["d0", "own sigma2_obs"],
            _ => &[],
        }
    }

    fn draw_fk(
        &self,
        k: usize,
        shared: &Hyperparameters,
        rng: &mut Generator,
    ) -> Result<TrueFk, Error> {
        Ok(TrueFk {
            fk: self.names[k].clone(),
            n: self.sizes[k],
            sigma2_obs: self.law.draw_noise(shared, rng)?,
            alpha: self.law.draw_alpha(k, shared, rng),
        })
    }

    fn resolve(&self, scores: &[FkStats]) -> Result<Hierarchy, Error> {
        let fks = self.names.iter().zip(scores);
        let fks = fks.map(|(name, stats)| ForeignKey {
            name: name.as_str().into(),
            sample: Sample::Scores(*stats),
        });
        let data = Data::new(fks.collect())?;
        let mut hierarchy = Hierarchy::resolve(&self.calibrator.model, &data)?;
        if let (NoiseVariance::PerFk { c0, .. }, Some(scale_prior)) =
            (hierarchy.noise, self.calibrator.noise_scale)
        {
            hierarchy.noise = NoiseVariance::PerFk { c0, scale_prior };
        }
        Ok(hierarchy)
    }

    /// The rank of each quantity's true value among its draws.
    pub fn ranks(
        &self,
        kernel: &impl for<'b> Fn(&'b Hierarchy) -> Result<BoxedKernel<'b>, Error>,
        thinning: &Thinning,
        mut rng: Generator,
    ) -> Result<Vec<u32>, Error> {
        let replicate = self.draw(&mut rng)?;
        let lookup = Lookup::new(&replicate.hierarchy);
        let state = lookup.truth(&replicate.truth.shared, &replicate.truth.fks);
        let truth: Vec<Option<f64>> = self.values(&lookup, &state);
        let mut below = vec![0; truth.len()];
        let (warmup, thin) = (thinning.warmup, thinning.thin);
        let kernel = kernel(&replicate.hierarchy)?;
        let lengths = (warmup, self.calibrator.draws, thin);
        drive(&replicate.hierarchy, kernel, lengths, &mut rng, |state| {
            let draws = self.values(&lookup, state);
            for (below, (draw, truth)) in below.iter_mut().zip(draws.iter().zip(&truth)) {
                if let (Some(draw), Some(truth)) = (draw, truth) {
                    *below += u32::from(draw < truth);
                }
            }
        });
        Ok(below)
    }

    /// Every quantity in a state.
    pub fn values(&self, lookup: &Lookup<'_>, state: &State) -> Vec<Option<f64>> {
        let value = |&quantity| lookup.get(quantity, state);
        self.quantities.iter().map(value).collect()
    }
}

/// Count, mean and spread of the scores of one FK, without drawing each.
fn draw_stats(fk: &TrueFk, rng: &mut Generator) -> FkStats {
    if fk.n == 0 {
        return FkStats::default();
    }
    let n = fk.n as f64;
    let z: f64 = rng.sample(StandardNormal);
    let square = ChiSquared::new(n - 1.0).map_or(0.0, |law| rng.sample(law));
    FkStats::from_parts(
        fk.n,
        fk.alpha + (fk.sigma2_obs / n).sqrt() * z,
        fk.sigma2_obs * square,
    )
}

/// Runs a chain of (warm-up, draws, thin) and hands its draws on.
pub(super) fn drive(
    hierarchy: &Hierarchy,
    mut kernel: BoxedKernel<'_>,
    (warmup, draws, thin): (u32, u32, u32),
    rng: &mut Generator,
    mut take: impl FnMut(&State),
) {
    let mut state = State::start(hierarchy, rng);
    for _ in 0..warmup {
        kernel.step(&mut state, rng);
    }
    kernel.end_warmup();
    for _ in 0..draws {
        for _ in 0..thin {
            kernel.step(&mut state, rng);
        }
        take(&state);
    }
}
