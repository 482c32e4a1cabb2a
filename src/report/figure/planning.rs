//! Further permutations against precision and against the ranking.

use super::frame::{Panel, Swatch, legend};
use super::scale::{Scale, plain};
use super::svg::Drawing;
use super::{Figure, FigureKind, Layout, MaybeFigure, in_both_widths};
use crate::fit::{CurveRow, bend};
use crate::plan::Objective;
use crate::portrait::Portrait;
use crate::report::number::count;

/// Heights of the two panels, and of what stands around them.
const PANEL: f64 = 150.0;
const BETWEEN: f64 = 62.0;

/// What the curve is about.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Terms {
    /// How many of the first ranks are to be right.
    pub top: usize,
    /// Whether totals are costs.
    pub with_costs: bool,
    /// What permutations are spent on.
    pub objective: Objective,
    /// Simulated futures behind each point.
    pub futures: usize,
}

pub(super) fn figure(of: &Portrait) -> MaybeFigure {
    let sketch = of.planning()?;
    let terms = Terms {
        top: 1,
        with_costs: false,
        objective: Objective::SumVariance,
        futures: sketch.futures,
    };
    curve(&sketch.rows, terms)
}

/// The figure of a curve; the first point is the present.
pub(in crate::report) fn curve(rows: &[CurveRow], terms: Terms) -> MaybeFigure {
    let (Some(now), Some(last)) = (rows.first(), rows.last().filter(|_| rows.len() > 1)) else {
        return Err("there is nothing to plan".to_owned());
    };
    let what = if terms.with_costs {
        "units of cost"
    } else {
        "further permutations"
    };
    let first = match terms.top {
        1 => "the first rank is right".to_owned(),
        top => format!("the first {top} are the right ones, in any order"),
    };
    let sd = |row: &CurveRow| row.mean_sd.map_or("-".to_owned(), |sd| plain(sd, 3));
    let description = format!(
        "Mean posterior standard deviation and probability that {first} against {what}: {} and {:.2} now, \
         {} and {:.2} with {} more.",
        sd(now),
        now.p_top_rank,
        sd(last),
        last.p_top_rank,
        count(last.total)
    );
    let caption = format!(
        "What {what} are expected to bring, spent {} and averaged over {} simulated futures. Above: the \
         posterior standard deviation of an importance, on average over the foreign keys. Below: the \
         probability that {first}, and the share of neighbours in the ranking that stand in the right order. \
         Dashed: now. Where the curves bend, more stops paying.",
        sought(terms.objective),
        count(terms.futures as f64)
    );
    let bend = bend(rows).map(|(last, half)| {
        format!(
            "Half of what {} {what} would take off the mean standard deviation is gained with {}.",
            count(last),
            count(half)
        )
    });
    Ok(Figure {
        remark: bend,
        ..in_both_widths(FigureKind::Planning, (description, caption), |layout| {
            draw(rows, terms, layout)
        })
    })
}

fn sought(objective: Objective) -> &'static str {
    match objective {
        Objective::SumVariance => "where they take off most of the summed variance",
        Objective::MaxVariance => "where the variance is largest",
        Objective::TopRank => "where they tell the first ranks from the rest",
        Objective::Separate => "where they tell neighbours in the ranking apart",
    }
}

fn draw(rows: &[CurveRow], terms: Terms, layout: Layout) -> Drawing {
    let top = 30.0;
    let mut drawing = Drawing::new(layout.width(), top + 2.0 * PANEL + BETWEEN + 84.0);
    let label = match terms.top {
        1 => "first rank right".to_owned(),
        top => format!("first {top} right"),
    };
    let sides = (58.0, layout.width() - 20.0);
    let totals = rows
        .iter()
        .map(|row| row.total)
        .filter(|total| *total > 0.0);
    let (low, high) = totals.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), x| {
        (low.min(x), high.max(x))
    });
    let x = Scale::log((low / 1.15, high * 1.15), sides);
    let sds: Vec<(f64, f64)> = rows
        .iter()
        .filter_map(|row| Some((row.total, row.mean_sd?)))
        .collect();
    let largest = sds.iter().map(|(_, sd)| *sd).fold(0.0, f64::max);
    let above = Panel {
        x,
        y: Scale::linear((0.0, 1.06 * largest), (top + PANEL, top)),
    };
    let name = if terms.with_costs {
        "cost of further permutations"
    } else {
        "further permutations"
    };
    above.axes(&mut drawing, Some(name), "mean posterior sd");
    let of_sd = |total: f64, sd: f64| format!("{} more\nmean sd {}", count(total), plain(sd, 3));
    line(&mut drawing, &above, "post", &sds, of_sd);

    let start = top + PANEL + BETWEEN;
    let entries = [
        (Swatch::Dot, "f-third", label.as_str()),
        (Swatch::Dot, "f-plug", "neighbours in order"),
    ];
    let left = sides.0 - 34.0;
    let from = legend(&mut drawing, (left, start), sides.1 - left, &entries) + 8.0;
    let shares = |of: fn(&CurveRow) -> f64| -> Vec<(f64, f64)> {
        rows.iter().map(|row| (row.total, of(row))).collect()
    };
    let (first, neighbours) = (
        shares(|row| row.p_top_rank),
        shares(|row| row.neighbours_right),
    );
    let lowest = first
        .iter()
        .chain(&neighbours)
        .map(|(_, p)| *p)
        .fold(1.0, f64::min);
    let below = Panel {
        x,
        y: Scale::linear(
            ((lowest - 0.05).max(0.0), 1.0),
            (from + 14.0 + PANEL, from + 14.0),
        ),
    };
    below.axes(&mut drawing, Some(name), "probability, share");
    let tip = |what: &str| {
        let what = what.to_owned();
        move |total: f64, p: f64| format!("{} more\n{what}: {p:.2}", count(total))
    };
    line(&mut drawing, &below, "third", &first, tip(&label));
    line(
        &mut drawing,
        &below,
        "plug",
        &neighbours,
        tip("neighbours in order"),
    );
    drawing.height = from + 14.0 + PANEL + 48.0;
    drawing
}

/// The points with a line through them; that at 0, the present, as a dashed level.
fn line(
    drawing: &mut Drawing,
    panel: &Panel,
    hue: &str,
    points: &[(f64, f64)],
    tip: impl Fn(f64, f64) -> String,
) {
    let (left, right) = panel.x.places();
    if let Some((_, now)) = points.iter().find(|(total, _)| *total == 0.0) {
        let y = panel.y.at(*now);
        drawing.mark(&tip(0.0, *now).replace("0 more", "now"), |drawing| {
            drawing.line(&format!("s-{hue} line dash"), (left, y), (right, y));
        });
    }
    let after = || points.iter().filter(|(total, _)| *total > 0.0);
    let places = after().map(|&(total, value)| panel.place(total, value));
    drawing.path(&format!("s-{hue} line join"), places);
    for &(total, value) in after() {
        drawing.mark(&tip(total, value), |drawing| {
            drawing.circle(&format!("f-{hue}"), panel.place(total, value), 3.4);
        });
    }
}
