//! How the posterior is to be sampled: part of a model file, and of what determines the draws.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How draws are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SamplerKind {
    /// The Gibbs sampler.
    #[default]
    Gibbs,
    /// Independent draws through the exact posterior.
    Exact,
}

impl fmt::Display for SamplerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gibbs => "gibbs",
            Self::Exact => "exact",
        })
    }
}

impl FromStr for SamplerKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "gibbs" => Ok(Self::Gibbs),
            "exact" => Ok(Self::Exact),
            _ => Err(Error::Setting {
                setting: format!("sampler '{text}'"),
                problem: "is neither gibbs nor exact".into(),
            }),
        }
    }
}

/// Settings that determine the draws, together with data and model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamplerSettings {
    /// How draws are made.
    pub kind: SamplerKind,
    /// Number of chains.
    pub chains: u32,
    /// Sweeps discarded at the start of each chain.
    pub warmup: u32,
    /// Draws kept per chain.
    pub draws: u32,
    /// Sweeps per kept draw.
    pub thin: u32,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Whether the Gibbs sampler may use more than the textbook alternation.
    pub interweave: bool,
}

/// Each chain streams to a file of its own, and systems limit open files, often to 1,024.
const MOST_CHAINS: u32 = 500;

impl Default for SamplerSettings {
    fn default() -> Self {
        Self {
            kind: SamplerKind::Gibbs,
            chains: 4,
            warmup: 1000,
            draws: 2500,
            thin: 1,
            seed: 1,
            interweave: true,
        }
    }
}

impl SamplerSettings {
    /// Checks that there is something to do.
    ///
    /// # Errors
    /// If chains, draws or thin are zero, or there are more than 500 chains.
    pub fn validate(&self) -> Result<(), Error> {
        for (setting, value) in [
            ("chains", self.chains),
            ("draws", self.draws),
            ("thin", self.thin),
        ] {
            if value == 0 {
                return Err(Error::Setting {
                    setting: format!("{setting} = 0"),
                    problem: "must be at least 1".into(),
                });
            }
        }
        if self.chains > MOST_CHAINS {
            return Err(Error::Setting {
                setting: format!("chains = {}", self.chains),
                problem: format!("at most {MOST_CHAINS}, as each keeps a file open"),
            });
        }
        Ok(())
    }

    /// Sweeps of all chains together, warm-up included.
    #[must_use]
    pub fn total_sweeps(&self) -> u64 {
        // Independent draws need no warm-up.
        let warmup = match self.kind {
            SamplerKind::Gibbs => u64::from(self.warmup),
            SamplerKind::Exact => 0,
        };
        let kept = u64::from(self.draws).saturating_mul(u64::from(self.thin));
        u64::from(self.chains).saturating_mul(kept.saturating_add(warmup))
    }
}
