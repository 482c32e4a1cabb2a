//! What the user should know although nothing failed: what happened, with figures, and what to do.

use std::fmt;

/// A warning about data, model or chain; its text says what happened and what to do.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// The run ended before its time.
    Incomplete {
        /// Draws of each chain.
        draws: u32,
        /// Draws of each chain that were not drawn.
        missing: u32,
    },
    /// FKs whose scores are all equal take no part in the hierarchy.
    SetAside {
        /// The FKs, with the value of their scores.
        fks: Vec<(String, f64)>,
    },
    /// The noise differs between FKs, and a common variance misleads.
    NoiseDiffers {
        /// Largest over smallest standard deviation.
        sd_ratio: f64,
        /// The noisiest FK and the coverage of its intervals that claim 90 %.
        noisiest: (String, f64),
        /// The quietest FK, likewise.
        quietest: (String, f64),
    },
    /// Importances have heavier tails than normal ones.
    HeavyTails {
        /// Degrees of freedom of the Student-t that fits better.
        nu: f64,
        /// Its log Bayes factor.
        log_bayes_factor: f64,
        /// The FK that towers over the rest.
        largest: String,
        /// Predictive probability that one does so under normal importances.
        p_largest: f64,
        /// FKs that the Student-t would shrink noticeably more, most of all first.
        shrunk_more: Vec<String>,
    },
    /// Under per-FK noise, FKs whose mean is explained as noise.
    MeanTakenForNoise {
        /// The FKs, with the standard deviation of their noise in sample standard deviations.
        fks: Vec<(String, f64)>,
    },
    /// One FK only.
    SingleFk,
    /// Both parameters of the inverse-gamma are tiny.
    TinyPrior,
    /// σ̂²_FK = 0.
    Boundary {
        /// Whether the location is estimated.
        unknown_location: bool,
    },
    /// Chains disagree.
    RHat {
        /// How many parameters are above the bound.
        count: usize,
        /// The worst of them.
        worst: (String, f64),
    },
    /// Too few effective draws.
    LowEss {
        /// How many parameters are below the bound.
        count: usize,
        /// The worst of them.
        worst: (String, f64),
        /// The bound.
        bound: f64,
    },
    /// The chain is not where the exact posterior is.
    ExactCheck {
        /// Largest deviation in Monte-Carlo standard errors.
        max_abs_z: f64,
        /// The quantity.
        worst: String,
        /// The bound.
        bound: f64,
    },
    /// Many FKs, and ranks of few draws.
    CoarseRanks {
        /// How many draws are ranked.
        draws: usize,
    },
    /// A single chain.
    OneChain,
    /// Too few draws for any diagnostic.
    TooFewDraws,
    /// Simulated futures contradict the present by so many standard errors.
    Futures(f64),
}

/// FKs named in a warning at most.
const MOST_NAMED: usize = 3;

/// A few of the words, and how many more there are.
pub(crate) fn listed(words: &[String]) -> String {
    let named = words[..words.len().min(MOST_NAMED)].join(", ");
    match words.len().saturating_sub(MOST_NAMED) {
        0 => named,
        1 => format!("{named} and another"),
        more => format!("{named} and {more} others"),
    }
}

fn others_shrunk(fks: &[String]) -> String {
    if fks.is_empty() {
        return ", and none noticeably harder".to_owned();
    }
    let quoted: Vec<String> = fks.iter().map(|fk| format!("'{fk}'")).collect();
    format!(", but {} harder", listed(&quoted))
}

