//! What must hold of any input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod lambda;
mod plan;
mod posterior;
mod snapshots;
mod stats;
