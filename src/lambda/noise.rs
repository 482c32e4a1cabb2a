//! Does the noise differ between foreign keys? The test of Brown & Forsythe (1974), which does not
//! mind scores that are not normal.

use crate::numeric::{f_tail, median};

/// One-way analysis of variance of the absolute deviations from the FKs' medians.
#[derive(Debug, Clone, PartialEq)]
pub struct BrownForsythe {
    /// F on K - 1 and N - K degrees of freedom.
    pub statistic: f64,
    /// Its p-value.
    pub p_value: f64,
    /// Of each FK: its mean absolute deviation over that of all others together, and the p-value of
    /// that difference on its own.
    pub fks: Vec<(f64, f64)>,
}

/// Number, mean and sum of squared deviations from it of one FK's absolute deviations.
struct Deviations {
    n: f64,
    mean: f64,
    sum_sq: f64,
}

impl Deviations {
    fn of(scores: &[f64]) -> Option<Self> {
        let center = median(scores)?;
        let n = scores.len() as f64;
        let each = || scores.iter().map(|score| (score - center).abs());
        let mean = each().sum::<f64>() / n;
        let sum_sq = each().map(|z| (z - mean).powi(2)).sum();
        Some(Self { n, mean, sum_sq })
    }
}

impl BrownForsythe {
    /// Compares the scores of several FKs; `None` for fewer than two, or where nothing varies.
    #[must_use]
    pub fn new(fks: &[&[f64]]) -> Option<Self> {
        let parts: Vec<Deviations> = fks
            .iter()
            .map(|scores| Deviations::of(scores))
            .collect::<Option<_>>()?;
        let count = parts.len() as f64;
        let n: f64 = parts.iter().map(|part| part.n).sum();
        let mean = parts.iter().map(|part| part.n * part.mean).sum::<f64>() / n;
        let between: f64 = parts.iter().map(|p| p.n * (p.mean - mean).powi(2)).sum();
        let degrees = n - count;
        let within = parts.iter().map(|part| part.sum_sq).sum::<f64>() / degrees;
        if count < 2.0 || degrees <= 0.0 || within <= 0.0 {
            return None;
        }
        let statistic = between / (count - 1.0) / within;
        let against_others = |part: &Deviations| {
            let others = (n * mean - part.n * part.mean) / (n - part.n);
            let square = (part.mean - others).powi(2);
            let f = square / (within * (1.0 / part.n + 1.0 / (n - part.n)));
            (part.mean / others, f_tail(f, 1.0, degrees))
        };
        Some(Self {
            statistic,
            p_value: f_tail(statistic, count - 1.0, degrees),
            fks: parts.iter().map(against_others).collect(),
        })
    }
}
