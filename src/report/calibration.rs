//! A calibration for a terminal.

use super::cell::Cell;
use super::number::{count, counted, parameter, significant};
use super::page::{Page, Tone};
use super::sentence;
use super::view::View;
use crate::calibrate::{Calibration, QuantityRanks};
use crate::model::Noise;

/// Columns of a histogram at most.
const WIDEST: usize = 25;
/// From a twelfth to more than one and a half times what is expected.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The record as text; it ends with a line break.
#[must_use]
pub fn render_calibration(calibration: &Calibration, view: View) -> String {
    let title = format!(
        "{} replicates of {}, {} each time",
        count(f64::from(calibration.replicates)),
        counted(calibration.data.k as f64, "foreign key"),
        counted(calibration.data.n_total as f64, "score")
    );
    let mut page = Page::titled(&title);
    page.tell("model", &model(calibration));
    page.tell("sampler", &sampler(calibration));
    page.gap();
    quantities(&mut page, calibration);
    page.gap();
    verdict(&mut page, calibration);
    page.show(view)
}

fn model(calibration: &Calibration) -> String {
    let known = match calibration.model.noise {
        Noise::Known(variance) => Some(variance),
        _ => None,
    };
    let text = sentence::model(&calibration.model, false, known);
    match calibration.data.d0 {
        Some((shape, rate)) => format!(
            "{text}, d0 ~ Gamma({}, {})",
            parameter(shape),
            parameter(rate)
        ),
        None => text,
    }
}

fn sampler(calibration: &Calibration) -> String {
    let s = &calibration.sampler;
    let bare = if s.interweave { "" } else { ", bare" };
    let sweeps = match s.thin {
        1 => "every draw kept".to_owned(),
        thin if calibration.warnings.is_empty() => {
            format!("{thin} sweeps apart (twice the autocorrelation time)")
        }
        thin => format!("{thin} sweeps apart"),
    };
    format!(
        "{}{bare}, {} draws, {sweeps}, after {} of warm-up, seed {}",
        s.kind, s.draws, s.warmup, s.seed
    )
}

fn quantities(page: &mut Page, calibration: &Calibration) {
    let row = |quantity: &QuantityRanks| {
        let counts: Vec<String> = quantity.ranks.iter().map(u64::to_string).collect();
        vec![
            quantity.name.as_str().into(),
            Cell {
                shown: histogram(&quantity.ranks),
                exact: counts.join(" "),
            },
            Cell::figure(Some(quantity.p_value), 2),
            Cell {
                shown: if quantity.ok { "ok" } else { "FAILS" }.to_owned(),
                exact: quantity.ok.to_string(),
            },
        ]
    };
    let ranks = format!("ranks 0 to {}", calibration.sampler.draws);
    let columns = [
        ("", "name"),
        (&ranks, "ranks"),
        ("p-value", "p_value"),
        ("", "ok"),
    ];
    page.table(columns, calibration.quantities.iter().map(row));
}

/// Bars about half as high where ranks are uniform.
fn histogram(ranks: &[u64]) -> String {
    let merged: Vec<u64> = ranks
        .chunks(ranks.len().div_ceil(WIDEST).max(1))
        .map(|chunk| chunk.iter().sum())
        .collect();
    let widths = ranks
        .chunks(ranks.len().div_ceil(WIDEST).max(1))
        .map(<[u64]>::len);
    let total: u64 = ranks.iter().sum();
    let bar = |(count, width): (&u64, usize)| {
        let expected = total as f64 * width as f64 / ranks.len() as f64;
        let height = (4.0 * *count as f64 / expected.max(f64::MIN_POSITIVE)).round() as usize;
        let place = height.clamp(1, BARS.len()) - 1;
        BARS.get(place).copied().unwrap_or(' ')
    };
    merged.iter().zip(widths).map(bar).collect()
}

fn verdict(page: &mut Page, calibration: &Calibration) {
    let replicates = count(f64::from(calibration.replicates));
    let alarm = significant(Some(100.0 * calibration.false_alarm), 1);
    if calibration.ok {
        let rest = format!(
            "ranks are uniform as far as {replicates} replicates can tell (a right sampler fails \
             this check with a probability of at most {alarm} %)"
        );
        page.judge("verdict", "ok:", Tone::Good, &rest);
    } else {
        let rest = format!(
            "{} does not draw from the posterior of this model (a right one fails this check with a \
             probability of at most {alarm} %)",
            if calibration.warnings.is_empty() {
                "the sampler"
            } else {
                "the sampler, or a chain of this length,"
            }
        );
        page.judge("verdict", "FAILS:", Tone::Bad, &rest);
    }
    for warning in &calibration.warnings {
        page.warn(warning);
    }
}
