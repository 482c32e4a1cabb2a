//! The draw of importances: the formula to the bit whatever instructions the processor has, and sweeps
//! that leave it out.
//!
//! Comparisons have a false-alarm rate of 5e-6; seeds are fixed.

use crate::chains::Set;
use crate::support::{Check, LENGTH, drive, hierarchy, normal, rng, scores};
use fkbayes::model::{Hierarchy, Noise};
use fkbayes::posterior::ExactPosterior;
use fkbayes::sampler::{Generator, GibbsKernel, Kernel, Move, State};

/// Uneven numbers of scores, one FK without any, and no whole number of blocks.
fn uneven() -> Hierarchy {
    let fk = |k: u64| match k % 97 {
        0 => (0, 0.0, 0.0),
        n => (n, k as f64 / 300.0, 7.0 * (n - 1) as f64),
    };
    let fks: Vec<_> = (0..1003).map(fk).collect();
    hierarchy(&scores(&fks), Noise::known(7.0).unwrap(), Some((2.0, 1.0)))
}

/// One importance after the other, with the product and sum `a * b + c` of the caller's choice.
fn one_by_one(
    state: &mut State,
    hierarchy: &Hierarchy,
    rng: &mut Generator,
    times_plus: impl Fn(f64, f64, f64) -> f64,
) {
    let (prior, score) = (1.0 / state.sigma2_fk, 1.0 / state.sigma2_obs);
    let blocks = hierarchy.evidence.blocks().iter();
    let fks = blocks.flat_map(|block| block.means.iter().zip(&block.weights));
    for (alpha, (mean, weight)) in state.alpha.iter_mut().zip(fks) {
        let precision = score * weight;
        let variance = 1.0 / (prior + precision);
        *alpha = times_plus(variance.sqrt(), normal(rng), variance * precision * mean);
    }
}

#[test]
fn bits_do_not_depend_on_the_instruction_set() {
    let hierarchy = uneven();
    let mut rng = rng(1);
    let start = State::start(&hierarchy, &mut rng);
    let mut drawn = start.clone();
    let mut after = rng.clone();
    drawn.draw_alpha(&hierarchy, &mut after);
    let expected = |times_plus: fn(f64, f64, f64) -> f64| {
        let (mut state, mut rng) = (start.clone(), rng.clone());
        one_by_one(&mut state, &hierarchy, &mut rng, times_plus);
        (state, rng)
    };
    assert_eq!(
        (drawn.clone(), after.clone()),
        expected(|a, b, c| a * b + c)
    );
    // Rounding once in place of twice would show.
    assert_ne!((drawn, after), expected(f64::mul_add));
}

/// A kernel of which every third sweep is looked at.
struct Thinned<'a> {
    kernel: GibbsKernel<'a>,
}

impl Kernel for Thinned<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        self.kernel.pass(state, rng);
        self.kernel.pass(state, rng);
        self.kernel.step(state, rng);
    }

    fn end_warmup(&mut self) {
        self.kernel.end_warmup();
    }
}

#[test]
fn sweeps_without_importances_do_no_harm() {
    let data = scores(&Set::never_permuted().fks);
    let hierarchy = hierarchy(&data, Noise::known(9.0).unwrap(), None);
    let exact = ExactPosterior::new(&hierarchy).unwrap();
    let mut check = Check::default();
    for (seed, with) in [(31, Move::None), (32, Move::Scale), (33, Move::Collapsed)] {
        let kernel = || Thinned {
            kernel: GibbsKernel::new(&hierarchy, with),
        };
        let chains = drive(&hierarchy, kernel, LENGTH, seed);
        check.chains(&format!("{with:?}"), &chains, &hierarchy, &exact);
    }
    check.assert_passed();
}
