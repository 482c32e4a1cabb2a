//! A plan for a terminal.

use super::number::{Scale, count, parameter, probability, significant};
use super::table::{View, aligned, what_was_fitted};
use super::terminal::paragraph;
use crate::fit::{AllocationRow, CurveRow, NeededRow, PlanRecord, Question, ReductionRow};
use crate::plan::Objective;
use crate::warning::listed;

/// FKs shown at most.
const MOST_ROWS: usize = 40;

/// The plan as text; it ends with a line break.
#[must_use]
pub fn render_plan(record: &PlanRecord, view: View) -> String {
    let mut out = what_was_fitted(&record.fitted, view);
    out.push_str(&paragraph("futures", &futures(record), view.width));
    let scale = scale_of(record);
    if let Some(rows) = &record.reduction {
        out.push_str(&section("What more permutations would bring", &scale, view));
        out.push_str(&reduction_table(rows, scale, view));
        out.push_str(&paragraph("expected", EXPECTED, view.width));
    }
    if let Some(rows) = &record.allocation {
        out.push_str(&section(&spending(record), &scale, view));
        out.push_str(&allocation_table(rows, scale, view));
        out.push_str(&paragraph("expected", &worth(record), view.width));
    }
    if let Some(rows) = &record.needed {
        out.push_str(&section(&aim(record), &scale, view));
        out.push_str(&needed_table(rows, scale, view));
        out.push_str(&paragraph("needed", &needed(record, rows), view.width));
    }
    out.push_str(&section(&curve_title(record), &scale, view));
    out.push_str(&curve_table(record, scale, view));
    if let Some(bend) = bend(record) {
        out.push_str(&paragraph("bend", &bend, view.width));
    }
    for warning in &record.warnings {
        let text = paragraph("warning", warning, view.width);
        out.push_str(&text.replacen("warning", &view.paint.warn("warning"), 1));
    }
    out
}

const EXPECTED: &str = "share by which the full posterior variance falls, on average over what the new \
                        scores may be, and in 90 % of cases; plug-in: more / (n + more + lambda)";

fn futures(record: &PlanRecord) -> String {
    let simulation = &record.simulation;
    let posterior = match simulation.posterior {
        "exact" => "the exact posterior",
        _ => "chains",
    };
    let checked = simulation.consistency;
    format!(
        "{} simulated from {posterior} and updated exactly, seed {}; {} figures {} the present to \
         {:.1} standard errors (bound {:.1})",
        count(simulation.replicates as f64),
        simulation.seed,
        checked.figures,
        if checked.passed() {
            "agree with"
        } else {
            "DEVIATE from"
        },
        checked.max_abs_z,
        checked.bound()
    )
}

fn section(title: &str, scale: &Scale, view: View) -> String {
    let unit = match scale.exponent {
        0 => String::new(),
        exponent => format!(" (sd in 1e{exponent})"),
    };
    format!("\n{}{unit}\n", view.paint.bold(title))
}

/// One scale for all standard deviations.
fn scale_of(record: &PlanRecord) -> Scale {
    let of_curve = record.curve.iter().filter_map(|row| row.mean_sd);
    let of_rows = record
        .allocation
        .iter()
        .flatten()
        .flat_map(|row| [row.sd_now, row.sd_then]);
    let of_needed = record
        .needed
        .iter()
        .flatten()
        .flat_map(|row| [row.sd_now, row.sd_then]);
    let of_delta = record
        .reduction
        .iter()
        .flatten()
        .flat_map(|row| [row.sd_now, row.sd_then]);
    let all = of_rows
        .chain(of_needed)
        .chain(of_delta)
        .flatten()
        .chain(of_curve);
    let (low, high) = all
        .filter(|sd| *sd > 0.0)
        .fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), sd| {
            (low.min(sd), high.max(sd))
        });
    // Two digits of the smallest, three of most.
    Scale::new(high, if low.is_finite() { low } else { high })
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", 100.0 * share))
}

