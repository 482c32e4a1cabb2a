//! Chains against the exact posterior: kernels × noise models × data sets.
//!
//! Each test has a false-alarm rate of 2e-7 (Bonferroni over its comparisons); seeds are fixed.

use crate::support::{Check, LENGTH, drive, hierarchy, named, normal, rng, run, scores, sum_sq};
use fkbayes::data::{Data, Sample};
use fkbayes::model::Noise;
use fkbayes::posterior::ExactPosterior;
use fkbayes::sampler::{GibbsKernel, Move, SamplerKind};

/// A data set, the noise it has, and the hyperprior it is met with.
pub struct Set {
    /// (n_k, ȳ_k, SSW_k).
    pub fks: Vec<(u64, f64, f64)>,
    pub sigma2_obs: f64,
    pub hyperprior: Option<(f64, f64)>,
}

impl Set {
    fn drawn(fks: &[(u64, f64)], sigma2_obs: f64, hyperprior: Option<(f64, f64)>) -> Self {
        let mut rng = rng(2026);
        let fks = fks
            .iter()
            .map(|&(n, mean)| (n, mean, sum_sq(n, sigma2_obs, &mut rng)))
            .collect();
        Self {
            fks,
            sigma2_obs,
            hyperprior,
        }
    }

    /// Eight FKs, two of them without scores.
    pub fn never_permuted() -> Self {
        let fks = [
            (0, 0.0),
            (3, 2.1),
            (5, -1.4),
            (0, 0.0),
            (8, 0.3),
            (12, 1.9),
            (20, -0.6),
            (30, -2.2),
        ];
        Self::drawn(&fks, 9.0, None)
    }

    /// The standard errors of the means in place of the scores.
    fn estimates(&self) -> Data {
        named(self.fks.iter().map(|&(n, mean, _)| match n {
            0 => Sample::Scores(Default::default()),
            _ => Sample::Estimate {
                n: Some(n),
                mean,
                se: (self.sigma2_obs / n as f64).sqrt(),
            },
        }))
    }

    fn check_all(&self) {
        let mut check = Check::default();
        let prior = (2.0, 2.0 * self.sigma2_obs);
        for (noise, data) in [
            (Noise::known(self.sigma2_obs).unwrap(), scores(&self.fks)),
            (Noise::sampled(0.0, 0.0).unwrap(), scores(&self.fks)),
            (Noise::sampled(prior.0, prior.1).unwrap(), scores(&self.fks)),
            (Noise::Auto, self.estimates()),
            (Noise::PerFkFixed, scores(&self.fks)),
        ] {
            self.check(noise, &data, &mut check);
        }
        check.assert_passed();
    }

    fn check(&self, noise: Noise, data: &Data, check: &mut Check) {
        let hierarchy = hierarchy(data, noise, self.hyperprior);
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        for (seed, with) in [(11, Move::None), (12, Move::Scale), (13, Move::Collapsed)] {
            let kernel = || GibbsKernel::new(&hierarchy, with);
            let chains = drive(&hierarchy, kernel, LENGTH, seed);
            check.chains(&format!("{with:?}, {noise}"), &chains, &hierarchy, &exact);
        }
        for (seed, kind) in [(14, SamplerKind::Gibbs), (15, SamplerKind::Exact)] {
            let chains = run(data, &hierarchy, &exact, (kind, LENGTH, seed));
            check.chains(&format!("{kind}, {noise}"), &chains, &hierarchy, &exact);
        }
    }
}

#[test]
fn three_fks_unequal_counts() {
    Set::drawn(&[(4, -1.2), (15, 2.1), (60, 0.4)], 20.0, None).check_all();
}

#[test]
fn fifty_fks_weak_data() {
    let mut rng = rng(50);
    let fks: Vec<_> = (0..50)
        .map(|_| (10, 11.1_f64.sqrt() * normal(&mut rng)))
        .collect();
    Set::drawn(&fks, 101.0, Some((2.0, 1.0))).check_all();
}

#[test]
fn two_fks_never_permuted() {
    Set::never_permuted().check_all();
}

#[test]
fn strong_data() {
    let fks = [
        (500, 1.3),
        (500, -0.4),
        (900, 0.8),
        (900, -2.1),
        (2000, 0.05),
        (2000, 0.6),
    ];
    Set::drawn(&fks, 1.0, Some((2.0, 3.0))).check_all();
}

#[test]
fn one_towering_fk() {
    let fks = [(20, 0.1), (20, -0.2), (25, 25.0), (30, 0.15), (30, -0.05)];
    Set::drawn(&fks, 4.0, None).check_all();
}
