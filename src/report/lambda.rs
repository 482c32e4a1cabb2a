//! The estimates of lambda.

use super::cell::Cell;
use super::fit::{chains, what_was_fitted};
use super::number::{parameter, significant};
use super::page::Page;
use super::view::{Form, View};
use crate::fit::{About, CommonLambda, Inversion, Lambda};
use crate::lambda::{Check, Estimate, OwnLambda, ValidationRow};

/// FKs in the table of λ_k, and rows of the validation, unless all are asked for.
const MOST_FKS: usize = 15;
const MOST_ROWS: usize = 6;
/// A lambda without upper end, an error where none was predicted.
const INFINITE: &str = "inf";

/// The answer as text; it ends with a line break.
#[must_use]
pub fn render_lambda(found: &Lambda, view: View) -> String {
    let mut page = Page::default();
    if let About::Scores(fitted) = &found.about {
        page = what_was_fitted(fitted);
        page.gap();
        estimates(&mut page, found);
        if found.fks.iter().any(|fk| fk.sigma2_obs.is_some()) {
            page.gap();
            own_lambdas(&mut page, &found.fks, view);
        }
        if !found.validation.is_empty() {
            page.gap();
            validation(&mut page, &found.validation, view);
        }
        page.gap();
    }
    conclusions(&mut page, found);
    if let (About::Nothing { .. }, Form::Csv) = (&found.about, view.form) {
        inversion_alone(&mut page, found);
    }
    page.show(view)
}

/// What a sentence says to people, for programs.
fn inversion_alone(page: &mut Page, found: &Lambda) {
    let row = found.inversion.as_ref().map(|inversion| {
        vec![
            Cell::size(Some(inversion.n)),
            Cell::size(Some(inversion.delta)),
            Cell::figure(Some(inversion.observed_reduction), 3),
            Cell::figure(found.inverted, 5),
        ]
    });
    page.table(["n", "delta", "observed_reduction", "lambda"], row);
}

