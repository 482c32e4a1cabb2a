//! What the comparison comes to, in words.

use super::{VarianceRow, Variances};
use crate::data::{Compact, PerFk};
use crate::model::Location;
use crate::numeric::{HALF_OF_90, normal_cdf_by_table};
use serde::Serialize;

/// A plug-in interval that claims 90 % and covers less than this misleads.
const MISLEADING: f64 = 0.85;
/// Below this shrinkage factor an FK is sparse: pooling says something about it.
const SPARSE: f64 = 0.9;

/// May the plug-in formula be used here, and for which FKs not? A phrase for the whole.
///
/// Where the exact posterior gives no coverage of the plug-in's intervals, that of a normal posterior
/// with the full variance about the same centre stands in: 2 Φ(z/√ratio) - 1.
#[must_use]
pub fn judge_plugin(rows: &PerFk<Variances>, at_boundary: bool, location: Location) -> String {
    if at_boundary {
        let claim = match location {
            Location::Zero => "is known to be 0",
            Location::Flat => "equals the location",
        };
        return format!(
            "no: its estimate of sigma2_fk is 0, so it claims that every importance {claim}"
        );
    }
    let mut range: Option<(f64, f64)> = None;
    let (mut misled, mut worst): (usize, Option<(&str, f64)>) = (0, None);
    for (fk, row) in rows.both() {
        if let Some(ratio) = row.ratio() {
            let (low, high) = range.unwrap_or((ratio, ratio));
            range = Some((low.min(ratio), high.max(ratio)));
        }
        let covered = row.plugin_coverage().or_else(|| row.ratio().map(coverage));
        if let Some(covered) = covered.filter(|c| *c < MISLEADING) {
            misled += 1;
            if worst.is_none_or(|(_, least)| covered < least) {
                worst = Some((&fk.name, covered));
            }
        }
    }
    let Some(range) = range.map(in_words) else {
        return "nothing to compare".to_owned();
    };
    match worst {
        None => format!("may be used under this noise model: {range}"),
        Some((fk, coverage)) => format!(
            "not for {misled} of {} FKs: {range}; its 90 % interval for '{fk}' covers {:.0} %",
            rows.len(),
            100.0 * coverage
        ),
    }
}

/// Of the plug-in's 90 % interval under a normal posterior of so many times its variance.
fn coverage(ratio: f64) -> f64 {
    2.0 * normal_cdf_by_table(HALF_OF_90 / ratio.sqrt()) - 1.0
}

fn in_words((low, high): (f64, f64)) -> String {
    if high < 1.005 && low > 0.995 {
        "full variances equal the plug-in's within 0.5 %".to_owned()
    } else {
        format!("full variances are {low:.2} to {high:.2} times the plug-in's")
    }
}

/// What borrowing strength gained a sparse FK.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Borrowed {
    /// The FK.
    pub fk: String,
    /// Number of scores.
    pub n: Option<u64>,
    /// Posterior standard deviation, in score units.
    pub sd: f64,
    /// Standard deviation of the mean without pooling; none without scores.
    pub sd_alone: Option<f64>,
    /// Scores without pooling that would give the same variance, beyond those there are.
    pub worth: Option<f64>,
}

/// The FKs that pooling tells something about, the sparsest first: those without scores, and those whose
/// shrinkage factor is below 0.9.
#[must_use]
pub fn borrowed(rows: &PerFk<Variances>) -> Vec<Borrowed> {
    let shrunk = rows.both().filter_map(|(fk, variances)| {
        let shrinkage = variances.shrinkage().filter(|b| *b < SPARSE)?;
        Some((shrinkage, variances.row(fk)))
    });
    let mut sparse: Vec<(f64, VarianceRow)> = shrunk.collect();
    sparse.sort_by(|a, b| a.0.total_cmp(&b.0));
    sparse
        .into_iter()
        .filter_map(|(_, row)| gain(row))
        .collect()
}

fn gain(row: VarianceRow) -> Option<Borrowed> {
    let variance = row.exact.or(row.full).filter(|v| *v > 0.0)?;
    let alone = row.no_pooling;
    Some(Borrowed {
        fk: row.fk.to_string(),
        n: row.n,
        sd: variance.sqrt(),
        sd_alone: alone.map(f64::sqrt),
        worth: alone
            .zip(row.n)
            .map(|(s, n)| n as f64 * (s / variance - 1.0)),
    })
}
