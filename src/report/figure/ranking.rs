//! Which foreign key takes which rank, as a map of probabilities.

use super::svg::Drawing;
use super::words::{fitted, isolated, name_width};
use super::{FigureKind, Layout, MaybeFigure, in_both_widths, left_out};
use crate::Error;
use crate::portrait::{Portrait, RankProbabilities};
use crate::report::number::{count, probability};

/// Smaller probabilities are not drawn.
const NEGLIGIBLE: f64 = 0.005;
/// Probabilities from here on are written into cells that have room.
const WORTH_WRITING: f64 = 0.05;

pub(super) fn figure(of: &Portrait) -> Result<MaybeFigure, Error> {
    if of.order().len() < 2 {
        return Ok(Err("one foreign key alone has no rank".to_owned()));
    }
    let found = of.rank_probabilities()?;
    let texts = (describe(&found), caption(of, &found));
    let draw = |layout| draw(&found, layout);
    Ok(Ok(in_both_widths(FigureKind::Ranking, texts, draw)))
}

fn describe(found: &RankProbabilities) -> String {
    let most = found.fks.iter().enumerate().take(5).map(|(k, fk)| {
        let row = found.p.row(k);
        let likeliest = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        let (rank, p) = likeliest.map_or((0, 0.0), |(rank, p)| (rank + 1, *p));
        format!(
            "{} most likely has rank {rank} ({})",
            isolated(fk),
            probability(p)
        )
    });
    let most: Vec<String> = most.collect();
    format!(
        "Heat map of the probability of each rank for {} foreign keys. {}.",
        found.fks.len(),
        most.join("; ")
    )
}

fn caption(of: &Portrait, found: &RankProbabilities) -> String {
    format!(
        "Each row is a foreign key, each column a rank, rank 1 the most important; the stronger the \
         colour of a cell, the likelier. One strong cell per row is a settled ranking, a smear an open one. From {} draws.{}",
        count(found.draws as f64),
        left_out(of)
    )
}

fn largest(found: &RankProbabilities) -> f64 {
    found.p.iter().copied().fold(NEGLIGIBLE, f64::max)
}

fn draw(found: &RankProbabilities, layout: Layout) -> Drawing {
    let ranks = found.p.ncols();
    let longest = found.fks.iter().map(|fk| name_width(fk));
    let most = if layout.is_wide() { 210.0 } else { 120.0 };
    let left = longest.fold(40.0, f64::max).min(most) + 14.0;
    let room = layout.width() - left - 8.0;
    let cell = (room / ranks as f64).min(46.0);
    let row = cell.clamp(15.0, 24.0);
    let top = 40.0;
    let bottom = top + row * found.fks.len() as f64;
    let mut drawing = Drawing::new(layout.width(), bottom + 14.0);
    drawing.text("f-ink small", (left, 14.0), "rank");
    let largest = largest(found);
    let key = format!("strongest: probability {}", probability(largest));
    let end = (left + cell * ranks as f64).max(left + 210.0);
    drawing.text("f-muted small end", (end, 14.0), &key);
    let every = (1..)
        .find(|every| cell * f64::from(*every) >= 24.0)
        .unwrap_or(1) as usize;
    for rank in (0..ranks).filter(|rank| rank % every == 0) {
        let x = left + cell * (rank as f64 + 0.5);
        drawing.text("f-muted small mid", (x, top - 7.0), &(rank + 1).to_string());
    }
    for (k, fk) in found.fks.iter().enumerate() {
        let y = top + row * k as f64;
        let name = fitted(fk, left - 12.0);
        drawing.text(
            "f-ink small name end",
            (left - 9.0, y + 0.5 * row + 4.0),
            &name,
        );
        drawing.line(
            "s-grid thin",
            (left, y + row),
            (left + cell * ranks as f64, y + row),
        );
        for (rank, &p) in found.p.row(k).iter().enumerate() {
            let at = (left + cell * rank as f64, y);
            if p >= NEGLIGIBLE {
                draw_cell(&mut drawing, (fk, rank, p), (at, p / largest), (cell, row));
            }
        }
    }
    drawing
}

fn draw_cell(
    drawing: &mut Drawing,
    (fk, rank, p): (&str, usize, f64),
    ((x, y), darkness): ((f64, f64), f64),
    (cell, row): (f64, f64),
) {
    let tip = format!(
        "{}\nrank {} with probability {}",
        isolated(fk),
        rank + 1,
        probability(p)
    );
    drawing.mark(&tip, |drawing| {
        let size = (cell - 1.0, row - 1.0);
        drawing.rect_of_opacity("f-heat", (x + 0.5, y + 0.5), size, darkness.max(0.04));
        if p >= WORTH_WRITING && cell >= 30.0 {
            let at = (x + 0.5 * cell, y + 0.5 * row + 4.0);
            drawing.text("f-ink small mid", at, &probability(p));
        }
    });
}
