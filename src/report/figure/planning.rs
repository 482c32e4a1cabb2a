//! What more permutations would bring: expected precision, and how far the ranking may be trusted.

use super::frame::{Panel, Swatch, legend};
use super::scale::{Scale, plain};
use super::svg::Drawing;
use super::{FigureKind, Layout, MaybeFigure, in_both_widths};
use crate::portrait::{PlanningPoint, Portrait};
use crate::report::number::{count, probability};

pub(super) fn figure(of: &Portrait) -> MaybeFigure {
    let points = of.planning_curve()?;
    let [now, .., last] = points.as_slice() else {
        return Err("there is nothing to plan".to_owned());
    };
    let texts = (describe(now, last), caption());
    let draw = |layout| draw(&points, now, layout);
    Ok(in_both_widths(FigureKind::Planning, texts, draw))
}

fn describe(now: &PlanningPoint, last: &PlanningPoint) -> String {
    let sd = |point: &PlanningPoint| {
        point
            .mean_sd
            .map_or_else(|| "none".to_owned(), |sd| plain(sd, 3))
    };
    format!(
        "Expected precision and ranking after more permutations: the mean posterior standard deviation \
         falls from {} now to {} after {} more; the probability that the first rank is right goes from {} \
         to {}.",
        sd(now),
        sd(last),
        count(last.total),
        probability(now.p_top_rank),
        probability(last.p_top_rank)
    )
}

fn caption() -> String {
    "Permutations spent where they lower the variances most, over simulated futures. Above: the expected \
     posterior standard deviation, averaged over the foreign keys; below: the probability that the first \
     rank is right, and the share of neighbours in the ranking that stand in the right order. Dotted: now. \
     fkbayes plan says which foreign key should get how many."
        .to_owned()
}

fn draw(points: &[PlanningPoint], now: &PlanningPoint, layout: Layout) -> Drawing {
    let mut drawing = Drawing::new(layout.width(), 440.0);
    let entries = [
        (Swatch::Dot, "f-post", "mean sd"),
        (Swatch::Dot, "f-third", "first rank right"),
        (Swatch::Dot, "f-fourth", "neighbours in order"),
    ];
    legend(&mut drawing, (10.0, 20.0), layout.width() - 20.0, &entries);
    let added = || {
        points
            .iter()
            .map(|point| point.total)
            .filter(|total| *total > 0.0)
    };
    let ends = (
        added().fold(f64::INFINITY, f64::min),
        added().fold(0.0, f64::max),
    );
    let places = (58.0, layout.width() - 20.0);
    let x = Scale::log((0.9 * ends.0, 1.1 * ends.1), places);
    let sds = points.iter().filter_map(|point| point.mean_sd);
    let highest = sds.fold(f64::MIN_POSITIVE, f64::max);
    let lowest = points.iter().map(|p| p.p_top_rank.min(p.neighbours_right));
    let lowest = lowest.fold(1.0, f64::min);
    let above = Panel {
        x,
        y: Scale::linear((0.0, 1.08 * highest), (220.0, 70.0)),
    };
    let below = Panel {
        x,
        y: Scale::linear(((lowest - 0.05).max(0.0), 1.01), (390.0, 262.0)),
    };
    above.axes(&mut drawing, None, "expected sd");
    below.axes(&mut drawing, Some("further permutations"), "probability");
    let sd = |point: &PlanningPoint| point.mean_sd;
    let top = |point: &PlanningPoint| Some(point.p_top_rank);
    let order = |point: &PlanningPoint| Some(point.neighbours_right);
    curve(
        &mut drawing,
        &above,
        ("post", "mean sd"),
        (points, now),
        &sd,
    );
    curve(
        &mut drawing,
        &below,
        ("third", "first rank right"),
        (points, now),
        &top,
    );
    curve(
        &mut drawing,
        &below,
        ("fourth", "neighbours in order"),
        (points, now),
        &order,
    );
    drawing
}

/// One figure of the points, and where it stands now.
fn curve(
    drawing: &mut Drawing,
    panel: &Panel,
    (hue, name): (&str, &str),
    (points, now): (&[PlanningPoint], &PlanningPoint),
    figure: &dyn Fn(&PlanningPoint) -> Option<f64>,
) {
    if let Some(now) = figure(now) {
        let (left, right) = panel.x.places();
        let y = panel.y.at(now);
        drawing.line(&format!("s-{hue} line dots"), (left, y), (right, y));
    }
    let later = points.iter().filter(|point| point.total > 0.0);
    let known: Vec<(f64, f64)> = later
        .filter_map(|point| Some((point.total, figure(point)?)))
        .collect();
    let places = known
        .iter()
        .map(|&(total, value)| panel.place(total, value));
    drawing.path(&format!("s-{hue} line join"), places);
    for &(total, value) in &known {
        let tip = format!(
            "{} more permutations\n{name} {}",
            count(total),
            plain(value, 3)
        );
        drawing.mark(&tip, |drawing| {
            drawing.circle(&format!("f-{hue}"), panel.place(total, value), 3.6);
        });
    }
}
