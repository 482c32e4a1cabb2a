//! The record as tables for a terminal.

use super::number::{Scale, count, probability, ratio, significant};
use super::paint::Paint;
use super::sentence;
use super::terminal::{name, paragraph};
use crate::fit::{DiagnosticsRecord, Fit, Fitted};
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

/// FKs shown at most where only the answer is wanted.
const MOST_ROWS: usize = 15;
/// Columns that the name of an FK keeps at least.
const NARROWEST_NAME: usize = 12;

/// How much to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The answer on one screen.
    Answer,
    /// The parameter, diagnostics and variance tables too.
    Full,
}

/// How to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Columns of the terminal.
    pub width: usize,
    /// How much to show.
    pub detail: Detail,
    /// Colours.
    pub paint: Paint,
}

/// The record as text; it ends with a line break.
#[must_use]
pub fn render(fit: &Fit, view: View) -> String {
    let mut out = heading(fit, view);
    out.push('\n');
    out.push_str(&answer_table(fit, view));
    out.push('\n');
    out.push_str(&variances(fit, view));
    out.push('\n');
    out.push_str(&conclusions(fit, view));
    if view.detail == Detail::Full {
        for (title, table) in [
            ("Parameters", parameter_table(fit, view)),
            ("Diagnostics", diagnostics_table(fit, view)),
            ("Variance of each importance", variance_table(fit, view)),
            (
                "Ranks (1: the largest, signed; from at most 4,000 evenly spaced draws)",
                ranking_table(fit, view),
            ),
        ] {
            out.push_str(&format!("\n{}\n{table}", view.paint.bold(title)));
        }
    }
    out
}

fn heading(fit: &Fit, view: View) -> String {
    let mut out = what_was_fitted(&fit.fitted, view);
    out.push_str(&paragraph(
        "sampler",
        &sentence::sampler(&fit.sampler),
        view.width,
    ));
    out
}

/// Data, noise and model, with which every answer starts.
pub(super) fn what_was_fitted(fitted: &Fitted, view: View) -> String {
    let data = &fitted.data;
    let scores = match data.n_total {
        Some(n) => format!(", {} permutations", count(n as f64)),
        None => String::new(),
    };
    let title = format!("{} foreign keys{scores}", data.k);
    let mut out = view.paint.bold(&title) + "\n";
    if let Some(choice) = &fitted.noise_choice {
        out.push_str(&paragraph("noise", &choice.reason, view.width));
    }
    let model = sentence::model(&fitted.model, fitted.hyperprior_is_default, data.sigma2_obs);
    out.push_str(&paragraph("model", &model, view.width));
    out
}

/// One row per FK, the most important first.
fn answer_table(fit: &Fit, view: View) -> String {
    let first_alpha = fit.parameters.len() - fit.fitted.data.k;
    let alphas = &fit.parameters[first_alpha..];
    let scale = importance_scale(fit);
    let unit = match scale.exponent {
        0 => "FK".to_owned(),
        exponent => format!("FK (in 1e{exponent})"),
    };
    let mut order: Vec<usize> = (0..fit.fitted.data.k).collect();
    let median = |k: usize| alphas[k].q50.unwrap_or(f64::NEG_INFINITY);
    order.sort_by(|&i, &j| median(j).total_cmp(&median(i)));
    let shown = if view.detail == Detail::Full {
        order.len()
    } else {
        MOST_ROWS.min(order.len())
    };
    let rows: Vec<Vec<String>> = order[..shown]
        .iter()
        .map(|&k| {
            let (fk, alpha) = (&fit.fitted.data.fks[k], &alphas[k]);
            vec![
                fk.fk.clone(),
                fk.n.map_or_else(|| "-".to_owned(), |n| n.to_string()),
                scale.show(fk.mean),
                scale.show(alpha.q50),
                scale.show(alpha.q5),
                scale.show(alpha.q95),
                probability(fit.ranking[k].p_positive),
                probability(fit.ranking[k].p_best),
                fit.variance[k].ratio.map_or_else(|| "-".into(), ratio),
            ]
        })
        .collect();
    let header = [
        &unit,
        "n",
        "raw",
        "median",
        "5 %",
        "95 %",
        "P(>0)",
        "P(1st)",
        "full/plug",
    ];
    let mut out = aligned(&header, rows, view);
    if shown < order.len() {
        out.push_str(&format!(
            "({} more with --full or --json)\n",
            order.len() - shown
        ));
    }
    out
}

