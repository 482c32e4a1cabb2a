//! What can be wrong with an input, each with its remedy.

/// What is wrong with an input file; the message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputProblem {
    /// There is no such file.
    #[error("no such file")]
    NotFound,
}
