//! Panels with axes, and legends.

use super::scale::{Scale, Tick};
use super::svg::{Drawing, Point};
use super::words::width;

/// A rectangle with a horizontal and a vertical axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Panel {
    pub x: Scale,
    pub y: Scale,
}

/// Room between two tick labels.
const GAP: f64 = 10.0;

impl Panel {
    pub fn place(&self, x: f64, y: f64) -> Point {
        (self.x.at(x), self.y.at(y))
    }

    /// Places of left, right, top and bottom.
    fn sides(&self) -> (f64, f64, f64, f64) {
        let ((left, right), (bottom, top)) = (self.x.places(), self.y.places());
        (left, right, top, bottom)
    }

    /// Grid and labels of both axes. The name of the vertical axis stands above it, where it can be read
    /// without turning the head.
    pub fn axes(&self, drawing: &mut Drawing, x_name: Option<&str>, y_name: &str) {
        let (left, right, top, bottom) = self.sides();
        for tick in self.y.ticks(((bottom - top) / 26.0) as usize) {
            let y = self.y.at(tick.at);
            drawing.line("s-grid thin", (left, y), (right, y));
            drawing.text("f-muted small end", (left - 6.0, y + 4.0), &tick.label);
        }
        let heading = format!("{y_name}{}", self.y.remark());
        drawing.text("f-ink small", (left - 34.0, top - 10.0), &heading);
        horizontal_axis(drawing, &self.x, (top, bottom), x_name);
    }

    /// A vertical line from top to bottom.
    pub fn upright(&self, drawing: &mut Drawing, class: &str, x: f64) {
        let (_, _, top, bottom) = self.sides();
        let x = self.x.at(x);
        drawing.line(class, (x, top), (x, bottom));
    }
}

/// Grid between `top` and `bottom`, and, beneath, labels and the name of a horizontal axis; without a name
/// only the grid, for a panel above another.
pub(super) fn horizontal_axis(
    drawing: &mut Drawing,
    scale: &Scale,
    (top, bottom): Point,
    name: Option<&str>,
) {
    let (left, right) = scale.places();
    let ticks = sparse(scale, scale.ticks(((right - left) / 62.0) as usize));
    for tick in &ticks {
        let x = scale.at(tick.at);
        drawing.line("s-grid thin", (x, top), (x, bottom));
    }
    drawing.line("s-axis thin", (left, bottom), (right, bottom));
    let Some(name) = name else { return };
    for tick in &ticks {
        let x = scale.at(tick.at);
        drawing.line("s-axis thin", (x, bottom), (x, bottom + 4.0));
        drawing.text("f-muted small mid", (x, bottom + 17.0), &tick.label);
    }
    let name = format!("{name}{}", scale.remark());
    drawing.text(
        "f-ink small mid",
        (0.5 * (left + right), bottom + 36.0),
        &name,
    );
}

/// Ticks whose labels do not touch.
fn sparse(scale: &Scale, ticks: Vec<Tick>) -> Vec<Tick> {
    let mut last = f64::NEG_INFINITY;
    let mut kept: Vec<Tick> = Vec::with_capacity(ticks.len());
    for tick in ticks {
        let (x, half) = (scale.at(tick.at), 0.5 * width(&tick.label));
        if x - half >= last + GAP {
            last = x + half;
            kept.push(tick);
        }
    }
    kept
}

/// How an entry of a legend looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Swatch {
    Line,
    Dot,
    Ring,
    Box,
    Arrow,
}

/// Entries in as many lines as they take, from `(x, y)` on within `room`; returns where the next line
/// would be.
pub(super) fn legend(
    drawing: &mut Drawing,
    (left, top): Point,
    room: f64,
    entries: &[(Swatch, &str, &str)],
) -> f64 {
    const SWATCH: f64 = 26.0;
    const LINE: f64 = 18.0;
    let (mut x, mut y) = (left, top);
    for (swatch, class, label) in entries {
        let wide = SWATCH + width(label) + 14.0;
        if x > left && x + wide > left + room {
            (x, y) = (left, y + LINE);
        }
        let middle = y - 4.0;
        match swatch {
            Swatch::Line => drawing.line(class, (x, middle), (x + 19.0, middle)),
            Swatch::Dot => drawing.circle(class, (x + 10.0, middle), 4.0),
            Swatch::Ring => drawing.circle(class, (x + 10.0, middle), 3.6),
            Swatch::Box => drawing.rect(class, (x + 3.0, y - 10.0), (14.0, 11.0)),
            Swatch::Arrow => arrow(drawing, class, (x + 2.0, middle), x + 18.0),
        }
        drawing.text("f-ink small", (x + SWATCH, y), label);
        x += wide;
    }
    y + LINE
}

/// A horizontal arrow; no head where it is too short for one.
pub(super) fn arrow(drawing: &mut Drawing, class: &str, (from, y): Point, to: f64) {
    let length = to - from;
    if length.abs() < 1.0 {
        return;
    }
    drawing.line(class, (from, y), (to, y));
    let head = length.abs().min(5.0) * length.signum();
    drawing.path(class, [(to - head, y - 3.0), (to, y), (to - head, y + 3.0)]);
}
