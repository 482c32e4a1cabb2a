//! σ²_FK and the answers under other hyperpriors.

use super::frame::{Swatch, horizontal_axis, legend};
use super::rows::Rows;
use super::scale::{Scale, plain};
use super::svg::Drawing;
use super::words::isolated;
use super::{FigureKind, Layout, MaybeFigure, in_both_widths};
use crate::portrait::Portrait;
use crate::report::number::ratio;
use crate::sensitivity::{Alternative, Answer, Sensitivity, rounded};

pub(super) fn figure(of: &Portrait) -> MaybeFigure {
    let found = of.sensitivity().map_err(|why| {
        format!("other hyperpriors were not tried: {why}; see fkbayes sensitivity")
    })?;
    let lines: Vec<Line> = Line::of(&found);
    let texts = (describe(&lines), caption(&found));
    let draw = |layout| draw(&lines, layout);
    let mut figure = in_both_widths(FigureKind::Sensitivity, texts, draw);
    figure.remark = Some(capitalised(&found.verdict));
    Ok(figure)
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), chars.as_str())
}

/// One hyperprior.
struct Line {
    prior: String,
    median: f64,
    interval: (f64, f64),
    first: String,
    shift: Option<f64>,
    current: bool,
    recommended: bool,
}

impl Line {
    fn of(found: &Sensitivity) -> Vec<Self> {
        let current = Self::new(&found.current, None);
        let others = found
            .alternatives
            .iter()
            .map(|other| Self::new(&other.answer, Some(other)));
        current.into_iter().chain(others.flatten()).collect()
    }

    fn new(answer: &Answer, other: Option<&Alternative>) -> Option<Self> {
        let mark = match other {
            Some(other) if !other.recommended => "*",
            _ => "",
        };
        Some(Self {
            prior: format!("{}{mark}", rounded(&answer.prior)),
            median: answer.sigma2_fk_q50?,
            interval: (answer.sigma2_fk_q5?, answer.sigma2_fk_q95?),
            first: answer.top_fk.clone(),
            shift: other.and_then(|other| other.max_shift_sd),
            current: other.is_none(),
            recommended: other.is_none_or(|other| other.recommended),
        })
    }
}

fn describe(lines: &[Line]) -> String {
    let each = lines.iter().map(|line| {
        format!(
            "{}: median {}, 90 % interval {} to {}",
            line.prior,
            plain(line.median, 2),
            plain(line.interval.0, 2),
            plain(line.interval.1, 2)
        )
    });
    let each: Vec<String> = each.collect();
    format!(
        "sigma2_fk under {} hyperpriors. {}.",
        lines.len(),
        each.join("; ")
    )
}

fn caption(found: &Sensitivity) -> String {
    let mut text = "The posterior of σ²_FK under other hyperpriors, by the exact posterior; the first is the \
                    one in force. At the right, how far the posterior mean of any importance moves at most, \
                    in its standard deviations."
        .to_owned();
    if found.alternatives.iter().any(|other| !other.recommended) {
        text.push_str(" * for contrast only, it hangs on the unit of the scores.");
    }
    if found.p_best_draws == 0 {
        text.push_str(" A short list: fkbayes sensitivity has more.");
    }
    text
}

fn draw(lines: &[Line], layout: Layout) -> Drawing {
    let names: Vec<&str> = lines.iter().map(|line| line.prior.as_str()).collect();
    let rows = Rows::new(layout, &names, 64.0, 52.0);
    let mut drawing = Drawing::new(layout.width(), rows.bottom() + 46.0);
    let entries = [
        (Swatch::Line, "s-post thick", "90 % interval"),
        (Swatch::Dot, "f-post", "median"),
    ];
    legend(&mut drawing, (10.0, 20.0), layout.width() - 20.0, &entries);
    let end = layout.width() - 4.0;
    drawing.text("f-muted small end", (end, 42.0), "largest shift");
    let low = lines
        .iter()
        .map(|line| line.interval.0)
        .fold(f64::INFINITY, f64::min);
    let high = lines.iter().map(|line| line.interval.1).fold(0.0, f64::max);
    let x = Scale::log((0.9 * low, 1.1 * high), rows.places());
    horizontal_axis(
        &mut drawing,
        &x,
        rows.span(),
        Some("σ²_FK, in squared score units"),
    );
    for (i, line) in lines.iter().enumerate() {
        drawing.mark(&tip(line), |drawing| {
            let shift = line
                .shift
                .map_or_else(|| "–".to_owned(), |s| format!("{} sd", ratio(s)));
            let y = rows.label(drawing, i, &line.prior, &shift);
            let hue = match (line.current, line.recommended) {
                (true, _) => "post",
                (_, true) => "third",
                (_, false) => "axis",
            };
            let (from, to) = (x.at(line.interval.0), x.at(line.interval.1));
            drawing.line(&format!("s-{hue} thick"), (from, y), (to, y));
            drawing.circle(&format!("f-{hue}"), (x.at(line.median), y), 4.6);
        });
    }
    drawing
}

fn tip(line: &Line) -> String {
    let shift = line.shift.map_or_else(String::new, |s| {
        format!("\nlargest shift of a mean {} sd", ratio(s))
    });
    format!(
        "{}\nσ²_FK median {}, 90 % from {} to {}\nfirst: {}{shift}",
        line.prior,
        plain(line.median, 3),
        plain(line.interval.0, 3),
        plain(line.interval.1, 3),
        isolated(&line.first)
    )
}
