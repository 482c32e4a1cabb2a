//! Which importances are stored.

use super::{Hierarchy, Location, NoiseVariance};
use crate::Error;
use std::collections::HashMap;

/// What is stored of every draw: the parameters that all FKs share, and these.
///
/// The shared ones are always stored: with common noise, or noise known per FK, and normal importances
/// every figure of an importance follows from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Whether `log_density` is.
    pub log_density: bool,
    /// FKs, by their place in the input and in its order, whose importances are.
    pub importances: Vec<usize>,
}

/// The setting's name.
const KEEP: &str = "--keep";
/// All importances.
const ALL: &str = "alpha";

impl Kept {
    /// What `wanted` names: a name each, or several with commas between them. `fks` are the names of
    /// the FKs in input order, which may hold commas and brackets themselves.
    ///
    /// # Errors
    /// If a name is unknown, or the model's FKs have scales of their own, which the figures of their
    /// importances need.
    pub fn new(hierarchy: &Hierarchy, fks: &[&str], wanted: &[String]) -> Result<Self, Error> {
        if hierarchy.has_own_scales() {
            return Err(refused(
                KEEP.into(),
                "is for noise that is common, or known, and normal importances: elsewhere an \
                 importance that is not stored has no figures; leave it out",
            ));
        }
        let places = fks.iter().enumerate().map(|(place, &fk)| (fk, place));
        let known = Known {
            shared: shared(hierarchy),
            places: places.collect(),
        };
        let mut kept = Self {
            log_density: false,
            importances: Vec::new(),
        };
        for text in wanted {
            known.read(text, &mut kept)?;
        }
        kept.importances.sort_unstable();
        kept.importances.dedup();
        Ok(kept)
    }

    /// The names that say the same again, one each.
    #[must_use]
    pub fn names(&self, fks: &[&str]) -> Vec<String> {
        let mut names = Vec::new();
        if self.log_density {
            names.push("log_density".to_owned());
        }
        if self.importances.len() == fks.len() {
            names.push(ALL.to_owned());
        } else {
            let stored = self.importances.iter().filter_map(|&fk| fks.get(fk));
            names.extend(stored.map(|fk| format!("alpha[{fk}]")));
        }
        names
    }
}

/// Shared parameters of the model.
fn shared(hierarchy: &Hierarchy) -> Vec<&'static str> {
    let mut names = vec!["sigma2_fk", "log_density"];
    if matches!(hierarchy.noise, NoiseVariance::Sampled { .. }) {
        names.push("sigma2_obs");
    }
    if hierarchy.common_noise {
        names.push("lambda");
    }
    if hierarchy.evidence.location() == Location::Flat {
        names.push("location");
    }
    names
}

fn refused(setting: String, problem: &str) -> Error {
    Error::Setting {
        setting,
        problem: problem.to_owned(),
    }
}

/// The names that there are.
struct Known<'a> {
    shared: Vec<&'static str>,
    places: HashMap<&'a str, usize>,
}

impl Known<'_> {
    /// Takes the names of a text from left to right, each the shortest that is known.
    fn read(&self, text: &str, kept: &mut Kept) -> Result<(), Error> {
        if self.take(text.trim(), kept) {
            return Ok(());
        }
        let mut rest = text;
        loop {
            let mut ends = rest.match_indices(',').map(|(at, _)| at);
            let Some(end) = ends.find(|&end| self.take(rest[..end].trim(), kept)) else {
                return if self.take(rest.trim(), kept) {
                    Ok(())
                } else {
                    Err(self.unknown(rest))
                };
            };
            rest = &rest[end + 1..];
        }
    }

    /// Whether this is a name, which is kept then.
    fn take(&self, name: &str, kept: &mut Kept) -> bool {
        if name == ALL {
            kept.importances.extend(0..self.places.len());
        } else if self.shared.contains(&name) {
            kept.log_density |= name == "log_density";
        } else if let Some(&place) = fk_of(name).and_then(|fk| self.places.get(fk)) {
            kept.importances.push(place);
        } else {
            return false;
        }
        true
    }

    fn unknown(&self, rest: &str) -> Error {
        let end = if rest.trim_start().starts_with("alpha[") {
            rest.find("],").map(|at| at + 1)
        } else {
            rest.find(',')
        };
        let name = rest[..end.unwrap_or(rest.len())].trim();
        let problem = match fk_of(name).and_then(|fk| self.nearest(fk)) {
            Some(nearest) => format!("there is no such FK; did you mean alpha[{nearest}]?"),
            None => format!(
                "is no parameter of this model; there are {}, alpha, and alpha[NAME] for one FK",
                self.shared.join(", ")
            ),
        };
        refused(format!("{KEEP} '{name}'"), &problem)
    }

    fn nearest(&self, fk: &str) -> Option<&str> {
        let likeness = |other: &str| strsim::jaro_winkler(other, fk);
        let scored = self.places.keys().map(|&other| (likeness(other), other));
        let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
        best.map(|(_, nearest)| nearest)
    }
}

fn fk_of(name: &str) -> Option<&str> {
    name.strip_prefix("alpha[")?.strip_suffix(']')
}
