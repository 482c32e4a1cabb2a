//! A calibration for a terminal.

use super::number::{count, parameter, significant};
use super::sentence;
use super::table::{View, aligned};
use super::terminal::paragraph;
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
        "{} replicates of {} foreign keys, {} scores each time",
        count(f64::from(calibration.replicates)),
        count(calibration.data.k as f64),
        count(calibration.data.n_total as f64)
    );
    let mut out = view.paint.bold(&title) + "\n";
    out.push_str(&paragraph("model", &model(calibration), view.width));
    out.push_str(&paragraph("sampler", &sampler(calibration), view.width));
    out.push('\n');
    out.push_str(&table(calibration, view));
    out.push('\n');
    out.push_str(&verdict(calibration, view));
    out
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

fn table(calibration: &Calibration, view: View) -> String {
    let row = |quantity: &QuantityRanks| {
        vec![
            quantity.name.clone(),
            histogram(&quantity.ranks),
            significant(Some(quantity.p_value), 2),
            if quantity.ok { "ok" } else { "FAILS" }.to_owned(),
        ]
    };
    let rows = calibration.quantities.iter().map(row).collect();
    let ranks = format!("ranks 0 to {}", calibration.sampler.draws);
    aligned(&["", &ranks, "p-value", ""], rows, view)
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

fn verdict(calibration: &Calibration, view: View) -> String {
    let replicates = count(f64::from(calibration.replicates));
    let alarm = significant(Some(100.0 * calibration.false_alarm), 1);
    let (word, painted, rest) = if calibration.ok {
        let rest = format!(
            "ranks are uniform as far as {replicates} replicates can tell (a right sampler fails \
             this check with a probability of at most {alarm} %)"
        );
        ("ok:", view.paint.good("ok:"), rest)
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
        ("FAILS:", view.paint.bad("FAILS:"), rest)
    };
    let text = paragraph("verdict", &format!("{word} {rest}"), view.width);
    let mut out = text.replacen(word, &painted, 1);
    for warning in &calibration.warnings {
        let text = paragraph("warning", warning, view.width);
        out.push_str(&text.replacen("warning", &view.paint.warn("warning"), 1));
    }
    out
}
