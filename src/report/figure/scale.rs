//! From numbers to places, and the ticks of an axis.

use super::svg::Point;

/// How numbers are laid out along an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Linear,
    Log,
    /// Linear within ± the unit, logarithmic beyond.
    Asinh(f64),
}

/// An axis: numbers from `from.0` to `from.1` at places from `to.0` to `to.1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    kind: Kind,
    from: (f64, f64),
    to: Point,
}

/// A marked number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub at: f64,
    pub label: String,
}

impl Scale {
    pub fn linear(from: (f64, f64), to: Point) -> Self {
        Self::new(Kind::Linear, from, to)
    }

    /// Of positive numbers.
    pub fn log(from: (f64, f64), to: Point) -> Self {
        Self::new(Kind::Log, from, to)
    }

    /// Of numbers that are mostly small: where the largest is many times the typical one, the axis is
    /// logarithmic beyond the typical one, and linear otherwise. A little room is left at both ends.
    pub fn fitting(values: &[f64], to: Point) -> Self {
        let finite = || values.iter().copied().filter(|x| x.is_finite());
        let (low, high) = (
            finite().fold(f64::INFINITY, f64::min),
            finite().fold(f64::NEG_INFINITY, f64::max),
        );
        if low > high {
            return Self::linear((0.0, 1.0), to);
        }
        if low == high {
            let around = if low == 0.0 { 1.0 } else { 0.5 * low.abs() };
            return Self::linear((low - around, low + around), to);
        }
        let mut sizes: Vec<f64> = finite().map(f64::abs).filter(|x| *x > 0.0).collect();
        sizes.sort_unstable_by(f64::total_cmp);
        let typical = sizes.get(sizes.len() / 2).copied().unwrap_or(1.0);
        let kind = if low.abs().max(high.abs()) > MANY * typical {
            Kind::Asinh(typical)
        } else {
            Kind::Linear
        };
        let (from, till) = (forward(kind, low), forward(kind, high));
        let room = 0.03 * (till - from);
        Self {
            kind,
            from: (backward(kind, from - room), backward(kind, till + room)),
            to,
        }
    }

    fn new(kind: Kind, (low, high): (f64, f64), to: Point) -> Self {
        let from = if low < high {
            (low, high)
        } else {
            (low - 0.5 * low.abs(), low + 0.5 * low.abs().max(1e-300))
        };
        Self { kind, from, to }
    }

    /// Where a number lies; numbers beyond the ends lie at the ends.
    pub fn at(&self, x: f64) -> f64 {
        let (low, high) = (
            forward(self.kind, self.from.0),
            forward(self.kind, self.from.1),
        );
        let share = ((forward(self.kind, x) - low) / (high - low)).clamp(0.0, 1.0);
        let share = if share.is_nan() { 0.0 } else { share };
        self.to.0 + share * (self.to.1 - self.to.0)
    }

    pub fn holds(&self, x: f64) -> bool {
        (self.from.0..=self.from.1).contains(&x)
    }

    /// Places of the ends.
    pub fn places(&self) -> Point {
        self.to
    }

    /// What to add to the name of the axis: which power of ten its labels leave out, and how it is laid
    /// out where that is unusual.
    pub fn remark(&self) -> String {
        match self.kind {
            Kind::Linear => match self.exponent() {
                0 => String::new(),
                exponent => format!(" (in 1e{exponent})"),
            },
            Kind::Log => " (log)".to_owned(),
            Kind::Asinh(unit) => format!(" (linear within ±{}, log beyond)", plain(unit, 1)),
        }
    }

    /// At most `most` marked numbers, in order.
    pub fn ticks(&self, most: usize) -> Vec<Tick> {
        match self.kind {
            Kind::Linear => self.linear_ticks(most.max(2)),
            Kind::Log => self.log_ticks(most.max(2)),
            Kind::Asinh(unit) => self.asinh_ticks(unit, most.max(3)),
        }
    }

    /// Power of ten that the labels of a linear axis leave out.
    fn exponent(&self) -> i32 {
        let largest = self.from.0.abs().max(self.from.1.abs());
        let magnitude = largest.log10().floor();
        if (-2.0..5.0).contains(&magnitude) || !magnitude.is_finite() {
            0
        } else {
            3 * (magnitude / 3.0).floor() as i32
        }
    }

