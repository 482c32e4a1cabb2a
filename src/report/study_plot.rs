//! Ratio and coverage of a study against K, as SVG.

use super::chart::{Area, COLORS, Drawn, FONT, SMALL, marked, padded};
use crate::Error;
use crate::study::{CellRecord, Design, Study};
use plotters::prelude::*;
use std::ops::Range;

/// What the file holds near its start, by which it is known as ours.
pub const PLOT_MARK: &str = "<!-- fkbayes study -->";

/// Size of one panel, of the left margin, of the legend, in pixels.
const PANEL: (u32, u32) = (300, 260);
const LEGEND: u32 = 90;
/// Ratios and coverages that differ by less share an axis of this width.
const NARROWEST: f64 = 0.02;
/// One figure of a cell.
type Figure = fn(&CellRecord) -> Option<f64>;

/// The study as an SVG document: a column of panels per n, a colour per λ; above the median of the
/// full posterior variance over the plug-in's, below the coverage of both intervals.
///
/// # Errors
/// If it cannot be drawn, which would be a defect of this program.
pub fn plot_study(study: &Study) -> Result<String, Error> {
    marked(PLOT_MARK, |text| draw(study, text))
}

/// The lists whose combinations are the cells, each value once.
struct Axes {
    n: Vec<Design>,
    lambda: Vec<f64>,
    k: Range<f64>,
    /// The values of K, which the axis marks.
    ticks: Vec<f64>,
}

impl Axes {
    fn new(cells: &[CellRecord]) -> Self {
        let (mut n, mut lambda): (Vec<Design>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut ticks: Vec<f64> = Vec::new();
        for cell in cells {
            if !n.contains(&cell.n) {
                n.push(cell.n.clone());
            }
            if !lambda.contains(&cell.lambda) {
                lambda.push(cell.lambda);
            }
            if !ticks.contains(&(cell.k as f64)) {
                ticks.push(cell.k as f64);
            }
        }
        let low = ticks.iter().copied().fold(f64::INFINITY, f64::min);
        let high = ticks.iter().copied().fold(0.0, f64::max);
        Self {
            n,
            lambda,
            k: low / 1.3..high * 1.3,
            ticks,
        }
    }

    fn color(&self, i: usize) -> RGBColor {
        COLORS.get(i % COLORS.len()).copied().unwrap_or(BLACK)
    }
}

fn draw(study: &Study, text: &mut String) -> Drawn<()> {
    let axes = Axes::new(&study.cells);
    let columns = axes.n.len().max(1);
    let size = (PANEL.0 * columns as u32, 2 * PANEL.1 + LEGEND);
    let root = SVGBackend::with_string(text, size).into_drawing_area();
    root.fill(&WHITE)?;
    let (legend, panels) = root.split_vertically(LEGEND);
    draw_legend(&legend, &axes)?;
    let ratios = study.cells.iter().filter_map(|cell| cell.ratio_q50);
    let ratio_range = padded(ratios.chain([1.0]), NARROWEST);
    let cover = |cell: &CellRecord| [cell.coverage_plugin, cell.coverage_full];
    let covers = study.cells.iter().flat_map(cover).flatten();
    let coverage_range = padded(covers.chain([0.9]), NARROWEST);
    let panels = panels.split_evenly((2, columns));
    for (i, n) in axes.n.iter().enumerate() {
        let of_n: Vec<&CellRecord> = study.cells.iter().filter(|cell| cell.n == *n).collect();
        if let Some(area) = panels.get(i) {
            let ratio: Figure = |cell| cell.ratio_q50;
            let panel = Panel {
                title: format!("n = {n}"),
                label: "full / plug-in variance",
                range: ratio_range.clone(),
                reference: 1.0,
                figures: vec![(ratio, true)],
            };
            panel.draw(area, &axes, &of_n)?;
        }
        if let Some(area) = panels.get(columns + i) {
            let (plugin, full): (Figure, Figure) =
                (|cell| cell.coverage_plugin, |cell| cell.coverage_full);
            let panel = Panel {
                title: String::new(),
                label: "coverage of 90 % intervals",
                range: coverage_range.clone(),
                reference: 0.9,
                figures: vec![(plugin, true), (full, false)],
            };
            panel.draw(area, &axes, &of_n)?;
        }
    }
    root.present()?;
    Ok(())
}

struct Panel {
    title: String,
    label: &'static str,
    range: Range<f64>,
    /// Where a right answer lies.
    reference: f64,
    /// What is drawn, solid with filled points, or dashed with open ones.
    figures: Vec<(Figure, bool)>,
}

impl Panel {
    fn draw(&self, area: &Area<'_>, axes: &Axes, cells: &[&CellRecord]) -> Drawn<()> {
        let axis_of_k = axes
            .k
            .clone()
            .log_scale()
            .with_key_points(axes.ticks.clone());
        let mut chart = ChartBuilder::on(area)
            .caption(&self.title, FONT)
            .margin(8)
            .margin_right(16)
            .x_label_area_size(40)
            .y_label_area_size(56)
            .build_cartesian_2d(axis_of_k, self.range.clone())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.1))
            .x_desc("K, number of foreign keys (log)")
            .y_desc(self.label)
            .axis_desc_style(SMALL)
            .label_style(SMALL)
            .x_labels(6)
            .x_label_formatter(&|k| format!("{k:.0}"))
            .y_labels(6)
            .draw()?;
        let ends = [(axes.k.start, self.reference), (axes.k.end, self.reference)];
        chart.draw_series(LineSeries::new(ends, BLACK.mix(0.6)))?;
        for (i, lambda) in axes.lambda.iter().enumerate() {
            let color = axes.color(i);
            for &(figure, solid) in &self.figures {
                let mut points: Vec<(f64, f64)> = cells
                    .iter()
                    .filter(|cell| cell.lambda == *lambda)
                    .filter_map(|cell| Some((cell.k as f64, figure(cell)?)))
                    .collect();
                points.sort_by(|a, b| a.0.total_cmp(&b.0));
                let style = color.stroke_width(2);
                if solid {
                    chart.draw_series(LineSeries::new(points.clone(), style))?;
                    chart.draw_series(points.iter().map(|&p| Circle::new(p, 3, color.filled())))?;
                } else {
                    chart.draw_series(DashedLineSeries::new(points.clone(), 5, 4, style))?;
                    chart.draw_series(points.iter().map(|&p| Circle::new(p, 3, style)))?;
                }
            }
        }
        Ok(())
    }
}

/// What colours and lines mean, in lines that a narrow figure wraps.
fn draw_legend(area: &Area<'_>, axes: &Axes) -> Drawn<()> {
    let heading = ("sans-serif", 16).into_text_style(area);
    area.draw_text("Plug-in accuracy at sigma2_fk = 1", &heading, (12, 8))?;
    let style = SMALL.into_text_style(area);
    let mut x = 12;
    for (i, lambda) in axes.lambda.iter().enumerate() {
        let color = axes.color(i);
        let line = PathElement::new(vec![(x, 40), (x + 22, 40)], color.stroke_width(2));
        area.draw(&line)?;
        let label = format!("λ = {lambda}");
        area.draw_text(&label, &style, (x + 28, 33))?;
        x += 46 + 8 * label.chars().count() as i32;
    }
    let lines = "solid: plug-in, or ratio (median); dashed: full posterior";
    area.draw_text(lines, &style, (12, 58))?;
    Ok(())
}
