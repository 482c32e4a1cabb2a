//! A plan: what more permutations would bring, where to spend them, how many are needed.

use super::cell::Cell;
use super::fit::what_was_fitted;
use super::number::{Scale, count, parameter, probability, significant};
use super::page::Page;
use super::view::View;
use crate::fit::{AllocationRow, CurveRow, NeededRow, PlanRecord, Question, ReductionRow, bend};
use crate::plan::Objective;
use crate::warning::listed;

/// FKs shown at most, unless all are asked for.
const MOST_ROWS: usize = 40;

/// The plan as text; it ends with a line break.
#[must_use]
pub fn render_plan(record: &PlanRecord, view: View) -> String {
    let mut page = what_was_fitted(&record.fitted);
    page.tell("futures", &futures(record));
    let answer = Answer {
        record,
        scale: scale_of(record),
        view,
    };
    answer.reductions(&mut page);
    answer.allocation(&mut page);
    answer.needed(&mut page);
    answer.curve(&mut page);
    for warning in &record.warnings {
        page.warn(warning);
    }
    page.show(view)
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

/// A record on its way to the page.
struct Answer<'a> {
    record: &'a PlanRecord,
    /// Of standard deviations.
    scale: Scale,
    view: View,
}

impl Answer<'_> {
    fn heading(&self, page: &mut Page, title: &str) {
        match self.scale.exponent {
            0 => page.heading(title),
            exponent => page.heading(&format!("{title} (sd in 1e{exponent})")),
        }
    }

    fn sd(&self, sd: Option<f64>) -> Cell {
        Cell::number(self.scale.show(sd), sd)
    }

    /// Rows as a table; of very many those that get most permutations.
    fn table<T>(
        &self,
        page: &mut Page,
        columns: &[(&str, &str)],
        rows: &[T],
        (more, cells): (impl Fn(&T) -> u64, impl Fn(&T) -> Vec<Cell>),
    ) {
        let most = if self.view.is_short() {
            MOST_ROWS
        } else {
            rows.len()
        };
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(more(&rows[i])));
        order.truncate(most);
        order.sort_unstable();
        let shown = order.iter().map(|&i| cells(&rows[i]));
        page.table(columns.iter().copied(), shown);
        if rows.len() > most {
            page.remark(&format!("({} more with --json)", rows.len() - most));
        }
    }

    fn reductions(&self, page: &mut Page) {
        let Some(rows) = &self.record.reduction else {
            return;
        };
        self.heading(page, "What more permutations would bring");
        let columns = [
            ("FK", "fk"),
            ("n", "n"),
            ("more", "delta"),
            ("plug-in", "plugin"),
            ("expected", "expected"),
            ("5 %", "q5"),
            ("95 %", "q95"),
            ("sd now", "sd_now"),
            ("then", "sd_then"),
        ];
        let cells = |row: &ReductionRow| {
            vec![
                row.fk.as_str().into(),
                number(row.n),
                number(row.delta),
                percent(row.plugin),
                percent(row.expected),
                percent(row.q5),
                percent(row.q95),
                self.sd(row.sd_now),
                self.sd(row.sd_then),
            ]
        };
        self.table(page, &columns, rows, (|row| row.delta, cells));
        page.tell("expected", EXPECTED);
    }

    fn allocation(&self, page: &mut Page) {
        let (Some(rows), Question::Budget(total)) = (&self.record.allocation, self.record.question)
        else {
            return;
        };
        let (total, unit) = (total_of(total), unit(self.record));
        let title = format!("Spending {total} {unit} on {}", self.record.objective);
        self.heading(page, &title);
        let columns = [
            ("FK", "fk"),
            ("n", "n"),
            ("more", "delta"),
            ("equal split", "delta_equal_split"),
            ("sd now", "sd_now"),
            ("planned", "sd_then"),
            ("equal", "sd_equal_split"),
        ];
        let cells = |row: &AllocationRow| {
            vec![
                row.fk.as_str().into(),
                number(row.n),
                number(row.delta),
                number(row.delta_equal_split),
                self.sd(row.sd_now),
                self.sd(row.sd_then),
                self.sd(row.sd_equal_split),
            ]
        };
        self.table(page, &columns, rows, (|row| row.delta, cells));
        page.tell("expected", &worth(self.record));
    }

    fn needed(&self, page: &mut Page) {
        let Some(rows) = &self.record.needed else {
            return;
        };
        self.heading(page, &aim(self.record));
        let columns = [
            ("FK", "fk"),
            ("n", "n"),
            ("more", "delta"),
            ("sd now", "sd_now"),
            ("then", "sd_then"),
        ];
        let cells = |row: &NeededRow| {
            vec![
                row.fk.as_str().into(),
                number(row.n),
                Cell::whole(row.delta.map(|delta| delta as f64)),
                self.sd(row.sd_now),
                self.sd(row.sd_then),
            ]
        };
        let more = |row: &NeededRow| row.delta.unwrap_or(u64::MAX);
        self.table(page, &columns, rows, (more, cells));
        page.tell("needed", &needed(self.record, rows));
    }

    fn curve(&self, page: &mut Page) {
        let record = self.record;
        let what = if record.with_costs {
            "spending"
        } else {
            "permutations"
        };
        let title = format!("More {what}, spent on {}", record.objective);
        self.heading(page, &title);
        let top = match record.top {
            1 => "P(1st right)".to_owned(),
            top => format!("P(first {top} right)"),
        };
        let columns = [
            ("more", "total"),
            ("mean sd", "mean_sd"),
            (top.as_str(), "p_top_rank"),
            ("neighbours right", "neighbours_right"),
        ];
        let cells = |row: &CurveRow| {
            vec![
                Cell::number(total_of(row.total), Some(row.total)),
                self.sd(row.mean_sd),
                Cell::share(Some(row.p_top_rank)),
                Cell::share(Some(row.neighbours_right)),
            ]
        };
        page.table(columns, record.curve.iter().map(cells));
        if let Some((last, half)) = bend(&record.curve) {
            let (last, half) = (total_of(last), total_of(half));
            let text =
                format!("half of what {last} would take off the mean sd is gained with {half}");
            page.tell("bend", &text);
        }
    }
}

