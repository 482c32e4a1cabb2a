//! Ratio and coverage of a study against K.

use super::frame::{Panel, Swatch, legend};
use super::scale::{Scale, plain};
use super::style::{HUES, standing_alone};
use super::svg::{Drawing, Point};
use crate::Error;
use crate::study::{CellRecord, Design, Study};

/// What the file holds near its start, by which it is known as ours.
pub const PLOT_MARK: &str = "<!-- fkbayes study -->";

/// Size of the inside of one panel, and what stands around it.
const INSIDE: (f64, f64) = (230.0, 170.0);
const LEFT: f64 = 56.0;
const BETWEEN: (f64, f64) = (76.0, 76.0);

/// One figure of a cell.
type OfCell = fn(&CellRecord) -> Option<f64>;

/// The study as an SVG document: a column of panels per n, a colour per λ; above the median of the
/// full posterior variance over the plug-in's, below the coverage of both intervals.
///
/// # Errors
/// If there is no cell to draw.
pub fn plot_study(study: &Study) -> Result<String, Error> {
    if study.cells.is_empty() {
        return Err(Error::Unfit("--plot: there is no cell to draw".into()));
    }
    let drawing = draw(study);
    let (width, height) = (drawing.width, drawing.height);
    Ok(format!(
        "<svg class=\"fig\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n{PLOT_MARK}\n<title>{TITLE}</title>\n\
         <style>{}</style>\n<rect class=\"f-paper\" width=\"{width}\" height=\"{height}\"/>\n{}\n</svg>\n",
        standing_alone(),
        drawing.body()
    ))
}

const TITLE: &str = "Plug-in accuracy at sigma2_fk = 1";

/// The lists whose combinations are the cells, each value once.
#[derive(Default)]
struct Axes {
    n: Vec<Design>,
    lambda: Vec<f64>,
    k: Vec<f64>,
}

impl Axes {
    fn new(cells: &[CellRecord]) -> Self {
        let mut axes = Self::default();
        for cell in cells {
            if !axes.n.contains(&cell.n) {
                axes.n.push(cell.n.clone());
            }
            if !axes.lambda.contains(&cell.lambda) {
                axes.lambda.push(cell.lambda);
            }
            axes.k.push(cell.k as f64);
        }
        axes
    }

    fn range_of_k(&self) -> (f64, f64) {
        let low = self.k.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.k.iter().copied().fold(0.0, f64::max);
        (low / 1.3, high * 1.3)
    }
}

fn hue(i: usize) -> &'static str {
    HUES.get(i % HUES.len()).copied().unwrap_or("ink")
}

/// What a row of panels shows.
struct Row {
    label: &'static str,
    range: (f64, f64),
    /// Where a right answer lies.
    reference: f64,
    /// Solid with filled points, or dashed with open ones.
    figures: Vec<(&'static str, OfCell, bool)>,
}

fn rows(cells: &[CellRecord]) -> [Row; 2] {
    let ratios = cells.iter().filter_map(|cell| cell.ratio_q50);
    let cover = |cell: &CellRecord| [cell.coverage_plugin, cell.coverage_full];
    let covers = cells.iter().flat_map(cover).flatten();
    let ratio: OfCell = |cell| cell.ratio_q50;
    let plugin: OfCell = |cell| cell.coverage_plugin;
    let full: OfCell = |cell| cell.coverage_full;
    [
        Row {
            label: "full / plug-in variance",
            range: padded(ratios.chain([1.0])),
            reference: 1.0,
            figures: vec![("median ratio", ratio, true)],
        },
        Row {
            label: "coverage of 90 % intervals",
            range: padded(covers.chain([0.9])),
            reference: 0.9,
            figures: vec![
                ("plug-in covers", plugin, true),
                ("full posterior covers", full, false),
            ],
        },
    ]
}

/// A range with room at both ends, also around a single value.
fn padded(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
        (low.min(x), high.max(x))
    });
    let room = 0.06 * (high - low).max(0.02);
    (low - room, high + room)
}

