//! Which FK takes which rank with which probability.

use super::Portrait;
use crate::Error;
use crate::draws::DrawsSource;
use crate::summary::Ranking;
use ndarray::{Array2, Axis};

/// Values of importances read at a time (64 MiB).
const BLOCK: usize = 8 << 20;

/// Probabilities of ranks; rank 1 is the largest importance, signed.
#[derive(Debug, Clone, PartialEq)]
pub struct RankProbabilities {
    /// The FKs shown, the largest posterior median first.
    pub fks: Vec<String>,
    /// As (FK × rank), ranks from 1 to as many as there are FKs shown.
    pub p: Array2<f64>,
    /// How many draws they rest on.
    pub draws: usize,
}

impl Portrait {
    /// Rank probabilities of the FKs shown, among all FKs.
    ///
    /// # Errors
    /// If the draws cannot be read.
    pub fn rank_probabilities(&self) -> Result<RankProbabilities, Error> {
        let file = &self.opened.file;
        let settings = &file.metadata().sampler;
        let total = settings.chains as usize * settings.draws as usize;
        let columns = file.columns();
        let mut ranking = Ranking::new(self.order.len(), total);
        let step = (BLOCK / total.max(1)).max(1);
        for first in (columns.hyperparameters()..columns.len()).step_by(step) {
            let block = file.block(first..(first + step).min(columns.len()))?;
            ranking.push_all(&block);
        }
        let shown = self.shown();
        Ok(RankProbabilities {
            fks: shown
                .iter()
                .filter_map(|&fk| self.fit().fitted.data.fks.name(fk))
                .map(ToString::to_string)
                .collect(),
            p: ranking.probabilities(shown.len()).select(Axis(0), shown),
            draws: ranking.chosen().len(),
        })
    }
}
