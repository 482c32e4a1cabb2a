//! How many scores each FK gets.

use crate::Error;
use crate::model::Number;
use crate::sampler::Generator;
use rand::RngExt;
use rand_distr::Poisson;
use std::fmt;
use std::str::FromStr;

/// Scores that one FK may get.
const MOST: u64 = 1_000_000_000;

/// The numbers of scores n_k: `20`, a list `5,20,80` that is cycled through, or a distribution,
/// `poisson:20`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Sizes {
    /// Given in turn, from the first again after the last; 0 is legal.
    Given(Vec<u64>),
    /// Drawn for every FK: Poisson with this mean.
    Poisson(f64),
}

impl Sizes {
    /// Refuses more numbers than there are FKs.
    pub(crate) fn check(&self, k: usize) -> Result<(), Error> {
        match self {
            Self::Given(list) if list.len() > k => Err(Error::Setting {
                setting: format!("--n {self}"),
                problem: format!(
                    "has {} numbers for {k} foreign keys; give at most as many as --k says",
                    list.len()
                ),
            }),
            _ => Ok(()),
        }
    }

    /// The number of scores of FK `k`, counted from 0.
    pub(crate) fn draw(&self, k: usize, rng: &mut Generator) -> u64 {
        match self {
            Self::Given(list) => {
                let place = k.checked_rem(list.len()).unwrap_or(0);
                list.get(place).copied().unwrap_or(0)
            }
            // A mean of 0, which the distribution refuses, is no scores at all.
            Self::Poisson(mean) => {
                Poisson::new(*mean).map_or(0, |law| rng.sample::<f64, _>(law) as u64)
            }
        }
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(list) => {
                let words: Vec<String> = list.iter().map(u64::to_string).collect();
                f.write_str(&words.join(","))
            }
            Self::Poisson(mean) => write!(f, "poisson:{}", Number(*mean)),
        }
    }
}

impl FromStr for Sizes {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |problem: String| Error::Setting {
            setting: format!("--n '{text}'"),
            problem,
        };
        if let Some(mean) = text.strip_prefix("poisson:") {
            return match mean.trim().parse::<f64>() {
                Ok(mean) if (0.0..=MOST as f64).contains(&mean) => Ok(Self::Poisson(mean)),
                _ => Err(wrong(format!("needs a mean from 0 to {MOST}: poisson:20"))),
            };
        }
        let list: Result<Vec<u64>, _> = text.split(',').map(|n| n.trim().parse()).collect();
        match list {
            Ok(list) if list.iter().all(|&n| n <= MOST) => Ok(Self::Given(list)),
            Ok(_) => Err(wrong(format!("gives an FK more than {MOST} scores"))),
            Err(_) => Err(wrong(
                "is neither a number (20), nor a list (5,20,80), nor poisson:MEAN".into(),
            )),
        }
    }
}
