//! The record of a self-test; its fields are the keys of the JSON output.

use serde::Serialize;

/// What was tested on this machine, and what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelfTestRecord {
    /// Whether every check passed, and every planted error was found.
    pub ok: bool,
    /// Version of the program.
    pub version: &'static str,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Probability, at most, that a right program fails: over all checks together.
    pub false_alarm: f64,
    /// The checks.
    pub checks: Vec<CheckRecord>,
    /// The same checks on a sampler with an error in it, which must fail.
    pub planted: Vec<CheckRecord>,
    /// What was planted.
    pub planted_error: &'static str,
    /// Seconds that it took.
    pub seconds: f64,
}

/// One check over all members of the family that it applies to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckRecord {
    /// `exact`, `ranks`, `joint`, `threads` or `diagnostics`.
    pub check: &'static str,
    /// What is compared with what.
    pub what: &'static str,
    /// Runs, of as many members or data sets.
    pub runs: usize,
    /// Figures compared.
    pub compared: usize,
    /// What `worst` is: `max_abs_z`, `min_p`, `differences` or `max_relative_error`.
    pub statistic: &'static str,
    /// The worst of the figures; none where nothing was a number.
    pub worst: Option<f64>,
    /// What it must not exceed, or for a p-value not fall below.
    pub bound: f64,
    /// Where it was found.
    pub worst_at: String,
    /// Whether it stays within its bound.
    pub ok: bool,
}