    fn linear_ticks(&self, most: usize) -> Vec<Tick> {
        let (low, high) = self.from;
        let rough = (high - low) / most as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * power)
            .find(|step| *step >= rough * 0.999)
            .unwrap_or(10.0 * power);
        let unit = 10f64.powi(self.exponent());
        let decimals = (-(step / unit).log10().floor()).clamp(0.0, 12.0) as usize;
        let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
        let count = (last - first).clamp(-1.0, 50.0) as i32;
        (0..=count)
            .map(|i| {
                let value = (first + f64::from(i)) * step;
                let shown = format!("{:.decimals$}", value / unit);
                Tick {
                    at: value,
                    label: without_minus_zero(&shown),
                }
            })
            .collect()
    }

    fn log_ticks(&self, most: usize) -> Vec<Tick> {
        let (low, high) = (self.from.0.log10(), self.from.1.log10());
        let decades = (high.floor() - low.ceil() + 1.0).max(0.0) as usize;
        let within = |mantissas: &[f64]| -> Vec<f64> {
            let powers = low.floor() as i32..=high.ceil() as i32;
            let all = powers.flat_map(|p| mantissas.iter().map(move |m| m * 10f64.powi(p)));
            all.filter(|x| self.holds(*x)).collect()
        };
        let mut values = if decades >= 3 {
            within(&[1.0])
        } else if within(&[1.0, 3.0]).len() >= 3 {
            within(&[1.0, 3.0])
        } else {
            within(&[1.0, 1.5, 2.0, 3.0, 5.0, 7.0])
        };
        let every = values.len().div_ceil(most);
        values = values.into_iter().step_by(every.max(1)).collect();
        if values.len() < 2 {
            values = vec![self.from.0, self.from.1];
        }
        values.into_iter().map(|x| tick(x, 2)).collect()
    }

    /// Zero, and powers of ten to either side from the unit on.
    fn asinh_ticks(&self, unit: f64, most: usize) -> Vec<Tick> {
        let first = unit.log10().round() as i32;
        let largest = self.from.0.abs().max(self.from.1.abs());
        let powers: Vec<i32> = (first..=largest.log10().floor() as i32).collect();
        let every = powers
            .len()
            .div_ceil(most.saturating_sub(1).max(1) / 2 + 1)
            .max(1);
        let powers = powers.iter().step_by(every).map(|p| 10f64.powi(*p));
        let mut values = vec![0.0];
        values.extend(powers.flat_map(|x| [x, -x]));
        values.retain(|x| self.holds(*x));
        values.sort_by(f64::total_cmp);
        values.into_iter().map(|x| tick(x, 1)).collect()
    }
}

/// The largest number is so many times the typical one before an axis turns logarithmic.
const MANY: f64 = 15.0;

fn forward(kind: Kind, x: f64) -> f64 {
    match kind {
        Kind::Linear => x,
        Kind::Log => x.ln(),
        Kind::Asinh(unit) => (x / unit).asinh(),
    }
}

fn backward(kind: Kind, u: f64) -> f64 {
    match kind {
        Kind::Linear => u,
        Kind::Log => u.exp(),
        Kind::Asinh(unit) => u.sinh() * unit,
    }
}

fn tick(x: f64, digits: usize) -> Tick {
    Tick {
        at: x,
        label: plain(x, digits),
    }
}

/// A number as short as its digits allow.
pub(super) fn plain(x: f64, digits: usize) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let magnitude = x.abs().log10().floor();
    if (-3.0..5.0).contains(&magnitude) {
        let decimals = (digits as f64 - 1.0 - magnitude).clamp(0.0, 12.0) as usize;
        let text = format!("{x:.decimals$}");
        if text.contains('.') {
            return text.trim_end_matches('0').trim_end_matches('.').to_owned();
        }
        return text;
    }
    let text = format!("{x:.*e}", digits.saturating_sub(1));
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.contains('.') => format!(
            "{}e{exponent}",
            mantissa.trim_end_matches('0').trim_end_matches('.')
        ),
        _ => text,
    }
}

fn without_minus_zero(text: &str) -> String {
    if text.trim_start_matches(['-', '0', '.']).is_empty() {
        text.trim_start_matches('-').to_owned()
    } else {
        text.to_owned()
    }
}
