//! A column of names of one batch, of FKs or of tasks.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, LargeStringArray};

use super::columnar::texts_of;
use super::fault::Fault;
use super::format::Format;

/// Names, row by row.
pub(super) enum Keys {
    /// Texts, or integers as texts.
    Texts(LargeStringArray),
    /// Keys of a dictionary.
    Dictionary {
        keys: Vec<usize>,
        array: ArrayRef,
        values: LargeStringArray,
    },
}

impl Keys {
    pub(super) fn new(array: &ArrayRef, format: Format) -> Result<Self, Fault> {
        let Some(dictionary) = array.as_any_dictionary_opt() else {
            return Ok(Self::Texts(texts_of(array, format)?));
        };
        let values = texts_of(dictionary.values(), format)?;
        // Of an empty dictionary all keys are null; arrow would panic on it.
        let keys = if values.is_empty() {
            Vec::new()
        } else {
            dictionary.normalized_keys()
        };
        let array = array.clone();
        Ok(Self::Dictionary {
            keys,
            array,
            values,
        })
    }

    /// The name in a row, where there is one.
    pub(super) fn name(&self, row: usize) -> Option<&[u8]> {
        match self {
            Self::Texts(texts) => texts.is_valid(row).then(|| texts.value(row).as_bytes()),
            Self::Dictionary {
                keys,
                array,
                values,
            } => {
                let key = *keys.get(row).filter(|_| array.is_valid(row))?;
                let known = key < values.len() && values.is_valid(key);
                known.then(|| values.value(key).as_bytes())
            }
        }
    }
}
