//! Importances as functions of σ_FK, above the posterior of σ_FK (Rubin 1981).

use super::frame::{Panel, Swatch, horizontal_axis, legend};
use super::scale::{Scale, plain};
use super::style::HUES;
use super::svg::Drawing;
use super::words::{fitted, isolated};
use super::{FigureKind, Layout, MaybeFigure, in_both_widths, left_out};
use crate::Error;
use crate::portrait::{ConditionalCurve, ConditionalCurves, Portrait};

/// Curves that bear a name at most; more would cover each other.
const MOST_NAMED: usize = 14;
/// Room for a name beneath the panels.
const ROOM_BENEATH: f64 = 140.0;
/// Distance of two names.
const LINE: f64 = 13.0;

pub(super) fn figure(of: &Portrait) -> Result<MaybeFigure, Error> {
    let curves = of.conditional_curves()?;
    let texts = (describe(&curves), caption(of));
    let draw = |layout| draw(&curves, layout);
    Ok(Ok(in_both_widths(FigureKind::Conditional, texts, draw)))
}

fn describe(curves: &ConditionalCurves) -> String {
    let [low, median, high] = curves.quantiles.map(|x| plain(x, 3));
    format!(
        "Three panels over the spread of the importances, sigma_fk: conditional means of {} foreign keys, \
         which part as it grows; their conditional standard deviations; and its posterior, with median \
         {median} and 90 % interval {low} to {high}.",
        curves.fks.len()
    )
}

fn caption(of: &Portrait) -> String {
    format!(
        "Read it from below: the lowest panel shows which spreads of the importances, σ_FK, the data \
         believe (band: 90 % of the posterior; dashed: the plug-in's single value). Straight above stands \
         what each spread makes of every foreign key: at the left all are pooled, at the right each keeps \
         its raw mean. Where curves are steep above the band, not knowing σ_FK matters.{}",
        left_out(of)
    )
}

/// Panels from above: means, standard deviations, density.
struct Geometry {
    panels: [(f64, f64); 3],
    left: f64,
    right: f64,
    height: f64,
}

impl Geometry {
    fn of(layout: Layout) -> Self {
        let (tall, right) = match layout {
            Layout::Wide => (230.0, layout.width() - 170.0),
            Layout::Narrow => (190.0, layout.width() - 12.0),
        };
        let first = (66.0, 66.0 + tall);
        let second = (first.1 + 36.0, first.1 + 36.0 + 130.0);
        let third = (second.1 + 36.0, second.1 + 36.0 + 90.0);
        Self {
            panels: [first, second, third],
            left: 52.0,
            right,
            height: third.1 + 46.0,
        }
    }

    fn place(&self, panel: usize) -> (f64, f64) {
        let (top, bottom) = self.panels[panel];
        (bottom, top)
    }
}

fn draw(curves: &ConditionalCurves, layout: Layout) -> Drawing {
    let place = Geometry::of(layout);
    let mut drawing = Drawing::new(layout.width(), place.height);
    let entries = [
        (Swatch::Box, "f-pale", "90 % of the posterior"),
        (Swatch::Line, "s-ink line", "its median"),
        (Swatch::Line, "s-plug line dash", "plug-in"),
    ];
    legend(&mut drawing, (10.0, 20.0), layout.width() - 20.0, &entries);
    let ends = (
        curves.sigma.first().copied().unwrap_or(0.0),
        curves.sigma.last().copied().unwrap_or(1.0),
    );
    let x = match curves.logarithmic {
        true => Scale::log(ends, (place.left, place.right)),
        false => Scale::linear(ends, (place.left, place.right)),
    };
    let values = |of: &dyn Fn(&ConditionalCurve) -> &Vec<f64>| -> Vec<f64> {
        curves
            .fks
            .iter()
            .flat_map(|fk| of(fk).iter().copied())
            .collect()
    };
    let means = Panel {
        x,
        y: Scale::fitting(&values(&|fk| &fk.mean), place.place(0)),
    };
    let sds = Panel {
        x,
        y: Scale::fitting(&values(&|fk| &fk.sd), place.place(1)),
    };
    for panel in [&means, &sds] {
        band(&mut drawing, panel, curves);
    }
    means.axes(&mut drawing, None, "mean given σ_FK");
    sds.axes(&mut drawing, None, "standard deviation given σ_FK");
    draw_curves(&mut drawing, curves, (&means, &sds));
    draw_density(&mut drawing, curves, x, place.place(2));
    match layout {
        Layout::Wide => {
            let room = layout.width() - place.right - 14.0;
            names(&mut drawing, curves, &means, room);
        }
        Layout::Narrow => drawing.height = names_beneath(&mut drawing, curves),
    }
    drawing
}

/// Names beneath the panels, where there is no room beside them; returns the new height.
fn names_beneath(drawing: &mut Drawing, curves: &ConditionalCurves) -> f64 {
    let named = curves.fks.iter().take(MOST_NAMED).enumerate();
    let labels: Vec<(String, String)> = named
        .map(|(i, fk)| (stroke(i), fitted(&fk.fk, ROOM_BENEATH)))
        .collect();
    let entries: Vec<(Swatch, &str, &str)> = labels
        .iter()
        .map(|(class, name)| (Swatch::Line, class.as_str(), name.as_str()))
        .collect();
    let (top, room) = (drawing.height + 14.0, drawing.width - 20.0);
    let below = legend(drawing, (10.0, top), room, &entries);
    let more = curves.fks.len() - labels.len();
    if more == 0 {
        return below;
    }
    drawing.text("f-muted small", (10.0, below), &format!("and {more} more"));
    below + LINE
}

