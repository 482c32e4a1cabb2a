//! Student-t importances: their likelihood, its maximiser, and whether the data ask for them.

use super::mixture::{Fineness, MixingScales, mix};
use super::{EmpiricalBayes, LocationGiven, log_marginal};
use crate::model::{Evidence, Hierarchy, Importance, Location};
use crate::numeric::{Span, integrate, maximum, maximum_near, normal_cdf};

/// Degrees of freedom with which heavy tails are tried.
const NU: f64 = 4.0;
/// Log Bayes factor from which heavy tails win clearly: twenty to one.
const CLEAR: f64 = 3.0;
/// FKs up to which they are tried: a second at most.
const MOST_FKS: usize = 500;
/// Points of the first look for the location.
const POINTS: usize = 256;
/// Loss of shrinkage factor that is worth a word.
const NOTICEABLE: f64 = 0.01;

/// The likelihood of Student-t importances with the mixing scales integrated out, at the noise's
/// point value.
struct Likelihood<'a> {
    evidence: &'a Evidence,
    sigma2_obs: f64,
    mixing: MixingScales,
}

impl<'a> Likelihood<'a> {
    fn new(hierarchy: &'a Hierarchy, nu: f64) -> Self {
        Self {
            evidence: &hierarchy.evidence,
            sigma2_obs: hierarchy.sigma2_obs,
            mixing: MixingScales::new(nu, Fineness::Coarse),
        }
    }

    /// ȳ_k about the centre and s_k of every FK with scores.
    fn observed(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let means = self.evidence.means().iter().zip(self.evidence.place());
        means.filter_map(|(&mean, &place)| {
            let group = &self.evidence.groups()[self.evidence.group_of(place)];
            let s = self.sigma2_obs * group.unit_variance;
            s.is_finite().then_some((mean, s))
        })
    }

    /// Σ log ∫ N(ȳ_k; m, t ω + s_k) p(ω) dω, up to log √2π per FK.
    fn log(&self, t: f64, m: f64) -> f64 {
        self.observed()
            .map(|(mean, s)| mix(mean - m, self.mixing.components(t, s)).log_density)
            .sum()
    }

    /// Bounds of log t between which its maximum lies.
    fn span(&self) -> (f64, f64) {
        let smallest = self
            .observed()
            .map(|(_, s)| s)
            .fold(f64::INFINITY, f64::min);
        let sum_sq: f64 = self.observed().map(|(mean, _)| mean * mean).sum();
        let low = (1e-9 * smallest).ln();
        (low, (4.0 * sum_sq).ln().max(low + 1.0))
    }

    /// The location at which the likelihood is largest given t.
    fn best_location(&self, t: f64) -> f64 {
        let means = self.evidence.means().iter().copied();
        let (low, high) = means.fold((0.0, 0.0), |(low, high): (f64, f64), mean| {
            (low.min(mean), high.max(mean))
        });
        // Relative to the spread of the means: scores have any unit.
        let near = 1e-9 * (high - low);
        maximum_near(|m| self.log(t, m), (low, high), POINTS, near)
    }
}

/// log p(y | σ²_FK = t) of Student-t importances about zero with `nu` degrees of freedom, the mixing
/// scales integrated out, at the noise's point value, as a function of t.
pub fn log_marginal_student_t(hierarchy: &Hierarchy, nu: f64) -> impl Fn(f64) -> f64 + '_ {
    let likelihood = Likelihood::new(hierarchy, nu);
    move |t| likelihood.log(t, 0.0)
}

/// σ̂²_FK and the location at the maximum of the likelihood of Student-t importances, and the standard
/// error of the former by the observed information. An unknown location is maximised over too.
pub(super) fn empirical_bayes_student_t(
    hierarchy: &Hierarchy,
    nu: f64,
) -> (f64, f64, LocationGiven) {
    /// Alternations between t and the location.
    const ROUNDS: usize = 8;
    let likelihood = Likelihood::new(hierarchy, nu);
    let (low, high) = likelihood.span();
    let mut m = 0.0;
    let mut peak = maximum(|x| likelihood.log(x.exp(), m), low, high);
    if hierarchy.evidence.location() == Location::Flat {
        for _ in 0..ROUNDS {
            m = likelihood.best_location(peak.exp());
            peak = maximum(|x| likelihood.log(x.exp(), m), low, high);
        }
    }
    let location = LocationGiven {
        mean: m,
        variance: 0.0,
    };
    let t = peak.exp();
    let beats_zero = likelihood.log(t, m) > likelihood.log(0.0, m);
    if !beats_zero || peak - low < 1e-3 {
        return (0.0, f64::INFINITY, location);
    }
    let step = 1e-3 * t;
    let bend =
        likelihood.log(t + step, m) + likelihood.log(t - step, m) - 2.0 * likelihood.log(t, m);
    (t, step / (-bend).sqrt(), location)
}

