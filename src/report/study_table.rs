//! A study as a table for a terminal.

use super::cell::Cell;
use super::number::{parameter, significant};
use super::page::Page;
use super::table::Column;
use super::view::View;
use crate::model::Hyperprior;
use crate::study::{CellRecord, Engine, GIBBS_DRAWS, Study, WIDTH_REPLICATES};

/// Columns that a design of unequal n may take.
const WIDEST_DESIGN: usize = 11;

/// The study as text; it ends with a line break.
#[must_use]
pub fn study_table(study: &Study, view: View) -> String {
    let mut page = Page::titled("Plug-in accuracy at sigma2_fk = 1");
    page.tell("model", &model(study));
    page.tell("engine", &engine(study));
    page.gap();
    page.table(columns(), study.cells.iter().map(row));
    page.gap();
    for (label, text) in LEGEND {
        page.tell(label, text);
    }
    if study.engine != Engine::ExactExpectation {
        let widths = format!(
            "widths, quantiles of the ratio and Monte-Carlo errors: --json or --out (widths of the \
             full posterior from {WIDTH_REPLICATES} data sets at most)"
        );
        page.tell("more", &widths);
    }
    page.show(view)
}

fn columns() -> [Column; 13] {
    let coverage = |title, key| Column::from((title, key)).under("coverage of 90 %");
    let risk = |title, key| Column::from((title, key)).under("risk");
    [
        ("K", "k").into(),
        Column::from("n").cut(WIDEST_DESIGN, WIDEST_DESIGN),
        "lambda".into(),
        ("ratio", "ratio_q50").into(),
        ("at 0", "boundary_share").into(),
        coverage("plug", "coverage_plugin"),
        coverage("corr", "coverage_corrected"),
        coverage("full", "coverage_full"),
        risk("plug", "risk_plugin"),
        risk("full", "risk_full"),
        ("K excess", "k_excess").into(),
        Column::unseen("k_excess_mcse"),
        "c".into(),
    ]
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

fn row(cell: &CellRecord) -> Vec<Cell> {
    vec![
        cell.k.to_string().into(),
        cell.n.to_string().into(),
        Cell::number(parameter(cell.lambda), Some(cell.lambda)),
        Cell::factor(cell.ratio_q50),
        Cell::share(cell.boundary_share),
        Cell::share(cell.coverage_plugin),
        Cell::share(cell.coverage_corrected),
        Cell::share(cell.coverage_full),
        Cell::factor(cell.risk_plugin),
        Cell::factor(cell.risk_full),
        Cell::number(excess(cell), cell.k_excess),
        Cell::figure(cell.k_excess_mcse, 1),
        Cell::figure(cell.c, 3),
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
