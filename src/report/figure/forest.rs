//! Importances: raw means, posteriors and the plug-in's intervals, an arrow showing what was shrunk.

use super::frame::{Swatch, arrow, horizontal_axis, legend};
use super::scale::{Scale, plain};
use super::svg::Drawing;
use super::words::{fitted, isolated, name_width, width};
use super::{FigureKind, Layout, MaybeFigure, in_both_widths, left_out};
use crate::portrait::{ImportanceRow, Portrait};
use crate::report::number::{Scale as Unit, probability};

pub(super) fn figure(of: &Portrait) -> MaybeFigure {
    let rows = of.importances();
    let texts = (describe(&rows), caption(of));
    let draw = |layout| draw(&rows, layout);
    Ok(in_both_widths(FigureKind::Forest, texts, draw))
}

fn describe(rows: &[ImportanceRow]) -> String {
    let each = rows.iter().take(5).map(|row| {
        format!(
            "{}: median {}, 90 % interval {} to {}",
            isolated(&row.fk),
            plain(row.median, 3),
            plain(row.interval.0, 3),
            plain(row.interval.1, 3)
        )
    });
    let each: Vec<String> = each.collect();
    format!(
        "Forest plot of {} foreign keys, the largest posterior median first. {}.",
        rows.len(),
        each.join("; ")
    )
}

fn caption(of: &Portrait) -> String {
    format!(
        "Each foreign key has two lines: above, its posterior with the median as a dot; below, what the \
         plug-in formula claims. The ring is the raw mean of its scores, and the arrow from there to the \
         posterior is what pooling with the others changed. Lines are 90 % intervals.{}",
        left_out(of)
    )
}

/// Where the parts of a row stand.
struct Geometry {
    left: f64,
    right: f64,
    top: f64,
    row: f64,
    /// From the top of a row to its posterior.
    line: f64,
}

impl Geometry {
    fn of(layout: Layout, names: f64, top: f64) -> Self {
        match layout {
            Layout::Wide => Self {
                left: names + 14.0,
                right: layout.width() - 226.0,
                top,
                row: 34.0,
                line: 12.0,
            },
            Layout::Narrow => Self {
                left: 14.0,
                right: layout.width() - 14.0,
                top,
                row: 54.0,
                line: 30.0,
            },
        }
    }
}

fn draw(rows: &[ImportanceRow], layout: Layout) -> Drawing {
    let longest = rows.iter().map(|row| name_width(&row.fk));
    let names = longest.fold(60.0, f64::max).min(200.0);
    // The legend is drawn twice: first to see how high it is.
    let mut trial = Drawing::new(layout.width(), 0.0);
    let heading = if layout.is_wide() { 22.0 } else { 8.0 };
    let top = draw_legend(&mut trial, layout) + heading;
    let place = Geometry::of(layout, names, top);
    let bottom = place.top + place.row * rows.len() as f64;
    let mut drawing = Drawing::new(layout.width(), bottom + 46.0);
    draw_legend(&mut drawing, layout);
    let x = Scale::fitting(&ends(rows), (place.left, place.right));
    horizontal_axis(
        &mut drawing,
        &x,
        (place.top, bottom),
        Some("importance, in score units"),
    );
    if x.holds(0.0) {
        let zero = x.at(0.0);
        drawing.line("s-axis line", (zero, place.top), (zero, bottom));
    }
    let unit = unit(rows);
    if layout.is_wide() {
        let heading = match unit.exponent {
            0 => "median [90 % interval]".to_owned(),
            exponent => format!("median [90 % interval], 1e{exponent}"),
        };
        let y = place.top - 8.0;
        drawing.text("f-muted small", (place.right + 14.0, y), &heading);
        drawing.text("f-muted small end", (layout.width() - 4.0, y), "P(> 0)");
    }
    for (i, row) in rows.iter().enumerate() {
        let top = place.top + place.row * i as f64;
        let draw =
            |drawing: &mut Drawing| draw_row(drawing, row, &x, (&place, top), (layout, unit));
        drawing.mark(&tip(row), draw);
    }
    drawing
}

fn draw_legend(drawing: &mut Drawing, layout: Layout) -> f64 {
    let entries = [
        (Swatch::Line, "s-post thick", "posterior, 90 %"),
        (Swatch::Dot, "f-post", "its median"),
        (Swatch::Line, "s-plug medium", "plug-in, 90 %"),
        (Swatch::Ring, "s-ink line", "raw mean"),
        (Swatch::Arrow, "s-ink thin", "shrinkage"),
    ];
    legend(drawing, (10.0, 20.0), layout.width() - 20.0, &entries)
}

