//! The estimates of lambda for a terminal.

use super::number::{parameter, significant};
use super::table::{View, aligned, chains, what_was_fitted};
use super::terminal::paragraph;
use crate::fit::{About, CommonLambda, Inversion, Lambda};
use crate::lambda::{Check, Estimate, OwnLambda, ValidationRow};

/// FKs in the table of λ_k, and rows of the validation, at most; the JSON has all.
const MOST_FKS: usize = 15;
const MOST_ROWS: usize = 6;
/// A lambda without upper end, an error where none was predicted.
const INFINITE: &str = "inf";

/// The answer as text; it ends with a line break.
#[must_use]
pub fn render_lambda(found: &Lambda, view: View) -> String {
    let mut out = String::new();
    if let About::Scores(fitted) = &found.about {
        out.push_str(&what_was_fitted(fitted, view));
        let common = found.fks.is_empty();
        let known = found.fks.iter().any(|fk| fk.sigma2_obs.is_some());
        let tables = [
            Some(estimate_table(&found.estimates, common, view)),
            known.then(|| own_table(&found.fks, view)),
            (!found.validation.is_empty()).then(|| validation_table(&found.validation, view)),
        ];
        for table in tables.into_iter().flatten() {
            out.push('\n');
            out.push_str(&table);
        }
        out.push('\n');
    }
    out.push_str(&conclusions(found, view));
    out
}

/// λ with its interval, and σ²_FK with its own; the former only where there is one λ.
fn estimate_table(estimates: &[Estimate], with_lambda: bool, view: View) -> String {
    let rows = estimates
        .iter()
        .map(|estimate| {
            let mut row = vec![estimate.method.to_owned()];
            if with_lambda {
                let lambda = |x: Option<f64>, t: Option<f64>| match (x, t) {
                    (None, Some(0.0)) => INFINITE.to_owned(),
                    (x, _) => significant(x, 3),
                };
                row.push(lambda(estimate.lambda, estimate.sigma2_fk));
                row.push(significant(estimate.q5, 3));
                row.push(lambda(estimate.q95, estimate.sigma2_fk_q5));
                row.push(significant(estimate.mean, 3));
            }
            let of_t = [
                estimate.sigma2_fk,
                estimate.sigma2_fk_q5,
                estimate.sigma2_fk_q95,
            ];
            row.extend(of_t.map(|x| significant(x, 3)));
            row.push(interval(estimate));
            row
        })
        .collect();
    let of_lambda: &[&str] = match with_lambda {
        true => &["lambda", "5 %", "95 %", "mean"],
        false => &[],
    };
    let header = [&[""], of_lambda, &["sigma2_fk", "5 %", "95 %", "interval"]].concat();
    aligned(&header, rows, view)
}

/// What the interval is, and whether the estimate lies in it.
fn interval(estimate: &Estimate) -> String {
    let kind = estimate.interval.unwrap_or("-");
    let ends = estimate.sigma2_fk_q5.zip(estimate.sigma2_fk_q95);
    match estimate.sigma2_fk.zip(ends) {
        Some((t, (low, high))) if !(low..=high).contains(&t) => format!("{kind}, outside"),
        _ => kind.to_owned(),
    }
}

fn own_table(fks: &[OwnLambda], view: View) -> String {
    let rows = fks
        .iter()
        .take(MOST_FKS)
        .map(|fk| {
            let mut row = vec![
                fk.fk.clone(),
                fk.n.map_or_else(|| "-".to_owned(), |n| n.to_string()),
            ];
            let figures = [fk.sigma2_obs, fk.lambda, fk.q50, fk.q5, fk.q95];
            row.extend(figures.map(|x| significant(x, 3)));
            row
        })
        .collect();
    let header = ["FK", "n", "sigma2_obs", "lambda", "median", "5 %", "95 %"];
    let mut out = aligned(&header, rows, view);
    if fks.len() > MOST_FKS {
        out.push_str(&format!("({} more with --json)\n", fks.len() - MOST_FKS));
    }
    out
}

fn validation_table(rows: &[ValidationRow], view: View) -> String {
    let shown = rows.len().min(MOST_ROWS);
    // Evenly, from the first to the last.
    let place = |i: usize| (i * (rows.len() - 1) + (shown - 1) / 2) / (shown - 1).max(1);
    let rows = (0..shown)
        .filter_map(|i| rows.get(place(i)))
        .map(|row| {
            let share = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.3}"));
            vec![
                format!("from n = {}", row.n),
                row.fks.to_string(),
                share(row.predicted_reduction),
                share(row.observed_reduction),
                share(Some(row.formula)),
                significant(row.predicted_rmse, 3),
                significant(row.observed_rmse, 3),
                row.relative_error
                    .map_or_else(|| INFINITE.to_owned(), |error| format!("{error:.2}")),
                format!("{:.0} %", 100.0 * row.coverage),
            ]
        })
        .collect();
    let header = [
        "held out",
        "FKs",
        "predicted",
        "observed",
        "formula",
        "rmse",
        "observed",
        "obs/pred",
        "covers",
    ];
    aligned(&header, rows, view)
}

