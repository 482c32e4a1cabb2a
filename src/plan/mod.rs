//! How many more permutations, of which foreign key?
//!
//! [`Outlook`] lays out what is known now; [`Outlook::simulate`] says what further scores are expected to
//! bring: the posterior variance they will leave, averaged over what they may turn out to be, and how
//! far the ranking may then be trusted. On that rest [`Outlook::allocate`], which spends a budget,
//! [`Outlook::needed`] and [`Outlook::rank_target`], which seek the fewest permutations that reach a
//! target, and [`Outlook::curve`].
//!
//! ```
//! use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
//! use fkbayes::model::{Hierarchy, Model};
//! use fkbayes::plan::{Outlook, Simulation};
//! use fkbayes::posterior::ExactPosterior;
//! use std::sync::atomic::AtomicU64;
//!
//! let fks = [("a", 0.3), ("b", -0.1)].map(|(name, mean)| ForeignKey {
//!     name: name.into(),
//!     sample: Sample::Scores(FkStats::from_summary(20, mean, 1.0)),
//! });
//! let data = Data::new(fks.into())?;
//! let hierarchy = Hierarchy::resolve(&Model::default(), &data)?;
//! let exact = ExactPosterior::new(&hierarchy).ok();
//! let outlook = Outlook::new(&data, &hierarchy, exact.as_ref(), &[])?;
//! let progress = AtomicU64::new(0);
//! let simulation = Simulation { replicates: 200, seed: 1, top: 1, progress: &progress };
//! let forecast = outlook.simulate(&[100, 100], simulation);
//! let then = forecast.fks[0].variance.map_or(f64::NAN, |variance| variance.value);
//! // Between what is left if all variances were known, and the best linear use of the new mean.
//! assert!(outlook.least_variance(0, 100) <= then && then <= outlook.most_variance(0, 100));
//! # Ok::<(), fkbayes::Error>(())
//! ```

mod allocate;
mod consistency;
mod curve;
mod fill;
mod members;
mod outlook;
mod pairs;
mod ranks;
mod shared;
mod simulate;
mod targets;

pub use allocate::{Allocated, Allocation, Objective};
pub use consistency::Consistency;
pub use curve::CurvePoint;
pub use fill::{Budget, Stop};
pub(crate) use fill::{MOST, first_not};
pub use outlook::Outlook;
pub(crate) use pairs::misordering;
pub use shared::shared_draws;
pub use simulate::{Estimate, FkForecast, Forecast, Simulation};
pub use targets::{Needed, RankTarget};
