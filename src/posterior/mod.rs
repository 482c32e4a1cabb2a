//! Closed forms and quadrature: what is known of the posterior without drawing from it.

mod conditional;
mod exact;
mod marginal;
mod noise_check;

pub use conditional::{Conditional, LocationGiven, conditional, conditional_about, location_given};
pub use exact::{ExactPosterior, GroupMoments, Unavailable, VarianceMoments};
pub use marginal::{EmpiricalBayes, empirical_bayes, log_marginal, log_marginal_derivative};
pub use noise_check::{NoiseCheck, check_noise};
