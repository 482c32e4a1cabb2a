//! The cells of a study: lists of K, of designs n, and of λ.

use crate::Error;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// FKs, scores per FK, and cells at most: beyond, a machine has other worries than statistics.
const MOST_FKS: usize = 1_000_000;
const MOST_SCORES: u64 = 1_000_000_000_000;
const MOST_CELLS: usize = 100_000;
/// λ as it may be: its square and its reciprocal are numbers.
const LAMBDA: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

/// How many scores the FKs of a cell have: one number for all, or several in equal shares.
///
/// Written `20`, or `5:20:80` where FK k has the (k mod 3)-th of three numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Design(Vec<u64>);

impl Design {
    /// The same number of scores for every FK.
    #[must_use]
    pub fn equal(n: u64) -> Self {
        Self(vec![n])
    }

    /// The numbers of scores, as written.
    #[must_use]
    pub fn numbers(&self) -> &[u64] {
        &self.0
    }

    /// The number of scores of every FK, where it is the same.
    #[must_use]
    pub fn common(&self) -> Option<u64> {
        let first = *self.0.first()?;
        self.0.iter().all(|&n| n == first).then_some(first)
    }

    /// Number of scores of each of `k` FKs, decreasing, so that FKs of equal n stand together.
    #[must_use]
    pub fn over(&self, k: usize) -> Vec<u64> {
        let mut numbers: Vec<u64> = self.0.iter().copied().cycle().take(k).collect();
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        numbers
    }
}

impl fmt::Display for Design {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join(":"))
    }
}

impl FromStr for Design {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::Setting {
            setting: format!("--n {text}"),
            problem: problem.into(),
        };
        let numbers: Result<Vec<u64>, _> = text.split(':').map(|n| n.trim().parse()).collect();
        let numbers = numbers.map_err(|_| {
            wrong("give whole numbers of scores per FK, as in 20, or 5:20:80 for equal shares")
        })?;
        if numbers.iter().any(|n| !(1..=MOST_SCORES).contains(n)) {
            return Err(wrong("an FK needs 1 to 1e12 scores"));
        }
        Ok(Self(numbers))
    }
}

impl Serialize for Design {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [n] => serializer.serialize_u64(*n),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Design {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Number(n) => n.to_string(),
            Written::Text(text) => text,
        };
        text.parse().map_err(D::Error::custom)
    }
}

/// The grid: every combination of its lists is a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// Numbers of FKs.
    pub k: Vec<usize>,
    /// Numbers of scores per FK.
    pub n: Vec<Design>,
    /// λ = σ²_obs/σ²_FK; as σ²_FK = 1, the noise variance of one score.
    pub lambda: Vec<f64>,
}

/// One cell of the grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Number of FKs.
    pub k: usize,
    /// Scores per FK.
    pub n: Design,
    /// λ, which is σ²_obs.
    pub lambda: f64,
}

impl Default for Grid {
    fn default() -> Self {
        Self {
            k: vec![2, 3, 5, 10, 20, 50, 100],
            n: [5, 20, 551].map(Design::equal).to_vec(),
            lambda: vec![1.0, 10.0, 101.0],
        }
    }
}

impl Grid {
    /// From three comma-separated lists, as typed.
    ///
    /// # Errors
    /// If a list is empty or holds what makes no sense, named by its flag.
    pub fn parse(k: &str, n: &str, lambda: &str) -> Result<Self, Error> {
        let grid = Self {
            k: list("--k", k, "give whole numbers of FKs, as in 2,3,5")?,
            n: n.split(',').map(str::parse).collect::<Result<_, _>>()?,
            lambda: list("--lambda", lambda, "give numbers, as in 1,10,101")?,
        };
        grid.validate()?;
        Ok(grid)
    }

    /// Checks every number.
    ///
    /// # Errors
    /// If there is no cell, or one of them makes no sense.
    pub fn validate(&self) -> Result<(), Error> {
        let wrong = |setting: String, problem: &str| {
            let problem = problem.into();
            Err(Error::Setting { setting, problem })
        };
        for (flag, empty) in [
            ("--k", self.k.is_empty()),
            ("--n", self.n.iter().any(|design| design.0.is_empty())),
            ("--n", self.n.is_empty()),
            ("--lambda", self.lambda.is_empty()),
        ] {
            if empty {
                return wrong(flag.into(), "the list is empty: there is nothing to study");
            }
        }
        if let Some(k) = self.k.iter().find(|k| !(1..=MOST_FKS).contains(*k)) {
            return wrong(format!("--k {k}"), "a cell needs 1 to 1,000,000 FKs");
        }
        if let Some(lambda) = self.lambda.iter().find(|l| !LAMBDA.contains(*l)) {
            return wrong(
                format!("--lambda {lambda}"),
                "must be positive and finite (1e-100 to 1e100)",
            );
        }
        if self.k.len() * self.n.len() * self.lambda.len() > MOST_CELLS {
            return wrong("--k, --n, --lambda".into(), "more than 100,000 cells");
        }
        self.shares_reach_all()
    }

    /// Each number of a design must fall to at least one FK.
    fn shares_reach_all(&self) -> Result<(), Error> {
        let smallest = self.k.iter().copied().min().unwrap_or(0);
        match self.n.iter().find(|design| design.0.len() > smallest) {
            None => Ok(()),
            Some(design) => Err(Error::Setting {
                setting: format!("--n {design}"),
                problem: format!(
                    "{} numbers of scores need as many FKs, and --k has {smallest}",
                    design.0.len()
                ),
            }),
        }
    }

    /// The cells: by n, then λ, then K.
    #[must_use]
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for n in &self.n {
            for &lambda in &self.lambda {
                for &k in &self.k {
                    let n = n.clone();
                    cells.push(Cell { k, n, lambda });
                }
            }
        }
        cells
    }
}

fn list<T: FromStr>(flag: &str, text: &str, problem: &str) -> Result<Vec<T>, Error> {
    let parts: Result<Vec<T>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    parts.map_err(|_| Error::Setting {
        setting: format!("{flag} {text}"),
        problem: problem.into(),
    })
}