fn draw_row(
    drawing: &mut Drawing,
    row: &ImportanceRow,
    x: &Scale,
    (place, top): (&Geometry, f64),
    (layout, unit): (Layout, Unit),
) {
    let y = top + place.line;
    // The whole row answers to the pointer.
    let size = (layout.width() - 2.0, place.row - 2.0);
    drawing.rect_of_opacity("f-paper", (1.0, top + 1.0), size, 0.0);
    let (from, to) = (x.at(row.interval.0), x.at(row.interval.1));
    drawing.line("s-post thick", (from, y), (to, y));
    let median = x.at(row.median);
    if let Some(raw) = row.raw {
        let raw = x.at(raw);
        let toward = if median < raw { -4.0 } else { 4.0 };
        if (median - raw).abs() > 8.0 {
            arrow(drawing, "s-ink thin", (raw + toward, y - 9.0), median);
        }
        drawing.circle("s-ink line", (raw, y - 9.0), 3.2);
    }
    drawing.circle("f-post", (median, y), 4.6);
    if let Some(plugin) = row.plugin {
        let (from, to) = (x.at(plugin.interval.0), x.at(plugin.interval.1));
        drawing.line("s-plug medium", (from, y + 9.0), (to, y + 9.0));
        drawing.circle("f-plug", (x.at(plugin.mean), y + 9.0), 2.6);
    }
    label(drawing, row, (place, y, top), (layout, unit));
}

/// Name and figures: beside the lines where there is room, above them otherwise.
fn label(
    drawing: &mut Drawing,
    row: &ImportanceRow,
    (place, y, top): (&Geometry, f64, f64),
    (layout, unit): (Layout, Unit),
) {
    let figures = format!(
        "{} [{}, {}]",
        unit.show(Some(row.median)),
        unit.show(Some(row.interval.0)),
        unit.show(Some(row.interval.1))
    );
    let end = layout.width() - 4.0;
    if layout.is_wide() {
        let name = fitted(&row.fk, place.left - 14.0);
        drawing.text("f-ink name end", (place.left - 12.0, y + 8.0), &name);
        drawing.text("f-ink small", (place.right + 14.0, y + 8.0), &figures);
        let p = probability(row.p_positive);
        drawing.text("f-ink small end", (end, y + 8.0), &p);
    } else {
        let name = fitted(&row.fk, end - width(&figures) - 18.0);
        drawing.text("f-ink bold small name", (4.0, top + 12.0), &name);
        drawing.text("f-muted small end", (end, top + 12.0), &figures);
    }
}

fn tip(row: &ImportanceRow) -> String {
    let number = |x: Option<f64>| x.map_or_else(|| "none".to_owned(), |x| plain(x, 4));
    let mut lines = vec![
        isolated(&row.fk),
        format!(
            "posterior median {}, mean {}",
            plain(row.median, 4),
            number(row.mean)
        ),
        format!(
            "90 % interval {} to {}",
            plain(row.interval.0, 4),
            plain(row.interval.1, 4)
        ),
    ];
    if let Some(plugin) = row.plugin {
        lines.push(format!(
            "plug-in {}, {} to {}",
            plain(plugin.mean, 4),
            plain(plugin.interval.0, 4),
            plain(plugin.interval.1, 4)
        ));
    }
    let n = row
        .n
        .map_or_else(String::new, |n| format!(" of {n} scores"));
    lines.push(format!("raw mean {}{n}", number(row.raw)));
    lines.push(format!("P(> 0) {}", probability(row.p_positive)));
    lines.join("\n")
}

/// Everything that must be seen.
fn ends(rows: &[ImportanceRow]) -> Vec<f64> {
    let mut all = vec![0.0];
    for row in rows {
        all.extend([row.interval.0, row.interval.1, row.median]);
        all.extend(row.raw);
        if let Some(plugin) = row.plugin {
            all.extend([plugin.interval.0, plugin.interval.1]);
        }
    }
    all
}

/// One format for all figures: two digits of the smallest interval.
fn unit(rows: &[ImportanceRow]) -> Unit {
    let widths = rows.iter().map(|row| row.interval.1 - row.interval.0);
    let smallest = widths.filter(|w| *w > 0.0).fold(f64::INFINITY, f64::min);
    let sizes = rows.iter().flat_map(|row| [row.interval.0, row.interval.1]);
    let largest = sizes.map(f64::abs).fold(0.0, f64::max);
    Unit::new(
        largest,
        if smallest.is_finite() {
            smallest / 3.3
        } else {
            largest
        },
    )
}
