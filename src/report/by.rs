//! A run over tasks: what was fitted, the tasks to look at first, and where the rest is.

use super::cell::Cell;
use super::number::{count, counted, ratio};
use super::page::{Page, Tone};
use super::sentence;
use super::table::Column;
use super::terminal::name;
use super::view::{Form, View};
use crate::by::{TaskFits, TaskRecord};
use crate::model::{Location, Noise};
use crate::sampler::SamplerKind;
use std::cmp::Reverse;

/// Tasks shown where only the answer is wanted.
const MOST_ROWS: usize = 20;
/// Columns of a task's name within a sentence.
const WIDEST_NAME: usize = 40;
/// Failures told in words.
const MOST_FAILURES: usize = 5;

/// The record as text; it ends with a line break.
#[must_use]
pub fn render_tasks(fits: &TaskFits, view: View) -> String {
    let mut page = what_was_fitted(fits);
    page.gap();
    let order = match view.form {
        Form::Csv => fits.tasks.iter().collect(),
        _ => worst_first(&fits.tasks),
    };
    let shown = if view.is_short() {
        MOST_ROWS.min(order.len())
    } else {
        order.len()
    };
    page.table(columns(fits), order[..shown].iter().map(|task| row(task)));
    if shown < order.len() {
        page.remark(&format!(
            "({} more with --full, --format csv or --json)",
            count((order.len() - shown) as f64)
        ));
    }
    page.gap();
    conclusions(&mut page, fits);
    page.show(view)
}

fn what_was_fitted(fits: &TaskFits) -> Page {
    let totals = &fits.totals;
    let scores = match totals.n_total {
        Some(n) => format!(", {} permutations", count(n as f64)),
        None => String::new(),
    };
    let mut page = Page::titled(&format!(
        "{} tasks, {} foreign keys{scores}",
        count(totals.tasks as f64),
        count(totals.fks as f64)
    ));
    page.tell("model", &model(fits));
    let sampler = match fits.sampler.settings.kind {
        SamplerKind::Gibbs => format!(
            "{}; each task a seed of its own",
            sentence::sampler(&fits.sampler)
        ),
        SamplerKind::Exact => {
            "none: moments and quantiles by quadrature, so that there is no R-hat and \
                               no ESS"
                .to_owned()
        }
    };
    page.tell("sampler", &sampler);
    page
}

fn model(fits: &TaskFits) -> String {
    let model = &fits.model;
    let prior = match model.hyperprior {
        Some(hyperprior) => format!("hyperprior {hyperprior}"),
        None => "the default hyperprior at the scale of each task's noise".to_owned(),
    };
    let location = match model.location {
        Location::Zero => "",
        Location::Flat => ", location flat",
    };
    format!(
        "{prior}; {}; {} importances{location}",
        noise(fits),
        model.importance
    )
}

/// With `auto`, what it came to.
fn noise(fits: &TaskFits) -> String {
    let stated = format!("noise {}", fits.model.noise);
    if fits.model.noise != Noise::Auto {
        return stated;
    }
    let in_force = || fits.tasks.iter().filter_map(|task| task.noise);
    let mut kinds: Vec<Noise> = Vec::new();
    for noise in in_force() {
        if !kinds.contains(&noise) {
            kinds.push(noise);
        }
    }
    let parts: Vec<String> = kinds
        .iter()
        .map(|kind| {
            let tasks = in_force().filter(|noise| noise == kind).count();
            format!("{kind} in {}", tasks_of(tasks))
        })
        .collect();
    format!("{stated} ({})", parts.join(", "))
}

/// The tasks that deserve a look, first: failed, not to be trusted, largest full/plug-in.
fn worst_first(tasks: &[TaskRecord]) -> Vec<&TaskRecord> {
    let mut order: Vec<&TaskRecord> = tasks.iter().collect();
    let descending = |a: Option<f64>, b: Option<f64>| {
        let low = f64::NEG_INFINITY;
        b.unwrap_or(low).total_cmp(&a.unwrap_or(low))
    };
    order.sort_by(|a, b| {
        let class = |task: &TaskRecord| Reverse((task.error.is_some(), !task.ok));
        class(a)
            .cmp(&class(b))
            .then_with(|| match a.ok {
                true => std::cmp::Ordering::Equal,
                false => descending(a.max_r_hat, b.max_r_hat),
            })
            .then_with(|| descending(a.max_ratio, b.max_ratio))
    });
    order
}

