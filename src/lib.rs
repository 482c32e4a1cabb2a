//! How important is each foreign key of a relational prediction problem, how sure may we be, and is the
//! cheap plug-in formula good enough? From noisy permutation-importance scores to a full Bayesian
//! hierarchy: α_k ~ N(0, σ²_FK) is the importance of foreign key k, its scores scatter about it with
//! variance σ²_obs. [`Fitter`](fit::Fitter) samples the posterior, checks the chains against the exact
//! posterior, and sets the plug-in beside it.
//!
//! ```
//! use fkbayes::{data::Collector, fit::Fitter};
//! let mut scores = Collector::default();
//! for (customer, store) in [(0.031, 0.002), (0.027, -0.001), (0.035, 0.004)] {
//!     scores.observe("orders.customer_id", customer)?;
//!     scores.observe("orders.store_id", store)?;
//! }
//! let (fit, draws) = Fitter::default().fit_in_memory(&scores.finish()?)?;
//! assert!(fit.diagnostics.ok && fit.ranking[0].p_best > 0.9);
//! assert_eq!(draws.get("sigma2_fk").map(|chains| chains.dim()), Some((4, 2500)));
//! # Ok::<(), fkbayes::Error>(())
//! ```
//!
//! The modules, in the order in which data flow; each uses only what stands above it:
//!
//! - [`error`], [`warning`], [`numeric`]: used everywhere
//! - [`data`]: what was observed: scores, read from files and aggregated by foreign key
//! - [`model`]: what is believed before, and how it meets the data
//! - [`posterior`]: closed forms and quadrature, no randomness
//! - [`sampler`]: kernels and chains
//! - [`draws`]: what chains leave behind, in memory or in files
//! - [`diagnostics`]: R-hat, ESS, Monte-Carlo errors, the check against the exact posterior
//! - [`summary`]: posterior summaries and rankings
//! - [`variance`]: the full posterior variance beside the plug-in's
//! - [`lambda`]: every estimate of λ, and whether the scores bear out what it promises
//! - [`plan`]: how many more permutations, of which foreign key
//! - [`fit`]: all of this as one call and one record
//! - [`by`]: the same for each task of an input that holds many
//! - [`sensitivity`]: how the answers move when the hyperprior moves
//! - [`simulate`]: scores drawn from a model, with the truth beside them
//! - [`calibrate`]: simulation-based calibration of the sampler
//! - [`study`]: how good the plug-in formula is, over a grid of K, n and λ
//! - [`selftest`]: the statistical checks, on the machine that runs them
//! - [`portrait`]: a fit in numbers ready to be drawn
//! - [`report`]: the record as tables, JSON, pictures and a page
//! - [`cli`]: the command `fkbayes`
//!
//! What it will not do: train models or permute features (it starts from scores); say how importances
//! would change if the model were trained again (intervals cover permutation noise for one model and one
//! held-out set); sample models other than this family of hierarchies.

#![forbid(unsafe_code)]

// Blank lines keep the order in which data flow.
pub mod error;
mod threads;
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

pub mod lambda;

pub mod plan;

pub mod fit;

pub mod by;

pub mod sensitivity;
pub mod simulate;

pub mod calibrate;
pub mod study;

pub mod selftest;

pub mod portrait;

pub mod report;

pub mod cli;

pub use error::Error;

/// The README's code is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
