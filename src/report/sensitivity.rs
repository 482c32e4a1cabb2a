//! The sensitivity to the hyperprior for a terminal.

use super::number::{probability, ratio, significant};
use super::sentence;
use super::table::{View, aligned_with_gap, what_was_fitted, widths};
use super::terminal::{name, paragraph};
use crate::model::Hyperprior;
use crate::sensitivity::power_scaling::SENSITIVE;
use crate::sensitivity::{Alternative, Answer, PowerScaling, Sensitivity, rounded};

/// Behind hyperpriors that are shown for contrast.
const NOT_RECOMMENDED: &str = "*";
/// The column of the FK with the largest posterior mean.
const FIRST: usize = 4;
/// Its width at least and at most.
const NAME: (usize, usize) = (8, 24);

/// The sensitivity as text; it ends with a line break.
#[must_use]
pub fn render_sensitivity(found: &Sensitivity, view: View) -> String {
    let mut out = what_was_fitted(&found.fitted, view);
    let title = "sigma2_fk and importances under other hyperpriors (first row: the current one)";
    out.push_str(&format!("\n{}\n", view.paint.bold(title)));
    out.push_str(&table(found, view));
    if found.alternatives.iter().any(|other| !other.recommended) {
        out.push_str(&format!(
            "{NOT_RECOMMENDED} not recommended, for contrast only: it hangs on the unit of the scores\n"
        ));
    }
    out.push('\n');
    out.push_str(&conclusions(found, view));
    out
}

/// One row per hyperprior; the names of the FKs take what room is left.
fn table(found: &Sensitivity, view: View) -> String {
    let header = [
        "hyperprior",
        "median",
        "5 %",
        "95 %",
        "first",
        "P(1st)",
        "shift",
        "sd",
        "full/plug",
    ];
    let mut rows = vec![row(&found.current, None)];
    let others = found.alternatives.iter();
    rows.extend(others.map(|other| row(&other.answer, Some(other))));
    let others: usize = widths(&header, &rows)
        .iter()
        .enumerate()
        .filter(|(column, _)| *column != FIRST)
        .map(|(_, width)| width)
        .sum();
    let room = |gap: usize| view.width.saturating_sub(others + gap * (header.len() - 1));
    let gap = if room(2) >= NAME.0 { 2 } else { 1 };
    for row in &mut rows {
        if let Some(first) = row.get_mut(FIRST) {
            *first = name(first, room(gap).clamp(NAME.0, NAME.1));
        }
    }
    aligned_with_gap(&header, rows, gap, view)
}

fn row(answer: &Answer, other: Option<&Alternative>) -> Vec<String> {
    let mark = match other {
        Some(other) if !other.recommended => NOT_RECOMMENDED,
        _ => "",
    };
    let or_dash =
        |x: Option<f64>, show: &dyn Fn(f64) -> String| x.map_or_else(|| "-".to_owned(), show);
    let ratios = answer.ratio_low.zip(answer.ratio_high);
    vec![
        format!("{}{mark}", prior(&answer.prior)),
        significant(answer.sigma2_fk_q50, 2),
        significant(answer.sigma2_fk_q5, 2),
        significant(answer.sigma2_fk_q95, 2),
        answer.top_fk.clone(),
        or_dash(answer.p_best, &probability),
        or_dash(other.and_then(|other| other.max_shift_sd), &ratio),
        or_dash(other.and_then(|other| other.max_sd_ratio), &ratio),
        ratios.map_or_else(|| "-".to_owned(), range),
    ]
}

/// As the flag spells it.
fn prior(hyperprior: &Hyperprior) -> String {
    rounded(hyperprior).to_string()
}

fn range((low, high): (f64, f64)) -> String {
    let (low, high) = (ratio(low), ratio(high));
    if low == high {
        low
    } else {
        format!("{low}-{high}")
    }
}

fn conclusions(found: &Sensitivity, view: View) -> String {
    let mut out = String::new();
    for left_out in &found.left_out {
        let text = format!("{} is left out: {}", prior(&left_out.prior), left_out.why);
        out.push_str(&paragraph("not shown", &text, view.width));
    }
    let scaling = power_scaling(&found.power_scaling, found.fitted.model.hyperprior);
    out.push_str(&paragraph("power", &scaling, view.width));
    out.push_str(&paragraph("verdict", &found.verdict, view.width));
    out.push_str(&paragraph("intervals", sentence::COVERS, view.width));
    for warning in &found.warnings {
        let text = paragraph("warning", warning, view.width);
        out.push_str(&text.replacen("warning", &view.paint.warn("warning"), 1));
    }
    out
}

fn power_scaling(scaling: &PowerScaling, current: Option<Hyperprior>) -> String {
    let both = |prior: String, likelihood: String| {
        format!("{prior} by the hyperprior, {likelihood} by the likelihood")
    };
    let or_dash = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), figure);
    let mut parts = vec![format!(
        "sigma2_fk {} (sensitive above {SENSITIVE}){}",
        both(or_dash(scaling.prior), or_dash(scaling.likelihood)),
        scaling
            .diagnosis
            .map_or_else(String::new, |diagnosis| format!(": {diagnosis}"))
    )];
    let named = |value: Option<f64>, fk: &Option<String>| {
        Some(format!("{} ('{}')", figure(value?), fk.as_ref()?))
    };
    let prior = named(scaling.alpha_prior, &scaling.alpha_prior_fk);
    let likelihood = named(scaling.alpha_likelihood, &scaling.alpha_likelihood_fk);
    parts.push(match prior.zip(likelihood) {
        Some((prior, likelihood)) => format!("importances at most {}", both(prior, likelihood)),
        None => "for importances it is found only with known noise and normal importances".into(),
    });
    if current == Some(Hyperprior::Flat) {
        parts.push("a flat hyperprior to any power is itself".into());
    }
    parts.join("; ")
}

fn figure(x: f64) -> String {
    if x > 0.0 && x < 0.005 {
        "<0.01".to_owned()
    } else {
        format!("{x:.2}")
    }
}