/// One scale for all importances: two digits of the smallest uncertainty.
fn importance_scale(fit: &Fit) -> Scale {
    let largest = fit
        .parameters
        .iter()
        .skip(fit.parameters.len() - fit.fitted.data.k)
        .flat_map(|p| [p.q5, p.q95])
        .flatten()
        .fold(0.0, |top: f64, x| top.max(x.abs()));
    let smallest_sd = fit
        .parameters
        .iter()
        .skip(fit.parameters.len() - fit.fitted.data.k)
        .filter_map(|p| Some(p.q95? - p.q5?))
        .filter(|&width| width > 0.0)
        .fold(f64::INFINITY, f64::min)
        / 3.3;
    Scale::new(
        largest,
        if smallest_sd.is_finite() {
            smallest_sd
        } else {
            largest
        },
    )
}

/// σ²_FK, σ²_obs and λ beside their plug-in values; what FKs have of their own is left to the table of
/// all parameters.
fn variances(fit: &Fit, view: View) -> String {
    let plugin = |name: &str| match name {
        "sigma2_fk" => Some(fit.plugin.sigma2_fk),
        "lambda" => fit.plugin.lambda,
        _ => None,
    };
    let rows = fit
        .parameters
        .iter()
        .take(fit.parameters.len() - fit.fitted.data.k)
        .filter(|p| {
            let of_own_noise = p.name.starts_with("sigma2_obs[") || p.name == "d0";
            p.name != "log_density" && !of_own_noise
        })
        .map(|p| {
            vec![
                p.name.clone(),
                significant(p.q50, 3),
                significant(p.q5, 3),
                significant(p.q95, 3),
                significant(p.mean, 3),
                significant(plugin(&p.name), 3),
            ]
        })
        .collect();
    aligned(
        &["", "median", "5 %", "95 %", "mean", "plug-in"],
        rows,
        view,
    )
}

fn conclusions(fit: &Fit, view: View) -> String {
    let paint = view.paint;
    let mut out = String::new();
    let why = fit.exact_unavailable.as_deref();
    out.push_str(&chains(&fit.diagnostics, why, view));
    out.push_str(&paragraph("plug-in", &fit.plugin_verdict(), view.width));
    out.push_str(&paragraph("intervals", sentence::COVERS, view.width));
    for warning in &fit.diagnostics.warnings {
        let text = paragraph("warning", warning, view.width);
        out.push_str(&text.replacen("warning", &paint.warn("warning"), 1));
    }
    if let Some(step) = &fit.next_step {
        out.push_str(&paragraph("next", step, view.width));
    }
    if let Some(file) = &fit.draws_file {
        out.push_str(&paragraph("draws", file, view.width));
    }
    out
}

/// The verdict on the chains.
pub(super) fn chains(
    diagnostics: &DiagnosticsRecord,
    exact_unavailable: Option<&str>,
    view: View,
) -> String {
    let (word, painted) = if diagnostics.ok {
        ("ok: ", view.paint.good("ok: "))
    } else {
        ("DO NOT TRUST: ", view.paint.bad("DO NOT TRUST: "))
    };
    let sentence = sentence::verdict(diagnostics, exact_unavailable);
    let verdict = paragraph("chains", &format!("{word}{sentence}"), view.width);
    verdict.replacen(word, &painted, 1)
}

