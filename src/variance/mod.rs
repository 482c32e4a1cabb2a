//! The full posterior variance of an importance beside what the plug-in formula claims.

mod compare;
mod decomposition;
mod judgement;
mod plugin;
mod unstored;

pub use compare::{Compared, Exactly, VarianceRow, Variances, compare};
pub use decomposition::{Conditionals, Decomposition, HyperparameterDraws, VarianceDraws};
pub use judgement::{Borrowed, borrowed, judge_plugin};
pub(crate) use plugin::Expansion;
pub use plugin::{PluginInterval, corrected_variances, plugin_interval};
pub use unstored::{Known, Unstored};