/// Without chains there is nothing to diagnose.
fn columns(fits: &TaskFits) -> Vec<Column> {
    let of_chains = |title: &str, key: &str| match fits.sampler.settings.kind {
        SamplerKind::Gibbs => Column::from((title, key)),
        SamplerKind::Exact => Column::unseen(key),
    };
    vec![
        Column::from("task").cut(12, 24),
        ("FKs", "k").into(),
        ("n", "n_total").into(),
        ("sigma2_fk", "sigma2_fk_q50").into(),
        Column::from(("first FK", "top_fk")).cut(10, 24),
        ("full/plug", "max_ratio").into(),
        of_chains("R-hat", "max_r_hat"),
        of_chains("ESS", "min_ess_bulk"),
        Column::unseen("max_abs_z"),
        ("", "state").into(),
        Column::unseen("noise"),
        Column::unseen("seed"),
        Column::unseen("error"),
    ]
}

fn row(task: &TaskRecord) -> Vec<Cell> {
    let text = |text: Option<String>| match text {
        Some(text) => Cell::from(text),
        None => Cell::maybe(None, ratio),
    };
    vec![
        task.task.as_str().into(),
        Cell::size(Some(task.k as u64)),
        Cell::size(task.n_total),
        Cell::figure(task.sigma2_fk.as_ref().and_then(|s| s.q50), 3),
        text(task.top_fk.clone()),
        Cell::factor(task.max_ratio),
        Cell::maybe(task.max_r_hat, |r_hat| format!("{r_hat:.3}")),
        Cell::whole(task.min_ess_bulk),
        Cell::figure(task.max_abs_z, 2),
        state(task).into(),
        text(task.noise.map(|noise| noise.to_string())),
        text(task.seed.map(|seed| seed.to_string())),
        text(task.error.clone()),
    ]
}

fn state(task: &TaskRecord) -> &'static str {
    match (&task.error, task.ok, task.at_boundary) {
        (Some(_), _, _) => "failed",
        (None, false, _) => "chains",
        (None, true, Some(true)) => "plug-in 0",
        _ => "ok",
    }
}

fn conclusions(page: &mut Page, fits: &TaskFits) {
    let failed = fits.tasks.iter().filter(|task| task.error.is_some());
    for task in failed.clone().take(MOST_FAILURES) {
        let why = name(task.error.as_deref().unwrap_or_default(), usize::MAX);
        page.judge("failed", &format!("{}:", quoted(task)), Tone::Bad, &why);
    }
    let more = failed.count().saturating_sub(MOST_FAILURES);
    if more > 0 {
        let more = format!("and {} more; --json and the table have all", tasks_of(more));
        page.tell("", &more);
    }
    if fits.sampler.settings.kind == SamplerKind::Gibbs {
        chains(page, fits);
    }
    page.tell("plug-in", &plugin(fits));
    page.tell("intervals", sentence::COVERS);
    if let Some(table) = &fits.table {
        page.tell("table", &format!("{table}: a row per task and FK"));
    }
    if let Some(draws) = &fits.draws_file {
        page.tell(
            "draws",
            &format!("{draws}: a row per task, parameter and chain"),
        );
    }
}

/// The verdict on the chains of all tasks.
fn chains(page: &mut Page, fits: &TaskFits) {
    let fitted = || fits.tasks.iter().filter(|task| task.error.is_none());
    let r_hat = fitted()
        .filter_map(|task| task.max_r_hat)
        .max_by(f64::total_cmp);
    let ess = fitted()
        .filter_map(|task| task.min_ess_bulk)
        .min_by(f64::total_cmp);
    let figures = match (r_hat, ess) {
        (Some(r_hat), Some(ess)) => {
            format!("R-hat at most {r_hat:.3}, bulk ESS at least {}", count(ess))
        }
        _ => "too few draws to judge".to_owned(),
    };
    match fits.totals.not_trusted {
        0 => page.judge("chains", "ok:", Tone::Good, &figures),
        some => page.judge(
            "chains",
            "DO NOT TRUST",
            Tone::Bad,
            &format!("those of {}: {figures}", tasks_of(some)),
        ),
    }
}

fn plugin(fits: &TaskFits) -> String {
    let zero = match fits.totals.at_boundary {
        0 => String::new(),
        some => format!(
            "its estimate of sigma2_fk is 0 in {}, where it claims to know every importance; ",
            tasks_of(some)
        ),
    };
    let elsewhere = if zero.is_empty() { "" } else { "elsewhere " };
    let ratios = fits
        .tasks
        .iter()
        .filter_map(|task| Some((task.max_ratio?, task)));
    match ratios.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((largest, task)) => format!(
            "{zero}{elsewhere}full variances are at most {} times the plug-in's ({})",
            ratio(largest),
            quoted(task)
        ),
        None => format!("{zero}nothing {elsewhere}to compare"),
    }
}

/// The name of a task within a sentence.
fn quoted(task: &TaskRecord) -> String {
    format!("'{}'", name(&task.task, WIDEST_NAME))
}

fn tasks_of(n: usize) -> String {
    counted(n as f64, "task")
}
