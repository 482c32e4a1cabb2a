//! Total permutations against precision and the ranking, as SVG.

use super::chart::{Area, COLORS, Drawn, FONT, SMALL, marked, padded};
use crate::Error;
use crate::fit::PlanRecord;
use plotters::prelude::*;
use std::ops::Range;

/// What the file holds near its start, by which it is known as ours.
pub const CURVE_MARK: &str = "<!-- fkbayes plan -->";

/// Size of the picture and of its heading, in pixels.
const SIZE: (u32, u32) = (560, 600);
const HEADING: u32 = 34;

/// The curve as an SVG document: above the mean posterior standard deviation, below how far the ranking
/// may be trusted; dashed lines show where they stand now.
///
/// # Errors
/// If it cannot be drawn, which would be a defect of this program.
pub fn plot_curve(record: &PlanRecord) -> Result<String, Error> {
    marked(CURVE_MARK, |text| draw(record, text))
}

fn draw(record: &PlanRecord, text: &mut String) -> Drawn<()> {
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let (heading, panels) = root.split_vertically(HEADING);
    let title = ("sans-serif", 16).into_text_style(&heading);
    let spent = format!("What more permutations buy, spent on {}", record.objective);
    heading.draw_text(&spent, &title, (12, 10))?;
    let panels = panels.split_evenly((2, 1));
    let of = |figure: &dyn Fn(&crate::fit::CurveRow) -> Option<f64>| -> Vec<(f64, f64)> {
        let rows = record.curve.iter();
        rows.filter_map(|row| Some((row.total, figure(row)?)))
            .collect()
    };
    let sds = of(&|row| row.mean_sd);
    let largest = sds.iter().map(|(_, sd)| *sd).fold(0.0, f64::max);
    let top = of(&|row| Some(row.p_top_rank));
    let neighbours = of(&|row| Some(row.neighbours_right));
    let top_label = match record.top {
        1 => "first rank right".to_owned(),
        top => format!("first {top} right"),
    };
    let totals = of(&|row| Some(row.total));
    let unit = if record.with_costs {
        "cost of further permutations (log)"
    } else {
        "further permutations (log)"
    };
    let panels_drawn = [
        Panel {
            label: "mean posterior sd",
            range: 0.0..padded(std::iter::once(largest), largest).end,
            lines: vec![(String::new(), sds)],
        },
        Panel {
            label: "probability",
            range: padded(
                top.iter().chain(&neighbours).map(|(_, p)| *p).chain([1.0]),
                0.02,
            ),
            lines: vec![
                (top_label, top),
                ("neighbours in order".to_owned(), neighbours),
            ],
        },
    ];
    for (panel, area) in panels_drawn.iter().zip(&panels) {
        panel.draw(area, unit, &totals)?;
    }
    root.present()?;
    Ok(())
}

struct Panel {
    label: &'static str,
    range: Range<f64>,
    /// Names and points, the first of each at total 0.
    lines: Vec<(String, Vec<(f64, f64)>)>,
}

impl Panel {
    fn draw(&self, area: &Area<'_>, unit: &str, totals: &[(f64, f64)]) -> Drawn<()> {
        let positive = totals
            .iter()
            .map(|(total, _)| *total)
            .filter(|total| *total > 0.0);
        let (low, high) = positive.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), x| {
            (low.min(x), high.max(x))
        });
        if !low.is_finite() || !self.range.end.is_finite() {
            return Ok(());
        }
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .margin_right(20)
            .x_label_area_size(42)
            .y_label_area_size(72)
            .build_cartesian_2d((low / 1.2..high * 1.2).log_scale(), self.range.clone())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.1))
            .x_desc(unit)
            .y_desc(self.label)
            .axis_desc_style(FONT)
            .label_style(SMALL)
            .x_labels(7)
            .x_label_formatter(&|total| super::number::count(*total))
            .y_labels(6)
            .draw()?;
        for (i, (name, points)) in self.lines.iter().enumerate() {
            let color = COLORS.get(i % COLORS.len()).copied().unwrap_or(BLACK);
            let after: Vec<(f64, f64)> = points.iter().copied().filter(|p| p.0 > 0.0).collect();
            if let Some((_, now)) = points.iter().find(|p| p.0 == 0.0) {
                let ends = [(low / 1.2, *now), (high * 1.2, *now)];
                chart.draw_series(DashedLineSeries::new(ends, 5, 4, color.stroke_width(1)))?;
            }
            let drawn = chart.draw_series(LineSeries::new(after.clone(), color.stroke_width(2)))?;
            if !name.is_empty() {
                drawn.label(name).legend(move |(x, y)| {
                    PathElement::new(vec![(x, y), (x + 20, y)], color.stroke_width(2))
                });
            }
            chart.draw_series(after.iter().map(|&p| Circle::new(p, 3, color.filled())))?;
        }
        if self.lines.iter().any(|(name, _)| !name.is_empty()) {
            chart
                .configure_series_labels()
                .position(SeriesLabelPosition::LowerRight)
                .background_style(WHITE.mix(0.85))
                .label_font(SMALL)
                .draw()?;
        }
        Ok(())
    }
}
