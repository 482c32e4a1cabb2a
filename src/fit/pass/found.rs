//! What the pass finds, put where it stays.

use crate::diagnostics::{Comparisons, Workspace};
use crate::summary::{ParameterSummary, Ranking, Summary};
use crate::variance::Variances;
use rayon::prelude::*;
use std::mem::take;
use std::ops::Range;

/// Importances whose comparisons are kept until they are merged.
const AT_ONCE: usize = 1 << 14;

/// What is found on the way, in column order.
pub struct Found {
    pub hyperparameters: Vec<ParameterSummary>,
    pub importances: Vec<Summary>,
    pub variance: Vec<Variances>,
    pub p_positive: Vec<f64>,
    pub ranking: Ranking,
    pub comparisons: Comparisons,
}

/// What is found of one hyperparameter.
pub(super) struct Parameter {
    pub summary: ParameterSummary,
    pub comparisons: Comparisons,
}

/// What is found of one importance.
pub(super) struct Importance {
    pub summary: Summary,
    pub comparisons: Comparisons,
    pub variance: Variances,
    pub p_positive: f64,
}

impl Found {
    /// Nothing yet; `ranking` says which draws enter the ranks.
    pub(super) fn with_room(fks: usize, ranking: &Ranking) -> Self {
        Self {
            hyperparameters: Vec::new(),
            importances: Vec::with_capacity(fks),
            variance: Vec::with_capacity(fks),
            p_positive: Vec::with_capacity(fks),
            ranking: ranking.clone(),
            comparisons: Comparisons::default(),
        }
    }

    pub(super) fn take_hyperparameters(&mut self, parameters: Vec<Parameter>) {
        for parameter in parameters {
            self.hyperparameters.push(parameter.summary);
            self.comparisons.merge(parameter.comparisons);
        }
    }

    /// Takes what `of` finds of each of these importances. Threads write rows where they stay: those of a hundred
    /// thousand FKs are many pages, which cost more than what is computed.
    pub(super) fn take(
        &mut self,
        fks: Range<usize>,
        of: impl Fn(&mut Workspace, usize) -> Importance + Sync,
    ) {
        for first in fks.clone().step_by(AT_ONCE) {
            let some = first..(first + AT_ONCE).min(fks.end);
            let each = some.into_par_iter().map_init(Workspace::default, &of);
            let rows = (take(&mut self.importances), take(&mut self.variance));
            let others: (Vec<f64>, Vec<Comparisons>) = (take(&mut self.p_positive), Vec::new());
            let mut all = (rows, others);
            all.par_extend(each.map(|one| {
                let others = (one.p_positive, one.comparisons);
                ((one.summary, one.variance), others)
            }));
            let (rows, (p_positive, comparisons)) = all;
            (self.importances, self.variance) = rows;
            self.p_positive = p_positive;
            for one in comparisons {
                self.comparisons.merge(one);
            }
        }
    }
}
