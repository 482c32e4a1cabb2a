//! A fit: the answer, and the tables behind it.

use super::cell::Cell;
use super::number::{Scale, counted};
use super::page::{Page, Tone};
use super::sentence;
use super::view::{Detail, View};
use crate::fit::{DiagnosticsRecord, Fit, Fitted, FkFigures};
use crate::summary::ParameterSummary;

/// FKs shown at most where only the answer is wanted.
const MOST_ROWS: usize = 15;
/// Parameters whose diagnostics are all shown; of more the worst are.
const MOST_DIAGNOSED: usize = 1000;
const WORST: usize = 20;

/// The record as text; it ends with a line break.
#[must_use]
pub fn render(fit: &Fit, view: View) -> String {
    let mut page = size(&fit.fitted);
    if let Some(incomplete) = fit.incomplete {
        let rest = sentence::incomplete(&fit.sampler, incomplete);
        page.judge("run", "INCOMPLETE:", Tone::Bad, &rest);
    }
    noise_and_model(&mut page, &fit.fitted);
    page.tell("sampler", &sentence::sampler(&fit.sampler));
    page.gap();
    importances(&mut page, fit, view);
    page.gap();
    variances(&mut page, fit);
    page.gap();
    conclusions(&mut page, fit);
    if view.detail == Detail::Full {
        parameters(&mut page, fit);
        diagnostics(&mut page, fit);
        variance_of_each(&mut page, fit);
        ranks(&mut page, fit);
    }
    page.show(view)
}

/// Data, noise and model, with which every answer starts.
pub(super) fn what_was_fitted(fitted: &Fitted) -> Page {
    let mut page = size(fitted);
    noise_and_model(&mut page, fitted);
    page
}

/// A page under the size of the data.
fn size(fitted: &Fitted) -> Page {
    let data = &fitted.data;
    let scores = match data.n_total {
        Some(n) => format!(", {}", counted(n as f64, "permutation")),
        None => String::new(),
    };
    Page::titled(&(counted(data.k as f64, "foreign key") + &scores))
}

fn noise_and_model(page: &mut Page, fitted: &Fitted) {
    if let Some(choice) = &fitted.noise_choice {
        page.tell("noise", &choice.reason);
    }
    let variance = fitted.data.sigma2_obs;
    let model = sentence::model(&fitted.model, fitted.hyperprior_is_default, variance);
    page.tell("model", &model);
}

/// One row per FK, the most important first.
fn importances(page: &mut Page, fit: &Fit, view: View) {
    let scale = importance_scale(fit);
    let unit = match scale.exponent {
        0 => "FK".to_owned(),
        exponent => format!("FK (in 1e{exponent})"),
    };
    let (all, short) = (fit.variance.len(), view.is_short());
    let order = by_median(fit, if short { MOST_ROWS } else { all });
    let figures = order.iter().filter_map(|&fk| fit.fk(fk));
    let columns = [
        (unit.as_str(), "fk"),
        ("n", "n"),
        ("raw", "mean"),
        ("median", "q50"),
        ("5 %", "q5"),
        ("95 %", "q95"),
        ("P(>0)", "p_positive"),
        ("P(1st)", "p_best"),
        ("full/plug", "ratio"),
    ];
    page.table(columns, figures.map(|of_fk| importance(&of_fk, scale)));
    if order.len() < all {
        let more = all - order.len();
        page.remark(&format!("({more} more with --full or --json)"));
    }
}

/// Places of the FKs with the largest medians, the largest first; of equals the first of the input comes first.
fn by_median(fit: &Fit, most: usize) -> Vec<usize> {
    let falling = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0);
    let mut order: Vec<(f64, usize)> = Vec::new();
    // Few are shown of many, most of which are below those that were seen before.
    let mut least = None;
    for one in fit.medians() {
        if least.is_some_and(|least| falling(&one, &least).is_ge()) {
            continue;
        }
        order.push(one);
        if order.len() >= 2 * most {
            order.sort_by(falling);
            order.truncate(most);
            least = order.last().copied();
        }
    }
    order.sort_by(falling);
    order.truncate(most);
    order.into_iter().map(|(_, fk)| fk).collect()
}

fn importance(of: &FkFigures, scale: Scale) -> Vec<Cell> {
    let (fk, alpha) = (&of.observed, &of.alpha);
    let estimate = |x, mcse| Cell::number(scale.show_supported(x, mcse), x);
    vec![
        fk.fk.as_str().into(),
        Cell::size(fk.n),
        Cell::number(scale.show(fk.mean), fk.mean),
        estimate(alpha.q50, alpha.mcse_q50),
        estimate(alpha.q5, alpha.mcse_q5),
        estimate(alpha.q95, alpha.mcse_q95),
        Cell::share(Some(of.rank.p_positive)),
        Cell::share(Some(of.rank.p_best)),
        Cell::factor(of.variance.ratio),
    ]
}

