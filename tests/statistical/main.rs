//! Are the numbers right? Reference values, known answers, invariances.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod convergence;
mod generator;
