//! Something of every foreign key, held in few bytes.

use super::{ForeignKey, Name};
use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Index;
use std::sync::Arc;

/// What is known of a foreign key beside its name and its scores, of which a row is made when one is looked at.
pub trait Compact {
    /// All of it, under the key's name.
    type Row;

    /// The row of this key.
    fn row(&self, fk: &ForeignKey) -> Self::Row;
}

/// One row for every foreign key, in input order. Rows are made one at a time: a hundred thousand would take
/// longer to lay down than to find.
#[derive(Clone)]
pub struct PerFk<C> {
    fks: Arc<Vec<ForeignKey>>,
    each: Vec<C>,
}

impl<C: Compact> PerFk<C> {
    /// As many of `each` as there are keys.
    pub(crate) fn new(fks: Arc<Vec<ForeignKey>>, each: Vec<C>) -> Self {
        Self { fks, each }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.both().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row of a foreign key by its place in the input.
    #[must_use]
    pub fn get(&self, fk: usize) -> Option<C::Row> {
        Some(self.each.get(fk)?.row(self.fks.get(fk)?))
    }

    /// All rows.
    pub fn iter(&self) -> Rows<'_, C> {
        self.into_iter()
    }

    /// What rows are made of, beside the foreign keys.
    pub(crate) fn both(&self) -> impl ExactSizeIterator<Item = (&ForeignKey, &C)> + Clone {
        self.fks.iter().zip(&self.each)
    }
}

/// Rows, as they are made.
pub type Rows<'a, C> = std::iter::Map<
    std::iter::Zip<std::slice::Iter<'a, ForeignKey>, std::slice::Iter<'a, C>>,
    fn((&'a ForeignKey, &'a C)) -> <C as Compact>::Row,
>;

impl<'a, C: Compact> IntoIterator for &'a PerFk<C> {
    type Item = C::Row;
    type IntoIter = Rows<'a, C>;

    fn into_iter(self) -> Rows<'a, C> {
        self.fks.iter().zip(&self.each).map(|(fk, one)| one.row(fk))
    }
}

impl<C> PerFk<C> {
    /// The name of a foreign key by its place in the input.
    #[must_use]
    pub fn name(&self, fk: usize) -> Option<&Name> {
        self.fks.get(fk).map(|fk| &fk.name)
    }
}

/// What its row is made of, by its place in the input.
impl<C> Index<usize> for PerFk<C> {
    type Output = C;

    fn index(&self, fk: usize) -> &C {
        &self.each[fk]
    }
}

impl<C: Compact<Row: PartialEq>> PartialEq for PerFk<C> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl<C: Compact<Row: fmt::Debug>> fmt::Debug for PerFk<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<C: Compact<Row: Serialize>> Serialize for PerFk<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}