/// Where most of the posterior is, its median, and the plug-in.
fn band(drawing: &mut Drawing, panel: &Panel, curves: &ConditionalCurves) {
    let [low, median, high] = curves.quantiles;
    let (left, right) = (panel.x.at(low), panel.x.at(high));
    let (bottom, top) = panel.y.places();
    drawing.rect("f-pale", (left, top), (right - left, bottom - top));
    panel.upright(drawing, "s-ink thin", median);
    if panel.x.holds(curves.plugin) {
        panel.upright(drawing, "s-plug line dash", curves.plugin);
    }
}

fn draw_curves(drawing: &mut Drawing, curves: &ConditionalCurves, (means, sds): (&Panel, &Panel)) {
    for (i, fk) in curves.fks.iter().enumerate() {
        let class = stroke(i);
        let at = |values: &[f64], x: f64| {
            let place = curves.sigma.iter().position(|s| *s >= x);
            place.and_then(|place| values.get(place)).copied()
        };
        let median = curves.quantiles[1];
        let figures = at(&fk.mean, median).zip(at(&fk.sd, median));
        let tip = figures.map_or_else(
            || isolated(&fk.fk),
            |(mean, sd)| {
                format!(
                    "{}\nat the median of σ_FK, {}:\nmean {}, sd {}",
                    isolated(&fk.fk),
                    plain(median, 3),
                    plain(mean, 4),
                    plain(sd, 3)
                )
            },
        );
        drawing.mark(&tip, |drawing| {
            for (panel, values) in [(means, &fk.mean), (sds, &fk.sd)] {
                let points = curves.sigma.iter().zip(values);
                drawing.path(&class, points.map(|(&s, &v)| panel.place(s, v)));
            }
        });
    }
}

/// Curves of the same hue differ by their strokes.
fn stroke(i: usize) -> String {
    let pattern = match (i / HUES.len()) % 3 {
        0 => "",
        1 => " dash",
        _ => " dots",
    };
    format!("s-{} line join{pattern}", HUES[i % HUES.len()])
}

fn draw_density(drawing: &mut Drawing, curves: &ConditionalCurves, x: Scale, places: (f64, f64)) {
    let top = curves.density.iter().copied().fold(0.0, f64::max);
    let panel = Panel {
        x,
        y: Scale::linear((0.0, 1.05 * top.max(f64::MIN_POSITIVE)), places),
    };
    let [low, median, high] = curves.quantiles;
    let tip = format!(
        "σ_FK\nmedian {}, 90 % interval {} to {}\nplug-in {}",
        plain(median, 3),
        plain(low, 3),
        plain(high, 3),
        plain(curves.plugin, 3)
    );
    band(drawing, &panel, curves);
    drawing.text(
        "f-ink small",
        (18.0, places.1 - 10.0),
        "posterior density of σ_FK",
    );
    let name = "σ_FK, the spread of the importances, in score units";
    horizontal_axis(drawing, &x, (places.1, places.0), Some(name));
    drawing.mark(&tip, |drawing| {
        let points = curves.sigma.iter().zip(&curves.density);
        let line: Vec<_> = points.map(|(&s, &p)| panel.place(s, p)).collect();
        drawing.path("s-post line join", line);
    });
}

/// Names beside the right ends of the uppermost curves, moved apart.
fn names(drawing: &mut Drawing, curves: &ConditionalCurves, panel: &Panel, room: f64) {
    let (bottom, top) = panel.y.places();
    let mut ends: Vec<(f64, usize)> = curves
        .fks
        .iter()
        .enumerate()
        .filter_map(|(i, fk)| Some((panel.y.at(*fk.mean.last()?), i)))
        .collect();
    let more = ends.len().saturating_sub(MOST_NAMED);
    ends.truncate(MOST_NAMED);
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut places: Vec<f64> = ends.iter().map(|(y, _)| y.max(top)).collect();
    // Down where they touch, then up again from the lower end.
    for i in 1..places.len() {
        places[i] = places[i].max(places[i - 1] + LINE);
    }
    let lowest = bottom + 2.0;
    for i in (0..places.len()).rev() {
        let limit = places.get(i + 1).map_or(lowest, |below| below - LINE);
        places[i] = places[i].min(limit);
    }
    let right = panel.x.places().1;
    for ((y, i), place) in ends.iter().zip(&places) {
        let class = format!("s-{} thin", HUES[i % HUES.len()]);
        drawing.line(&class, (right + 1.0, *y), (right + 12.0, *place));
        let name = fitted(&curves.fks[*i].fk, room - 16.0);
        drawing.text("f-ink small name", (right + 15.0, place + 4.0), &name);
    }
    if more > 0 {
        let text = format!("and {more} more");
        let x = right + 15.0;
        drawing.text("f-muted small", (x, lowest + LINE + 6.0), &text);
    }
}
