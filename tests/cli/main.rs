//! The command as a user meets it: the real binary, real files, exit codes and both streams.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bad_input;
mod bad_settings;
mod bad_simulations;
mod by;
mod calibrate;
mod cases;
mod checkpoint;
mod compare;
mod contract;
mod conversation;
mod digits;
mod draws;
mod extend;
mod forms;
mod help;
mod hostile;
mod interrupt;
mod keep;
mod lambda;
mod model_command;
mod models;
mod numbers;
mod output_file;
mod pipes;
mod plan;
mod plot;
mod readme;
mod report;
mod screen;
mod selftest;
mod sensitivity;
mod shell;
mod simulate;
mod study;
mod support;