fn parameter_table(fit: &Fit, view: View) -> String {
    let rows = fit
        .parameters
        .iter()
        .map(|p| {
            let mut row = vec![p.name.clone()];
            row.extend([p.mean, p.sd, p.q5, p.q50, p.q95].map(|x| significant(x, 3)));
            row
        })
        .collect();
    aligned(&["", "mean", "sd", "5 %", "50 %", "95 %"], rows, view)
}

fn diagnostics_table(fit: &Fit, view: View) -> String {
    let rows = fit
        .parameters
        .iter()
        .map(|p| {
            let whole = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), count);
            vec![
                p.name.clone(),
                p.r_hat
                    .map_or_else(|| "-".to_owned(), |r| format!("{r:.4}")),
                whole(p.ess_bulk),
                whole(p.ess_tail),
                significant(p.mcse_mean, 2),
                significant(p.mcse_sd, 2),
            ]
        })
        .collect();
    aligned(
        &["", "R-hat", "ESS bulk", "ESS tail", "MCSE mean", "MCSE sd"],
        rows,
        view,
    )
}

fn variance_table(fit: &Fit, view: View) -> String {
    let rows = fit
        .variance
        .iter()
        .map(|v| {
            let mut row = vec![
                v.fk.clone(),
                v.shrinkage.map_or_else(|| "-".into(), probability),
            ];
            let figures = [
                v.no_pooling,
                v.full,
                v.expected_conditional,
                v.variance_of_mean,
                v.exact,
                v.corrected,
                v.plugin,
            ];
            row.extend(figures.map(|x| significant(x, 3)));
            row
        })
        .collect();
    let header = [
        "FK",
        "B",
        "s",
        "full",
        "E[V]",
        "Var[mu]",
        "exact",
        "corrected",
        "plug-in",
    ];
    aligned(&header, rows, view)
}

fn ranking_table(fit: &Fit, view: View) -> String {
    let rows = fit
        .ranking
        .iter()
        .map(|r| {
            vec![
                r.fk.clone(),
                probability(r.p_best),
                format!("{:.1}", r.expected_rank),
                format!("{:.0}", r.rank_q5),
                format!("{:.0}", r.rank_q95),
            ]
        })
        .collect();
    aligned(&["FK", "P(best)", "E[rank]", "5 %", "95 %"], rows, view)
}

/// Columns aligned, the first to the left, within the terminal: the first column yields.
pub(super) fn aligned(header: &[&str], rows: Vec<Vec<String>>, view: View) -> String {
    let figures: usize = widths(header, &rows).iter().skip(1).sum();
    // Where the columns are many, they stand closer together.
    let roomy = figures + 2 * (header.len() - 1) + NARROWEST_NAME <= view.width;
    aligned_with_gap(header, rows, if roomy { 2 } else { 1 }, view)
}

/// The width of every column, its header included.
pub(super) fn widths(header: &[&str], rows: &[Vec<String>]) -> Vec<usize> {
    let widest = |(column, title): (usize, &&str)| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .chain([title.chars().count()])
            .max()
            .unwrap_or(0)
    };
    header.iter().enumerate().map(widest).collect()
}

/// The same with a given number of blanks between columns.
pub(super) fn aligned_with_gap(
    header: &[&str],
    rows: Vec<Vec<String>>,
    gap: usize,
    view: View,
) -> String {
    let columns = header.len();
    let figures: usize = widths(header, &rows).iter().skip(1).sum();
    let taken = figures + gap * (columns - 1);
    let first_width = view.width.saturating_sub(taken).max(NARROWEST_NAME);
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(header);
    for mut row in rows {
        if let Some(first) = row.first_mut() {
            *first = name(first, first_width);
        }
        table.add_row(row);
    }
    for (i, column) in table.column_iter_mut().enumerate() {
        let right = if i + 1 < columns { gap as u16 } else { 0 };
        column.set_padding((0, right));
        if i > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}
