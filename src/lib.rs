//! A full Bayesian sampler for the importance of foreign keys.

pub mod error;
pub mod warning;
pub mod numeric;
pub mod data;
pub mod model;
pub mod posterior;
pub mod sampler;
pub mod draws;
pub mod diagnostics;
pub mod summary;
pub mod variance;
pub mod fit;
pub mod report;
pub mod cli;

pub use error::Error;
