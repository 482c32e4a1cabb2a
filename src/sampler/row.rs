//! A state as a row of draws.

use super::state::State;
use crate::model::{Hierarchy, Kept, Location, NoiseVariance, Role};

/// Where the parameters stand in a row of draws (see [`Columns`](crate::draws::Columns)).
pub(super) struct RowLayout {
    sampled_noise: bool,
    common_noise: bool,
    unknown_location: bool,
    /// Under per-FK noise, the columns of σ²_obs,k, as indices in group order; d₀ follows them.
    own_noise: Option<Vec<usize>>,
    has_log_density: bool,
    /// The importances that have a column, in runs of neighbouring columns: the first, and the index in
    /// group order of each.
    importances: Vec<(usize, Vec<usize>)>,
    /// Columns that never change, and their values.
    constants: Vec<(usize, f64)>,
    width: usize,
}

impl RowLayout {
    pub fn new(hierarchy: &Hierarchy, kept: Option<&Kept>) -> Self {
        let sampled_noise = matches!(hierarchy.noise, NoiseVariance::Sampled { .. });
        let unknown_location = hierarchy.evidence.location() == Location::Flat;
        let own_noise = own_noise(hierarchy, kept);
        let has_log_density = kept.is_none_or(|kept| kept.log_density);
        let optional = [
            sampled_noise,
            hierarchy.common_noise,
            unknown_location,
            has_log_density,
        ];
        let first = 1
            + optional.into_iter().map(usize::from).sum::<usize>()
            + own_noise.as_ref().map_or(0, |own| own.len() + 1);
        let index_of_place = hierarchy.evidence.index_of_place();
        let (mut stored, mut constants) = (Vec::new(), Vec::new());
        let mut width = first;
        let mut store = |fk: usize| {
            match hierarchy.roles[fk] {
                Role::InHierarchy(place) => stored.push((width, index_of_place[place])),
                Role::SetAside { value } => constants.push((width, value)),
            }
            width += 1;
        };
        match kept {
            Some(kept) => kept.importances.iter().copied().for_each(&mut store),
            None => (0..hierarchy.roles.len()).for_each(&mut store),
        }
        Self {
            sampled_noise,
            common_noise: hierarchy.common_noise,
            unknown_location,
            own_noise,
            has_log_density,
            importances: runs(&stored),
            constants,
            width,
        }
    }

    /// The importances that have a column, as indices in group order, which increase.
    pub fn stored(&self) -> Vec<usize> {
        let runs = self.importances.iter();
        let mut stored: Vec<usize> = runs.flat_map(|(_, indices)| indices).copied().collect();
        stored.sort_unstable();
        stored
    }

    pub fn empty_row(&self) -> Vec<f64> {
        let mut row = vec![0.0; self.width];
        for &(column, value) in &self.constants {
            row[column] = value;
        }
        row
    }

    pub fn fill(&self, row: &mut [f64], state: &State, hierarchy: &Hierarchy) {
        let center = hierarchy.evidence.center();
        let own_noise = self.own_noise.iter().flat_map(|own| {
            let variances = own.iter().map(|&i| state.own_noise[i]);
            variances.chain(std::iter::once(state.noise_scale))
        });
        let after_noise = [
            self.common_noise
                .then(|| state.sigma2_obs / state.sigma2_fk),
            self.unknown_location.then_some(center + state.location),
            self.has_log_density.then(|| state.log_density(hierarchy)),
        ];
        let hyperparameters = std::iter::once(state.sigma2_fk)
            .chain(self.sampled_noise.then_some(state.sigma2_obs))
            .chain(own_noise)
            .chain(after_noise.into_iter().flatten());
        for (slot, value) in row.iter_mut().zip(hyperparameters) {
            *slot = value;
        }
        for (first, indices) in &self.importances {
            for (slot, &index) in row[*first..].iter_mut().zip(indices) {
                *slot = center + state.alpha[index];
            }
        }
    }
}

/// Columns of the importances, which increase, and their indices in group order, as runs of neighbours.
fn runs(stored: &[(usize, usize)]) -> Vec<(usize, Vec<usize>)> {
    let runs = stored.chunk_by(|one, next| one.0 + 1 == next.0);
    runs.filter_map(|run| {
        Some((
            run.first()?.0,
            run.iter().map(|(_, index)| *index).collect(),
        ))
    })
    .collect()
}

/// Under per-FK noise the FKs that have one that is stored, in input order, by their index in group order.
fn own_noise(hierarchy: &Hierarchy, kept: Option<&Kept>) -> Option<Vec<usize>> {
    let NoiseVariance::PerFk { .. } = hierarchy.noise else {
        return None;
    };
    let index = hierarchy.evidence.index_of_place();
    let stored = hierarchy.stored_noise(kept).into_iter();
    let stored = stored.filter_map(|fk| match hierarchy.roles[fk] {
        Role::InHierarchy(place) => Some(index[place]),
        Role::SetAside { .. } => None,
    });
    Some(stored.collect())
}
