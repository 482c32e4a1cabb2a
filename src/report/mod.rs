//! The record of a fit for people (tables) and programs (JSON).

mod calibration;
mod comparison;
mod json;
mod number;
mod paint;
mod sensitivity;
mod sentence;
mod simulation;
mod table;
mod terminal;

pub use calibration::render_calibration;
pub use comparison::render_comparison;
pub use json::to_json;
pub use paint::Paint;
pub use sensitivity::render_sensitivity;
pub use simulation::render_simulation;
pub use table::{Detail, View, render};
