//! Which hyperpriors the current one is set against.

use crate::Error;
use crate::data::Data;
use crate::model::{Hierarchy, Hyperprior, Model};

/// ε of the IG(ε, ε) shown for contrast.
const TINY: f64 = 0.001;
/// Degrees of freedom of the half-t.
const HALF_T_NU: f64 = 4.0;

/// A hyperprior to be set against the current one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The hyperprior.
    pub hyperprior: Hyperprior,
    /// Whether one could reasonably believe it; the others are shown for contrast and do not enter the
    /// verdict.
    pub recommended: bool,
}

/// Hyperpriors to set against that of `hierarchy`, without repetition:
///
/// - the current one with each parameter halved and doubled;
/// - the default one (see [`Hierarchy`]), half-Cauchy(√s̄) and half-t(4, √s̄) on σ_FK, s̄ the median
///   sampling variance of the FKs' means by which the default is scaled: its weakly informative rivals
///   at the same noise floor (Gelman 2006);
/// - flat on σ_FK;
/// - IG(0.001, 0.001), for contrast: not recommended, as with few FKs the answer hangs on 0.001;
/// - those that the user names.
///
/// Where s̄ is out of the range of double precision those that rest on it are left out.
#[must_use]
pub fn candidates(hierarchy: &Hierarchy, data: &Data, named: &[Hyperprior]) -> Vec<Candidate> {
    let mut proposed = varied(hierarchy.hyperprior);
    proposed.extend(at_noise_floor(hierarchy, data).unwrap_or_default());
    proposed.push(Hyperprior::Flat);
    proposed.extend_from_slice(named);
    let mut all: Vec<Candidate> = Vec::new();
    let tiny = Hyperprior::InverseGamma { a0: TINY, b0: TINY };
    for hyperprior in proposed.into_iter().chain([tiny]) {
        let known = all.iter().any(|other| other.hyperprior == hyperprior);
        if !known && hyperprior != hierarchy.hyperprior {
            all.push(Candidate {
                hyperprior,
                recommended: hyperprior != tiny,
            });
        }
    }
    all
}

/// Whether it is the lightest-tailed of the weakly informative ones, or the flat one: those between them
/// move the answers less.
pub(super) fn is_extreme(hyperprior: &Hyperprior) -> bool {
    match hyperprior {
        Hyperprior::HalfT { nu, .. } => *nu == HALF_T_NU,
        Hyperprior::Flat => true,
        Hyperprior::InverseGamma { .. } => false,
    }
}

/// The hyperprior with each of its parameters halved and doubled; the flat one has none.
fn varied(hyperprior: Hyperprior) -> Vec<Hyperprior> {
    const FACTORS: [f64; 2] = [0.5, 2.0];
    let varied = |make: &dyn Fn(f64, f64) -> Result<Hyperprior, Error>| -> Vec<Hyperprior> {
        let pairs = FACTORS.map(|f| (f, 1.0)).into_iter();
        let pairs = pairs.chain(FACTORS.map(|f| (1.0, f)));
        pairs.filter_map(|(f, g)| make(f, g).ok()).collect()
    };
    match hyperprior {
        Hyperprior::InverseGamma { a0, b0 } => {
            varied(&|f, g| Hyperprior::inverse_gamma(f * a0, g * b0))
        }
        Hyperprior::HalfT { nu, scale } => varied(&|f, g| Hyperprior::half_t(f * nu, g * scale)),
        Hyperprior::Flat => Vec::new(),
    }
}

fn at_noise_floor(hierarchy: &Hierarchy, data: &Data) -> Result<Vec<Hyperprior>, Error> {
    let without = Model {
        hyperprior: None,
        ..hierarchy.model.clone()
    };
    let default = Hierarchy::resolve(&without, data)?.hyperprior;
    let Hyperprior::InverseGamma { b0, .. } = default else {
        return Ok(vec![default]);
    };
    // The default is IG(½, s̄/2).
    let scale = (2.0 * b0).sqrt();
    Ok(vec![
        default,
        Hyperprior::half_t(1.0, scale)?,
        Hyperprior::half_t(HALF_T_NU, scale)?,
    ])
}
