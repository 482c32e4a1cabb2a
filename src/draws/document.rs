//! The document of a draws file as a text in pieces.

use super::observed::Told;
use crate::Error;
use crate::data::ForeignKey;
use rayon::prelude::*;
use serde::Serialize;

/// FKs of a piece.
const FKS: usize = 1 << 12;
/// Bytes that the document has of an FK, amply.
const FK: usize = 128;

/// A JSON text, one piece after the other: that of a million FKs has a hundred megabytes, is told by all threads,
/// and held once.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pieces: Vec<String>,
}

impl Document {
    /// What was observed of FKs between what stands before and behind it.
    pub fn around(mut observed: Vec<String>, before: &str, behind: &str) -> Self {
        observed.insert(0, before.to_owned());
        observed.push(behind.to_owned());
        Self { pieces: observed }
    }

    /// Its bytes.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.iter().map(String::as_bytes)
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.pieces().map(<[u8]>::len).sum()
    }
}

/// What was observed of each FK, as the document says it: pieces of one JSON array.
///
/// # Errors
/// If that is not possible, which does not happen.
pub(crate) fn observed_text(fks: &[ForeignKey]) -> Result<Vec<String>, Error> {
    let told = |fks| to_json(&Told(fks), FK * FKS.min(fks.len()));
    let each = fks.par_chunks(FKS).with_max_len(1);
    let mut pieces = each.map(told).collect::<Result<Vec<String>, Error>>()?;
    let last = pieces.len().saturating_sub(1);
    for (i, piece) in pieces.iter_mut().enumerate() {
        if i > 0 {
            piece.replace_range(..1, ",");
        }
        if i < last {
            piece.pop();
        }
    }
    if pieces.is_empty() {
        pieces.push("[]".to_owned());
    }
    Ok(pieces)
}

/// As a text for which there is room from the start; it grows where that is too little.
pub(super) fn to_json(value: &impl Serialize, room: usize) -> Result<String, Error> {
    let mut text = Vec::with_capacity(room);
    serde_json::to_writer(&mut text, value).map_err(|e| Error::Internal(e.to_string()))?;
    String::from_utf8(text).map_err(|e| Error::Internal(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{FkStats, Sample};

    #[test]
    fn pieces_are_the_array_in_one() {
        for count in [0, 1, FKS - 1, FKS, FKS + 1, 3 * FKS + 5] {
            let fk = |k: usize| ForeignKey {
                name: format!("table_{k}.[\"{k}\"]").into(),
                sample: Sample::Scores(FkStats::from_summary(3, k as f64, 0.5)),
            };
            let fks: Vec<ForeignKey> = (0..count).map(fk).collect();
            let pieces = observed_text(&fks).unwrap_or_default();
            assert_eq!(pieces.len(), count.div_ceil(FKS).max(1));
            let whole = serde_json::to_string(&Told(&fks)).unwrap_or_default();
            assert!(pieces.concat() == whole, "{count} FKs");
        }
    }
}
