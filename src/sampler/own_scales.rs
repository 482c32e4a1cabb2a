//! The sweep where FKs have scales of their own: noise variances σ²_obs,k, the mixing scales ω_k of
//! Student-t importances (α_k | ω_k ~ N(m, σ²_FK ω_k), ω_k ~ IG(ν/2, ν/2)), or both.

use super::gibbs::{Move, draw_common_noise};
use super::jump::Jump;
use super::location::standard_normal;
use super::slice::Slice;
use super::state::{Generator, Kernel, State};
use crate::model::{Hierarchy, Location, NoiseVariance, draw_inverse_gamma};
use crate::posterior::conditional;

/// What was observed of one FK.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observed {
    /// ȳ_k about the evidence's centre.
    pub mean: f64,
    /// Number of scores; 0 where there are none.
    pub n: f64,
    /// Within-FK sum of squares.
    pub sum_sq: f64,
    /// Sampling variance of the mean per unit of common noise.
    pub unit_variance: f64,
}

/// The scales at the start of a chain.
pub(super) struct OwnScales {
    pub noise: Vec<f64>,
    pub noise_scale: f64,
    pub mixing: Vec<f64>,
}

impl OwnScales {
    /// Noise variances that are all `spread`, between -1 and 1, on a log scale off their sample
    /// variances by a factor of up to three; mixing scales 1, where the t is the normal.
    pub fn start(hierarchy: &Hierarchy, spread: f64) -> Self {
        let mut start = Self {
            noise: Vec::new(),
            noise_scale: 0.0,
            mixing: Vec::new(),
        };
        if let NoiseVariance::PerFk { c0, .. } = hierarchy.noise {
            let factor = (3f64.ln() * spread).exp();
            let observed = observed(hierarchy);
            let variance = |fk: &Observed| {
                if fk.n > 0.0 {
                    factor * fk.unit_variance * fk.n
                } else {
                    1.0
                }
            };
            start.noise = observed.iter().map(variance).collect();
            let with_scores = observed.iter().filter(|fk| fk.n > 0.0);
            let precision: f64 = with_scores.clone().map(|fk| 1.0 / variance(fk)).sum();
            start.noise_scale = c0 * with_scores.count() as f64 / precision;
        }
        if hierarchy.nu().is_some() {
            start.mixing = vec![1.0; hierarchy.evidence.k()];
        }
        start
    }
}

/// Every FK in group order.
fn observed(hierarchy: &Hierarchy) -> Vec<Observed> {
    let evidence = &hierarchy.evidence;
    let means = evidence.means().iter();
    means
        .zip(evidence.place())
        .map(|(&mean, &place)| Observed {
            mean,
            n: hierarchy.spreads[place].n,
            sum_sq: hierarchy.spreads[place].sum_sq,
            unit_variance: hierarchy.sampling_variance(place, 1.0),
        })
        .collect()
}

/// The sweep: noise | α, then ω | α, then σ²_FK, then (m, α) in one block.
///
/// σ²_FK is drawn by a slice with m and α integrated out, and two moves along orbits keep scales
/// mixing that multiply each other: (σ²_obs,k, d₀) → (c σ²_obs,k, c d₀) and (σ²_FK, ω) → (σ²_FK/c, c ω).
/// [`Move::None`] leaves these out and draws σ²_FK given α; the other moves are the same here.
#[derive(Debug, Clone)]
pub struct OwnScalesKernel<'a> {
    hierarchy: &'a Hierarchy,
    fks: Vec<Observed>,
    bare: bool,
    slice: Slice,
    mixing_slice: Slice,
    noise_slice: Slice,
    /// Where noise is per FK.
    jump: Option<Jump>,
}

impl<'a> OwnScalesKernel<'a> {
    /// A kernel for the posterior of `hierarchy`.
    #[must_use]
    pub fn new(hierarchy: &'a Hierarchy, with: Move) -> Self {
        let (fks, bare) = (observed(hierarchy), with == Move::None);
        Self {
            hierarchy,
            jump: Jump::new(hierarchy, &fks).filter(|_| !bare),
            fks,
            bare,
            slice: Slice::new(),
            mixing_slice: Slice::new(),
            noise_slice: Slice::new(),
        }
    }