/// How much better Student-t importances fit than normal ones.
#[derive(Debug, Clone, PartialEq)]
pub struct HeavyTails {
    /// Degrees of freedom with which they were tried.
    pub nu: f64,
    /// Log Bayes factor of Student-t against normal importances, the same hyperprior on both sides
    /// and the noise at its point value.
    pub log_bayes_factor: f64,
    /// Posterior predictive probability, under normal importances, that the largest |ȳ_k - m̂| is as
    /// large as it is.
    pub p_largest: f64,
    /// The FK that has it, by place in the hierarchy.
    pub largest: usize,
    /// FKs, by place, whose shrinkage factor would fall noticeably, at the empirical-Bayes estimates.
    pub shrunk_more: Vec<usize>,
}

impl HeavyTails {
    /// Whether Student-t importances win by twenty to one.
    #[must_use]
    pub fn win_clearly(&self) -> bool {
        self.log_bayes_factor >= CLEAR
    }
}

/// Tries Student-t importances where normal ones are in force, whose empirical-Bayes estimate is
/// `estimate`; `None` where there are fewer than three
/// FKs with scores, or more than a second affords.
#[must_use]
pub fn heavy_tails(hierarchy: &Hierarchy, estimate: &EmpiricalBayes) -> Option<HeavyTails> {
    let evidence = &hierarchy.evidence;
    let worth_trying = hierarchy.model.importance == Importance::Normal
        && (3..=MOST_FKS).contains(&evidence.k_observed());
    if !worth_trying {
        return None;
    }
    let likelihood = Likelihood::new(hierarchy, NU);
    let m = estimate.location.mean;
    let (low, high) = hierarchy.modes_of_log_sigma2_fk(hierarchy.sigma2_obs);
    // The scale of a t may lie far below the standard deviation of the importances.
    let low = low.min(likelihood.span().0);
    let span = Span {
        low,
        high,
        powers: &[],
    };
    let prior = |x: f64| hierarchy.hyperprior.log_density(x);
    let heavy = integrate(|x| prior(x) + likelihood.log(x.exp(), m), span)?;
    let normal_at = |x: f64| prior(x) + log_normal(hierarchy, &likelihood, x.exp(), m);
    let normal = integrate(normal_at, span)?;
    let weights: Vec<(f64, f64)> = normal
        .x
        .iter()
        .zip(&normal.log_weight)
        .map(|(x, w)| (x.exp(), (w - normal.log_total).exp()))
        .collect();
    let (largest, distance) = farthest(evidence, m)?;
    Some(HeavyTails {
        nu: NU,
        log_bayes_factor: heavy.log_total - normal.log_total,
        p_largest: probability_of_largest(&likelihood, &weights, distance),
        largest,
        shrunk_more: shrunk_more(hierarchy, &likelihood, estimate),
    })
}

/// Σ log N(ȳ_k; m, t + s_k), up to log √2π per FK: at location zero, where m = 0, by groups.
fn log_normal(hierarchy: &Hierarchy, likelihood: &Likelihood<'_>, t: f64, m: f64) -> f64 {
    match hierarchy.evidence.location() {
        Location::Zero => log_marginal(&hierarchy.evidence, t, hierarchy.sigma2_obs),
        Location::Flat => {
            let terms = likelihood.observed().map(|(mean, s)| {
                let v = t + s;
                v.ln() + (mean - m) * (mean - m) / v
            });
            -0.5 * terms.sum::<f64>()
        }
    }
}

/// The FK whose mean is farthest from `m`, by place, and how far.
fn farthest(evidence: &Evidence, m: f64) -> Option<(usize, f64)> {
    evidence
        .place()
        .iter()
        .zip(evidence.means())
        .filter(|(place, _)| {
            evidence.groups()[evidence.group_of(**place)]
                .unit_variance
                .is_finite()
        })
        .map(|(&place, mean)| (place, (mean - m).abs()))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// P(max |ȳ_k - m| ≥ distance) over new importances and new scores, averaged over t.
fn probability_of_largest(
    likelihood: &Likelihood<'_>,
    weights: &[(f64, f64)],
    distance: f64,
) -> f64 {
    let exceeded = |t: f64| {
        let all_below: f64 = likelihood
            .observed()
            .map(|(_, s)| (-2.0 * normal_cdf(-distance / (t + s).sqrt())).ln_1p())
            .sum();
        -all_below.exp_m1()
    };
    weights
        .iter()
        .map(|(t, weight)| weight * exceeded(*t))
        .sum()
}

fn shrunk_more(
    hierarchy: &Hierarchy,
    likelihood: &Likelihood<'_>,
    estimate: &EmpiricalBayes,
) -> Vec<usize> {
    let evidence = &hierarchy.evidence;
    let (normal, m) = (estimate.sigma2_fk, estimate.location.mean);
    let (heavy, _, _) = empirical_bayes_student_t(hierarchy, NU);
    let mut losses: Vec<(usize, f64)> = evidence
        .place()
        .iter()
        .zip(evidence.means())
        .filter_map(|(&place, mean)| {
            let s = hierarchy.sampling_variance(place, hierarchy.sigma2_obs);
            let mixed = mix(mean - m, likelihood.mixing.components(heavy, s));
            let loss = normal / (normal + s) - mixed.shrinkage;
            (s.is_finite() && loss > NOTICEABLE).then_some((place, loss))
        })
        .collect();
    losses.sort_by(|a, b| b.1.total_cmp(&a.1));
    losses.into_iter().map(|(place, _)| place).collect()
}
