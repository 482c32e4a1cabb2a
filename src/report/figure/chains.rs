//! The chains of σ²_FK: their course, their ranks, and how their effective size grows.

use super::frame::{Panel, Swatch, legend};
use super::scale::{Scale, plain};
use super::style::HUES;
use super::svg::Drawing;
use super::{FigureKind, Layout, MaybeFigure, in_both_widths};
use crate::Error;
use crate::portrait::{Chains, Portrait};
use crate::report::number::count;

/// Chains that are drawn at most.
const MOST_CHAINS: usize = 12;
/// Standard deviations of a bin's count within which ranks of independent draws stay, 99 of 100.
const BAND: f64 = 2.58;

pub(super) fn trace(of: &Portrait) -> Result<MaybeFigure, Error> {
    let chains = of.chains()?;
    let description = format!(
        "Traces of sigma2_fk over {} draws in each of {} chains.",
        count(chains.draws as f64),
        chains.course.len()
    );
    let caption = format!(
        "σ²_FK draw by draw, one colour per chain{}. Right chains look like one another and show no drift.",
        more_chains(&chains)
    );
    let draw = |layout| draw_trace(&chains, layout);
    Ok(Ok(in_both_widths(
        FigureKind::Trace,
        (description, caption),
        draw,
    )))
}

pub(super) fn rank(of: &Portrait) -> Result<MaybeFigure, Error> {
    let chains = of.chains()?;
    let description = format!(
        "Histograms of the ranks of sigma2_fk for each of {} chains; each bin should hold about {} draws.",
        chains.ranks.len(),
        plain(expected(&chains), 3)
    );
    let caption = format!(
        "Where the draws of each chain rank among those of all{}. Right chains give level histograms; one \
         that leans or bulges explores other values than the rest. Within the dashed lines lie 99 of 100 \
         bins of independent draws; draws that hang together go beyond them.",
        more_chains(&chains)
    );
    let draw = |layout| draw_ranks(&chains, layout);
    Ok(Ok(in_both_widths(
        FigureKind::Rank,
        (description, caption),
        draw,
    )))
}

pub(super) fn ess(of: &Portrait) -> Result<MaybeFigure, Error> {
    let chains = of.chains()?;
    let Some(last) = chains.ess.iter().rev().find_map(|p| p.bulk.zip(p.tail)) else {
        return Ok(Err(
            "there are too few draws to tell their effective size".to_owned()
        ));
    };
    let description = format!(
        "Effective sample size of sigma2_fk against draws, ending at {} for the centre and {} for the \
         tails; {} are wanted.",
        count(last.0),
        count(last.1),
        count(chains.wanted)
    );
    let caption =
        "How many independent draws the chains are worth, as they grow. Right chains gain in \
                   proportion; curves that flatten tell of chains that are stuck."
            .to_owned();
    let draw = |layout| draw_ess(&chains, layout);
    Ok(Ok(in_both_widths(
        FigureKind::Ess,
        (description, caption),
        draw,
    )))
}

fn more_chains(chains: &Chains) -> String {
    match chains.course.len().saturating_sub(MOST_CHAINS) {
        0 => String::new(),
        more => format!(" (the first {MOST_CHAINS}; {more} more are not drawn)"),
    }
}

fn hue(chain: usize) -> &'static str {
    HUES[chain % HUES.len()]
}

fn draw_trace(chains: &Chains, layout: Layout) -> Drawing {
    let mut drawing = Drawing::new(layout.width(), 280.0);
    let shown = || chains.course.iter().take(MOST_CHAINS);
    let labels: Vec<(String, String)> = (0..shown().count())
        .map(|chain| {
            (
                format!("s-{} line", hue(chain)),
                format!("chain {}", chain + 1),
            )
        })
        .collect();
    let entries: Vec<(Swatch, &str, &str)> = labels
        .iter()
        .take(HUES.len())
        .map(|(class, label)| (Swatch::Line, class.as_str(), label.as_str()))
        .collect();
    legend(&mut drawing, (10.0, 20.0), layout.width() - 20.0, &entries);
    let values = || chains.course.iter().flatten().map(|(_, value)| *value);
    let ends = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(0.0, f64::max),
    );
    let panel = Panel {
        x: Scale::linear(
            (1.0, chains.draws.max(2) as f64),
            (58.0, layout.width() - 14.0),
        ),
        y: Scale::log(ends, (232.0, 66.0)),
    };
    panel.axes(&mut drawing, Some("draw"), "σ²_FK");
    for (chain, course) in shown().enumerate() {
        let class = format!("s-{} thin join faint", hue(chain));
        let logs = || course.iter().map(|(_, value)| value.ln());
        let mean = (logs().sum::<f64>() / course.len().max(1) as f64).exp();
        let tip = format!("chain {}\ngeometric mean {}", chain + 1, plain(mean, 3));
        drawing.mark(&tip, |drawing| {
            drawing.path(
                &class,
                course.iter().map(|&(i, value)| panel.place(i, value)),
            );
        });
    }
    drawing
}

