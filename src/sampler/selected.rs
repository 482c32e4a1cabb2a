//! A sweep that draws no importance but those that are stored.

use super::alpha::Given;
use super::collapsed::draw_sigma2_fk;
use super::location::{draw_location, standard_normal};
use super::rounds::Run;
use super::row::RowLayout;
use super::slice::Slice;
use super::state::{Generator, Kernel, State};
use crate::model::{BLOCK, Hierarchy, Location, NoiseVariance, SamplerKind};
use crate::posterior::ExactPosterior;
use rand::RngExt;

/// The shared parameters with the importances integrated out, then the importances that are stored:
/// nothing reads the others, so that they need not be drawn.
pub(super) struct SelectedKernel<'a> {
    hierarchy: &'a Hierarchy,
    /// From which the shared parameters are drawn; `None` for the collapsed slice.
    exact: Option<&'a ExactPosterior>,
    slice: Slice,
    selected: Vec<Selected>,
}

/// An importance that is stored: its index in group order, ȳ_k about the centre, and 1/r_k.
struct Selected {
    index: usize,
    mean: f64,
    weight: f64,
}

impl<'a> SelectedKernel<'a> {
    /// The kernel of a run, if nothing in it reads the importances that are not stored: that takes
    /// independent draws, or the collapsed update at known noise.
    pub fn of(run: Run<'a>, layout: &RowLayout) -> Option<Self> {
        let (hierarchy, kept) = (run.hierarchy, run.kept?);
        let exact = match run.settings.kind {
            SamplerKind::Exact => Some(run.exact?),
            SamplerKind::Gibbs => None,
        };
        let collapsed =
            run.settings.interweave && matches!(hierarchy.noise, NoiseVariance::Known(_));
        let reads_all = hierarchy.has_own_scales() || kept.log_density;
        if reads_all || !(exact.is_some() || collapsed) {
            return None;
        }
        let evidence = &hierarchy.evidence;
        let selected = layout.stored().into_iter().map(|index| Selected {
            index,
            mean: evidence.means()[index],
            weight: evidence.blocks()[index / BLOCK].weights[index % BLOCK],
        });
        Some(Self {
            hierarchy,
            exact,
            slice: Slice::new(),
            selected: selected.collect(),
        })
    }
}

impl Kernel for SelectedKernel<'_> {
    fn step(&mut self, state: &mut State, rng: &mut Generator) {
        match self.exact {
            Some(exact) => {
                let at = exact.hyperparameters_at(rng.random(), rng.random());
                (state.sigma2_fk, state.sigma2_obs) = (at.sigma2_fk, at.sigma2_obs);
            }
            None => draw_sigma2_fk(&mut self.slice, self.hierarchy, state, rng),
        }
        let evidence = &self.hierarchy.evidence;
        if evidence.location() == Location::Flat {
            state.location = draw_location(evidence, state.sigma2_fk, state.sigma2_obs, rng);
        }
        let given = Given::of(state);
        for one in &self.selected {
            let (mean, sd) = given.moments(one.mean, one.weight);
            state.alpha[one.index] = mean + sd * standard_normal(rng);
        }
    }

    fn reads_importances(&self) -> bool {
        false
    }

    fn slices(&mut self) -> Vec<&mut Slice> {
        vec![&mut self.slice]
    }
}
