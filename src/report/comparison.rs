//! The comparison of variances for a terminal.

use super::number::{count, probability, ratio, significant};
use super::sentence;
use super::table::{View, aligned, chains, what_was_fitted};
use super::terminal::paragraph;
use crate::fit::Comparison;
use crate::variance::{Borrowed, VarianceRow};

/// Sentences on sparse FKs at most; the JSON has all.
const MOST_SENTENCES: usize = 5;

/// The comparison as text; it ends with a line break.
#[must_use]
pub fn render_comparison(comparison: &Comparison, view: View) -> String {
    let mut out = what_was_fitted(&comparison.fitted, view);
    if let Some(sampler) = &comparison.sampler {
        out.push_str(&paragraph(
            "sampler",
            &sentence::sampler(sampler),
            view.width,
        ));
    }
    out.push_str(&format!(
        "\n{}\n",
        view.paint.bold("Variance of each importance")
    ));
    out.push_str(&variance_table(&comparison.variance, view));
    let parts = "Where it comes from: Var = E[V] + Var[mu]; widths of 90 % intervals";
    out.push_str(&format!("\n{}\n", view.paint.bold(parts)));
    out.push_str(&parts_table(&comparison.variance, view));
    out.push('\n');
    out.push_str(&conclusions(comparison, view));
    out
}

/// What pooling gained an FK.
fn gain(borrowed: &Borrowed) -> String {
    let (fk, sd) = (&borrowed.fk, significant(Some(borrowed.sd), 2));
    let Some(alone) = borrowed.sd_alone else {
        return format!("'{fk}' has no scores: what is known of it (sd {sd}) is all borrowed");
    };
    let figures = format!("sd {sd} in place of {}", significant(Some(alone), 2));
    match (borrowed.worth, borrowed.n) {
        (Some(worth), Some(n)) if worth >= 0.5 => {
            let gained = count(worth);
            format!("'{fk}' gains what {gained} permutations beside its {n} would bring: {figures}")
        }
        (Some(_), Some(n)) => {
            format!("'{fk}' gains nothing beside its {n} permutations: {figures}")
        }
        _ => format!("'{fk}' has {figures}"),
    }
}

fn or_dash(x: Option<f64>, show: impl Fn(f64) -> String) -> String {
    x.map_or_else(|| "-".to_owned(), show)
}

/// From no pooling to the plug-in; `covers` is what the plug-in's 90 % interval really covers.
fn variance_table(rows: &[VarianceRow], view: View) -> String {
    let has_chain = rows.iter().any(|row| row.full_mcse.is_some());
    let rows = rows
        .iter()
        .map(|v| {
            let mut row = vec![
                v.fk.clone(),
                v.n.map_or_else(|| "-".to_owned(), |n| n.to_string()),
            ];
            let full = has_chain.then_some(v.full);
            let others = [v.exact, v.corrected, v.plugin];
            let figures = [v.no_pooling].into_iter().chain(full).chain(others);
            row.extend(figures.map(|x| significant(x, 3)));
            row.push(or_dash(v.ratio, ratio));
            row.push(or_dash(v.plugin_coverage, |c| {
                format!("{:.0} %", 100.0 * c)
            }));
            row
        })
        .collect();
    let full = if has_chain { &["full"][..] } else { &[] };
    let header = [
        &["FK", "n", "alone"][..],
        full,
        &["exact", "corrected", "plug-in", "full/plug", "covers"],
    ]
    .concat();
    aligned(&header, rows, view)
}

fn parts_table(rows: &[VarianceRow], view: View) -> String {
    let rows = rows
        .iter()
        .map(|v| {
            let mut row = vec![v.fk.clone(), or_dash(v.shrinkage, probability)];
            row.extend([v.expected_conditional, v.variance_of_mean].map(|x| significant(x, 3)));
            row.push(significant(v.full_mcse, 2));
            row.extend([v.width_full, v.width_plugin].map(|x| significant(x, 3)));
            row
        })
        .collect();
    let header = ["FK", "B", "E[V]", "Var[mu]", "MCSE", "width", "plug-in's"];
    aligned(&header, rows, view)
}

fn conclusions(comparison: &Comparison, view: View) -> String {
    let mut out = paragraph("plug-in", &comparison.verdict, view.width);
    let sentences = &comparison.borrowed;
    for borrowed in sentences.iter().take(MOST_SENTENCES) {
        out.push_str(&paragraph("pooling", &gain(borrowed), view.width));
    }
    if sentences.len() > MOST_SENTENCES {
        let rest = format!(
            "and {} more sparse FKs: --json has all",
            sentences.len() - MOST_SENTENCES
        );
        out.push_str(&paragraph("pooling", &rest, view.width));
    }
    if let Some(diagnostics) = &comparison.diagnostics {
        let why = comparison.exact_unavailable.as_deref();
        out.push_str(&chains(diagnostics, why, view));
    }
    out.push_str(&paragraph("intervals", sentence::COVERS, view.width));
    for warning in &comparison.warnings {
        let text = paragraph("warning", warning, view.width);
        out.push_str(&text.replacen("warning", &view.paint.warn("warning"), 1));
    }
    out
}
