//! Full posterior variances, in their two parts, against the plug-in's.

use super::frame::{Swatch, horizontal_axis, legend};
use super::rows::Rows;
use super::scale::{Scale, plain};
use super::svg::Drawing;
use super::words::isolated;
use super::{FigureKind, Layout, MaybeFigure, in_both_widths, left_out};
use crate::portrait::Portrait;
use crate::report::number::{ratio, significant};
use crate::variance::VarianceRow;

pub(super) fn figure(of: &Portrait) -> MaybeFigure {
    let fit = of.fit();
    let shown = of.shown().iter().filter_map(|&fk| fit.variance.get(fk));
    let bars: Vec<Bar> = shown
        .filter_map(|row| Bar::of(row, fit.plugin.at_boundary))
        .collect();
    if bars.is_empty() {
        return Err("no variance exists that could be compared".to_owned());
    }
    let texts = (describe(&bars), caption(of));
    let draw = |layout| draw(&bars, fit.plugin.at_boundary, layout);
    let mut figure = in_both_widths(FigureKind::Variance, texts, draw);
    figure.remark = Some(format!("Plug-in: {}.", fit.plugin_verdict));
    Ok(figure)
}

/// The two parts of a full variance, in units of the plug-in's, or in squared score units where that is 0.
struct Bar {
    row: VarianceRow,
    conditional: f64,
    of_mean: f64,
}

impl Bar {
    /// None for an FK that was set aside, or whose variance does not exist.
    fn of(row: VarianceRow, at_boundary: bool) -> Option<Self> {
        let unit = match at_boundary {
            true => 1.0,
            false => row.plugin.filter(|plugin| *plugin > 0.0)?,
        };
        Some(Self {
            conditional: row.expected_conditional? / unit,
            of_mean: row.variance_of_mean? / unit,
            row,
        })
    }

    fn full(&self) -> f64 {
        self.conditional + self.of_mean
    }
}

fn describe(bars: &[Bar]) -> String {
    let ratios = || bars.iter().filter_map(|bar| bar.row.ratio);
    let ends = ratios().reduce(f64::min).zip(ratios().reduce(f64::max));
    let range = ends.map_or_else(
        || "the plug-in's variances are 0".to_owned(),
        |(low, high)| {
            format!(
                "full over plug-in variance from {} to {}",
                ratio(low),
                ratio(high)
            )
        },
    );
    format!(
        "Bars of the posterior variance of {} foreign keys: {range}.",
        bars.len()
    )
}

fn caption(of: &Portrait) -> String {
    let unit = match of.fit().plugin.at_boundary {
        true => "The plug-in's own variance is 0 here.",
        false => "Each bar is in units of the plug-in's variance, the line at 1.",
    };
    format!(
        "The full posterior variance is E[V], what would be left to learn if the spread of the importances \
         and the noise were known, averaged over what the scores leave open about them, plus Var[μ], what \
         not knowing them adds. The plug-in formula takes both as known and leaves the second part out. \
         {unit}{}",
        left_out(of)
    )
}

fn draw(bars: &[Bar], at_boundary: bool, layout: Layout) -> Drawing {
    let entries = [
        (Swatch::Box, "f-post", "E[V]"),
        (Swatch::Box, "f-fourth", "Var[μ]"),
        (Swatch::Line, "s-plug line", "plug-in = 1"),
    ];
    let entries = if at_boundary {
        &entries[..2]
    } else {
        &entries[..]
    };
    let names: Vec<&str> = bars.iter().map(|bar| bar.row.fk.as_str()).collect();
    let rows = Rows::new(layout, &names, 60.0, 46.0);
    let mut drawing = Drawing::new(layout.width(), rows.bottom() + 46.0);
    legend(&mut drawing, (10.0, 20.0), layout.width() - 20.0, entries);
    let largest = bars.iter().map(Bar::full).fold(0.0, f64::max);
    let end = if at_boundary {
        largest
    } else {
        largest.max(1.0)
    };
    let x = Scale::linear((0.0, 1.05 * end), rows.places());
    let name = match at_boundary {
        true => "variance, in squared score units",
        false => "variance, in units of the plug-in's",
    };
    horizontal_axis(&mut drawing, &x, rows.span(), Some(name));
    if layout.is_wide() {
        let (end, y) = (layout.width() - 4.0, rows.span().0 - 6.0);
        let heading = if at_boundary {
            "full"
        } else {
            "full / plug-in"
        };
        drawing.text("f-muted small end", (end, y), heading);
    }
    for (i, bar) in bars.iter().enumerate() {
        drawing.mark(&tip(bar), |drawing| {
            draw_bar(drawing, (i, bar), (&rows, &x), at_boundary)
        });
    }
    drawing
}

fn draw_bar(
    drawing: &mut Drawing,
    (row, bar): (usize, &Bar),
    (rows, x): (&Rows, &Scale),
    at_boundary: bool,
) {
    let figure = match bar.row.ratio {
        Some(times) => ratio(times),
        None => significant(bar.row.full, 3),
    };
    let y = rows.label(drawing, row, &bar.row.fk, &figure);
    let (zero, middle, end) = (x.at(0.0), x.at(bar.conditional), x.at(bar.full()));
    drawing.rect("f-post", (zero, y - 5.5), (middle - zero, 11.0));
    drawing.rect("f-fourth", (middle, y - 5.5), (end - middle, 11.0));
    if !at_boundary {
        let one = x.at(1.0);
        drawing.line("s-plug medium", (one, y - 10.0), (one, y + 10.0));
    }
}

fn tip(bar: &Bar) -> String {
    let number = |x: Option<f64>| significant(x, 3);
    let row = &bar.row;
    let share = 100.0 * bar.of_mean / bar.full();
    [
        isolated(&row.fk),
        format!("full {}, exact {}", number(row.full), number(row.exact)),
        format!(
            "E[V] {} + Var[μ] {} ({} %)",
            number(row.expected_conditional),
            number(row.variance_of_mean),
            plain(share, 2)
        ),
        format!(
            "plug-in {}, corrected {}",
            number(row.plugin),
            number(row.corrected)
        ),
        row.ratio
            .map_or_else(String::new, |x| format!("full / plug-in {}", ratio(x))),
        row.plugin_coverage.map_or_else(String::new, |c| {
            format!("the plug-in's 90 % interval covers {:.0} %", 100.0 * c)
        }),
    ]
    .iter()
    .filter(|line| !line.is_empty())
    .cloned()
    .collect::<Vec<_>>()
    .join("\n")
}
