//! What charts have in common.

use crate::Error;
use plotters::coord::Shift;
use plotters::prelude::*;
use std::ops::Range;

/// Colours that differ without colour vision too (Okabe & Ito 2008).
pub(super) const COLORS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];
pub(super) const FONT: (&str, u32) = ("sans-serif", 14);
pub(super) const SMALL: (&str, u32) = ("sans-serif", 13);

pub(super) type Drawn<T> = Result<T, Box<dyn std::error::Error>>;
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What `draw` draws, with the mark by which such a file is known as ours.
pub(super) fn marked(
    mark: &str,
    draw: impl FnOnce(&mut String) -> Drawn<()>,
) -> Result<String, Error> {
    let mut text = String::new();
    draw(&mut text).map_err(|error| Error::Internal(format!("cannot draw: {error}")))?;
    // Behind the first line, which holds the opening tag.
    Ok(match text.split_once('\n') {
        Some((first, rest)) => format!("{first}\n{mark}\n{rest}"),
        None => text,
    })
}

/// A range with room at both ends, also around a single value; `least` is the smallest width.
pub(super) fn padded(values: impl Iterator<Item = f64>, least: f64) -> Range<f64> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
        (low.min(x), high.max(x))
    });
    let room = 0.06 * (high - low).max(least);
    low - room..high + room
}