fn draw(study: &Study) -> Drawing {
    let axes = Axes::new(&study.cells);
    let width = LEFT + axes.n.len() as f64 * (INSIDE.0 + BETWEEN.0);
    let mut drawing = Drawing::new(width, 0.0);
    drawing.text("f-ink bold", (12.0, 22.0), TITLE);
    let mut top = heading(&mut drawing, &axes, width) + 24.0;
    for (i, row) in rows(&study.cells).iter().enumerate() {
        for (column, n) in axes.n.iter().enumerate() {
            let left = LEFT + column as f64 * (INSIDE.0 + BETWEEN.0);
            if i == 0 {
                drawing.text("f-ink small bold", (left, top), &format!("n = {n}"));
            }
            let cells = study.cells.iter().filter(|cell| cell.n == *n);
            panel(
                &mut drawing,
                row,
                &axes,
                (left, top + 36.0),
                &cells.collect::<Vec<_>>(),
            );
        }
        top += 36.0 + INSIDE.1 + BETWEEN.1 - 24.0;
    }
    drawing.height = top + 8.0;
    drawing
}

/// What colours and lines mean; returns where the next line would be.
fn heading(drawing: &mut Drawing, axes: &Axes, width: f64) -> f64 {
    let of_lambda =
        |(i, lambda): (usize, &f64)| (format!("s-{} line", hue(i)), format!("λ = {lambda}"));
    let colours: Vec<(String, String)> = axes.lambda.iter().enumerate().map(of_lambda).collect();
    let entries: Vec<(Swatch, &str, &str)> = colours
        .iter()
        .map(|(class, label)| (Swatch::Line, class.as_str(), label.as_str()))
        .collect();
    let y = legend(drawing, (12.0, 46.0), width - 24.0, &entries);
    let lines = [
        (Swatch::Line, "s-ink line", "ratio (median), plug-in"),
        (Swatch::Line, "s-ink line dash", "full posterior"),
    ];
    legend(drawing, (12.0, y), width - 24.0, &lines)
}

fn panel(drawing: &mut Drawing, row: &Row, axes: &Axes, (left, top): Point, cells: &[&CellRecord]) {
    let panel = Panel {
        x: Scale::log(axes.range_of_k(), (left, left + INSIDE.0)),
        y: Scale::linear(row.range, (top + INSIDE.1, top)),
    };
    panel.axes(drawing, Some("K, foreign keys"), row.label);
    let ends = [axes.range_of_k().0, axes.range_of_k().1].map(|k| panel.place(k, row.reference));
    drawing.line("s-ink thin", ends[0], ends[1]);
    for (i, lambda) in axes.lambda.iter().enumerate() {
        for (what, figure, solid) in &row.figures {
            let mut points: Vec<(f64, f64)> = cells
                .iter()
                .filter(|cell| cell.lambda == *lambda)
                .filter_map(|cell| Some((cell.k as f64, figure(cell)?)))
                .collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let told = |k: f64, x: f64| format!("K = {k}, λ = {lambda}\n{what} {}", plain(x, 3));
            series(drawing, &panel, (hue(i), *solid), &points, told);
        }
    }
}

/// A line through points, each of which tells its number.
fn series(
    drawing: &mut Drawing,
    panel: &Panel,
    (hue, solid): (&str, bool),
    points: &[(f64, f64)],
    told: impl Fn(f64, f64) -> String,
) {
    let places = points.iter().map(|&(k, x)| panel.place(k, x));
    let dash = if solid { "" } else { " dash" };
    drawing.path(&format!("s-{hue} line join{dash}"), places);
    for &(k, x) in points {
        drawing.mark(&told(k, x), |drawing| {
            let at = panel.place(k, x);
            if !solid {
                drawing.circle("f-paper", at, 3.4);
            }
            let fill = if solid { "f" } else { "s" };
            drawing.circle(&format!("{fill}-{hue} line"), at, 3.4);
        });
    }
}