/// R-hat above which chains have not mixed (Vehtari et al. 2021).
pub const R_HAT_BOUND: f64 = 1.01;

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete { draws, missing } => write!(
                f,
                "the run was cut short: {draws} of {} draws per chain. To add the others: fkbayes \
                 extend with --draws {missing}.",
                u64::from(*draws) + u64::from(*missing)
            ),
            Self::SetAside { fks } => {
                let names: Vec<String> = fks
                    .iter()
                    .map(|(fk, value)| format!("'{fk}' (always {value})"))
                    .collect();
                write!(
                    f,
                    "set aside, as all scores are equal: {}. The model never used these features; \
                     the importance is taken as that value and has no part in sigma2_fk. To keep \
                     such an FK in, give the noise: --noise known=V.",
                    names.join(", ")
                )
            }
            Self::NoiseDiffers {
                sd_ratio,
                noisiest,
                quietest,
            } => write!(
                f,
                "noise differs between FKs by a factor of {sd_ratio:.1} in standard deviation: \
                 under the common noise variance, 90 % intervals cover about {:.0} % for '{}' and \
                 {:.0} % for '{}'. Give every FK its own: --noise per-fk.",
                100.0 * noisiest.1,
                noisiest.0,
                100.0 * quietest.1,
                quietest.0
            ),
            Self::HeavyTails {
                nu,
                log_bayes_factor,
                largest,
                p_largest,
                shrunk_more,
            } => write!(
                f,
                "importances have heavier tails than normal ones: log Bayes factor \
                 {log_bayes_factor:.1} for Student-t, and normal ones would let some FK stand out as \
                 far as '{largest}' with probability {p_largest:.2}. --importance student-t={nu} \
                 shrinks that FK less{}.",
                others_shrunk(shrunk_more)
            ),
            Self::MeanTakenForNoise { fks } => {
                let named: Vec<String> = fks
                    .iter()
                    .map(|(fk, factor)| format!("'{fk}' ({factor:.0} times)"))
                    .collect();
                write!(
                    f,
                    "the mean of {} is explained as noise: its noise would have a standard \
                     deviation so many times that of its scores. With few permutations one normal \
                     law for very unequal importances does that: permute more often, or try \
                     --importance student-t=4 or --noise per-fk=fixed.",
                    listed(&named)
                )
            }
            Self::Futures(z) => write!(
                f,
                "simulated futures contradict the present posterior by {z:.1} standard errors: do not \
                 trust the plan. Give more of them with --replicates, and report this if it stays."
            ),
            Self::SingleFk => write!(
                f,
                "only one FK has scores: sigma2_fk is mostly the hyperprior's word. Judge the \
                 importance by its raw mean, or add FKs."
            ),
            Self::TinyPrior => write!(
                f,
                "an inverse-gamma with two tiny parameters is not uninformative: with few FKs the \
                 answer depends on how tiny they are (Gelman 2006). Leave the hyperprior out to \
                 have it follow the noise."
            ),
            Self::Boundary { unknown_location } => write!(
                f,
                "the plug-in estimate of sigma2_fk is 0: the plug-in formula claims that every \
                 importance {}. Use the full posterior.",
                if *unknown_location {
                    "is the same"
                } else {
                    "is known to be exactly 0"
                }
            ),
            Self::RHat { count, worst } => write!(
                f,
                "chains disagree: R-hat is above {R_HAT_BOUND} for {count} parameter(s), worst {} \
                 with {:.3}. Run longer: double --warmup and --draws.",
                worst.0, worst.1
            ),
            Self::LowEss {
                count,
                worst,
                bound,
            } => write!(
                f,
                "too few effective draws: below {bound:.0} for {count} parameter(s), worst {} with \
                 {:.0}. Raise --draws{}.",
                worst.0,
                worst.1,
                factor(bound / worst.1)
            ),
            Self::ExactCheck {
                max_abs_z,
                worst,
                bound,
            } => write!(
                f,
                "the chain is not where the exact posterior is: {worst} is {max_abs_z:.1} standard \
                 errors away (bound {bound:.1}). Do not use these draws; --sampler exact needs no \
                 chain."
            ),
            Self::CoarseRanks { draws } => write!(
                f,
                "so many foreign keys leave room to rank {draws} of the draws only: P(1st) and the \
                 intervals of ranks are known to within {:.0} points. Rank those that matter in a fit of their \
                 own.",
                100.0 / (*draws as f64).sqrt()
            ),
            Self::TooFewDraws => write!(
                f,
                "too few draws to judge the chains by. Raise --draws to the default of 2500."
            ),
            Self::OneChain => write!(
                f,
                "a single chain: R-hat compares its two halves only. Run at least 4 with --chains."
            ),
        }
    }
}

fn factor(shortfall: f64) -> String {
    if shortfall.is_finite() {
        format!(" by a factor of {:.0}", shortfall.ceil())
    } else {
        String::new()
    }
}
