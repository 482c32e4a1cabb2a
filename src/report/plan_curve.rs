//! The curve of a plan as a picture of its own.

use super::figure::{FigureKind, Terms, curve};
use crate::Error;
use crate::fit::PlanRecord;

/// What a file with such a picture holds near its start, by which it is known as ours.
#[must_use]
pub fn curve_mark() -> String {
    FigureKind::Planning.mark()
}

/// Total permutations against precision and the ranking, as an SVG document.
///
/// # Errors
/// If there is nothing to draw.
pub fn plot_curve(record: &PlanRecord) -> Result<String, Error> {
    let terms = Terms {
        top: record.top,
        with_costs: record.with_costs,
        objective: record.objective,
        futures: record.simulation.curve_replicates,
    };
    let figure = curve(&record.curve, terms);
    let figure = figure.map_err(|why| Error::Unfit(format!("--plot: {why}")))?;
    Ok(figure.document())
}
