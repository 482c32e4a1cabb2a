//! The scores themselves, for what their statistics cannot tell.

/// The scores of each foreign key in the order in which they came, FKs in the order of the
/// [`Data`](super::Data) that they belong to.
///
/// Kept only on request: 8 bytes a score.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    /// None where scores came aggregated.
    fks: Vec<Option<Vec<f64>>>,
}

impl Scores {
    /// The scores of every FK, in order.
    #[must_use]
    pub fn new(fks: Vec<Vec<f64>>) -> Self {
        Self {
            fks: fks.into_iter().map(Some).collect(),
        }
    }

    /// The scores of FK `k` of the input; none where they, or some of them, came aggregated.
    #[must_use]
    pub fn of(&self, k: usize) -> Option<&[f64]> {
        self.fks.get(k)?.as_deref()
    }

    /// Whether those of every FK are here.
    #[must_use]
    pub fn are_complete(&self) -> bool {
        self.fks.iter().all(Option::is_some)
    }

    pub(super) fn observe(&mut self, slot: usize, score: f64) {
        if let Some(Some(scores)) = self.fks.get_mut(slot) {
            scores.push(score);
        }
    }

    /// Makes room for the next FK.
    pub(super) fn add_fk(&mut self) {
        self.fks.push(Some(Vec::new()));
    }

    /// Some scores of this FK came aggregated.
    pub(super) fn lose(&mut self, slot: usize) {
        if let Some(scores) = self.fks.get_mut(slot) {
            *scores = None;
        }
    }
}
