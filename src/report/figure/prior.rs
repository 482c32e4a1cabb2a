//! Prior against posterior of the variances.

use super::frame::{Panel, Swatch, horizontal_axis, legend};
use super::scale::{Scale, plain};
use super::svg::Drawing;
use super::{FigureKind, Layout, MaybeFigure, in_both_widths};
use crate::Error;
use crate::portrait::{Portrait, PriorPosterior};
use crate::summary::ParameterSummary;

pub(super) fn figure(of: &Portrait) -> Result<MaybeFigure, Error> {
    let found = of.prior_and_posterior()?;
    let texts = (describe(of, &found), caption(of, &found));
    let draw = |layout| draw(&found, layout);
    Ok(Ok(in_both_widths(FigureKind::Prior, texts, draw)))
}

fn summary<'a>(of: &'a Portrait, name: &str) -> Option<&'a ParameterSummary> {
    of.fit().parameters.hyperparameter(name)
}

fn describe(of: &Portrait, found: &[PriorPosterior]) -> String {
    let each = found.iter().map(|one| {
        let figures = summary(of, one.name).and_then(|p| Some((p.q50?, p.q5?, p.q95?)));
        figures.map_or_else(
            || one.name.to_owned(),
            |(median, low, high)| {
                format!(
                    "{}: posterior median {}, 90 % interval {} to {}",
                    one.name,
                    plain(median, 3),
                    plain(low, 3),
                    plain(high, 3)
                )
            },
        )
    });
    let each: Vec<String> = each.collect();
    format!(
        "Prior and posterior densities on a log scale. {}.",
        each.join("; ")
    )
}

fn caption(of: &Portrait, found: &[PriorPosterior]) -> String {
    let mut text = "How far the data have moved what was believed of σ²_FK, the variance of the \
                    importances"
        .to_owned();
    text.push_str(match found.len() {
        1 => ".",
        _ => ", and of λ = σ²_obs/σ²_FK, the number of scores at which an FK's own mean begins to outweigh \
              the others.",
    });
    text.push_str(" Bars are the draws");
    if of.fit().exact.is_some() {
        text.push_str(", the line the exact posterior: they must agree");
    }
    text.push('.');
    if found.iter().any(|one| one.prior.is_none()) {
        text.push_str(" A prior that is improper, or has no density in closed form, is not drawn.");
    }
    text
}

fn draw(found: &[PriorPosterior], layout: Layout) -> Drawing {
    let (panel, gap) = (170.0, 70.0);
    let top = 66.0;
    let height = top + found.len() as f64 * (panel + gap);
    let mut drawing = Drawing::new(layout.width(), height - 18.0);
    let entries = [
        (Swatch::Line, "s-muted line dash", "prior"),
        (Swatch::Box, "f-heat faint", "draws"),
        (Swatch::Line, "s-post line", "exact posterior"),
        (Swatch::Line, "s-plug line", "plug-in"),
    ];
    let has_exact = found.iter().any(|one| one.exact.is_some());
    let entries: Vec<_> = entries
        .into_iter()
        .filter(|(_, _, label)| has_exact || *label != "exact posterior")
        .collect();
    legend(&mut drawing, (10.0, 20.0), layout.width() - 20.0, &entries);
    for (i, one) in found.iter().enumerate() {
        let top = top + i as f64 * (panel + gap);
        draw_one(&mut drawing, one, layout, (top, top + panel));
    }
    drawing
}

fn draw_one(
    drawing: &mut Drawing,
    one: &PriorPosterior,
    layout: Layout,
    (top, bottom): (f64, f64),
) {
    let ends = (
        one.x.first().copied().unwrap_or(1.0),
        one.x.last().copied().unwrap_or(2.0),
    );
    let all = [
        Some(&one.histogram.density),
        one.prior.as_ref(),
        one.exact.as_ref(),
    ];
    let highest = all
        .into_iter()
        .flatten()
        .flatten()
        .copied()
        .fold(0.0, f64::max);
    let panel = Panel {
        x: Scale::log(ends, (30.0, layout.width() - 14.0)),
        y: Scale::linear((0.0, 1.05 * highest.max(f64::MIN_POSITIVE)), (bottom, top)),
    };
    let (name, label) = match one.name {
        "lambda" => ("density of log λ", "λ"),
        _ => ("density of log σ²_FK", "σ²_FK, in squared score units"),
    };
    drawing.text("f-ink small", (12.0, top - 8.0), name);
    horizontal_axis(drawing, &panel.x, (top, bottom), Some(label));
    draw_bins(drawing, one, &panel);
    let curve = |values: &[f64]| -> Vec<(f64, f64)> {
        one.x
            .iter()
            .zip(values)
            .map(|(&x, &p)| panel.place(x, p))
            .collect()
    };
    if let Some(prior) = &one.prior {
        drawing.path("s-muted line dash join", curve(prior));
    }
    if let Some(exact) = &one.exact {
        drawing.path("s-post line join", curve(exact));
    }
    if let Some(plugin) = one.plugin.filter(|x| panel.x.holds(*x)) {
        drawing.mark(
            &format!("plug-in: {} {}", one.name, plain(plugin, 3)),
            |drawing| {
                panel.upright(drawing, "s-plug line", plugin);
            },
        );
    }
}

/// The histogram of the draws.
fn draw_bins(drawing: &mut Drawing, one: &PriorPosterior, panel: &Panel) {
    let bottom = panel.y.at(0.0);
    let bins = one.histogram.edges.windows(2).zip(&one.histogram.density);
    for (edges, &density) in bins.filter(|(_, density)| **density > 0.0) {
        let (left, right) = (panel.x.at(edges[0]), panel.x.at(edges[1]));
        let y = panel.y.at(density);
        let tip = format!(
            "{} from {} to {}\ndensity of draws {}",
            one.name,
            plain(edges[0], 3),
            plain(edges[1], 3),
            plain(density, 2)
        );
        drawing.mark(&tip, |drawing| {
            drawing.rect("f-heat faint", (left, y), (right - left, bottom - y));
        });
    }
}
