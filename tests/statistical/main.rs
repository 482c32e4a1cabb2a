//! Are the numbers right? Reference values, known answers, invariances.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod calibrate;
mod calibration;
mod chains;
mod choice;
mod convergence;
mod corrected;
mod eight_schools;
mod exact;
mod family;
mod generator;
mod importances;
mod lambda;
mod lambda_checks;
mod lambda_validation;
mod mixing;
mod modes;
mod moments;
mod own_scales;
mod own_scales_chains;
mod plan;
mod planted;
mod planted_scales;
mod plugin;
mod portrait;
mod sensitivity;
mod simulated;
mod study;
mod support;
mod unstored;
