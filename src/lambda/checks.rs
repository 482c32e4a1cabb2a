//! What could look right and be wrong: noise that differs, scores that drift, scores that resemble the
//! one before.

use super::autocorrelation::{lag_one, null_moments_of_lag_one};
use super::drift::rank_correlation;
use super::noise::BrownForsythe;
use crate::data::{Data, Scores};
use crate::model::{Hierarchy, Role};
use crate::numeric::{chi_squared_tail, normal_cdf};
use serde::Serialize;

/// FKs with fewer scores are left out: the statistics' laws are too far from their limits.
const FEWEST: usize = 10;
/// Below this p-value a check is worth a sentence.
const SMALL: f64 = 0.01;

/// One check of the scores; its null hypothesis is that nothing is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// `noise`, `drift` or `autocorrelation`.
    pub check: &'static str,
    /// How many FKs it looked at.
    pub fks: usize,
    /// Brown and Forsythe's F, or Σ z² over the FKs, which is χ².
    pub statistic: f64,
    /// Its p-value.
    pub p_value: f64,
    /// The FK that stands out most.
    pub worst: WorstFk,
    /// Of `noise`: log Bayes factor of noise of each FK's own against common noise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_bayes_factor: Option<f64>,
    /// Of `autocorrelation`: how many independent scores one of the worst FK's is worth,
    /// (1 - r)/(1 + r), r corrected for its mean under the null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worth: Option<f64>,
    /// What was found and what to do, where a p-value is below 0.01.
    pub finding: Option<String>,
}

/// The FK that stands out most in a check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorstFk {
    /// Its name.
    pub fk: String,
    /// Its mean absolute deviation over that of the others, its rank correlation with position, or its
    /// autocorrelation.
    pub statistic: f64,
    /// p-value of the worst of so many (Bonferroni).
    pub p_value: f64,
}

/// The scores of an FK that are tested.
struct Tested<'a> {
    fk: &'a str,
    scores: &'a [f64],
}

/// Runs the checks on the FKs with at least ten scores that vary: noise that differs between FKs, drift
/// over the order of the scores, and autocorrelation. Empty where there is no such FK.
#[must_use]
pub fn check_scores(data: &Data, hierarchy: &Hierarchy, scores: &Scores) -> Vec<Check> {
    let tested: Vec<Tested<'_>> = data
        .fks()
        .iter()
        .zip(&hierarchy.roles)
        .enumerate()
        .filter(|(_, (_, role))| matches!(role, Role::InHierarchy(_)))
        .filter_map(|(k, (fk, _))| {
            let scores = scores.of(k).filter(|scores| scores.len() >= FEWEST)?;
            let vary = scores.iter().any(|score| Some(score) != scores.first());
            vary.then_some(Tested {
                fk: &fk.name,
                scores,
            })
        })
        .collect();
    let checks = [
        noise(&tested, hierarchy),
        drift(&tested),
        autocorrelation(&tested),
    ];
    checks.into_iter().flatten().collect()
}

