//! A cell made ready: its groups of FKs, its hierarchy, and the strata its replicates are drawn in.

use super::grid::Cell;
use super::settings::Settings;
use super::stream::stream;
use crate::Error;
use crate::data::{Data, FkStats, ForeignKey, Sample};
use crate::model::{Evidence, Hierarchy, Location, Model, Noise};
use crate::numeric::CdfTable;
use crate::sampler::Generator;
use rand::RngExt;
use rand_distr::StandardNormal;
use std::ops::Range;

/// The part of a cell's random numbers that orders its strata; replicates use smaller numbers.
const ORDER: u64 = u64::MAX;
/// Knots of the distribution of log χ², and how far, in logs, it falls before they end.
const KNOTS: usize = 1024;
const DROP: f64 = 42.0;

/// FKs with the same number of scores.
#[derive(Debug, Clone)]
pub(super) struct Share {
    /// Scores of each.
    pub n: u64,
    /// Sampling variance of their means, λ/n, where σ²_FK = 1.
    pub s: f64,
    /// Their places among the FKs.
    pub fks: Range<usize>,
    /// log χ² with as many degrees of freedom.
    log_chi_squared: CdfTable,
    /// The stratum of each replicate.
    strata: Vec<u32>,
}

impl Share {
    /// How many FKs.
    pub fn count(&self) -> f64 {
        self.fks.len() as f64
    }

    /// 1 + s, the variance of a mean score.
    pub fn v(&self) -> f64 {
        1.0 + self.s
    }

    /// B_k at the true σ²_FK = 1.
    pub fn true_shrinkage(&self) -> f64 {
        1.0 / self.v()
    }

    /// V_k at the true σ²_FK = 1.
    pub fn true_variance(&self) -> f64 {
        self.s / self.v()
    }
}

/// One cell, ready to be simulated.
#[derive(Debug, Clone)]
pub(super) struct Layout<'a> {
    pub cell: &'a Cell,
    pub settings: &'a Settings,
    /// FKs by number of scores, the largest first, as the evidence has them.
    pub shares: Vec<Share>,
    /// The hierarchy without its evidence.
    pub template: Hierarchy,
}

/// One simulated data set: by FK, its mean score and its importance.
#[derive(Debug, Clone, Default)]
pub(super) struct Simulated {
    pub means: Vec<f64>,
    pub alphas: Vec<f64>,
    pairs: Vec<(f64, f64)>,
}

impl<'a> Layout<'a> {
    pub fn new(cell: &'a Cell, settings: &'a Settings) -> Result<Self, Error> {
        let numbers = cell.n.over(cell.k);
        let mut shares: Vec<Share> = Vec::new();
        let mut start = 0;
        for same in numbers.chunk_by(|a, b| a == b) {
            let fks = start..start + same.len();
            start = fks.end;
            let n = same.first().copied().unwrap_or(1);
            shares.push(Share {
                n,
                s: cell.lambda / n as f64,
                log_chi_squared: log_chi_squared(fks.len()),
                fks,
                strata: Vec::new(),
            });
        }
        order_strata(&mut shares, cell, settings);
        Ok(Self {
            template: template(&numbers, cell, settings)?,
            shares,
            cell,
            settings,
        })
    }

    /// Whether replicate i is drawn in stratum i.
    pub fn in_strata(&self) -> bool {
        self.shares.len() == 1
    }

