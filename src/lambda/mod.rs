//! λ = σ²_obs/σ²_FK, the one number of the variance-reduction formula Δ/(n + Δ + λ): every estimate of
//! it side by side, and whether the scores bear out what it promises.
//!
//! [`estimates`] gives marginal and restricted maximum likelihood and two moment estimators, each with
//! an interval; [`own_lambdas`] the λ_k of every FK where noise differs; [`validate`] predicts scores that
//! were held out; [`check_scores`] looks for what would make all of it wrong.

mod autocorrelation;
mod checks;
mod drift;
mod estimates;
mod intervals;
mod moments;
mod noise;
mod own;
mod predict;
mod splits;
mod validation;
mod verdict;

pub use autocorrelation::{lag_one, null_moments_of_lag_one};
pub use checks::{Check, WorstFk, check_scores};
pub use drift::rank_correlation;
pub use estimates::{Estimate, LeftOut, common_lambda, estimates};
pub use intervals::{Interval, profile_interval, q_profile_interval, q_statistic};
pub use moments::{anova, moments_about_zero};
pub use noise::BrownForsythe;
pub use own::{Known, OwnLambda, own_lambdas};
pub use validation::{Validation, ValidationRow, validate};
pub use verdict::{Grounds, judge_formula};