fn noise(tested: &[Tested<'_>], hierarchy: &Hierarchy) -> Option<Check> {
    let scores: Vec<&[f64]> = tested.iter().map(|fk| fk.scores).collect();
    let found = BrownForsythe::new(&scores)?;
    let fks = tested.iter().zip(&found.fks);
    let (fk, &(ratio, p)) = fks.min_by(|a, b| a.1.1.total_cmp(&b.1.1))?;
    let mut check = Check::new(
        "noise",
        (tested.len(), found.statistic, found.p_value),
        (fk, ratio, p),
    );
    check.log_bayes_factor = hierarchy.noise_log_bayes_factor();
    check.finding = check.significant().then(|| {
        let remedy = if hierarchy.common_noise {
            "Give every FK its own: --noise per-fk."
        } else {
            "The model in force has it so."
        };
        format!(
            "noise differs between FKs (Brown-Forsythe {}), most of all for '{}', whose scores \
             deviate {} times as far as the others'. {remedy}",
            p_of(check.p_value),
            check.worst.fk,
            two_digits(ratio)
        )
    });
    Some(check)
}

fn drift(tested: &[Tested<'_>]) -> Option<Check> {
    let mut check = combine("drift", tested, |scores| {
        let r = rank_correlation(scores)?;
        Some((r, r * (scores.len() as f64 - 1.0).sqrt()))
    })?;
    let (worst, r) = (&check.worst, check.worst.statistic);
    check.finding = check.significant().then(|| {
        format!(
            "scores drift over the permutation order ({}), most of all those of '{}', which {} \
             (rank correlation {r:.2}, {}): they do not all measure the same importance. Find what \
             changed while they were made, or leave out the scores from before it.",
            p_of(check.p_value),
            worst.fk,
            if r > 0.0 { "rise" } else { "fall" },
            p_of(worst.p_value)
        )
    });
    Some(check)
}

fn autocorrelation(tested: &[Tested<'_>]) -> Option<Check> {
    let mut check = combine("autocorrelation", tested, |scores| {
        let (mean, variance) = null_moments_of_lag_one(scores.len());
        let r = lag_one(scores)?;
        Some((r - mean, (r - mean) / variance.sqrt()))
    })?;
    let (worst, r) = (&check.worst, check.worst.statistic);
    let worth = (1.0 - r) / (1.0 + r);
    let meaning = if r > 0.0 {
        "variances are too small by that factor. Draw every permutation afresh, or keep every other \
         score"
    } else {
        "variances are too large. Draw every permutation afresh"
    };
    check.finding = check.significant().then(|| {
        format!(
            "successive scores are not independent ({}), least of all those of '{}' \
             (autocorrelation {r:.2}, {}): each is worth {} independent ones, and {meaning}.",
            p_of(check.p_value),
            worst.fk,
            p_of(worst.p_value),
            two_digits(worth)
        )
    });
    check.worth = (worth.is_finite() && worth > 0.0).then_some(worth);
    Some(check)
}

/// Σ z² of the FKs, χ² on as many degrees of freedom, and the largest |z|; `of` gives an FK's statistic
/// and its z.
fn combine(
    name: &'static str,
    tested: &[Tested<'_>],
    of: impl Fn(&[f64]) -> Option<(f64, f64)>,
) -> Option<Check> {
    let found: Vec<(&Tested<'_>, (f64, f64))> = tested
        .iter()
        .filter_map(|fk| Some((fk, of(fk.scores)?)))
        .collect();
    let sum_sq: f64 = found.iter().map(|(_, (_, z))| z * z).sum();
    let (fk, (statistic, z)) = found
        .iter()
        .max_by(|a, b| a.1.1.abs().total_cmp(&b.1.1.abs()))?;
    let p_value = chi_squared_tail(sum_sq, found.len() as f64);
    let alone = 2.0 * normal_cdf(-z.abs());
    Some(Check::new(
        name,
        (found.len(), sum_sq, p_value),
        (fk, *statistic, alone),
    ))
}

impl Check {
    fn new(
        check: &'static str,
        (fks, statistic, p_value): (usize, f64, f64),
        (worst, of_worst, alone): (&Tested<'_>, f64, f64),
    ) -> Self {
        Self {
            check,
            fks,
            statistic,
            p_value,
            worst: WorstFk {
                fk: worst.fk.to_owned(),
                statistic: of_worst,
                p_value: (alone * fks as f64).min(1.0),
            },
            log_bayes_factor: None,
            worth: None,
            finding: None,
        }
    }

    /// Whether one of the two p-values is below 0.01.
    #[must_use]
    pub fn significant(&self) -> bool {
        self.p_value.min(self.worst.p_value) < SMALL
    }
}

fn p_of(p: f64) -> String {
    if p < 1e-4 {
        "p < 0.0001".to_owned()
    } else {
        let decimals = if p < 0.01 { 4 } else { 2 };
        format!("p = {p:.decimals$}")
    }
}

fn two_digits(x: f64) -> String {
    if x < 0.1 {
        format!("{x:.1e}")
    } else if x < 10.0 {
        format!("{x:.1}")
    } else {
        format!("{x:.0}")
    }
}