    /// Draws the data of replicate `index`.
    ///
    /// ȳ_k ~ N(0, v_k) and then α_k | ȳ_k ~ N(B_k ȳ_k, V_k) at σ²_FK = 1 are jointly what
    /// α_k ~ N(0, 1), ȳ_k | α_k ~ N(α_k, λ/n_k) are. So Σ ȳ_k²/v of a share of K_g FKs is χ² with K_g
    /// degrees of freedom, independent of the direction of its means, and can be stratified: of R
    /// replicates exactly one has it in each R-th of its distribution (with several shares, a Latin
    /// hypercube).
    pub fn draw(&self, index: usize, rng: &mut Generator, into: &mut Simulated) {
        let replicates = f64::from(self.settings.replicates);
        into.means.clear();
        into.alphas.clear();
        for share in &self.shares {
            let stratum = share
                .strata
                .get(index)
                .map_or(index as f64, |&i| f64::from(i));
            let p = (stratum + rng.random::<f64>()) / replicates;
            let chi_squared = share.log_chi_squared.quantile(p).exp();
            let first = into.means.len();
            into.means
                .extend((0..share.fks.len()).map(|_| rng.sample::<f64, _>(StandardNormal)));
            let own = into.means.get_mut(first..).unwrap_or_default();
            let length: f64 = own.iter().map(|z| z * z).sum();
            let scale = (share.v() * chi_squared / length).sqrt();
            let (b, sd) = (share.true_shrinkage(), share.true_variance().sqrt());
            for mean in own {
                *mean *= scale;
                let z: f64 = rng.sample(StandardNormal);
                into.alphas.push(b * *mean + sd * z);
            }
        }
    }

    /// Puts simulated means into a hierarchy.
    pub fn observe(&self, simulated: &mut Simulated, hierarchy: &mut Hierarchy) {
        simulated.pairs.clear();
        for share in &self.shares {
            let r = 1.0 / share.n as f64;
            let own = simulated.means.get(share.fks.clone()).unwrap_or_default();
            simulated.pairs.extend(own.iter().map(|&mean| (mean, r)));
        }
        let within = self.template.evidence.within();
        hierarchy.evidence = Evidence::new(&simulated.pairs, within, Location::Zero);
    }
}

/// Several shares are stratified in independent orders, or they would rise and fall together.
fn order_strata(shares: &mut [Share], cell: &Cell, settings: &Settings) {
    let mut rng = stream(settings.seed, cell, ORDER);
    for share in shares.iter_mut().skip(1) {
        let mut strata: Vec<u32> = (0..settings.replicates).collect();
        // Fisher-Yates.
        for i in (1..strata.len()).rev() {
            strata.swap(i, rng.random_range(0..=i));
        }
        share.strata = strata;
    }
}

/// The model of the cell, its default hyperprior resolved as in every fit.
fn template(numbers: &[u64], cell: &Cell, settings: &Settings) -> Result<Hierarchy, Error> {
    let fk = |(k, &n): (usize, &u64)| ForeignKey {
        name: k.to_string().into(),
        sample: Sample::Scores(FkStats::from_parts(n, 0.0, 0.0)),
    };
    let data = Data::new(numbers.iter().enumerate().map(fk).collect())?;
    let model = Model {
        hyperprior: settings.hyperprior,
        noise: Noise::known(cell.lambda)?,
        ..Model::default()
    };
    Hierarchy::resolve(&model, &data)
}

/// The distribution of log χ² with `degrees` degrees of freedom: its density is e^(½kx - ½e^x).
fn log_chi_squared(degrees: usize) -> CdfTable {
    let half = 0.5 * degrees as f64;
    let mode = degrees as f64;
    let log_density = |from_mode: f64| half * (from_mode - from_mode.exp_m1());
    let edge = |sign: f64| {
        let (mut near, mut far) = (0.0, sign);
        while log_density(far) > -DROP {
            (near, far) = (far, 2.0 * far);
        }
        for _ in 0..30 {
            let middle = 0.5 * (near + far);
            if log_density(middle) > -DROP {
                near = middle;
            } else {
                far = middle;
            }
        }
        far
    };
    let (low, high) = (edge(-1.0), edge(1.0));
    let step = (high - low) / (KNOTS - 1) as f64;
    let from_mode = |i: usize| low + step * i as f64;
    let density = (0..KNOTS)
        .map(|i| log_density(from_mode(i)).exp())
        .collect();
    let x = (0..KNOTS).map(|i| mode.ln() + from_mode(i)).collect();
    CdfTable::from_density(x, density, &[step; KNOTS])
}