/// Rows as a table; of very many those that get most permutations.
fn table<T>(
    header: &[&str],
    rows: &[T],
    more: impl Fn(&T) -> u64,
    cells: impl Fn(&T) -> Vec<String>,
    view: View,
) -> String {
    if rows.len() <= MOST_ROWS {
        return aligned(header, rows.iter().map(cells).collect(), view);
    }
    let mut numbers: Vec<u64> = rows.iter().map(&more).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    let least = numbers.get(MOST_ROWS - 1).copied().unwrap_or(0);
    let shown: Vec<Vec<String>> = rows
        .iter()
        .filter(|row| more(row) >= least)
        .take(MOST_ROWS)
        .map(cells)
        .collect();
    let left = rows.len() - shown.len();
    aligned(header, shown, view) + &format!("({left} more with --json)\n")
}

fn reduction_table(rows: &[ReductionRow], scale: Scale, view: View) -> String {
    let cells = |row: &ReductionRow| {
        vec![
            row.fk.clone(),
            count(row.n as f64),
            count(row.delta as f64),
            percent(row.plugin),
            percent(row.expected),
            percent(row.q5),
            percent(row.q95),
            scale.show(row.sd_now),
            scale.show(row.sd_then),
        ]
    };
    let header = [
        "FK", "n", "more", "plug-in", "expected", "5 %", "95 %", "sd now", "then",
    ];
    table(&header, rows, |row| row.delta, cells, view)
}

fn spending(record: &PlanRecord) -> String {
    let Question::Budget(total) = record.question else {
        return String::new();
    };
    format!(
        "Spending {} {} on {}",
        parameter_count(total),
        unit(record),
        record.objective
    )
}

/// What totals are counted in.
fn unit(record: &PlanRecord) -> &'static str {
    if record.with_costs {
        "units of cost"
    } else {
        "permutations"
    }
}

fn parameter_count(total: f64) -> String {
    if total.fract() == 0.0 {
        count(total)
    } else {
        parameter(total)
    }
}

fn allocation_table(rows: &[AllocationRow], scale: Scale, view: View) -> String {
    let cells = |row: &AllocationRow| {
        vec![
            row.fk.clone(),
            count(row.n as f64),
            count(row.delta as f64),
            count(row.delta_equal_split as f64),
            scale.show(row.sd_now),
            scale.show(row.sd_then),
            scale.show(row.sd_equal_split),
        ]
    };
    let header = [
        "FK",
        "n",
        "more",
        "equal split",
        "sd now",
        "planned",
        "equal",
    ];
    table(&header, rows, |row| row.delta, cells, view)
}

/// What the plan buys, beside the equal split.
fn worth(record: &PlanRecord) -> String {
    let figures = &record.objective_figures;
    let show = |x: Option<f64>| match (record.objective.is_variance(), x) {
        (true, x) => significant(x, 3),
        (false, x) => x.map_or_else(|| "-".to_owned(), probability),
    };
    let what = match record.objective {
        Objective::SumVariance => "sum of the posterior variances",
        Objective::MaxVariance => "largest posterior variance",
        Objective::TopRank => &format!("probability that the {} right", first_ranks(record.top)),
        Objective::Separate => "share of neighbours in the ranking in the right order",
    };
    let mut text = format!(
        "{what}: {} now, {} as planned, {} with the equal split",
        show(figures.objective_now),
        show(figures.objective_planned),
        show(figures.objective_equal_split),
    );
    if let Some(bound) = figures.objective_bound {
        text.push_str(&format!(
            "; no plan can go below {}",
            significant(Some(bound), 3)
        ));
    }
    text
}

fn first_ranks(top: usize) -> String {
    match top {
        1 => "first rank is".to_owned(),
        _ => format!("first {top} are"),
    }
}

