//! The importances given everything else: the loop in which a sweep spends its time.

use super::state::{Generator, State};
use crate::model::{BLOCK, Block};
use fearless_simd::{Level, dispatch};
use rand::{Rng, RngExt, TryRng};
use rand_distr::StandardNormal;
use std::convert::Infallible;
use std::marker::PhantomData;

/// What the importances are drawn given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    /// m, about the evidence's centre.
    location: f64,
    /// 1/σ²_FK.
    prior: f64,
    /// 1/σ²_obs.
    score: f64,
}

impl Given {
    /// The other parameters of a state.
    pub fn of(state: &State) -> Self {
        Self {
            location: state.location,
            prior: 1.0 / state.sigma2_fk,
            score: 1.0 / state.sigma2_obs,
        }
    }

    /// Mean and standard deviation of an importance with ȳ_k = `mean` and 1/r_k = `weight`. In terms of
    /// precisions an FK without scores, whose weight is 0, is no special case.
    #[inline(always)]
    pub fn moments(&self, mean: f64, weight: f64) -> (f64, f64) {
        let m = self.location;
        let precision = self.score * weight;
        let variance = 1.0 / (self.prior + precision);
        (m + variance * precision * (mean - m), variance.sqrt())
    }
}

/// Draws α_k ~ N(B_k ȳ_k + (1 - B_k) m, V_k), independent of each other, in group order.
///
/// The loop is compiled for several instruction sets, of which the best is taken that this processor
/// has. Operations and their order are the same in all: so are the bits.
pub(super) fn draw_importances(
    alpha: &mut [f64],
    blocks: &[Block],
    given: Given,
    rng: &mut Generator,
) {
    dispatch!(Level::new(), simd => draw_here(simd, alpha, blocks, given, rng));
}

/// The same where it is called, for the instruction set `_set`.
#[inline(always)]
fn draw_here<S>(_set: S, alpha: &mut [f64], blocks: &[Block], given: Given, rng: &mut Generator) {
    let mut own = Inline::<S>(rng.clone(), PhantomData);
    let (full, rest) = alpha.as_chunks_mut::<BLOCK>();
    for (alpha, block) in full.iter_mut().zip(blocks) {
        for z in alpha.iter_mut() {
            *z = own.sample(StandardNormal);
        }
        let (mean, sd) = moments(block, given);
        for i in 0..BLOCK {
            alpha[i] = mean[i] + sd[i] * alpha[i];
        }
    }
    if let Some(block) = blocks.get(full.len()) {
        let (mean, sd) = moments(block, given);
        for ((alpha, mean), sd) in rest.iter_mut().zip(&mean).zip(&sd) {
            let z: f64 = own.sample(StandardNormal);
            *alpha = mean + sd * z;
        }
    }
    *rng = own.0;
}

/// Means and standard deviations of a block.
#[inline(always)]
fn moments(block: &Block, given: Given) -> ([f64; BLOCK], [f64; BLOCK]) {
    let (mut mean, mut sd) = ([0.0; BLOCK], [0.0; BLOCK]);
    for i in 0..BLOCK {
        (mean[i], sd[i]) = given.moments(block.means[i], block.weights[i]);
    }
    (mean, sd)
}

/// The generator, as a type of its own for each instruction set: so the compiler meets the normal
/// draw once per type and puts it into the loop, with the generator's state in registers, which halves
/// the time of a draw.
struct Inline<S>(Generator, PhantomData<S>);

impl<S> TryRng for Inline<S> {
    type Error = Infallible;

    #[inline(always)]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    #[inline(always)]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}
