//! Numbers that need not exist, in the room of a number.

/// An `Option<f64>` in eight bytes: a hundred thousand FKs have thirty each.
#[derive(Debug, Clone, Copy)]
pub struct Possible(f64);

impl Possible {
    /// The number, if there is one.
    #[must_use]
    pub fn get(self) -> Option<f64> {
        (!self.0.is_nan()).then_some(self.0)
    }
}

/// What does not exist.
impl Default for Possible {
    fn default() -> Self {
        Self(f64::NAN)
    }
}

impl From<Option<f64>> for Possible {
    fn from(number: Option<f64>) -> Self {
        number.map_or_else(Self::default, Self)
    }
}

/// What is no number does not exist.
impl From<f64> for Possible {
    fn from(number: f64) -> Self {
        Self(number)
    }
}