/// One scale for all importances: two digits of the smallest uncertainty.
fn importance_scale(fit: &Fit) -> Scale {
    let (mut largest, mut narrowest) = (0.0_f64, f64::INFINITY);
    for (_, alpha) in fit.parameters.importances().both() {
        let [q5, _, q95] = alpha.quantiles();
        for end in [q5, q95].into_iter().flatten() {
            largest = largest.max(end.abs());
        }
        let width = q95.zip(q5).map(|(q95, q5)| q95 - q5);
        narrowest = width
            .filter(|w| *w > 0.0)
            .map_or(narrowest, |w| narrowest.min(w));
    }
    let smallest_sd = narrowest / 3.3;
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
fn variances(page: &mut Page, fit: &Fit) {
    let plugin = |name: &str| match name {
        "sigma2_fk" => Some(fit.plugin.sigma2_fk),
        "lambda" => fit.plugin.lambda,
        _ => None,
    };
    let rows = fit
        .parameters
        .hyperparameters()
        .iter()
        .filter(|p| {
            let of_own_noise = p.name.starts_with("sigma2_obs[") || p.name == "d0";
            p.name != "log_density" && !of_own_noise
        })
        .map(|p| {
            vec![
                p.name.as_str().into(),
                Cell::estimate(p.q50, 3, p.mcse_q50),
                Cell::estimate(p.q5, 3, p.mcse_q5),
                Cell::estimate(p.q95, 3, p.mcse_q95),
                Cell::estimate(p.mean, 3, p.mcse_mean),
                Cell::figure(plugin(&p.name), 3),
            ]
        });
    page.table(["", "median", "5 %", "95 %", "mean", "plug-in"], rows);
}

fn conclusions(page: &mut Page, fit: &Fit) {
    chains(page, &fit.diagnostics, fit.exact_unavailable.as_deref());
    page.tell("plug-in", &fit.plugin_verdict);
    page.tell("intervals", sentence::COVERS);
    for warning in &fit.diagnostics.warnings {
        page.warn(warning);
    }
    if let Some(step) = &fit.next_step {
        page.tell("next", step);
    }
    if let Some(file) = &fit.draws_file {
        page.tell("draws", file);
    }
}

/// The verdict on the chains.
pub(super) fn chains(
    page: &mut Page,
    diagnostics: &DiagnosticsRecord,
    exact_unavailable: Option<&str>,
) {
    let (word, tone) = if diagnostics.ok {
        ("ok:", Tone::Good)
    } else {
        ("DO NOT TRUST:", Tone::Bad)
    };
    let rest = sentence::verdict(diagnostics, exact_unavailable);
    page.judge("chains", word, tone, &rest);
}

fn parameters(page: &mut Page, fit: &Fit) {
    page.heading("Parameters");
    let rows = fit.parameters.iter().map(|p| {
        vec![
            p.name.as_str().into(),
            Cell::estimate(p.mean, 3, p.mcse_mean),
            Cell::estimate(p.sd, 3, p.mcse_sd),
            Cell::estimate(p.q5, 3, p.mcse_q5),
            Cell::estimate(p.q50, 3, p.mcse_q50),
            Cell::estimate(p.q95, 3, p.mcse_q95),
        ]
    });
    page.table(["", "mean", "sd", "5 %", "50 %", "95 %"], rows);
}

fn diagnostics(page: &mut Page, fit: &Fit) {
    page.heading("Diagnostics");
    let mut shown: Vec<ParameterSummary> = fit.parameters.iter().collect();
    let all = shown.len();
    if all > MOST_DIAGNOSED {
        let r_hat = |p: &ParameterSummary| p.r_hat.unwrap_or(f64::NEG_INFINITY);
        let ess = |p: &ParameterSummary| p.ess_bulk.unwrap_or(f64::INFINITY);
        shown.sort_by(|a, b| {
            let by_r_hat = r_hat(b).total_cmp(&r_hat(a));
            by_r_hat.then(ess(a).total_cmp(&ess(b)))
        });
        shown.truncate(WORST);
    }
    let left_out = all - shown.len();
    let rows = shown.into_iter().map(|p| {
        vec![
            p.name.as_str().into(),
            Cell::maybe(p.r_hat, |r| format!("{r:.4}")),
            Cell::whole(p.ess_bulk),
            Cell::whole(p.ess_tail),
            Cell::figure(p.mcse_mean, 2),
            Cell::figure(p.mcse_sd, 2),
        ]
    });
    let columns = ["", "R-hat", "ESS bulk", "ESS tail", "MCSE mean", "MCSE sd"];
    page.table(columns, rows);
    if left_out > 0 {
        page.remark(&format!(
            "(the {WORST} worst by R-hat, then bulk ESS; {left_out} more with --json)"
        ));
    }
}

fn variance_of_each(page: &mut Page, fit: &Fit) {
    page.heading("Variance of each importance");
    let rows = fit.variance.iter().map(|v| {
        let mut row = vec![v.fk.as_str().into(), Cell::share(v.shrinkage)];
        row.push(Cell::figure(v.no_pooling, 3));
        row.push(Cell::estimate(v.full, 3, v.full_mcse));
        let parts = [v.expected_conditional, v.variance_of_mean];
        let others = [v.exact, v.corrected, v.plugin];
        row.extend(parts.into_iter().chain(others).map(|x| Cell::figure(x, 3)));
        row
    });
    let columns = [
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
    page.table(columns, rows);
}

fn ranks(page: &mut Page, fit: &Fit) {
    page.heading("Ranks (1: the largest, signed; from at most 4,000 evenly spaced draws)");
    let rows = fit.ranking.iter().map(|r| {
        vec![
            r.fk.as_str().into(),
            Cell::share(Some(r.p_best)),
            Cell::maybe(r.expected_rank, |x| format!("{x:.1}")),
            Cell::maybe(r.rank_q5, |x| format!("{x:.0}")),
            Cell::maybe(r.rank_q95, |x| format!("{x:.0}")),
        ]
    });
    page.table(["FK", "P(best)", "E[rank]", "5 %", "95 %"], rows);
}