fn number(n: u64) -> Cell {
    Cell::whole(Some(n as f64))
}

fn percent(share: Option<f64>) -> Cell {
    Cell::maybe(share, |share| format!("{:.1}%", 100.0 * share))
}

/// What totals are counted in.
fn unit(record: &PlanRecord) -> &'static str {
    if record.with_costs {
        "units of cost"
    } else {
        "permutations"
    }
}

fn total_of(total: f64) -> String {
    if total.fract() == 0.0 {
        count(total)
    } else {
        parameter(total)
    }
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
        _ => format!("first {top}, in any order, are"),
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

/// In words: how many, already reached, or never reached.
fn needed(record: &PlanRecord, rows: &[NeededRow]) -> String {
    let cost = match record.total_cost {
        Some(cost) => format!(", which cost {}", total_of(cost)),
        None => String::new(),
    };
    if let Some((now, then)) = record.top_rank_now.zip(record.top_rank_then) {
        return needed_for_ranks(record, now, then, &cost);
    }
    let Some(total) = record.total else {
        let beyond: Vec<String> = rows
            .iter()
            .filter(|row| row.delta.is_none())
            .map(|row| format!("'{}'", row.fk))
            .collect();
        let most = count(record.most);
        return format!(
            "never reached below {most} permutations by {}",
            listed(&beyond)
        );
    };
    if total == 0 {
        return "nothing: already reached".to_owned();
    }
    let reached = rows.iter().filter(|row| row.delta == Some(0)).count();
    let already = match reached {
        0 => String::new(),
        1 => "; 1 FK is already there".to_owned(),
        more => format!("; {more} FKs are already there"),
    };
    format!(
        "{} permutations in total{cost}{already}",
        count(total as f64)
    )
}

fn needed_for_ranks(record: &PlanRecord, now: f64, then: f64, cost: &str) -> String {
    let mcse = record.top_rank_then_mcse;
    let now = chance(now, None);
    match record.total {
        Some(0) => format!(
            "nothing: already reached, with probability {}",
            chance(then, mcse)
        ),
        Some(total) => format!(
            "{} permutations in total{cost}, after which the probability is expected to be {} ({now} \
             now)",
            count(total as f64),
            chance(then, mcse)
        ),
        None => format!(
            "never reached below {} {}, with which the probability is {} ({now} now)",
            count(record.most),
            unit(record),
            chance(then, mcse)
        ),
    }
}

/// A simulated probability in the digits that its error leaves.
fn chance(p: f64, mcse: Option<f64>) -> String {
    match mcse.filter(|mcse| *mcse > 0.0) {
        None => probability(p),
        Some(mcse) => {
            let decimals = (-mcse.log10().floor()).clamp(2.0, 6.0) as usize;
            format!("{p:.decimals$} ± {}", significant(Some(mcse), 1))
        }
    }
}
