//! A full Bayesian sampler for the importance of foreign keys.

pub mod cli;
pub mod data;
pub mod diagnostics;
pub mod draws;
pub mod error;
pub mod fit;
pub mod model;
pub mod numeric;
pub mod posterior;
pub mod report;
pub mod sampler;
pub mod summary;
pub mod variance;
pub mod warning;

pub use error::Error;
