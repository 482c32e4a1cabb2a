//! Does the noise differ between foreign keys, and what would ignoring that cost?

use crate::data::{Data, Sample};
use crate::model::{Hierarchy, Noise, NoiseVariance, Role};
use crate::numeric::{HALF_OF_90, chi_squared_tail, normal_cdf};

/// Below this p-value the spreads differ; the harm decides whether it is worth a word.
const P_VALUE: f64 = 1e-3;
/// Claimed 90 % intervals whose coverage stays within this range do no harm.
const HARMLESS: (f64, f64) = (0.85, 0.95);

/// What the within-FK spreads say about a common noise variance.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseCheck {
    /// Largest over smallest within-FK standard deviation.
    pub sd_ratio: f64,
    /// p-value of Bartlett's (1937) test that all spreads are equal.
    pub p_value: f64,
    /// The noisiest FK, and the coverage of an interval that claims 90 % under the common variance.
    pub noisiest: (String, f64),
    /// The quietest FK, likewise.
    pub quietest: (String, f64),
}

impl NoiseCheck {
    /// Whether a common noise variance would mislead: the spreads differ beyond chance and some
    /// interval that claims 90 % covers less than 85 % or more than 95 %.
    #[must_use]
    pub fn harmful(&self) -> bool {
        let outside = |coverage: f64| coverage < HARMLESS.0 || coverage > HARMLESS.1;
        self.p_value < P_VALUE && (outside(self.noisiest.1) || outside(self.quietest.1))
    }
}

/// Bartlett's test on the FKs with at least two scores that differ; `None` where noise is not
/// estimated in common, or where fewer than two FKs can be compared.
#[must_use]
pub fn check_noise(data: &Data, hierarchy: &Hierarchy) -> Option<NoiseCheck> {
    let estimated = matches!(hierarchy.noise, NoiseVariance::Sampled { .. })
        || hierarchy.model.noise == Noise::Pooled;
    if !estimated {
        return None;
    }
    let spreads: Vec<(&str, f64, f64)> = data
        .fks()
        .iter()
        .zip(&hierarchy.roles)
        .filter_map(|(fk, role)| match (role, &fk.sample) {
            (Role::InHierarchy(_), Sample::Scores(stats)) => {
                let variance = stats.variance().filter(|&v| v > 0.0)?;
                Some((fk.name.as_str(), (stats.n() - 1) as f64, variance))
            }
            _ => None,
        })
        .collect();
    let by_variance = |a: &&(&str, f64, f64), b: &&(&str, f64, f64)| a.2.total_cmp(&b.2);
    let quietest = spreads.iter().min_by(by_variance)?;
    let noisiest = spreads.iter().max_by(by_variance)?;
    (spreads.len() >= 2).then(|| NoiseCheck {
        sd_ratio: (noisiest.2 / quietest.2).sqrt(),
        p_value: bartlett(&spreads),
        noisiest: (
            noisiest.0.to_owned(),
            coverage(hierarchy.sigma2_obs, noisiest.2),
        ),
        quietest: (
            quietest.0.to_owned(),
            coverage(hierarchy.sigma2_obs, quietest.2),
        ),
    })
}

/// p-value of Bartlett's statistic, referred to χ² with one degree of freedom less than FKs.
fn bartlett(spreads: &[(&str, f64, f64)]) -> f64 {
    let groups = spreads.len() as f64 - 1.0;
    let degrees: f64 = spreads.iter().map(|s| s.1).sum();
    let pooled = spreads.iter().map(|s| s.1 * s.2).sum::<f64>() / degrees;
    let statistic: f64 = spreads.iter().map(|s| s.1 * (pooled / s.2).ln()).sum();
    let reciprocals: f64 = spreads.iter().map(|s| 1.0 / s.1).sum();
    let correction = 1.0 + (reciprocals - 1.0 / degrees) / (3.0 * groups);
    chi_squared_tail(statistic / correction, groups)
}

/// Coverage of a mean ± 1.645 standard errors at the common variance where the true one is `own`.
fn coverage(common: f64, own: f64) -> f64 {
    2.0 * normal_cdf(HALF_OF_90 * (common / own).sqrt()) - 1.0
}
