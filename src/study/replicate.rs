//! One replicate: a simulated data set, its plug-in and its full posterior, and how they did.

use super::layout::{Layout, Share, Simulated};
use super::mixture::Mixture;
use super::nodes::Nodes;
use super::settings::Engine;
use super::{GIBBS_DRAWS, GIBBS_WARMUP};
use crate::Error;
use crate::model::Hierarchy;
use crate::numeric::normal_quantile;
use crate::posterior::{conditional, empirical_bayes};
use crate::sampler::{Generator, GibbsKernel, Kernel, Move, State};
use crate::variance::Expansion;

/// Probability on either side of an interval: they are of 90 %.
const TAIL: f64 = 0.05;

/// What one replicate is to be asked for besides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The widths of the full posterior's intervals.
    pub widths: bool,
    /// Ratios of how many FKs to keep, for their quantiles.
    pub ratios: usize,
}

/// What a replicate says; averages are over its FKs.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    /// Whether σ̂²_FK = 0.
    pub boundary: bool,
    /// Full over plug-in variance, where the latter is not 0: the average, and some of them.
    pub ratio: Option<f64>,
    pub ratios: Vec<f64>,
    /// Shares of the importances that the intervals cover.
    pub coverage_plugin: f64,
    pub coverage_corrected: Option<f64>,
    pub coverage_full: f64,
    pub coverage_normal: f64,
    /// Widths of the intervals.
    pub width_plugin: f64,
    pub width_full: Option<f64>,
    /// E[(α_k - estimate)² | ȳ] over V_k(1).
    pub risk_plugin: f64,
    pub risk_full: f64,
    /// Var(α_k | y)/V_k(1) - 1, by share of the FKs.
    pub excess: Vec<f64>,
    /// Control variates of the excess, of expectation 0.
    pub controls: Vec<f64>,
}

/// What the posteriors say of the FKs of one share.
struct Judged<'a> {
    share: &'a Share,
    /// Σ ȳ².
    sum_sq: f64,
    /// E[B | y], Var[B | y].
    shrinkage: (f64, f64),
    /// B and V at σ̂²_FK.
    plugin: (f64, f64),
    mixture: Mixture,
}

impl Judged<'_> {
    /// Var(α_k | y) = E[V_k | y] + ȳ_k² Var[B_k | y] of an FK.
    fn full_variance(&self, mean: f64) -> f64 {
        self.shrinkage.0 * self.share.s + mean * mean * self.shrinkage.1
    }
}

/// Simulates and measures replicate `index`; `hierarchy` and `simulated` are its workspace.
pub(super) fn replicate(
    layout: &Layout<'_>,
    index: usize,
    wanted: Wanted,
    rng: &mut Generator,
    (hierarchy, simulated): (&mut Hierarchy, &mut Simulated),
) -> Result<Outcome, Error> {
    layout.draw(index, rng, simulated);
    layout.observe(simulated, hierarchy);
    let nodes = nodes(layout, hierarchy, rng)?;
    let t = empirical_bayes(hierarchy).sigma2_fk;
    let sums = hierarchy.evidence.groups().iter().map(|g| g.sum_sq_means);
    let judged: Vec<Judged<'_>> = layout
        .shares
        .iter()
        .zip(sums)
        .map(|(share, sum_sq)| {
            let plugin = conditional(t, share.s, 0.0);
            Judged {
                share,
                sum_sq,
                shrinkage: nodes.shrinkage(share.s),
                plugin: (plugin.shrinkage, plugin.variance),
                mixture: Mixture::new(&nodes.coarse, share.s),
            }
        })
        .collect();
    let mut outcome = Outcome {
        boundary: t == 0.0,
        controls: controls(&judged),
        ..Outcome::default()
    };
    let k = layout.cell.k as f64;
    for one in &judged {
        outcome.add_variances(one, k);
    }
    let expansion = match nodes.log_mode {
        Some(mode) => Expansion::near(hierarchy, mode),
        None => Expansion::new(hierarchy),
    };
    let corrected = simulated.means.iter().enumerate();
    let corrected = corrected.map(|(k, &mean)| expansion?.variance(hierarchy, k, mean));
    let corrected: Vec<Option<f64>> = corrected.collect();
    outcome.add_coverage(&judged, &corrected, simulated);
    if t > 0.0 {
        outcome.keep_ratios(&judged, simulated, wanted.ratios);
    }
    if wanted.widths {
        outcome.width_full = Some(full_width(&judged, simulated));
    }
    Ok(outcome)
}

/// The posterior of σ²_FK by the engine that was asked for.
fn nodes(layout: &Layout<'_>, hierarchy: &Hierarchy, rng: &mut Generator) -> Result<Nodes, Error> {
    match layout.settings.engine {
        Engine::Gibbs => Ok(chain(hierarchy, rng)),
        Engine::Exact | Engine::ExactExpectation => quadrature(hierarchy),
    }
}

/// By quadrature.
pub(super) fn quadrature(hierarchy: &Hierarchy) -> Result<Nodes, Error> {
    Nodes::by_quadrature(hierarchy).ok_or_else(|| Error::Setting {
        setting: format!(
            "--lambda {} with hyperprior {}",
            hierarchy.sigma2_obs, hierarchy.hyperprior
        ),
        problem: "the posterior of sigma2_fk cannot be integrated in double precision; choose a \
                  hyperprior nearer to sigma2_fk = 1"
            .into(),
    })
}

