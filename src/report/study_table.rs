//! A study as a table for a terminal.

use super::number::{parameter, probability, ratio, significant};
use super::table::{View, aligned};
use super::terminal::{name, paragraph};
use crate::model::Hyperprior;
use crate::study::{CellRecord, Engine, GIBBS_DRAWS, Study, WIDTH_REPLICATES};

const HEADER: [&str; 12] = [
    "K", "n", "lambda", "ratio", "at 0", "plug", "corr", "full", "plug", "full", "K excess", "c",
];
const SECTIONS: [&str; 2] = ["coverage of 90 %", "risk"];

/// Columns that a design of unequal n may take.
const WIDEST_DESIGN: usize = 11;

/// The study as text; it ends with a line break.
#[must_use]
pub fn study_table(study: &Study, view: View) -> String {
    let mut out = view.paint.bold("Plug-in accuracy at sigma2_fk = 1");
    out.push('\n');
    out.push_str(&paragraph("model", &model(study), view.width));
    out.push_str(&paragraph("engine", &engine(study), view.width));
    out.push('\n');
    let table = aligned(&HEADER, study.cells.iter().map(row).collect(), view);
    out.push_str(&sections(&table));
    out.push_str(&table);
    out.push('\n');
    for (label, text) in LEGEND {
        out.push_str(&paragraph(label, text, view.width));
    }
    if study.engine != Engine::ExactExpectation {
        let widths = format!(
            "widths, quantiles of the ratio and Monte-Carlo errors: --json or --out (widths of the \
             full posterior from {WIDTH_REPLICATES} data sets at most)"
        );
        out.push_str(&paragraph("more", &widths, view.width));
    }
    out
}

const LEGEND: [(&str, &str); 4] = [
    (
        "ratio",
        "full posterior variance over the plug-in's, median over FKs and data sets; at 0: share of \
         data sets in which the plug-in's sigma2_fk is 0 and it claims no uncertainty at all",
    ),
    (
        "coverage",
        "of the intervals of plug-in, plug-in corrected to second order, and full posterior",
    ),
    (
        "risk",
        "E(alpha - estimate)^2 of plug-in and full posterior, over that of knowing sigma2_fk",
    ),
    (
        "K excess",
        "K (E Var(alpha|y) / V(sigma2_fk = 1) - 1), with its Monte-Carlo error; c: its limit",
    ),
];

fn model(study: &Study) -> String {
    let prior = match study.model.hyperprior {
        None => "sigma2_fk ~ InverseGamma(1/2, s/2), the default, s the median lambda/n".to_owned(),
        Some(Hyperprior::InverseGamma { a0, b0 }) => {
            format!(
                "sigma2_fk ~ InverseGamma({}, {})",
                parameter(a0),
                parameter(b0)
            )
        }
        Some(other) => format!("sigma_fk ~ {other}"),
    };
    format!("{prior}; sigma2_obs = lambda, known")
}

fn engine(study: &Study) -> String {
    let replicates = study
        .cells
        .first()
        .and_then(|cell| cell.replicates)
        .unwrap_or(0);
    let seed = study.seed.unwrap_or(0);
    match study.engine {
        Engine::Exact => {
            format!("{replicates} data sets per cell, posteriors by quadrature, seed {seed}")
        }
        Engine::Gibbs => format!(
            "{replicates} data sets per cell, one chain of {GIBBS_DRAWS} draws for each, seed {seed}"
        ),
        Engine::ExactExpectation => "integration over data and posterior".to_owned(),
    }
}

fn row(cell: &CellRecord) -> Vec<String> {
    let share = |p: Option<f64>| p.map_or_else(|| "-".to_owned(), probability);
    let factor = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), ratio);
    vec![
        cell.k.to_string(),
        name(&cell.n.to_string(), WIDEST_DESIGN),
        parameter(cell.lambda),
        factor(cell.ratio_q50),
        share(cell.boundary_share),
        share(cell.coverage_plugin),
        share(cell.coverage_corrected),
        share(cell.coverage_full),
        factor(cell.risk_plugin),
        factor(cell.risk_full),
        excess(cell),
        significant(cell.c, 3),
    ]
}

/// With the digits that its Monte-Carlo error leaves.
fn excess(cell: &CellRecord) -> String {
    match (cell.k_excess, cell.k_excess_mcse) {
        // The third decimal is right.
        (Some(x), Some(mcse)) if mcse < 5e-4 => format!("{x:.3}"),
        (Some(x), Some(mcse)) => {
            let decimals = (1.0 - mcse.log10().floor()).clamp(0.0, 3.0) as usize;
            format!("{x:.decimals$}±{}", significant(Some(mcse), 1))
        }
        _ => significant(cell.k_excess, 3),
    }
}

/// A line above the header that says what its repeated words belong to: each section ends where its
/// last column does.
fn sections(table: &str) -> String {
    let header = table.lines().next().unwrap_or("");
    let mut ends = Vec::new();
    let mut column = 0;
    for piece in header.split_inclusive(' ') {
        let word = piece.trim_end();
        if !word.is_empty() {
            ends.push((word.to_owned(), column + word.chars().count()));
        }
        column += piece.chars().count();
    }
    let full: Vec<usize> = ends
        .iter()
        .filter(|(word, _)| word == "full")
        .map(|(_, end)| *end)
        .collect();
    let mut line = String::new();
    for (name, end) in SECTIONS.iter().zip(full) {
        let width = end.saturating_sub(line.chars().count());
        line.push_str(&format!("{name:>width$}"));
    }
    line + "\n"
}
