//! Data sets, chains and the check that the statistical tests share.

use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
use fkbayes::diagnostics::mcse_mean;
use fkbayes::draws::{Columns, Draws, MemorySink};
use fkbayes::model::{Hierarchy, Hyperprior, Model, Noise, NoiseVariance};
use fkbayes::numeric::two_sided_normal_bound;
use fkbayes::posterior::ExactPosterior;
use fkbayes::sampler::{self, Kernel, Run, SamplerKind, SamplerSettings, State};
use ndarray::Array2;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{ChiSquared, Gamma, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::atomic::AtomicU64;

/// Probability that right numbers fail one [`Check`], and any other check that states no other: 120 of
/// them (tests/README.md counts them) raise a false alarm with 2.4e-5 together.
pub const FALSE_ALARM: f64 = 2e-7;

/// Chains as long as every test runs them unless it says otherwise.
pub const LENGTH: Length = Length {
    chains: 4,
    warmup: 1000,
    draws: 10_000,
};

#[derive(Debug, Clone, Copy)]
pub struct Length {
    pub chains: u32,
    pub warmup: u32,
    pub draws: u32,
}

pub fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

pub fn normal(rng: &mut impl Rng) -> f64 {
    rng.sample(StandardNormal)
}

/// A draw of InverseGamma(a, b).
pub fn inverse_gamma(a: f64, b: f64, rng: &mut impl Rng) -> f64 {
    b / rng.sample(Gamma::new(a, 1.0).unwrap())
}

/// A draw of the within-FK sum of squares of `n` scores.
pub fn sum_sq(n: u64, sigma2_obs: f64, rng: &mut impl Rng) -> f64 {
    match n {
        0 | 1 => 0.0,
        _ => sigma2_obs * rng.sample(ChiSquared::new((n - 1) as f64).unwrap()),
    }
}

/// Data from (n_k, ȳ_k, SSW_k).
pub fn scores(fks: &[(u64, f64, f64)]) -> Data {
    let sample = |&(n, mean, sum_sq): &(u64, f64, f64)| {
        let mean = if n == 0 { 0.0 } else { mean };
        Sample::Scores(FkStats::from_parts(n, mean, sum_sq))
    };
    named(fks.iter().map(sample))
}

/// Data from samples, called f0, f1 and so on.
pub fn named(samples: impl Iterator<Item = Sample>) -> Data {
    let fk = |(k, sample)| ForeignKey {
        name: format!("f{k}").into(),
        sample,
    };
    Data::new(samples.enumerate().map(fk).collect()).unwrap()
}

/// The hierarchy of data under a noise model and a hyperprior, `None` for the default one.
pub fn hierarchy(data: &Data, noise: Noise, hyperprior: Option<(f64, f64)>) -> Hierarchy {
    let model = Model {
        hyperprior: hyperprior.map(|(a0, b0)| Hyperprior::inverse_gamma(a0, b0).unwrap()),
        noise,
        ..Model::default()
    };
    Hierarchy::resolve(&model, data).unwrap()
}

/// Means of equally often permuted FKs, drawn at σ²_FK = 1.
pub fn means_at_one(k: usize, s: f64, rng: &mut impl Rng) -> Vec<f64> {
    (0..k).map(|_| (1.0 + s).sqrt() * normal(rng)).collect()
}

/// Draws, each quantity as (chain × draw).
pub struct Chains {
    pub sigma2_fk: Array2<f64>,
    pub sigma2_obs: Array2<f64>,
    /// 0 where it is known.
    pub location: Array2<f64>,
    /// d₀ of per-FK noise; 0 elsewhere.
    pub noise_scale: Array2<f64>,
    /// σ²_obs,k by place in the hierarchy; 0 where there is none.
    pub own_noise: Vec<Array2<f64>>,
    /// By place in the hierarchy.
    pub alpha: Vec<Array2<f64>>,
}

/// Runs a kernel: chain j on the stream of the seed jumped j times.
pub fn drive<K: Kernel>(
    hierarchy: &Hierarchy,
    kernel: impl Fn() -> K,
    length: Length,
    seed: u64,
) -> Chains {
    let shape = (length.chains as usize, length.draws as usize);
    let evidence = &hierarchy.evidence;
    let mut found = Chains {
        sigma2_fk: Array2::zeros(shape),
        sigma2_obs: Array2::zeros(shape),
        location: Array2::zeros(shape),
        noise_scale: Array2::zeros(shape),
        own_noise: vec![Array2::zeros(shape); evidence.k()],
        alpha: vec![Array2::zeros(shape); evidence.k()],
    };
    let mut stream = rng(seed);
    for chain in 0..shape.0 {
        let mut rng = stream.clone();
        stream.jump();
        let mut kernel = kernel();
        let mut state = State::start(hierarchy, &mut rng);
        for _ in 0..length.warmup {
            kernel.step(&mut state, &mut rng);
        }
        kernel.end_warmup();
        for draw in 0..shape.1 {
            kernel.step(&mut state, &mut rng);
            found.sigma2_fk[[chain, draw]] = state.sigma2_fk;
            found.sigma2_obs[[chain, draw]] = state.sigma2_obs;
            found.location[[chain, draw]] = evidence.center() + state.location;
            for (&a, &place) in state.alpha.iter().zip(evidence.place()) {
                found.alpha[place][[chain, draw]] = evidence.center() + a;
            }
            found.noise_scale[[chain, draw]] = state.noise_scale;
            for (&variance, &place) in state.own_noise.iter().zip(evidence.place()) {
                found.own_noise[place][[chain, draw]] = variance;
            }
        }
    }
    found
}

/// Runs the library's own chains, by [`sampler::run`]; no FK of the data may have been set aside.
pub fn run(
    data: &Data,
    hierarchy: &Hierarchy,
    exact: &ExactPosterior,
    (kind, length, seed): (SamplerKind, Length, u64),
) -> Chains {
    let settings = SamplerSettings {
        kind,
        chains: length.chains,
        warmup: length.warmup,
        draws: length.draws,
        seed,
        ..SamplerSettings::default()
    };
    let mut sinks = vec![MemorySink::default(); length.chains as usize];
    let run = Run {
        hierarchy,
        exact: Some(exact),
        settings: &settings,
        kept: None,
        threads: 1,
        progress: &AtomicU64::new(0),
    };
    sampler::run(run, &mut sinks).unwrap();
    let columns = Columns::new(hierarchy, data.fks().iter().map(|fk| fk.name.as_str()));
    let draws = Draws::from_sinks(columns, &sinks);
    let get = |name: &str| draws.get(name).map(|values| values.to_owned());
    let alpha = |fk: &ForeignKey| get(&format!("alpha[{}]", fk.name)).unwrap();
    let sigma2_fk = get("sigma2_fk").unwrap();
    let nothing = Array2::zeros(sigma2_fk.dim());
    let own_noise = |fk: &ForeignKey| {
        get(&format!("sigma2_obs[{}]", fk.name)).unwrap_or_else(|| nothing.clone())
    };
    Chains {
        sigma2_obs: get("sigma2_obs")
            .unwrap_or_else(|| Array2::from_elem(sigma2_fk.dim(), hierarchy.sigma2_obs)),
        location: get("location").unwrap_or_else(|| nothing.clone()),
        noise_scale: get("d0").unwrap_or_else(|| nothing.clone()),
        own_noise: data.fks().iter().map(own_noise).collect(),
        sigma2_fk,
        alpha: data.fks().iter().map(alpha).collect(),
    }
}

/// Deviations of chains from what they should be, in Monte-Carlo standard errors.
#[derive(Debug, Default)]
pub struct Check {
    pub count: usize,
    pub worst: f64,
    pub name: String,
}

/// Up to this many importances are compared: FKs of the same data differ little.
const IMPORTANCES: usize = 8;

impl Check {
    /// Compares a mean with its expectation.
    pub fn mean(&mut self, name: &str, draws: &Array2<f64>, expected: f64) {
        let mean = draws.sum() / draws.len() as f64;
        self.deviation(name, (mean - expected) / mcse_mean(draws.view()).unwrap());
    }

    /// Compares the mean of independent draws with its expectation.
    pub fn independent(&mut self, name: &str, draws: &[f64], expected: f64) {
        let count = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / count;
        let square = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        self.deviation(name, (mean - expected) / (square.sqrt() / count));
    }

    /// Notes a deviation in standard errors.
    fn deviation(&mut self, name: &str, z: f64) {
        assert!(z.is_finite(), "{name}: z = {z}");
        self.count += 1;
        if z.abs() > self.worst {
            (self.worst, self.name) = (z.abs(), name.to_owned());
        }
    }

    /// Compares a number that should be uniform on (0, 1): mean, and mean square deviation.
    pub fn uniform(&mut self, name: &str, u: &Array2<f64>) {
        self.mean(name, u, 0.5);
        let square = u.mapv(|u| (u - 0.5).powi(2));
        self.mean(&format!("spread of {name}"), &square, 1.0 / 12.0);
    }

    /// Compares chains with the exact posterior: the variances through their distribution
    /// functions, importances through mean and variance; those whose fourth moment is missing, or
    /// hangs on that of σ²_FK for want of scores, through the frequencies of their tails.
    pub fn chains(
        &mut self,
        name: &str,
        chains: &Chains,
        hierarchy: &Hierarchy,
        exact: &ExactPosterior,
    ) {
        let u = chains.sigma2_fk.mapv(|t| exact.sigma2_fk_cdf(t));
        self.uniform(&format!("{name}: F(σ²_FK)"), &u);
        if matches!(hierarchy.noise, NoiseVariance::Sampled { .. }) {
            let u = chains.sigma2_obs.mapv(|v| exact.sigma2_obs_cdf(v).unwrap());
            self.uniform(&format!("{name}: F(σ²_obs)"), &u);
        }
        if exact.d0_cdf(1.0).is_some() {
            let u = chains.noise_scale.mapv(|d0| exact.d0_cdf(d0).unwrap());
            self.uniform(&format!("{name}: F(d₀)"), &u);
        }
        if exact.location_cdf(0.0).is_some() {
            let u = chains.location.mapv(|m| exact.location_cdf(m).unwrap());
            self.uniform(&format!("{name}: F(m)"), &u);
        }
        let mut means = vec![0.0; hierarchy.evidence.k()];
        for (&mean, &place) in hierarchy
            .evidence
            .means()
            .iter()
            .zip(hierarchy.evidence.place())
        {
            means[place] = hierarchy.evidence.center() + mean;
        }
        // The error of a variance needs four moments, which m has where σ²_FK has two.
        let certain = hierarchy.has_moment(2.0);
        if let Some((mean, Some(variance))) = exact.location().filter(|_| certain) {
            self.mean(&format!("{name}: mean of m"), &chains.location, mean);
            let square = chains.location.mapv(|m| (m - mean).powi(2));
            self.mean(&format!("{name}: variance of m"), &square, variance);
        }
        for k in (0..means.len()).step_by(means.len().div_ceil(IMPORTANCES)) {
            let alpha = &chains.alpha[k];
            if let Some((mean, variance)) = exact.log_own_noise(k) {
                let log_noise = chains.own_noise[k].mapv(f64::ln);
                self.mean(&format!("{name}: mean of log σ²_obs,{k}"), &log_noise, mean);
                let square = log_noise.mapv(|log| (log - mean).powi(2));
                self.mean(
                    &format!("{name}: variance of log σ²_obs,{k}"),
                    &square,
                    variance,
                );
            }
            let observed = hierarchy.sampling_variance(k, 1.0).is_finite();
            if !(observed && hierarchy.has_importance_moment(k, 4.0)) {
                let reach = exact.sigma2_fk_quantile(0.5).sqrt();
                for at in [-reach, reach].map(|reach| exact.alpha_mean(k, means[k]) + reach) {
                    let below = alpha.mapv(|a| if a <= at { 1.0 } else { 0.0 });
                    let p = exact.alpha_cdf(k, means[k], at);
                    self.mean(&format!("{name}: P(α{k} ≤ {at})"), &below, p);
                }
                continue;
            }
            let mean = exact.alpha_mean(k, means[k]);
            let variance = exact.alpha_variance(k, means[k]).unwrap();
            self.mean(&format!("{name}: mean of α{k}"), alpha, mean);
            let square = alpha.mapv(|a| (a - mean).powi(2));
            self.mean(&format!("{name}: variance of α{k}"), &square, variance);
        }
    }

    /// What right chains exceed with probability [`FALSE_ALARM`] at most.
    pub fn bound(&self) -> f64 {
        two_sided_normal_bound(FALSE_ALARM, self.count)
    }

    pub fn assert_passed(&self) {
        self.print();
        assert!(self.worst <= self.bound(), "{self:?} over {}", self.bound());
    }

    pub fn assert_failed(&self) {
        self.print();
        assert!(
            self.worst > self.bound(),
            "{self:?} not over {}",
            self.bound()
        );
    }

    fn print(&self) {
        println!(
            "{:3} comparisons, bound {:.2}: |z| = {:.2} ({})",
            self.count,
            self.bound(),
            self.worst,
            self.name
        );
    }
}