/// λ with its interval, and σ²_FK with its own; the former only where there is one λ.
fn estimates(page: &mut Page, found: &Lambda) {
    let with_lambda = found.fks.is_empty();
    let row = |estimate: &Estimate| {
        let mut row: Vec<Cell> = vec![estimate.method.into()];
        if with_lambda {
            let lambda = |x: Option<f64>, t: Option<f64>| match (x, t) {
                (None, Some(0.0)) => Cell::number(INFINITE.to_owned(), None),
                (x, _) => Cell::figure(x, 3),
            };
            row.push(lambda(estimate.lambda, estimate.sigma2_fk));
            row.push(Cell::figure(estimate.q5, 3));
            row.push(lambda(estimate.q95, estimate.sigma2_fk_q5));
            row.push(Cell::figure(estimate.mean, 3));
        }
        let of_t = [
            estimate.sigma2_fk,
            estimate.sigma2_fk_q5,
            estimate.sigma2_fk_q95,
        ];
        row.extend(of_t.map(|x| Cell::figure(x, 3)));
        row.push(interval(estimate).into());
        row
    };
    let of_lambda: &[(&str, &str)] = match with_lambda {
        true => &[
            ("lambda", "lambda"),
            ("5 %", "q5"),
            ("95 %", "q95"),
            ("mean", "mean"),
        ],
        false => &[],
    };
    let of_t = [
        ("sigma2_fk", "sigma2_fk"),
        ("5 %", "sigma2_fk_q5"),
        ("95 %", "sigma2_fk_q95"),
        ("interval", "interval"),
    ];
    let columns = [&[("", "method")], of_lambda, &of_t].concat();
    page.table(columns, found.estimates.iter().map(row));
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

fn own_lambdas(page: &mut Page, fks: &[OwnLambda], view: View) {
    let shown = if view.is_short() {
        MOST_FKS.min(fks.len())
    } else {
        fks.len()
    };
    let row = |fk: &OwnLambda| {
        let mut row: Vec<Cell> = vec![fk.fk.as_str().into(), Cell::size(fk.n)];
        let figures = [fk.sigma2_obs, fk.lambda, fk.q50, fk.q5, fk.q95];
        row.extend(figures.map(|x| Cell::figure(x, 3)));
        row
    };
    let columns = [
        ("FK", "fk"),
        ("n", "n"),
        ("sigma2_obs", "sigma2_obs"),
        ("lambda", "lambda"),
        ("median", "q50"),
        ("5 %", "q5"),
        ("95 %", "q95"),
    ];
    page.table(columns, fks[..shown].iter().map(row));
    if shown < fks.len() {
        page.remark(&format!("({} more with --json)", fks.len() - shown));
    }
}

fn validation(page: &mut Page, rows: &[ValidationRow], view: View) {
    let shown = if view.is_short() {
        rows.len().min(MOST_ROWS)
    } else {
        rows.len()
    };
    // Evenly, from the first to the last.
    let place = |i: usize| (i * (rows.len() - 1) + (shown - 1) / 2) / (shown - 1).max(1);
    let cells = |row: &ValidationRow| {
        let share = |x: Option<f64>| Cell::maybe(x, |x| format!("{x:.3}"));
        let relative = match row.relative_error {
            None => Cell::number(INFINITE.to_owned(), None),
            error => Cell::maybe(error, |error| format!("{error:.2}")),
        };
        vec![
            Cell::number(format!("from n = {}", row.n), Some(row.n as f64)),
            Cell::size(Some(row.fks as u64)),
            share(row.predicted_reduction),
            share(row.observed_reduction),
            share(Some(row.formula)),
            Cell::figure(row.predicted_rmse, 3),
            Cell::figure(row.observed_rmse, 3),
            relative,
            Cell::maybe(Some(row.coverage), |share| {
                format!("{:.0} %", 100.0 * share)
            }),
        ]
    };
    let columns = [
        ("held out", "n"),
        ("FKs", "fks"),
        ("predicted", "predicted_reduction"),
        ("observed", "observed_reduction"),
        ("formula", "formula"),
        ("rmse", "predicted_rmse"),
        ("observed", "observed_rmse"),
        ("obs/pred", "relative_error"),
        ("covers", "coverage"),
    ];
    let shown = (0..shown).filter_map(|i| rows.get(place(i)));
    page.table(columns, shown.map(cells));
}

fn conclusions(page: &mut Page, found: &Lambda) {
    if let (Some(inversion), Some(lambda)) = (&found.inversion, found.inverted) {
        page.tell("inverted", &inverted(inversion, lambda));
    }
    if let Some(common) = &found.common {
        page.tell("common", &common_lambda(common));
    }
    for (methods, remark) in remarks(&found.estimates) {
        page.tell("note", &format!("{}: {remark}", methods.join(", ")));
    }
    let left_out = found.left_out.iter();
    for (methods, why) in together(left_out.map(|out| (out.method, out.why.as_str()))) {
        page.tell("not shown", &format!("{}: {why}", methods.join(", ")));
    }
    if let Some(verdict) = &found.verdict {
        tell_validation(page, found);
        page.tell("formula", verdict);
    }
    if let Some(diagnostics) = found.diagnostics.as_ref().filter(|d| !d.ok) {
        chains(page, diagnostics, None);
    }
    // Noise that differs is no news where every FK has its own.
    let news = |check: &&Check| check.check != "noise" || found.fks.is_empty();
    let findings = found.checks.iter().filter(news);
    let findings = findings.filter_map(|check| check.finding.as_ref());
    for warning in findings.chain(&found.warnings) {
        page.warn(warning);
    }
}

/// How the scores were held out, and what was checked besides.
fn tell_validation(page: &mut Page, found: &Lambda) {
    if let Some(why) = &found.validation_unavailable {
        page.tell("held out", why);
    }
    if let Some(splits) = &found.splits {
        let (count, seed) = (splits.count, splits.seed);
        page.tell(
            "seed",
            &format!("{seed}, of {count} random splits for each n"),
        );
    }
    match &found.checks_unavailable {
        Some(why) => page.tell("checks", why),
        None => page.tell("checks", &p_values(&found.checks)),
    }
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
