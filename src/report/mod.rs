//! Records for people (tables, Markdown) and programs (JSON, CSV).
//!
//! What a subcommand says is put on a page of titles, sentences and tables, whose cells carry both a
//! rounded text and the exact value; the form in which it is shown comes last.

mod by;
mod calibration;
mod cell;
mod comparison;
mod figure;
mod fit;
mod html;
mod json;
mod lambda;
mod markdown;
mod number;
mod page;
mod paint;
mod plan;
mod plan_curve;
mod selftest;
mod sensitivity;
mod sentence;
mod simulation;
mod study_table;
mod table;
mod terminal;
mod view;

pub use by::render_tasks;
pub use calibration::render_calibration;
pub use comparison::render_comparison;
#[cfg(feature = "png")]
pub use figure::to_png;
pub use figure::{Figure, FigureKind, MaybeFigure, PLOT_MARK, draw, plot_study};
pub use fit::render;
pub use html::{PAGE_MARK, render_page};
pub use json::to_json;
pub use lambda::render_lambda;
pub use paint::Paint;
pub use plan::render_plan;
pub use plan_curve::{curve_mark, plot_curve};
pub use selftest::render_selftest;
pub use sensitivity::render_sensitivity;
pub use simulation::render_simulation;
pub use study_table::study_table;
pub use terminal::{tamed, tamed_lines};
pub use view::{Detail, Form, View};
