//! Which importances are stored.

use super::{Hierarchy, Location, NoiseVariance, Role};
use crate::Error;
use crate::data::Data;

/// What is stored of every draw: the parameters that all FKs share, and these.
///
/// The shared ones are always stored, as the figures of an importance that is not follow from them. So is,
/// with an importance, the noise variance that its FK has of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Whether `log_density` is.
    pub log_density: bool,
    /// FKs, by their place in the input and in its order, whose importances are.
    pub importances: Vec<usize>,
    /// FKs, likewise, whose own noise variances are, where they have any.
    pub own_noise: Vec<usize>,
}

/// The setting's name.
const KEEP: &str = "--keep";
/// All importances.
const ALL: &str = "alpha";
/// The noise variance, or all of them.
const NOISE: &str = "sigma2_obs";

impl Kept {
    /// What `wanted` names: a name each, or several with commas between them. FKs' names may hold commas and
    /// brackets themselves.
    ///
    /// # Errors
    /// If a name is unknown.
    pub fn new(hierarchy: &Hierarchy, data: &Data, wanted: &[String]) -> Result<Self, Error> {
        let known = Known {
            shared: shared(hierarchy),
            has_own_noise: matches!(hierarchy.noise, NoiseVariance::PerFk { .. }),
            data,
        };
        let mut kept = Self {
            log_density: false,
            importances: Vec::new(),
            own_noise: Vec::new(),
        };
        for text in wanted {
            known.read(text, &mut kept)?;
        }
        kept.own_noise.extend(&kept.importances);
        for fks in [&mut kept.importances, &mut kept.own_noise] {
            fks.sort_unstable();
            fks.dedup();
        }
        Ok(kept)
    }

    /// The names that say the same again, one each.
    #[must_use]
    pub fn names(&self, data: &Data) -> Vec<String> {
        let fks = data.fks();
        let mut names = Vec::new();
        if self.log_density {
            names.push("log_density".to_owned());
        }
        let noise_alone = self.own_noise.iter().copied();
        let noise_alone = noise_alone.filter(|fk| self.importances.binary_search(fk).is_err());
        let mut push = |all: bool, name: &str, stored: Vec<usize>| {
            if all {
                names.push(name.to_owned());
            } else {
                let stored = stored.into_iter().filter_map(|fk| fks.get(fk));
                names.extend(stored.map(|fk| format!("{name}[{}]", fk.name)));
            }
        };
        let all = self.importances.len() == fks.len();
        push(all, ALL, self.importances.clone());
        let all = !all && self.own_noise.len() == fks.len();
        push(all, NOISE, noise_alone.collect());
        names
    }
}

impl Hierarchy {
    /// FKs of the input, in its order, whose own noise variance is a parameter that is stored, where `kept` is
    /// not all: an FK that was set aside has none, nor has one without scores.
    #[must_use]
    pub fn stored_noise(&self, kept: Option<&Kept>) -> Vec<usize> {
        if !matches!(self.noise, NoiseVariance::PerFk { .. }) {
            return Vec::new();
        }
        let stored: Vec<usize> = match kept {
            Some(kept) => kept.own_noise.clone(),
            None => (0..self.roles.len()).collect(),
        };
        let has_own = |fk: &usize| match self.roles[*fk] {
            Role::InHierarchy(place) => self.spreads[place].n > 0.0,
            Role::SetAside { .. } => false,
        };
        stored.into_iter().filter(has_own).collect()
    }
}

/// Shared parameters of the model.
fn shared(hierarchy: &Hierarchy) -> Vec<&'static str> {
    let mut names = vec!["sigma2_fk", "log_density"];
    match hierarchy.noise {
        NoiseVariance::Known(_) => {}
        NoiseVariance::Sampled { .. } => names.push(NOISE),
        NoiseVariance::PerFk { .. } => names.push("d0"),
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
    has_own_noise: bool,
    data: &'a Data,
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
            kept.importances.extend(0..self.data.fks().len());
        } else if self.shared.contains(&name) {
            kept.log_density |= name == "log_density";
        } else if self.has_own_noise && name == NOISE {
            kept.own_noise.extend(0..self.data.fks().len());
        } else if let Some(place) = self.place(ALL, name) {
            kept.importances.push(place);
        } else if let Some(place) = self.place(NOISE, name).filter(|_| self.has_own_noise) {
            kept.own_noise.push(place);
        } else {
            return false;
        }
        true
    }

    /// The FK between the brackets behind a parameter's name.
    fn place(&self, parameter: &str, name: &str) -> Option<usize> {
        self.data.place(within(parameter, name)?)
    }

    fn unknown(&self, rest: &str) -> Error {
        let opens = rest.trim_start();
        let of_fk = |parameter: &&&str| within_open(parameter, opens).is_some();
        let parameter = [ALL, NOISE].iter().find(of_fk);
        let end = match parameter {
            Some(_) => rest.find("],").map(|at| at + 1),
            None => rest.find(','),
        };
        let name = rest[..end.unwrap_or(rest.len())].trim();
        let nearest = parameter.and_then(|parameter| {
            let nearest = self.nearest(within(parameter, name)?)?;
            (*parameter == ALL || self.has_own_noise).then(|| format!("{parameter}[{nearest}]"))
        });
        let problem = match nearest {
            Some(nearest) => format!("there is no such FK; did you mean {nearest}?"),
            None => format!(
                "is no parameter of this model; there are {}, alpha, alpha[NAME] for one FK{}",
                self.shared.join(", "),
                if self.has_own_noise {
                    ", sigma2_obs, sigma2_obs[NAME]"
                } else {
                    ""
                }
            ),
        };
        refused(format!("{KEEP} '{name}'"), &problem)
    }

    fn nearest(&self, fk: &str) -> Option<&str> {
        let likeness = |other: &str| strsim::jaro_winkler(other, fk);
        let others = self.data.fks().iter().map(|fk| fk.name.as_str());
        let scored = others.map(|other| (likeness(other), other));
        let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
        best.map(|(_, nearest)| nearest)
    }
}

/// What stands in the brackets behind a parameter's name.
fn within<'a>(parameter: &str, name: &'a str) -> Option<&'a str> {
    within_open(parameter, name)?.strip_suffix(']')
}

fn within_open<'a>(parameter: &str, name: &'a str) -> Option<&'a str> {
    name.strip_prefix(parameter)?.strip_prefix('[')
}