fn aim(record: &PlanRecord) -> String {
    match record.question {
        Question::TargetSd(sd) => format!("Until every sd is at most {}", parameter(sd)),
        Question::TargetReduction(share) => {
            format!(
                "Until every variance has fallen by {} %",
                parameter(100.0 * share)
            )
        }
        Question::TargetRank(p) => {
            format!(
                "Until the {} right with probability {p}",
                first_ranks(record.top)
            )
        }
        _ => String::new(),
    }
}

fn needed_table(rows: &[NeededRow], scale: Scale, view: View) -> String {
    let cells = |row: &NeededRow| {
        vec![
            row.fk.clone(),
            count(row.n as f64),
            row.delta
                .map_or_else(|| "-".to_owned(), |delta| count(delta as f64)),
            scale.show(row.sd_now),
            scale.show(row.sd_then),
        ]
    };
    let header = ["FK", "n", "more", "sd now", "then"];
    table(
        &header,
        rows,
        |row| row.delta.unwrap_or(u64::MAX),
        cells,
        view,
    )
}

/// In words: how many, already reached, or never reached.
fn needed(record: &PlanRecord, rows: &[NeededRow]) -> String {
    let most = count(record.most as f64);
    let ranking = record.top_rank_now.zip(record.top_rank_then);
    let error = significant(record.top_rank_then_mcse, 1);
    match (ranking, record.total) {
        (Some((now, _)), Some(0)) => {
            format!(
                "nothing: already reached, with probability {}",
                probability(now)
            )
        }
        (Some((now, then)), Some(total)) => format!(
            "{} permutations in total, after which the probability is expected to be {} ± {error} ({} \
             now)",
            count(total as f64),
            probability(then),
            probability(now)
        ),
        (Some((now, then)), None) => format!(
            "never reached below {most} {}, with which the probability is {} ± {error} ({} now)",
            unit(record),
            probability(then),
            probability(now)
        ),
        (None, Some(0)) => "nothing: already reached".to_owned(),
        (None, Some(total)) => {
            let reached = rows.iter().filter(|row| row.delta == Some(0)).count();
            let already = match reached {
                0 => String::new(),
                1 => "; 1 FK is already there".to_owned(),
                more => format!("; {more} FKs are already there"),
            };
            format!("{} permutations in total{already}", count(total as f64))
        }
        (None, None) => {
            let beyond: Vec<String> = rows
                .iter()
                .filter(|row| row.delta.is_none())
                .map(|row| format!("'{}'", row.fk))
                .collect();
            format!(
                "never reached below {most} permutations by {}",
                listed(&beyond)
            )
        }
    }
}

fn curve_title(record: &PlanRecord) -> String {
    let unit = if record.with_costs {
        "cost"
    } else {
        "permutations"
    };
    format!("The more {unit}, the better: spent on {}", record.objective)
}

fn curve_table(record: &PlanRecord, scale: Scale, view: View) -> String {
    let row = |row: &CurveRow| {
        vec![
            parameter_count(row.total),
            scale.show(row.mean_sd),
            probability(row.p_top_rank),
            probability(row.neighbours_right),
        ]
    };
    let top = match record.top {
        1 => "P(1st right)".to_owned(),
        top => format!("P(first {top} right)"),
    };
    let header = [
        if record.with_costs { "cost" } else { "more" },
        "mean sd",
        &top,
        "neighbours right",
    ];
    aligned(&header, record.curve.iter().map(row).collect(), view)
}

/// Where the curve bends: half of what the last point takes off the standard deviation.
fn bend(record: &PlanRecord) -> Option<String> {
    let points: Vec<(f64, f64)> = record
        .curve
        .iter()
        .filter_map(|row| Some((row.total, row.mean_sd?)))
        .collect();
    let (first, last) = (points.first()?, points.last()?);
    let half = 0.5 * (first.1 + last.1);
    let (total, _) = points.iter().find(|(_, sd)| *sd <= half)?;
    Some(format!(
        "half of what {} would take off the mean sd is gained with {}",
        parameter_count(last.0),
        parameter_count(*total)
    ))
}