fn conclusions(found: &Lambda, view: View) -> String {
    let mut out = String::new();
    let mut say = |label: &str, text: &str| out.push_str(&paragraph(label, text, view.width));
    if let (Some(inversion), Some(lambda)) = (&found.inversion, found.inverted) {
        say("inverted", &inverted(inversion, lambda));
    }
    if let Some(common) = &found.common {
        say("common", &common_lambda(common));
    }
    for (methods, remark) in remarks(&found.estimates) {
        say("note", &format!("{}: {remark}", methods.join(", ")));
    }
    for (methods, why) in together(
        found
            .left_out
            .iter()
            .map(|out| (out.method, out.why.as_str())),
    ) {
        say("not shown", &format!("{}: {why}", methods.join(", ")));
    }
    if let Some(verdict) = &found.verdict {
        if let Some(why) = &found.validation_unavailable {
            say("held out", why);
        }
        if let Some(splits) = &found.splits {
            let (count, seed) = (splits.count, splits.seed);
            say(
                "seed",
                &format!("{seed}, of {count} random splits for each n"),
            );
        }
        match &found.checks_unavailable {
            Some(why) => say("checks", why),
            None => say("checks", &p_values(&found.checks)),
        }
        say("formula", verdict);
    }
    if let Some(diagnostics) = found.diagnostics.as_ref().filter(|d| !d.ok) {
        out.push_str(&chains(diagnostics, None, view));
    }
    // Noise that differs is no news where every FK has its own.
    let news = |check: &&Check| check.check != "noise" || found.fks.is_empty();
    let findings = found.checks.iter().filter(news);
    let findings = findings.filter_map(|check| check.finding.as_ref());
    for warning in findings.chain(&found.warnings) {
        let text = paragraph("warning", warning, view.width);
        out.push_str(&text.replacen("warning", &view.paint.warn("warning"), 1));
    }
    out
}

/// What is to be said of the estimates, each remark once.
fn remarks(estimates: &[Estimate]) -> Vec<(Vec<&str>, &str)> {
    let boundary = "sigma2_fk is estimated at 0: there is no finite lambda";
    let at_boundary = estimates.iter().filter(|estimate| estimate.at_boundary);
    let noted = estimates
        .iter()
        // What an interval says for itself needs no words.
        .filter(|estimate| !interval(estimate).ends_with("outside"))
        .filter_map(|estimate| Some((estimate.method, estimate.note.as_deref()?)));
    together(
        at_boundary
            .map(|estimate| (estimate.method, boundary))
            .chain(noted),
    )
}

/// Methods of which the same is to be said.
fn together<'a>(said: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(Vec<&'a str>, &'a str)> {
    let mut found: Vec<(Vec<&str>, &str)> = Vec::new();
    for (method, text) in said {
        match found.iter_mut().find(|(_, known)| *known == text) {
            Some((methods, _)) => methods.push(method),
            None => found.push((vec![method], text)),
        }
    }
    found
}

/// The p-values of all FKs together.
fn p_values(checks: &[Check]) -> String {
    let figure = |check: &Check| {
        let p = check.p_value.min(check.worst.p_value);
        if p < 1e-4 {
            format!("{} p < 0.0001", check.check)
        } else {
            format!("{} p = {}", check.check, parameter(p))
        }
    };
    let figures: Vec<String> = checks.iter().map(figure).collect();
    figures.join(", ")
}

fn inverted(inversion: &Inversion, lambda: f64) -> String {
    format!(
        "lambda = {}: {} scores after {} took {} % off the variance",
        significant(Some(lambda), 5),
        inversion.delta,
        inversion.n,
        significant(Some(100.0 * inversion.observed_reduction), 3)
    )
}

fn common_lambda(common: &CommonLambda) -> String {
    let lambda = match common.lambda {
        Some(lambda) => format!(
            "one lambda for all would be {}",
            significant(Some(lambda), 3)
        ),
        None => "one lambda for all would be infinite".to_owned(),
    };
    let verb = if common.log_bayes_factor > 0.0 {
        "against"
    } else {
        "for"
    };
    format!(
        "{lambda}; log Bayes factor {:.0} {verb} that",
        common.log_bayes_factor.abs()
    )
}
