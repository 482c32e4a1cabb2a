//! A full Bayesian sampler for the importance of foreign keys.

pub mod error;
pub mod data;
pub mod diagnostics;

pub use error::Error;