fn expected(chains: &Chains) -> f64 {
    let bins = chains.ranks.first().map_or(1, Vec::len);
    chains.draws as f64 / bins as f64
}

fn draw_ranks(chains: &Chains, layout: Layout) -> Drawing {
    let shown = chains.ranks.len().min(MOST_CHAINS);
    let columns = if layout.is_wide() { 4 } else { 2 };
    let lines = shown.div_ceil(columns);
    let cell = (layout.width() - 20.0) / columns as f64;
    let mut drawing = Drawing::new(layout.width(), 8.0 + 130.0 * lines as f64);
    let expected = expected(chains);
    let bins = chains.ranks.first().map_or(1, Vec::len) as f64;
    let share = 1.0 / bins;
    let around = BAND * (expected * (1.0 - share)).sqrt();
    let tallest = chains.ranks.iter().flatten().copied().max().unwrap_or(1) as f64;
    for (chain, counts) in chains.ranks.iter().take(shown).enumerate() {
        let left = 10.0 + cell * (chain % columns) as f64;
        let top = 28.0 + 130.0 * (chain / columns) as f64;
        let y = Scale::linear(
            (0.0, tallest.max(expected + 1.3 * around)),
            (top + 92.0, top),
        );
        let right = left + cell - 16.0;
        let label = format!("chain {}", chain + 1);
        drawing.text("f-ink small", (left, top - 8.0), &label);
        let width = (right - left) / bins;
        for (bin, &count) in counts.iter().enumerate() {
            let (x, upper) = (left + width * bin as f64, y.at(count as f64));
            let tip = format!(
                "chain {}\nranks {} to {} %: {count} draws, {} expected",
                chain + 1,
                plain(100.0 * bin as f64 * share, 3),
                plain(100.0 * (bin + 1) as f64 * share, 3),
                plain(expected, 3)
            );
            drawing.mark(&tip, |drawing| {
                let class = format!("f-{} faint", hue(chain));
                drawing.rect(&class, (x + 0.5, upper), (width - 1.0, y.at(0.0) - upper));
            });
        }
        drawing.line(
            "s-ink thin",
            (left, y.at(expected)),
            (right, y.at(expected)),
        );
        for edge in [expected - around, expected + around] {
            drawing.line("s-muted thin dash", (left, y.at(edge)), (right, y.at(edge)));
        }
        drawing.line("s-axis thin", (left, y.at(0.0)), (right, y.at(0.0)));
    }
    drawing
}

fn draw_ess(chains: &Chains, layout: Layout) -> Drawing {
    let mut drawing = Drawing::new(layout.width(), 300.0);
    let entries = [
        (Swatch::Dot, "f-post", "centre (bulk)"),
        (Swatch::Dot, "f-fourth", "tails"),
        (Swatch::Line, "s-muted line dash", "as many as draws"),
        (Swatch::Line, "s-plug line", "wanted"),
    ];
    let below = legend(&mut drawing, (10.0, 20.0), layout.width() - 20.0, &entries);
    let total = chains.ess.last().map_or(1, |point| point.draws) as f64;
    let sizes = chains.ess.iter().flat_map(|point| [point.bulk, point.tail]);
    let largest = sizes.flatten().fold(chains.wanted, f64::max);
    let panel = Panel {
        x: Scale::linear((0.0, total), (58.0, layout.width() - 20.0)),
        y: Scale::linear((0.0, 1.06 * largest), (252.0, below + 22.0)),
    };
    panel.axes(&mut drawing, Some("draws of all chains"), "effective draws");
    let reach = total.min(1.06 * largest);
    drawing.path(
        "s-muted line dash",
        [panel.place(0.0, 0.0), panel.place(reach, reach)],
    );
    drawing.path(
        "s-plug line",
        [
            panel.place(0.0, chains.wanted),
            panel.place(total, chains.wanted),
        ],
    );
    let of_bulk = chains.ess.iter().map(|point| (point.draws, point.bulk));
    let of_tail = chains.ess.iter().map(|point| (point.draws, point.tail));
    curve(&mut drawing, &panel, ("post", "centre"), of_bulk);
    curve(&mut drawing, &panel, ("fourth", "tails"), of_tail);
    drawing
}

fn curve(
    drawing: &mut Drawing,
    panel: &Panel,
    (hue, name): (&str, &str),
    points: impl Iterator<Item = (usize, Option<f64>)>,
) {
    let points: Vec<(f64, f64)> = points
        .filter_map(|(draws, ess)| Some((draws as f64, ess?)))
        .collect();
    let places = points.iter().map(|&(x, y)| panel.place(x, y));
    drawing.path(&format!("s-{hue} line join"), places);
    for &(draws, ess) in &points {
        let tip = format!("{name}: {} effective of {} draws", count(ess), count(draws));
        drawing.mark(&tip, |drawing| {
            drawing.circle(&format!("f-{hue}"), panel.place(draws, ess), 3.4);
        });
    }
}
