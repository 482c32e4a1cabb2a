//! The full posterior variance of an importance beside what the plug-in formula claims.

mod compare;
mod decomposition;
mod plugin;

pub use compare::{Compared, VarianceRow, compare};
pub use decomposition::{Conditionals, Decomposition, VarianceDraws};
pub use plugin::{PluginInterval, corrected_variances, plugin_interval};
