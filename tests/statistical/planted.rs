//! Negative controls: kernels with a planted error, on which the check of `chains` must fail.
//!
//! tests/README.md has the figures found.

use crate::chains::Set;
use crate::support::{Check, LENGTH, drive, hierarchy, inverse_gamma, normal, scores};
use fkbayes::model::{Hierarchy, Noise, NoiseVariance};
use fkbayes::posterior::{ExactPosterior, conditional, log_marginal};
use fkbayes::sampler::{Generator, Kernel, State};
use rand::RngExt;
use rand_distr::Exp1;

/// What is wrong with a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// Nothing: the conjugate draws and the scale move.
    Nothing,
    /// σ²_FK is drawn with the shape a₀ + K/2 + ½.
    Shape,
    /// The scale move takes the prior density of t for that of log t.
    Jacobian,
    /// α is drawn with the variance σ²_obs/n in place of V.
    Variance,
    /// σ²_obs is drawn with the shape c₀ + N/2 + ½.
    Noise,
    /// σ²_FK is drawn by a slice whose width depends on where it starts, or does not.
    Width(Width),
}

/// Step-out width of the slice on log σ²_FK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    Fixed,
    /// 2 below σ²_FK = 10, 20 above.
    OfTheState,
}

/// A Gibbs kernel with an error in it.
pub struct PlantedKernel<'a> {
    pub hierarchy: &'a Hierarchy,
    pub planted: Planted,
}

impl PlantedKernel<'_> {
    fn draw_noise(&self, state: &mut State, rng: &mut Generator) {
        if let NoiseVariance::Sampled { c0, d0 } = self.hierarchy.noise {
            let (degrees, sum_sq) = self.hierarchy.evidence.within();
            let excess = if self.planted == Planted::Noise {
                0.5
            } else {
                0.0
            };
            let scores = degrees + self.hierarchy.evidence.k_observed() as f64;
            let scale = d0 + 0.5 * (sum_sq + state.sums(self.hierarchy).residual_sq);
            state.sigma2_obs = inverse_gamma(c0 + 0.5 * scores + excess, scale, rng);
        }
    }

    fn draw_sigma2_fk(&self, state: &mut State, rng: &mut Generator) {
        if let Planted::Width(width) = self.planted {
            let (prior, noise) = (&self.hierarchy.hyperprior, state.sigma2_obs);
            let log_f = |x: f64| {
                prior.log_density(x) + log_marginal(&self.hierarchy.evidence, x.exp(), noise)
            };
            let x = state.sigma2_fk.ln();
            let width = match width {
                Width::OfTheState if state.sigma2_fk < 10.0 => 2.0,
                _ => 20.0,
            };
            state.sigma2_fk = slice(x, width, log_f, rng).exp();
            return;
        }
        // One importance more adds ½ to the shape.
        let k = state.alpha.len() + usize::from(self.planted == Planted::Shape);
        let sum_sq = state.sums(self.hierarchy).alpha_sq;
        state.sigma2_fk =
            self.hierarchy
                .hyperprior
                .draw_given_importances(state.sigma2_fk, k, sum_sq, rng);
    }

    fn draw_alpha(&self, state: &mut State, rng: &mut Generator) {
        if self.planted != Planted::Variance {
            state.draw_alpha(self.hierarchy, rng);
            return;
        }
        let evidence = &self.hierarchy.evidence;
        for (i, &place) in evidence.place().iter().enumerate() {
            let s = self.hierarchy.sampling_variance(place, state.sigma2_obs);
            let given = conditional(state.sigma2_fk, s, evidence.means()[i]);
            let variance = if s.is_finite() { s } else { given.variance };
            state.alpha[i] = given.mean + variance.sqrt() * normal(rng);
        }
    }

    fn scale_move(&self, state: &mut State, rng: &mut Generator) {
        let log_t = state.sigma2_fk.ln();
        let sums = state.sums(self.hierarchy);
        let a = sums.weighted_alpha_sq / state.sigma2_obs;
        let c = sums.weighted_product / state.sigma2_obs;
        let missing = if self.planted == Planted::Jacobian {
            2.0
        } else {
            0.0
        };
        let log_f = |u: f64| {
            self.hierarchy.hyperprior.log_density(log_t + 2.0 * u)
                - missing * u
                - 0.5 * a * (2.0 * u).exp()
                + c * u.exp()
        };
        let u = slice(0.0, 1.0, log_f, rng);
        state.rescale_alpha(u.exp());
        state.sigma2_fk = (log_t + 2.0 * u).exp();
    }
}

impl Kernel for PlantedKernel<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        self.draw_noise(state, rng);
        self.draw_sigma2_fk(state, rng);
        self.draw_alpha(state, rng);
        if !matches!(self.planted, Planted::Width(_)) {
            self.scale_move(state, rng);
        }
    }
}

/// One slice update (Neal 2003), stepping out by `width`.
pub fn slice(x: f64, width: f64, log_f: impl Fn(f64) -> f64, rng: &mut Generator) -> f64 {
    let level = log_f(x) - rng.sample::<f64, _>(Exp1);
    let mut low = x - width * rng.random::<f64>();
    let mut high = low + width;
    while log_f(low) > level {
        low -= width;
    }
    while log_f(high) > level {
        high += width;
    }
    loop {
        let candidate = low + (high - low) * rng.random::<f64>();
        if log_f(candidate) > level {
            return candidate;
        }
        if candidate < x {
            low = candidate;
        } else {
            high = candidate;
        }
    }
}

fn check(hierarchy: &Hierarchy, planted: Planted) -> Check {
    let exact = ExactPosterior::new(hierarchy).unwrap();
    let kernel = || PlantedKernel { hierarchy, planted };
    let chains = drive(hierarchy, kernel, LENGTH, 21);
    let mut check = Check::default();
    check.chains(&format!("{planted:?}"), &chains, hierarchy, &exact);
    check
}

#[test]
fn planted_errors_are_found() {
    let set = Set::never_permuted();
    let noise = Noise::sampled(2.0, 2.0 * set.sigma2_obs).unwrap();
    let hierarchy = hierarchy(&scores(&set.fks), noise, set.hyperprior);
    check(&hierarchy, Planted::Nothing).assert_passed();
    for planted in [
        Planted::Shape,
        Planted::Jacobian,
        Planted::Variance,
        Planted::Noise,
    ] {
        check(&hierarchy, planted).assert_failed();
    }
}

/// Two modes, eight logs apart: the slices have two pieces.
#[test]
fn width_of_the_state_is_found() {
    let fks = [
        (551, 0.2, 0.0),
        (551, -0.15, 0.0),
        (551, 0.1, 0.0),
        (1, 62.0, 0.0),
    ];
    let noise = Noise::known(101.0).unwrap();
    let hierarchy = hierarchy(&scores(&fks), noise, Some((0.5, 0.05)));
    check(&hierarchy, Planted::Width(Width::Fixed)).assert_passed();
    check(&hierarchy, Planted::Width(Width::OfTheState)).assert_failed();
}
