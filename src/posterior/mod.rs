//! Closed forms and quadrature: what is known of the posterior without drawing from it.

mod conditional;
mod exact;
mod heavy_tails;
mod law;
mod marginal;
mod mixture;
mod noise_check;
mod reduction;

pub use conditional::{Conditional, LocationGiven, conditional, conditional_about, location_given};
pub use exact::{
    ExactPosterior, GroupMoments, Hyperparameters, LambdaPosterior, Unavailable, VarianceMoments,
};
pub use heavy_tails::{HeavyTails, heavy_tails, log_marginal_student_t};
pub(crate) use law::{Drawn, FkNoise, Given, Law, deviation};
pub use marginal::{
    EmpiricalBayes, empirical_bayes, empirical_bayes_normal, log_marginal, log_marginal_derivative,
};
pub use mixture::{Component, Fineness, Mixed, MixingScales, ScaleMixture, mix, mixed_cdf};
pub use noise_check::{NoiseCheck, check_noise};
pub use reduction::{lambda_from_reduction, variance_reduction};
