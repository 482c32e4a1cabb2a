//! The sensitivity to the hyperprior for a terminal.

use super::cell::Cell;
use super::fit::what_was_fitted;
use super::number::{ABSENT, ratio};
use super::page::Page;
use super::sentence;
use super::table::Column;
use super::view::View;
use crate::model::Hyperprior;
use crate::sensitivity::power_scaling::SENSITIVE;
use crate::sensitivity::{Alternative, Answer, PowerScaling, Sensitivity, rounded};

/// Behind hyperpriors that are shown for contrast.
const NOT_RECOMMENDED: &str = "*";
/// Columns that the name of the FK with the largest posterior mean takes, at least and at most.
const NAME: (usize, usize) = (8, 24);

/// The sensitivity as text; it ends with a line break.
#[must_use]
pub fn render_sensitivity(found: &Sensitivity, view: View) -> String {
    let mut page = what_was_fitted(&found.fitted);
    page.heading("sigma2_fk and importances under other hyperpriors (first row: the current one)");
    hyperpriors(&mut page, found);
    if found.alternatives.iter().any(|other| !other.recommended) {
        page.remark(&format!(
            "{NOT_RECOMMENDED} not recommended, for contrast only: it hangs on the unit of the scores"
        ));
    }
    page.gap();
    conclusions(&mut page, found);
    page.show(view)
}

/// One row per hyperprior; the names of the FKs take what room is left.
fn hyperpriors(page: &mut Page, found: &Sensitivity) {
    let columns = [
        // A hyperprior is shown whole.
        Column::from(("hyperprior", "prior")).cut(usize::MAX, usize::MAX),
        ("median", "sigma2_fk_q50").into(),
        ("5 %", "sigma2_fk_q5").into(),
        ("95 %", "sigma2_fk_q95").into(),
        Column::from(("first", "top_fk")).cut(NAME.0, NAME.1),
        ("P(1st)", "p_best").into(),
        ("shift", "max_shift_sd").into(),
        ("sd", "max_sd_ratio").into(),
        ("full/plug", "ratio_low").into(),
        Column::unseen("ratio_high"),
    ];
    let current = std::iter::once(row(&found.current, None));
    let others = found.alternatives.iter();
    let others = others.map(|other| row(&other.answer, Some(other)));
    page.table(columns, current.chain(others));
}

fn row(answer: &Answer, other: Option<&Alternative>) -> Vec<Cell> {
    let mark = match other {
        Some(other) if !other.recommended => NOT_RECOMMENDED,
        _ => "",
    };
    let ratios = answer.ratio_low.zip(answer.ratio_high);
    let range = ratios.map_or_else(|| ABSENT.to_owned(), range);
    vec![
        Cell {
            shown: format!("{}{mark}", prior(&answer.prior)),
            exact: answer.prior.to_string(),
        },
        Cell::figure(answer.sigma2_fk_q50, 2),
        Cell::figure(answer.sigma2_fk_q5, 2),
        Cell::figure(answer.sigma2_fk_q95, 2),
        answer.top_fk.as_str().into(),
        Cell::share(answer.p_best),
        Cell::factor(other.and_then(|other| other.max_shift_sd)),
        Cell::factor(other.and_then(|other| other.max_sd_ratio)),
        Cell::number(range, answer.ratio_low),
        Cell::factor(answer.ratio_high),
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

fn conclusions(page: &mut Page, found: &Sensitivity) {
    for left_out in &found.left_out {
        let text = format!("{} is left out: {}", prior(&left_out.prior), left_out.why);
        page.tell("not shown", &text);
    }
    let scaling = power_scaling(&found.power_scaling, found.fitted.model.hyperprior);
    page.tell("power", &scaling);
    page.tell("verdict", &found.verdict);
    page.tell("intervals", sentence::COVERS);
    for warning in &found.warnings {
        page.warn(warning);
    }
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
