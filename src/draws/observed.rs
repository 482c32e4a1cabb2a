//! What was observed of FKs, as a draws file says it.

use crate::data::{FkStats, ForeignKey, Name, Sample};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::sync::Arc;

/// What was observed of one FK.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredFk<'a> {
    /// Name.
    pub fk: Cow<'a, Name>,
    /// Number of scores, where it is known.
    pub n: Option<u64>,
    /// Mean score; null without scores.
    pub mean: Option<f64>,
    /// Sum of squared deviations from the mean; null where a standard error is given.
    pub sum_sq: Option<f64>,
    /// Given standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub se: Option<f64>,
}

impl<'a> From<&'a ForeignKey> for StoredFk<'a> {
    fn from(fk: &'a ForeignKey) -> Self {
        let (sum_sq, se) = match fk.sample {
            Sample::Scores(stats) => (Some(stats.sum_sq()), None),
            Sample::Estimate { se, .. } => (None, Some(se)),
        };
        Self {
            fk: Cow::Borrowed(&fk.name),
            n: fk.sample.n(),
            mean: fk.sample.mean(),
            sum_sq,
            se,
        }
    }
}

impl StoredFk<'_> {
    fn restore(self) -> Option<ForeignKey> {
        let sample = match (self.se, self.n, self.sum_sq) {
            (Some(se), n, _) => Sample::Estimate {
                n,
                mean: self.mean?,
                se,
            },
            (None, Some(0), _) => Sample::Scores(FkStats::default()),
            (None, Some(n), Some(sum_sq)) => {
                Sample::Scores(FkStats::from_parts(n, self.mean?, sum_sq))
            }
            _ => return None,
        };
        Some(ForeignKey {
            name: self.fk.into_owned(),
            sample,
        })
    }
}

/// All of them.
pub(super) struct Told<'a>(pub &'a [ForeignKey]);

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(StoredFk::from))
    }
}

pub(super) fn serialize<S: Serializer>(
    fks: &[ForeignKey],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Told(fks).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Arc<Vec<ForeignKey>>, D::Error> {
    let stored = Vec::<StoredFk<'_>>::deserialize(deserializer)?;
    let fks: Option<Vec<ForeignKey>> = stored.into_iter().map(StoredFk::restore).collect();
    let wrong = || D::Error::custom("an FK has neither its sum of squares nor a standard error");
    fks.map(Arc::new).ok_or_else(wrong)
}
