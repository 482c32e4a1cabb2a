//! Negative controls where FKs have scales of their own: the sweep over per-FK noise and Student-t
//! importances once more, with a planted error, on which the checks of `calibration` must fail.
//!
//! tests/README.md has the figures found.

use crate::planted::slice;
use crate::support::{inverse_gamma, normal};
use fkbayes::model::{Hierarchy, NoiseVariance};
use fkbayes::posterior::conditional;
use fkbayes::sampler::{Generator, Kernel, State};

/// What is wrong with a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlantedScale {
    Nothing,
    /// σ²_obs,k is drawn with the shape c₀ + n_k/2 + ½.
    NoiseShape,
    /// d₀ is drawn with half the K c₀ of its shape.
    ScaleShape,
    /// d₀ is drawn as if FKs without scores had noise.
    ScaleCount,
    /// The move of (σ²_obs,k, d₀) has c^-N/2 wrong by c^K/2.
    NoiseMove,
    /// ω is drawn with the shape (ν+1)/2 + ½.
    MixingShape,
    /// The move of (σ²_FK, ω) lacks the Jacobian c^K of ω.
    MixingJacobian,
    /// The move of (σ²_FK, ω) has ν K u/2 with the wrong sign.
    MixingSign,
    /// ω is drawn given the importances from before σ²_FK was.
    Stale,
}

impl PlantedScale {
    pub const ERRORS: [Self; 8] = [
        Self::NoiseShape,
        Self::ScaleShape,
        Self::ScaleCount,
        Self::NoiseMove,
        Self::MixingShape,
        Self::MixingJacobian,
        Self::MixingSign,
        Self::Stale,
    ];
}

/// A sweep over per-FK noise and Student-t importances about zero, with an error in it.
pub struct PlantedScalesKernel<'a> {
    pub hierarchy: &'a Hierarchy,
    pub planted: PlantedScale,
}

impl PlantedScalesKernel<'_> {
    /// `value` if this is the planted error, else 0.
    fn if_planted(&self, error: PlantedScale, value: f64) -> f64 {
        if self.planted == error { value } else { 0.0 }
    }

    /// (n_k, ȳ_k, SSW_k) in group order.
    fn fks(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let evidence = &self.hierarchy.evidence;
        let places = evidence.means().iter().zip(evidence.place());
        places.map(|(&mean, &place)| {
            let spread = self.hierarchy.spreads[place];
            (spread.n, mean, spread.sum_sq)
        })
    }

    fn draw_noise(&self, state: &mut State, rng: &mut Generator) {
        let NoiseVariance::PerFk { c0, scale_prior } = self.hierarchy.noise else {
            panic!("noise is not per FK");
        };
        let (shape, rate) = scale_prior;
        let excess = self.if_planted(PlantedScale::NoiseShape, 0.5);
        let (mut count, mut precision, mut scores, mut relative) = (0.0, 0.0, 0.0, 0.0);
        for (i, (n, mean, sum_sq)) in self.fks().enumerate() {
            if n == 0.0 {
                count += self.if_planted(PlantedScale::ScaleCount, 1.0);
                continue;
            }
            let half = 0.5 * (sum_sq + n * (mean - state.alpha[i]).powi(2));
            let variance = inverse_gamma(c0 + 0.5 * n + excess, state.noise_scale + half, rng);
            state.own_noise[i] = variance;
            count += 1.0;
            precision += 1.0 / variance;
            scores += n;
            relative += half / variance;
        }
        let lost = self.if_planted(PlantedScale::ScaleShape, 0.5 * count * c0);
        // A gamma draw, as the reciprocal of an inverse-gamma one.
        let d0 = 1.0 / inverse_gamma(shape + count * c0 - lost, rate + precision, rng);
        let power = shape - 0.5 * scores + self.if_planted(PlantedScale::NoiseMove, 0.5 * count);
        let log_f = |u: f64| power * u - relative * (-u).exp() - rate * d0 * u.exp();
        let c = slice(0.0, 1.0, log_f, rng).exp();
        state.noise_scale = c * d0;
        for (variance, (n, ..)) in state.own_noise.iter_mut().zip(self.fks()) {
            if n > 0.0 {
                *variance *= c;
            }
        }
    }

    fn draw_mixing(&self, state: &mut State, rng: &mut Generator) {
        let nu = self.hierarchy.nu().unwrap();
        let shape = 0.5 * (nu + 1.0) + self.if_planted(PlantedScale::MixingShape, 0.5);
        for (omega, alpha) in state.mixing.iter_mut().zip(&state.alpha) {
            let scale = 0.5 * (nu + alpha * alpha / state.sigma2_fk);
            *omega = inverse_gamma(shape, scale, rng);
        }
        let k = state.mixing.len() as f64;
        let reciprocals: f64 = state.mixing.iter().map(|omega| 1.0 / omega).sum();
        let power = -0.5 * nu * k - self.if_planted(PlantedScale::MixingJacobian, k)
            + self.if_planted(PlantedScale::MixingSign, nu * k);
        let log_t = state.sigma2_fk.ln();
        let log_f = |u: f64| {
            self.hierarchy.hyperprior.log_density(log_t - u) + power * u
                - 0.5 * nu * reciprocals * (-u).exp()
        };
        let u = slice(0.0, 1.0, log_f, rng);
        state.sigma2_fk = (log_t - u).exp();
        for omega in &mut state.mixing {
            *omega *= u.exp();
        }
    }

    /// σ²_FK with the importances integrated out.
    fn draw_sigma2_fk(&self, state: &mut State, rng: &mut Generator) {
        let log_f = |log_t: f64| {
            let fks = self.fks().zip(&state.own_noise).zip(&state.mixing);
            let observed = fks.filter(|(((n, ..), _), _)| *n > 0.0);
            let terms = observed.map(|(((n, mean, _), noise), omega)| {
                let v = log_t.exp() * omega + noise / n;
                v.ln() + mean * mean / v
            });
            self.hierarchy.hyperprior.log_density(log_t) - 0.5 * terms.sum::<f64>()
        };
        state.sigma2_fk = slice(state.sigma2_fk.ln(), 1.0, log_f, rng).exp();
    }

    fn draw_alpha(&self, state: &mut State, rng: &mut Generator) {
        for (i, (n, mean, _)) in self.fks().enumerate() {
            let t = state.sigma2_fk * state.mixing[i];
            let given = conditional(t, state.own_noise[i] / n, mean);
            state.alpha[i] = given.mean + given.variance.sqrt() * normal(rng);
        }
    }
}

impl Kernel for PlantedScalesKernel<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        self.draw_noise(state, rng);
        if self.planted == PlantedScale::Stale {
            self.draw_sigma2_fk(state, rng);
            self.draw_mixing(state, rng);
        } else {
            self.draw_mixing(state, rng);
            self.draw_sigma2_fk(state, rng);
        }
        self.draw_alpha(state, rng);
    }
}
