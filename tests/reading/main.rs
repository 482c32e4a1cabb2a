//! What the reader of scores accepts, what it refuses, and in which words.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod aggregated;
mod columnar;
mod damage;
mod draws_blocks;
mod draws_document;
mod draws_scratch;
mod files;
mod hostile;
mod large;
mod layouts;
mod numbers;
mod quotes;
mod support;
