//! Are the numbers right? Reference values, known answers, invariances.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod calibration;
mod chains;
mod convergence;
mod corrected;
mod eight_schools;
mod exact;
mod family;
mod generator;
mod mixing;
mod moments;
mod planted;
mod plugin;
mod support;
