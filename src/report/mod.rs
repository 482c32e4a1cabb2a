//! The record of a fit for people (tables) and programs (JSON).

mod calibration;
mod comparison;
mod figure;
mod json;
mod number;
mod page;
mod paint;
mod sensitivity;
mod sentence;
mod simulation;
mod study_plot;
mod study_table;
mod table;
mod terminal;

pub use calibration::render_calibration;
pub use comparison::render_comparison;
#[cfg(feature = "png")]
pub use figure::to_png;
pub use figure::{Figure, FigureKind, MaybeFigure, draw};
pub use json::to_json;
pub use page::{PAGE_MARK, render_page};
pub use paint::Paint;
pub use sensitivity::render_sensitivity;
pub use simulation::render_simulation;
pub use study_plot::{PLOT_MARK, plot_study};
pub use study_table::study_table;
pub use table::{Detail, View, render};
