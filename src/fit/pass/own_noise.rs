//! Noise variances that FKs have of their own, beside the draws of their importances.

use super::Pass;
use crate::Error;
use crate::data::ForeignKey;
use crate::draws::{Columns, DrawsSource};
use crate::model::Role;
use ndarray::{Array2, Array3, ArrayView2, Axis};
use std::collections::HashMap;

/// Draws of the noise variances that the FKs of a block have of their own.
pub(super) struct OwnNoise {
    /// Neighbouring columns each: the first, and the draws of all. They stand in the order of the FKs, so
    /// that where all are stored those of a block are one run.
    runs: Vec<(usize, Array3<f64>)>,
}

impl OwnNoise {
    pub fn read(pass: &Pass<'_>, draws: &impl DrawsSource, fks: &[usize]) -> Result<Self, Error> {
        let columns = fks.iter().filter_map(|&fk| *pass.noise_columns.get(fk)?);
        let columns: Vec<usize> = columns.collect();
        let runs = columns.chunk_by(|column, next| column + 1 == *next);
        let read = runs.filter_map(|run| {
            let (&first, &last) = (run.first()?, run.last()?);
            Some(draws.block(first..last + 1).map(|draws| (first, draws)))
        });
        Ok(Self {
            runs: read.collect::<Result<_, _>>()?,
        })
    }

    /// Draws of s_k for FK `index` of the input, at place `k` of the hierarchy.
    pub fn sampling_variances(&self, pass: &Pass<'_>, index: usize, k: usize) -> Array2<f64> {
        let column = pass.noise_columns.get(index).copied().flatten();
        let own = column.and_then(|column| self.of(column));
        match own {
            Some(draws) => {
                let n = pass.run.hierarchy.spreads[k].n;
                draws.mapv(|v| v / n)
            }
            None => {
                let unit_variance = pass.run.hierarchy.sampling_variance(k, 1.0);
                pass.variances.sampling_variances(unit_variance)
            }
        }
    }

    fn of(&self, column: usize) -> Option<ArrayView2<'_, f64>> {
        let behind = self.runs.partition_point(|(first, _)| *first <= column);
        let (first, draws) = self.runs.get(behind.checked_sub(1)?)?;
        Some(draws.index_axis(Axis(0), column - first))
    }
}

/// For each FK, the column of its own noise variance, where it has one; nothing where none has.
pub(super) fn noise_columns(fks: &[ForeignKey], columns: &Columns) -> Vec<Option<usize>> {
    let named: HashMap<&str, usize> = columns.names()[..columns.hyperparameters()]
        .iter()
        .enumerate()
        .filter_map(|(column, name)| {
            let fk = name.strip_prefix("sigma2_obs[")?.strip_suffix(']')?;
            Some((fk, column))
        })
        .collect();
    if named.is_empty() {
        return Vec::new();
    }
    let column = |fk: &ForeignKey| named.get(fk.name.as_str()).copied();
    fks.iter().map(column).collect()
}

/// For each such column, the place of its FK in the hierarchy.
pub(super) fn noise_owners(columns: &[Option<usize>], roles: &[Role]) -> HashMap<usize, usize> {
    columns
        .iter()
        .zip(roles)
        .filter_map(|(column, role)| match (column, role) {
            (Some(column), Role::InHierarchy(k)) => Some((*column, *k)),
            _ => None,
        })
        .collect()
}
