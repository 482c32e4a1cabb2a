//! A state as a row of draws.

use super::state::State;
use crate::model::{Hierarchy, Location, NoiseVariance, Role};

/// Where the parameters stand in a row of draws (see [`Columns`](crate::draws::Columns)).
pub(super) struct RowLayout {
    sampled_noise: bool,
    common_noise: bool,
    unknown_location: bool,
    /// Under per-FK noise, the columns of σ²_obs,k, as indices in group order; d₀ follows them.
    own_noise: Option<Vec<usize>>,
    /// For each importance in group order, its column.
    column: Vec<usize>,
    /// Columns that never change, and their values.
    constants: Vec<(usize, f64)>,
    width: usize,
}

impl RowLayout {
    pub fn new(hierarchy: &Hierarchy) -> Self {
        let sampled_noise = matches!(hierarchy.noise, NoiseVariance::Sampled { .. });
        let unknown_location = hierarchy.evidence.location() == Location::Flat;
        let own_noise = own_noise(hierarchy);
        let optional = [sampled_noise, hierarchy.common_noise, unknown_location];
        let first = 2
            + optional.into_iter().map(usize::from).sum::<usize>()
            + own_noise.as_ref().map_or(0, |own| own.len() + 1);
        let mut members = vec![0; hierarchy.evidence.k()];
        let mut constants = Vec::new();
        for (fk, role) in hierarchy.roles.iter().enumerate() {
            match *role {
                Role::InHierarchy(place) => members[place] = first + fk,
                Role::SetAside { value } => constants.push((first + fk, value)),
            }
        }
        Self {
            sampled_noise,
            common_noise: hierarchy.common_noise,
            unknown_location,
            own_noise,
            column: hierarchy
                .evidence
                .place()
                .iter()
                .map(|&place| members[place])
                .collect(),
            constants,
            width: first + hierarchy.roles.len(),
        }
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
            Some(state.log_density(hierarchy)),
        ];
        let hyperparameters = std::iter::once(state.sigma2_fk)
            .chain(self.sampled_noise.then_some(state.sigma2_obs))
            .chain(own_noise)
            .chain(after_noise.into_iter().flatten());
        for (slot, value) in row.iter_mut().zip(hyperparameters) {
            *slot = value;
        }
        for (&column, &alpha) in self.column.iter().zip(&state.alpha) {
            row[column] = center + alpha;
        }
    }
}

/// Under per-FK noise the FKs that have one, in input order, by their index in group order.
fn own_noise(hierarchy: &Hierarchy) -> Option<Vec<usize>> {
    let NoiseVariance::PerFk { .. } = hierarchy.noise else {
        return None;
    };
    let mut index = vec![0; hierarchy.evidence.k()];
    for (i, &place) in hierarchy.evidence.place().iter().enumerate() {
        index[place] = i;
    }
    let with_scores = (0..index.len()).filter(|&place| hierarchy.spreads[place].n > 0.0);
    Some(with_scores.map(|place| index[place]).collect())
}
