//! A full Bayesian sampler for the importance of foreign keys.

pub mod error;
pub mod numeric;
pub mod data;
pub mod model;
pub mod posterior;
pub mod sampler;
pub mod draws;
pub mod diagnostics;

pub use error::Error;
