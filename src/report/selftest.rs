//! A self-test for a terminal.

use super::cell::Cell;
use super::number::{count, significant};
use super::page::{Page, Tone};
use super::view::View;
use crate::selftest::{CheckRecord, SelfTestRecord};

/// The record as text; it ends with a line break.
#[must_use]
pub fn render_selftest(test: &SelfTestRecord, view: View) -> String {
    let title = format!(
        "fkbayes {} on this machine: seed {}, {} s",
        test.version,
        test.seed,
        significant(Some(test.seconds), 2)
    );
    let mut page = Page::titled(&title);
    page.gap();
    let rows = test.checks.iter().map(|check| row(check, false));
    let planted = test.planted.iter().map(|check| row(check, true));
    page.table(
        [
            ("", "what"),
            ("runs", "runs"),
            ("figures", "compared"),
            ("worst", "worst"),
            ("bound", "bound"),
            ("", "verdict"),
        ],
        rows.chain(planted),
    );
    page.gap();
    page.tell(
        "worst",
        "is the largest deviation in standard errors (z), the smallest p-value (p), how many numbers \
         differ, or the largest relative error, over all figures of all runs.",
    );
    page.tell(
        "planted",
        &format!(
            "is the same check on a sampler with an error in it ({}), which it must find.",
            test.planted_error
        ),
    );
    verdict(&mut page, test);
    page.show(view)
}

fn row(check: &CheckRecord, planted: bool) -> Vec<Cell> {
    let (what, verdict) = match (planted, check.ok) {
        (false, true) => (check.what.to_owned(), "ok"),
        (false, false) => (check.what.to_owned(), "FAILS"),
        (true, false) => (format!("planted: {}", check.check), "found"),
        (true, true) => (format!("planted: {}", check.check), "MISSED"),
    };
    let shown = |x: Option<f64>| match check.statistic {
        "max_abs_z" => format!("z {}", significant(x, 2)),
        "min_p" => format!("p {}", significant(x, 1)),
        "differences" => x.map_or_else(String::new, count),
        _ => significant(x, 1),
    };
    vec![
        what.into(),
        (check.runs.to_string()).into(),
        Cell::whole(Some(check.compared as f64)),
        Cell::number(shown(check.worst), check.worst),
        Cell::number(shown(Some(check.bound)), Some(check.bound)),
        verdict.into(),
    ]
}

fn verdict(page: &mut Page, test: &SelfTestRecord) {
    let alarm = significant(Some(test.false_alarm), 1);
    if test.ok {
        let rest = format!(
            "every check passes, and the planted error is found (a right program fails with a \
             probability of at most {alarm})"
        );
        page.judge("verdict", "ok:", Tone::Good, &rest);
        return;
    }
    let failed = test.checks.iter().filter(|check| !check.ok);
    let missed = test.planted.iter().filter(|check| check.ok);
    let failed = failed.map(|check| format!("{} ({})", check.what, check.worst_at));
    let missed = missed.map(|check| format!("the planted error, not found by '{}'", check.check));
    let what: Vec<String> = failed.chain(missed).collect();
    let rest = format!(
        "{}. A right program fails with a probability of at most {alarm}: do not trust this one, and \
         run it again with another --seed",
        what.join("; ")
    );
    page.judge("verdict", "FAILS:", Tone::Bad, &rest);
}
