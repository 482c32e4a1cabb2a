//! Which parameters a row of draws holds, and in which order.

use crate::Error;
use crate::model::{Hierarchy, Kept, Location, NoiseVariance};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Above this many FKs the importances are stored as one list column.
const MOST_WIDE: usize = 1000;

/// How importances are laid out in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One column per importance.
    Wide,
    /// One column of fixed-size lists for all importances.
    List,
}

impl Layout {
    /// Wide up to 1,000 FKs, then list.
    #[must_use]
    pub fn for_fks(fks: usize) -> Self {
        if fks > MOST_WIDE {
            Self::List
        } else {
            Self::Wide
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wide => "wide",
            Self::List => "list",
        })
    }
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "wide" => Ok(Self::Wide),
            "list" => Ok(Self::List),
            _ => Err(Error::Setting {
                setting: format!("layout '{text}'"),
                problem: "is neither wide nor list".into(),
            }),
        }
    }
}

/// The column of an FK's importance; in one piece, as there may be a hundred thousand.
pub(crate) fn importance_of(fk: &str) -> String {
    ["alpha[", fk, "]"].concat()
}

/// The names of the FKs at some places, which increase.
fn at_places<'a>(
    fks: impl Iterator<Item = &'a str>,
    places: &[usize],
) -> impl Iterator<Item = &'a str> {
    let mut wanted = places.iter().copied().peekable();
    let named = fks.enumerate();
    let found = named.filter(move |(place, _)| wanted.next_if_eq(place).is_some());
    found.map(|(_, fk)| fk)
}

/// The parameters of a row of draws: `sigma2_fk`, `sigma2_obs` if sampled, `sigma2_obs[FK]` and their
/// scale `d0` if sampled per FK, `lambda` if noise is common, `location` if unknown, `log_density`,
/// then `alpha[FK]` for every FK in input order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    names: Vec<String>,
    hyperparameters: usize,
    /// FKs of the input whose importances have a column; `None` for all.
    kept: Option<Vec<usize>>,
}

impl Columns {
    /// The columns of the draws of `hierarchy`, whose FKs are called `fks`.
    #[must_use]
    pub fn new<'a>(hierarchy: &Hierarchy, fks: impl Iterator<Item = &'a str> + Clone) -> Self {
        Self::of(hierarchy, fks, None)
    }

    /// The same where not all is kept.
    #[must_use]
    pub fn of<'a>(
        hierarchy: &Hierarchy,
        fks: impl Iterator<Item = &'a str> + Clone,
        kept: Option<&Kept>,
    ) -> Self {
        let mut names = vec!["sigma2_fk".to_owned()];
        match hierarchy.noise {
            NoiseVariance::Known(_) => {}
            NoiseVariance::Sampled { .. } => names.push("sigma2_obs".to_owned()),
            NoiseVariance::PerFk { .. } => {
                let own = hierarchy.stored_noise(kept);
                let own = at_places(fks.clone(), &own);
                names.extend(own.map(|fk| format!("sigma2_obs[{fk}]")));
                names.push("d0".to_owned());
            }
        }
        if hierarchy.common_noise {
            names.push("lambda".to_owned());
        }
        if hierarchy.evidence.location() == Location::Flat {
            names.push("location".to_owned());
        }
        if kept.is_none_or(|kept| kept.log_density) {
            names.push("log_density".to_owned());
        }
        let hyperparameters = names.len();
        let kept = kept.map(|kept| kept.importances.clone());
        match &kept {
            None => names.extend(fks.map(importance_of)),
            Some(kept) => names.extend(at_places(fks, kept).map(importance_of)),
        }
        Self {
            names,
            hyperparameters,
            kept,
        }
    }

    /// All names, in column order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many parameters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none, which does not happen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// How many of them stand before the importances.
    #[must_use]
    pub fn hyperparameters(&self) -> usize {
        self.hyperparameters
    }

    /// FKs, by their place in the input, whose importances have a column, in column order.
    pub fn importances(&self) -> impl Iterator<Item = usize> + '_ {
        let count = self.len() - self.hyperparameters;
        let kept = self.kept.as_deref();
        (0..count).map(move |i| kept.map_or(i, |kept| kept[i]))
    }

    /// Whether every parameter of the model has a column.
    #[must_use]
    pub fn are_complete(&self) -> bool {
        self.kept.is_none()
    }

    /// The column of a hyperparameter.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names[..self.hyperparameters]
            .iter()
            .position(|n| n == name)
    }
}
