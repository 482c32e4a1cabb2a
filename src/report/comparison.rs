//! The comparison of variances for a terminal.

use super::cell::Cell;
use super::fit::{chains, what_was_fitted};
use super::number::{count, significant};
use super::page::Page;
use super::sentence;
use super::view::View;
use crate::data::PerFk;
use crate::fit::Comparison;
use crate::variance::{Borrowed, Variances};

/// Sentences on sparse FKs at most; the JSON has all.
const MOST_SENTENCES: usize = 5;

/// The comparison as text; it ends with a line break.
#[must_use]
pub fn render_comparison(comparison: &Comparison, view: View) -> String {
    let mut page = what_was_fitted(&comparison.fitted);
    if let Some(sampler) = &comparison.sampler {
        page.tell("sampler", &sentence::sampler(sampler));
    }
    page.heading("Variance of each importance");
    variances(&mut page, &comparison.variance);
    page.heading("Where it comes from: Var = E[V] + Var[mu]; widths of 90 % intervals");
    parts(&mut page, &comparison.variance);
    page.gap();
    conclusions(&mut page, comparison);
    page.show(view)
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

/// From no pooling to the plug-in; `covers` is what the plug-in's 90 % interval really covers.
fn variances(page: &mut Page, rows: &PerFk<Variances>) {
    let has_chain = rows.iter().any(|row| row.full_mcse.is_some());
    let rows = rows.iter().map(|v| {
        let mut row = vec![v.fk.as_str().into(), Cell::size(v.n)];
        row.push(Cell::figure(v.no_pooling, 3));
        row.extend(has_chain.then(|| Cell::estimate(v.full, 3, v.full_mcse)));
        row.extend([v.exact, v.corrected, v.plugin].map(|x| Cell::figure(x, 3)));
        row.push(Cell::factor(v.ratio));
        let percent = |share| format!("{:.0} %", 100.0 * share);
        row.push(Cell::maybe(v.plugin_coverage, percent));
        row
    });
    let full = [("full", "full")];
    let full = if has_chain { &full[..] } else { &[] };
    let columns = [
        &[("FK", "fk"), ("n", "n"), ("alone", "no_pooling")][..],
        full,
        &[
            ("exact", "exact"),
            ("corrected", "corrected"),
            ("plug-in", "plugin"),
            ("full/plug", "ratio"),
            ("covers", "plugin_coverage"),
        ],
    ];
    page.table(columns.concat(), rows);
}

fn parts(page: &mut Page, rows: &PerFk<Variances>) {
    let rows = rows.iter().map(|v| {
        let mut row = vec![v.fk.as_str().into(), Cell::share(v.shrinkage)];
        let parts = [v.expected_conditional, v.variance_of_mean];
        row.extend(parts.map(|x| Cell::figure(x, 3)));
        row.push(Cell::figure(v.full_mcse, 2));
        row.extend([v.width_full, v.width_plugin].map(|x| Cell::figure(x, 3)));
        row
    });
    let columns = ["FK", "B", "E[V]", "Var[mu]", "MCSE", "width", "plug-in's"];
    page.table(columns, rows);
}

fn conclusions(page: &mut Page, comparison: &Comparison) {
    page.tell("plug-in", &comparison.verdict);
    let sentences = &comparison.borrowed;
    for borrowed in sentences.iter().take(MOST_SENTENCES) {
        page.tell("pooling", &gain(borrowed));
    }
    if sentences.len() > MOST_SENTENCES {
        let rest = format!(
            "and {} more sparse FKs: --json has all",
            sentences.len() - MOST_SENTENCES
        );
        page.tell("pooling", &rest);
    }
    if let Some(diagnostics) = &comparison.diagnostics {
        chains(page, diagnostics, comparison.exact_unavailable.as_deref());
    }
    page.tell("intervals", sentence::COVERS);
    for warning in &comparison.warnings {
        page.warn(warning);
    }
}
