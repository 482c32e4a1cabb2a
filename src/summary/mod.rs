//! What the draws say about each parameter and about the order of the importances.

mod order;
mod parameters;
mod ranking;

pub use parameters::{ExistingMoments, ParameterSummary, Parameters, Summary, summarise};
pub use ranking::{RankRow, Ranking, Ranks, RanksWanted};