/// From one chain.
fn chain(hierarchy: &Hierarchy, rng: &mut Generator) -> Nodes {
    let mut state = State::start(hierarchy, rng);
    let mut kernel = GibbsKernel::new(hierarchy, Move::fastest(hierarchy));
    for _ in 0..GIBBS_WARMUP {
        kernel.step(&mut state, rng);
    }
    kernel.end_warmup();
    let draws: Vec<f64> = (0..GIBBS_DRAWS)
        .map(|_| {
            kernel.step(&mut state, rng);
            state.sigma2_fk
        })
        .collect();
    Nodes::of_draws(&draws)
}

/// What the excess follows, with expectation 0: c_g = Σ ȳ²/v_g - K_g of each share g, on which the
/// level of t depends, and z c_g - 2K_g/v_g, z = Σ c_g/v_g the score of t at 1 (twice), by which the
/// excess bends.
fn controls(judged: &[Judged<'_>]) -> Vec<f64> {
    let centred = |one: &Judged<'_>| one.sum_sq / one.share.v() - one.share.count();
    let score: f64 = judged.iter().map(|one| centred(one) / one.share.v()).sum();
    let mut controls: Vec<f64> = judged.iter().map(centred).collect();
    controls.extend(
        judged
            .iter()
            .map(|one| score * centred(one) - 2.0 * one.share.count() / one.share.v()),
    );
    controls
}

impl Outcome {
    /// What depends on the data through Σ ȳ² alone.
    ///
    /// The risk is averaged over α_k given ȳ_k: E[(α_k - b ȳ_k)² | ȳ_k] = V_k(1) + (B_k(1) - b)² ȳ_k².
    fn add_variances(&mut self, one: &Judged<'_>, k: f64) {
        let (share, weight) = (one.share, one.share.count() / k);
        let mean_sq = one.sum_sq / share.count();
        let full = one.shrinkage.0 * share.s + mean_sq * one.shrinkage.1;
        let truth = (share.true_shrinkage(), share.true_variance());
        let risk = |b: f64| 1.0 + (truth.0 - b).powi(2) * mean_sq / truth.1;
        self.excess.push(full / truth.1 - 1.0);
        self.risk_full += weight * risk(one.shrinkage.0);
        self.risk_plugin += weight * risk(one.plugin.0);
        self.width_plugin += weight * 2.0 * normal_quantile(1.0 - TAIL) * one.plugin.1.sqrt();
        if !self.boundary {
            *self.ratio.get_or_insert(0.0) += weight * full / one.plugin.1;
        }
    }

    fn add_coverage(
        &mut self,
        judged: &[Judged<'_>],
        corrected: &[Option<f64>],
        simulated: &Simulated,
    ) {
        let limit = normal_quantile(1.0 - TAIL);
        let mut covered = [0u32; 4];
        let mut without = false;
        for one in judged {
            let half = limit * one.plugin.1.sqrt();
            for k in one.share.fks.clone() {
                let (mean, alpha) = (simulated.means[k], simulated.alphas[k]);
                let by_plugin = !self.boundary && (alpha - one.plugin.0 * mean).abs() <= half;
                covered[0] += u32::from(by_plugin);
                match corrected.get(k).copied().flatten() {
                    // The expansion may fall below zero: an interval without width.
                    Some(variance) => {
                        let half = limit * variance.max(0.0).sqrt();
                        let off = (alpha - one.shrinkage.0 * mean).abs();
                        covered[1] += u32::from(variance > 0.0 && off <= half);
                    }
                    None => without = true,
                }
                covered[2] += u32::from(one.mixture.covers(mean, alpha, TAIL, limit));
                let off = (alpha - one.shrinkage.0 * mean).abs();
                covered[3] += u32::from(off <= limit * one.full_variance(mean).sqrt());
            }
        }
        let k = simulated.means.len() as f64;
        let [plugin, corrected, full, normal] = covered.map(|count| f64::from(count) / k);
        self.coverage_plugin = plugin;
        self.coverage_corrected = Some(corrected).filter(|_| !without);
        self.coverage_full = full;
        self.coverage_normal = normal;
    }

    /// Ratios of at most `most` FKs, evenly spaced.
    fn keep_ratios(&mut self, judged: &[Judged<'_>], simulated: &Simulated, most: usize) {
        let stride = simulated.means.len().div_ceil(most.max(1));
        for one in judged {
            let evenly = one.share.fks.clone().filter(|k| k % stride == 0);
            let ratio = |k: usize| one.full_variance(simulated.means[k]) / one.plugin.1;
            self.ratios.extend(evenly.map(ratio));
        }
    }
}

/// Average width of the full posterior's central intervals.
fn full_width(judged: &[Judged<'_>], simulated: &Simulated) -> f64 {
    let width = |(one, k): (&Judged<'_>, usize)| {
        let mean = simulated.means[k];
        one.mixture.quantile(mean, 1.0 - TAIL) - one.mixture.quantile(mean, TAIL)
    };
    let fks = judged
        .iter()
        .flat_map(|one| one.share.fks.clone().map(move |k| (one, k)));
    fks.map(width).sum::<f64>() / simulated.means.len() as f64
}
