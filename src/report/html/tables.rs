//! Tables of the page, which sort by any column.

use super::markup::isolated;
use crate::portrait::Portrait;
use crate::report::figure::escaped;
use crate::report::number::{count, probability, ratio, significant};
use crate::summary::Parameters;
use std::fmt::Write;

/// Parameters in the table of diagnostics at most.
const MOST_DIAGNOSED: usize = 60;

/// A number: as shown, and in full for sorting.
struct Cell {
    shown: String,
    value: Option<f64>,
}

impl Cell {
    fn new(value: Option<f64>, show: impl Fn(f64) -> String) -> Self {
        let value = value.filter(|x| x.is_finite());
        Self {
            shown: value.map_or_else(|| "–".to_owned(), show),
            value,
        }
    }

    fn digits(value: Option<f64>, digits: usize) -> Self {
        Self::new(value, |x| significant(Some(x), digits))
    }

    fn whole(value: Option<f64>) -> Self {
        Self::new(value, count)
    }
}

/// Every FK in one row, the largest posterior median first.
pub(super) fn foreign_keys(of: &Portrait) -> String {
    let headings = [
        "n",
        "raw mean",
        "sd",
        "median",
        "5 %",
        "95 %",
        "P(> 0)",
        "P(1st)",
        "mean rank",
        "shrinkage B",
        "full variance",
        "plug-in variance",
        "full / plug-in",
    ];
    let fit = of.fit();
    let rows = of.order().iter().filter_map(|&fk| fit.fk(fk));
    let rows = rows.map(|figures| {
        let (fk, alpha) = (figures.observed, figures.alpha);
        let (variance, rank) = (figures.variance, figures.rank);
        let cells = vec![
            Cell::whole(fk.n.map(|n| n as f64)),
            Cell::digits(fk.mean, 4),
            Cell::digits(fk.sd, 3),
            Cell::digits(alpha.q50, 4),
            Cell::digits(alpha.q5, 4),
            Cell::digits(alpha.q95, 4),
            Cell::new(Some(rank.p_positive), probability),
            Cell::new(Some(rank.p_best), probability),
            Cell::new(rank.expected_rank, |x| format!("{x:.1}")),
            Cell::new(variance.shrinkage, |x| format!("{x:.3}")),
            Cell::digits(variance.full, 3),
            Cell::digits(variance.plugin, 3),
            Cell::new(variance.ratio, ratio),
        ];
        (fk.fk.to_string(), cells)
    });
    table(
        ("All foreign keys", "foreign key"),
        &headings,
        rows,
        Some("median"),
    )
}

/// The parameters by which the chains are judged, and how many there are beyond them.
pub(super) fn diagnostics(parameters: &Parameters) -> (String, usize) {
    let shown = parameters.iter().take(MOST_DIAGNOSED);
    let rows = shown.map(|p| {
        let cells = vec![
            Cell::new(p.r_hat, |x| format!("{x:.4}")),
            Cell::whole(p.ess_bulk),
            Cell::whole(p.ess_tail),
            Cell::digits(p.mcse_mean, 2),
            Cell::digits(p.mcse_sd, 2),
        ];
        (p.name.clone(), cells)
    });
    let headings = ["R-hat", "ESS bulk", "ESS tail", "MCSE mean", "MCSE sd"];
    (
        table(("Diagnostics", "parameter"), &headings, rows, None),
        parameters.len().saturating_sub(MOST_DIAGNOSED),
    )
}

/// A table whose rows start with a name; `sorted` is the column by which they come, from the largest down.
fn table(
    (label, first): (&str, &str),
    headings: &[&str],
    rows: impl Iterator<Item = (String, Vec<Cell>)>,
    sorted: Option<&str>,
) -> String {
    let mut out = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><table><thead><tr>"
    );
    let mut push = |arguments: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _ = out.write_fmt(arguments);
    };
    push(format_args!(
        "<th scope=\"col\" data-text><button type=\"button\">{first}</button></th>"
    ));
    for heading in headings {
        let order = match sorted == Some(*heading) {
            true => " aria-sort=\"descending\"",
            false => "",
        };
        let heading = escaped(heading);
        push(format_args!(
            "<th scope=\"col\"{order}><button type=\"button\">{heading}</button></th>"
        ));
    }
    push(format_args!("</tr></thead><tbody>\n"));
    for (name, cells) in rows {
        push(format_args!(
            "<tr><th scope=\"row\">{}</th>",
            isolated(&name)
        ));
        for cell in cells {
            let value = cell.value.map_or_else(String::new, |x| x.to_string());
            push(format_args!(
                "<td data-v=\"{value}\">{}</td>",
                escaped(&cell.shown)
            ));
        }
        push(format_args!("</tr>\n"));
    }
    out + "</tbody></table></div>"
}
