//! Every importance: raw, pooled, and by the plug-in formula.

use super::Portrait;
use crate::model::Role;
use crate::variance::plugin_interval;

/// One FK's importance, in score units; what does not exist is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportanceRow {
    /// The FK.
    pub fk: String,
    /// Number of scores.
    pub n: Option<u64>,
    /// Mean of the scores.
    pub raw: Option<f64>,
    /// Posterior mean.
    pub mean: Option<f64>,
    /// Posterior median.
    pub median: f64,
    /// 5 % and 95 % quantile of the posterior.
    pub interval: (f64, f64),
    /// What the plug-in formula has in its place; none for an FK that was set aside.
    pub plugin: Option<PluginRange>,
    /// P(α > 0).
    pub p_positive: f64,
}

/// The plug-in's normal posterior.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PluginRange {
    /// Its mean.
    pub mean: f64,
    /// The ends of its 90 % interval.
    pub interval: (f64, f64),
}

impl Portrait {
    /// The FKs that pictures show, the largest posterior median first.
    #[must_use]
    pub fn importances(&self) -> Vec<ImportanceRow> {
        let rows = self.shown().iter().filter_map(|&fk| self.row(fk));
        rows.collect()
    }

    fn row(&self, fk: usize) -> Option<ImportanceRow> {
        let hierarchy = self.opened.file.hierarchy();
        let figures = self.fit().fk(fk)?;
        let (observed, alpha) = (figures.observed, figures.alpha);
        let plugin = match hierarchy.roles[fk] {
            Role::SetAside { .. } => None,
            Role::InHierarchy(k) => {
                let mean = observed.mean.unwrap_or(0.0);
                let plugin = plugin_interval(hierarchy, &self.estimate, k, mean);
                Some(PluginRange {
                    mean: plugin.mean,
                    interval: plugin.ends,
                })
            }
        };
        Some(ImportanceRow {
            fk: observed.fk.to_string(),
            n: observed.n,
            raw: observed.mean,
            mean: alpha.mean,
            median: alpha.q50?,
            interval: (alpha.q5?, alpha.q95?),
            plugin,
            p_positive: figures.rank.p_positive,
        })
    }
}
