//! From draws to figures: which transform goes into which core routine.

use ndarray::ArrayView2;

use super::Diagnostics;
use super::ess::{Buffers, Ess, ess};
use super::mcse;
use super::moments::mean;
use super::r_hat::{larger, r_hat};
use super::rank::{NormalScores, fold};
use super::sample::Sample;
use crate::numeric::Placed;

/// Probabilities of the two quantiles that stand for the tails.
const TAILS: [f64; 2] = [0.05, 0.95];

/// Buffers, FFT plans and normal scores, kept from one parameter to the next.
///
/// One per thread; any number and length of chains may follow each other.
#[derive(Default)]
pub struct Workspace {
    sample: Sample,
    sorted: bool,
    folded: Vec<Placed>,
    distances: Vec<f64>,
    scores: NormalScores,
    /// Split chains after some transform.
    chains: Vec<f64>,
    buffers: Buffers,
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace").finish_non_exhaustive()
    }
}

impl Workspace {
    pub(super) fn load(&mut self, draws: ArrayView2<'_, f64>) -> Option<()> {
        self.sorted = false;
        self.sample.load(draws)
    }

    pub(super) fn diagnose(&mut self) -> Diagnostics {
        self.z_scale();
        let (bulk, r_hat_bulk) = (self.ess(), self.r_hat_of_chains());
        let tail = self.ess_tail();
        Diagnostics {
            r_hat: larger(r_hat_bulk, self.r_hat_folded()),
            ess_bulk: bulk.map(|ess| ess.draws),
            ess_tail: tail.map(|ess| ess.draws),
            ess_capped: [bulk, tail].iter().flatten().any(|ess| ess.capped),
            mcse_mean: self.mcse_mean(),
            mcse_sd: self.mcse_sd(),
        }
    }

    pub(super) fn r_hat(&mut self) -> Option<f64> {
        self.z_scale();
        larger(self.r_hat_of_chains(), self.r_hat_folded())
    }

    pub(super) fn ess_bulk(&mut self) -> Option<Ess> {
        self.z_scale();
        self.ess()
    }

    pub(super) fn ess_tail(&mut self) -> Option<Ess> {
        let tails = TAILS.map(|prob| self.ess_quantile(prob));
        if tails == [None; 2] {
            return None;
        }
        let [low, high] = tails.map(|tail| tail.unwrap_or(self.independent()));
        Some(if high.draws < low.draws { high } else { low })
    }

    pub(super) fn ess_mean(&mut self) -> Option<Ess> {
        self.sample.split(|x| x, &mut self.chains);
        self.ess()
    }

    pub(super) fn mcse_mean(&mut self) -> Option<f64> {
        let ess = self.ess_mean()?;
        Some(self.sample.unit * mcse::of_mean(&self.sample.values, ess.draws)?)
    }

    pub(super) fn mcse_sd(&mut self) -> Option<f64> {
        let mean = mean(&self.sample.values);
        self.sample
            .split(|x| (x - mean) * (x - mean), &mut self.chains);
        let ess = self.ess()?;
        Some(self.sample.unit * mcse::of_sd(&self.sample.values, mean, ess.draws)?)
    }

    pub(super) fn mcse_quantile(&mut self, prob: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&prob) {
            return None;
        }
        let ess = self.ess_quantile(prob).unwrap_or(self.independent());
        self.mcse_quantile_at(prob, ess.draws)
    }

    /// Monte-Carlo standard error of a quantile whose ESS is known.
    pub(crate) fn mcse_quantile_at(&mut self, prob: f64, ess: f64) -> Option<f64> {
        self.sort();
        Some(self.sample.unit * mcse::of_quantile(&self.sample, prob, ess)?)
    }

    /// Quantile (type 7) of the draws last diagnosed, in the parameter's unit.
    pub(crate) fn quantile(&mut self, prob: f64) -> f64 {
        self.sort();
        self.sample.unit * self.sample.quantile(prob)
    }

    /// What an indicator that is the same for all draws counts as where there is another figure to
    /// go by, as in arviz: no reason to doubt any draw.
    fn independent(&self) -> Ess {
        Ess {
            draws: self.sample.split_size() as f64,
            capped: false,
        }
    }

    /// ESS of the indicator of the draws up to the quantile; `None` if it is the same for all.
    fn ess_quantile(&mut self, prob: f64) -> Option<Ess> {
        self.sort();
        let quantile = self.sample.quantile(prob);
        self.sample
            .split(|x| if x <= quantile { 1.0 } else { 0.0 }, &mut self.chains);
        self.ess()
    }

    fn r_hat_folded(&mut self) -> Option<f64> {
        self.sort();
        let median = self.sample.median();
        fold(
            &self.sample.sorted,
            median,
            &mut self.distances,
            &mut self.folded,
        );
        self.scores
            .z_scale(&self.folded, self.sample.split_size(), &mut self.chains);
        self.r_hat_of_chains()
    }

    fn z_scale(&mut self) {
        self.sort();
        self.scores.z_scale(
            &self.sample.sorted,
            self.sample.split_size(),
            &mut self.chains,
        );
    }

    fn sort(&mut self) {
        if !self.sorted {
            self.sample.sort();
            self.sorted = true;
        }
    }

    fn ess(&mut self) -> Option<Ess> {
        ess(&self.chains, self.sample.half_len(), &mut self.buffers)
    }

    fn r_hat_of_chains(&self) -> Option<f64> {
        r_hat(&self.chains, self.sample.half_len())
    }
}