    /// ω_k and s_k of every FK.
    fn scales(&self, state: &State) -> Vec<(f64, f64)> {
        let scale = |(i, fk): (usize, &Observed)| {
            let s = match state.own_noise.get(i) {
                Some(variance) => variance / fk.n,
                None => state.sigma2_obs * fk.unit_variance,
            };
            (state.mixing.get(i).copied().unwrap_or(1.0), s)
        };
        self.fks.iter().enumerate().map(scale).collect()
    }

    fn draw_noise(&mut self, state: &mut State, rng: &mut Generator) {
        match self.hierarchy.noise {
            NoiseVariance::PerFk { c0, scale_prior } => {
                self.draw_own_noise(c0, scale_prior, state, rng);
            }
            _ => draw_common_noise(self.hierarchy, state, rng),
        }
    }

    /// σ²_obs,k | α, d₀ ~ IG(c₀ + n_k/2, d₀ + ½ Q_k), Q_k = SSW_k + n_k (ȳ_k - α_k)²; then
    /// d₀ | σ²_obs ~ Gamma(g + K' c₀, r + Σ 1/σ²_obs,k).
    fn draw_own_noise(
        &mut self,
        c0: f64,
        (shape, rate): (f64, f64),
        state: &mut State,
        rng: &mut Generator,
    ) {
        let (mut count, mut precision) = (0.0, 0.0);
        let (mut scores, mut relative) = (0.0, 0.0);
        for (i, fk) in self.fks.iter().enumerate().filter(|(_, fk)| fk.n > 0.0) {
            let error = fk.mean - state.alpha[i];
            let half_square = 0.5 * (fk.sum_sq + fk.n * error * error);
            let variance =
                draw_inverse_gamma(c0 + 0.5 * fk.n, state.noise_scale + half_square, rng);
            state.own_noise[i] = variance;
            count += 1.0;
            precision += 1.0 / variance;
            scores += fk.n;
            relative += half_square / variance;
        }
        let gamma = 1.0 / draw_inverse_gamma(shape + count * c0, 1.0, rng);
        state.noise_scale = gamma / (rate + precision);
        if self.bare {
            return;
        }
        // (σ²_obs, d₀) → (c σ²_obs, c d₀), u = log c; each IG(σ²_obs,k; c₀, d₀) dσ²_obs,k stays what it is.
        let d0 = state.noise_scale;
        let log_density =
            |u: f64| (shape - 0.5 * scores) * u - relative * (-u).exp() - rate * d0 * u.exp();
        let c = self.noise_slice.update(0.0, log_density, rng).exp();
        state.noise_scale *= c;
        for (variance, fk) in state.own_noise.iter_mut().zip(&self.fks) {
            if fk.n > 0.0 {
                *variance *= c;
            }
        }
    }

    /// ω_k | α_k, σ²_FK ~ IG((ν+1)/2, ν/2 + (α_k - m)²/(2 σ²_FK)).
    fn draw_mixing(&mut self, nu: f64, state: &mut State, rng: &mut Generator) {
        let mut reciprocals = 0.0;
        for (omega, alpha) in state.mixing.iter_mut().zip(&state.alpha) {
            let deviation = alpha - state.location;
            let scale = 0.5 * (nu + deviation * deviation / state.sigma2_fk);
            *omega = draw_inverse_gamma(0.5 * (nu + 1.0), scale, rng);
            reciprocals += 1.0 / *omega;
        }
        if self.bare {
            return;
        }
        // (σ²_FK, ω) → (σ²_FK/c, c ω), u = log c: h(log t - u) - ½ ν [K u + e^-u Σ 1/ω].
        let (k, log_t) = (state.mixing.len() as f64, state.sigma2_fk.ln());
        let log_density = |u: f64| {
            self.hierarchy.hyperprior.log_kernel(log_t - u)
                - 0.5 * nu * (k * u + (-u).exp() * reciprocals)
        };
        let u = self.mixing_slice.update(0.0, log_density, rng);
        state.sigma2_fk = (log_t - u).exp();
        for omega in &mut state.mixing {
            *omega *= u.exp();
        }
    }

