//! Could the model have made these data? Spreads within foreign keys, and the largest mean.

use super::frame::{Panel, Swatch, horizontal_axis, legend};
use super::rows::Rows;
use super::scale::{Scale, plain};
use super::svg::Drawing;
use super::words::isolated;
use super::{FigureKind, Layout, MaybeFigure, in_both_widths, left_out};
use crate::Error;
use crate::portrait::{LargestMean, Portrait, Predictive, SpreadRow};
use crate::report::number::probability;

/// Probability that any spread is called remarkable where the noise model is right (Bonferroni).
const REMARKABLE: f64 = 0.01;

pub(super) fn figure(of: &Portrait) -> Result<MaybeFigure, Error> {
    let found = of.predictive()?;
    if found.spreads.is_empty() && found.largest.is_none() {
        return Ok(Err("there is nothing to compare".to_owned()));
    }
    let texts = (describe(&found), caption(of, &found));
    let draw = |layout| draw(&found, layout);
    let mut figure = in_both_widths(FigureKind::Predictive, texts, draw);
    figure.remark = Some(remark(&found));
    Ok(Ok(figure))
}

/// Whether one of `count` spreads is remarkable, on either side.
fn outside(row: &SpreadRow, count: usize) -> bool {
    let least = 0.5 * REMARKABLE / count as f64;
    row.p < least || row.p > 1.0 - least
}

fn remark(found: &Predictive) -> String {
    let mut parts = Vec::new();
    if !found.spreads.is_empty() {
        let count = found.spreads.len();
        let odd = found.spreads.iter().filter(|row| outside(row, count));
        let odd: Vec<&SpreadRow> = odd.collect();
        parts.push(match odd.as_slice() {
            [] => "Every spread is one that the noise model expects.".to_owned(),
            [first, rest @ ..] => format!(
                "{} of {} spreads are not what the noise model expects, that of '{}' for one: noise that \
                 differs between foreign keys asks for --noise per-fk.",
                rest.len() + 1,
                found.spreads.len(),
                first.fk
            ),
        });
    }
    if let Some(largest) = &found.largest {
        let p = probability(largest.p);
        parts.push(match largest.p < 0.05 {
            true => format!(
                "'{}' towers over the rest: the model lets some mean be as large only with probability {p}. \
                 --importance student-t=4 expects such importances.",
                largest.fk
            ),
            false => format!(
                "The largest mean, that of '{}', is within what the model expects: as large or larger with \
                 probability {p}.",
                largest.fk
            ),
        });
    }
    parts.join(" ")
}

fn describe(found: &Predictive) -> String {
    format!(
        "Posterior predictive checks: the observed spread of scores within {} foreign keys beside the 90 % \
         range of new scores, and the largest mean beside its predictive distribution.",
        found.spreads.len()
    )
}

fn caption(of: &Portrait, found: &Predictive) -> String {
    let mut text = "Could the fitted model have made these data? ".to_owned();
    text.push_str(match found.spreads.is_empty() {
        true => "Each foreign key's noise is taken as its scores have it, so spreads cannot disagree. ",
        false => {
            "Above: the standard deviation of each foreign key's scores (dot), and the 90 % range that \
             as many new scores would have. "
        }
    });
    text.push_str(
        "Below: the largest mean in absolute value, and how it would be distributed if importances and \
         scores were drawn anew.",
    );
    text + &left_out(of)
}

fn draw(found: &Predictive, layout: Layout) -> Drawing {
    let names: Vec<&str> = found.spreads.iter().map(|row| row.fk.as_str()).collect();
    let rows = Rows::new(layout, &names, 44.0, 44.0);
    let first = if names.is_empty() {
        0.0
    } else {
        rows.bottom() + 46.0
    };
    let second = found.largest.as_ref().map_or(0.0, |_| 230.0);
    let mut drawing = Drawing::new(layout.width(), first + second);
    if !names.is_empty() {
        draw_spreads(&mut drawing, &found.spreads, layout, &rows);
    }
    if let Some(largest) = &found.largest {
        draw_largest(&mut drawing, largest, layout, first);
    }
    drawing
}

fn draw_spreads(drawing: &mut Drawing, spreads: &[SpreadRow], layout: Layout, rows: &Rows) {
    let entries = [
        (Swatch::Dot, "f-post", "observed sd"),
        (Swatch::Dot, "f-plug", "observed, unexpected"),
        (Swatch::Line, "s-axis thick", "expected, 90 %"),
    ];
    legend(drawing, (10.0, 18.0), layout.width() - 20.0, &entries);
    let all = || {
        spreads
            .iter()
            .flat_map(|row| [row.observed, row.expected[0], row.expected[2]])
    };
    let ends = (
        0.9 * all().fold(f64::INFINITY, f64::min),
        1.1 * all().fold(0.0, f64::max),
    );
    let x = Scale::log(ends, rows.places());
    horizontal_axis(
        drawing,
        &x,
        rows.span(),
        Some("sd of one score, in score units"),
    );
    for (i, row) in spreads.iter().enumerate() {
        let [low, median, high] = row.expected;
        let tip = format!(
            "{}\nobserved sd {}\nexpected {}, 90 % from {} to {}\nP(no more) {}",
            isolated(&row.fk),
            plain(row.observed, 3),
            plain(median, 3),
            plain(low, 3),
            plain(high, 3),
            probability(row.p)
        );
        drawing.mark(&tip, |drawing| {
            let y = rows.label(drawing, i, &row.fk, &plain(row.observed, 2));
            drawing.line("s-axis thick", (x.at(low), y), (x.at(high), y));
            let class = if outside(row, spreads.len()) {
                "f-plug"
            } else {
                "f-post"
            };
            drawing.circle(class, (x.at(row.observed), y), 4.4);
        });
    }
}

/// The predictive density, as differences of the distribution function.
fn draw_largest(drawing: &mut Drawing, largest: &LargestMean, layout: Layout, top: f64) {
    let middles: Vec<f64> = largest.x.windows(2).map(|x| 0.5 * (x[0] + x[1])).collect();
    let masses: Vec<f64> = largest
        .cdf
        .windows(2)
        .map(|p| (p[1] - p[0]).max(0.0))
        .collect();
    let highest = masses.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let end = largest.x.last().copied().unwrap_or(1.0);
    let panel = Panel {
        x: Scale::linear((0.0, end), (24.0, layout.width() - 14.0)),
        y: Scale::linear((0.0, 1.08 * highest), (top + 180.0, top + 44.0)),
    };
    let label = format!(
        "the largest mean; as large or larger with probability {}",
        probability(largest.p)
    );
    drawing.text("f-ink small", (12.0, top + 24.0), &label);
    let name = "largest |mean| of all foreign keys, in score units";
    horizontal_axis(drawing, &panel.x, (top + 44.0, top + 180.0), Some(name));
    let curve = || {
        middles
            .iter()
            .zip(&masses)
            .map(|(&x, &p)| panel.place(x, p))
    };
    let corner = |x: f64| panel.place(x, 0.0);
    drawing.area(
        "f-heat faint",
        [corner(0.0)]
            .into_iter()
            .chain(curve())
            .chain([corner(end)]),
    );
    drawing.path("s-post line join", curve());
    let tip = format!(
        "{}\nobserved {}\nas large or larger with probability {}",
        isolated(&largest.fk),
        plain(largest.observed, 4),
        probability(largest.p)
    );
    drawing.mark(&tip, |drawing| {
        panel.upright(drawing, "s-plug medium", largest.observed);
    });
}