    fn draw_sigma2_fk(&mut self, scales: &[(f64, f64)], state: &mut State, rng: &mut Generator) {
        let hyperprior = &self.hierarchy.hyperprior;
        if self.bare {
            let m = state.location;
            let squares = state.alpha.iter().zip(scales);
            let sum_sq = squares.map(|(alpha, (omega, _))| (alpha - m) * (alpha - m) / omega);
            let sum_sq = sum_sq.sum();
            state.sigma2_fk =
                hyperprior.draw_given_importances(state.sigma2_fk, state.alpha.len(), sum_sq, rng);
            return;
        }
        let (fks, location) = (&self.fks, self.hierarchy.evidence.location());
        let log_density = |log_t: f64| {
            hyperprior.log_kernel(log_t) + marginal(fks, scales, location, log_t.exp()).log
        };
        let log_t = self.slice.update(state.sigma2_fk.ln(), log_density, rng);
        state.sigma2_fk = log_t.exp();
    }

    /// Draws (m, α) given the scales that the state has.
    pub(super) fn draw_alpha(&self, state: &mut State, rng: &mut Generator) {
        self.draw_alpha_given_scales(&self.scales(state), state, rng);
    }

    /// Draws α given all scales and m as they are.
    pub(super) fn draw_alpha_at_location(&self, state: &mut State, rng: &mut Generator) {
        self.draw_alpha_given_location(&self.scales(state), state, rng);
    }

    /// m with α integrated out, then α_k ~ N(m + B_k (ȳ_k - m), V_k).
    fn draw_alpha_given_scales(
        &self,
        scales: &[(f64, f64)],
        state: &mut State,
        rng: &mut Generator,
    ) {
        let location = self.hierarchy.evidence.location();
        if location == Location::Flat {
            let given = marginal(&self.fks, scales, location, state.sigma2_fk);
            state.location = given.location + given.location_sd * standard_normal(rng);
        }
        self.draw_alpha_given_location(scales, state, rng);
    }

    fn draw_alpha_given_location(
        &self,
        scales: &[(f64, f64)],
        state: &mut State,
        rng: &mut Generator,
    ) {
        let m = state.location;
        for ((alpha, fk), (omega, s)) in state.alpha.iter_mut().zip(&self.fks).zip(scales) {
            let given = conditional(state.sigma2_fk * omega, *s, fk.mean - m);
            *alpha = m + given.mean + given.variance.sqrt() * standard_normal(rng);
        }
    }
}

/// What remains of the scores once m and α are integrated out.
pub(super) struct Marginal {
    /// Log likelihood of t.
    pub log: f64,
    /// Mean of m about the evidence's centre.
    location: f64,
    /// Standard deviation of m.
    location_sd: f64,
}

/// The likelihood of t = σ²_FK and the posterior of m, given the scales (ω_k, s_k); as
/// [`log_marginal`](crate::posterior::log_marginal), with v_k = t ω_k + s_k.
pub(super) fn marginal(
    fks: &[Observed],
    scales: &[(f64, f64)],
    location: Location,
    t: f64,
) -> Marginal {
    let (mut sum, mut precision, mut weighted) = (0.0, 0.0, 0.0);
    for (fk, (omega, s)) in fks.iter().zip(scales) {
        if s.is_finite() {
            let v = t * omega + s;
            sum += v.ln() + fk.mean * fk.mean / v;
            precision += 1.0 / v;
            weighted += fk.mean / v;
        }
    }
    match location {
        Location::Zero => Marginal {
            log: -0.5 * sum,
            location: 0.0,
            location_sd: 0.0,
        },
        Location::Flat => Marginal {
            log: -0.5 * (sum - weighted * weighted / precision + precision.ln()),
            location: weighted / precision,
            location_sd: precision.sqrt().recip(),
        },
    }
}

impl Kernel for OwnScalesKernel<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        self.draw_noise(state, rng);
        if let Some(nu) = self.hierarchy.nu() {
            self.draw_mixing(nu, state, rng);
        }
        let mut scales = self.scales(state);
        if let Some(jump) = &self.jump {
            jump.step(self.hierarchy, &self.fks, &mut scales, state, rng);
        }
        self.draw_sigma2_fk(&scales, state, rng);
        self.draw_alpha_given_scales(&scales, state, rng);
    }

    fn slices(&mut self) -> Vec<&mut Slice> {
        vec![
            &mut self.slice,
            &mut self.mixing_slice,
            &mut self.noise_slice,
        ]
    }
}
