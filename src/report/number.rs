//! Numbers with as many digits as they deserve.

/// A dash where there is no number.
pub(super) const ABSENT: &str = "-";

/// `digits` significant digits, in exponents where that is shorter.
pub(super) fn significant(x: Option<f64>, digits: usize) -> String {
    let Some(x) = x else { return ABSENT.to_owned() };
    if x == 0.0 {
        return "0".to_owned();
    }
    // Rounding may carry to the next power of ten: 9.96 has three digits as 10.0.
    let rounded: f64 = format!("{x:.*e}", digits - 1).parse().unwrap_or(x);
    let exponent = rounded.abs().log10().floor() as i32;
    if (-4..6).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        format!("{x:.decimals$}")
    } else {
        format!("{x:.*e}", digits - 1)
    }
}

/// At most `digits` significant digits, and none behind the leading digit of the Monte-Carlo error.
pub(super) fn supported(x: Option<f64>, digits: usize, mcse: Option<f64>) -> String {
    match (x, mcse.and_then(place)) {
        // Rounded once: what is rounded twice can be off by more than half a digit.
        (Some(x), Some(place)) if magnitude(x) - place + 1 < digits as i32 => {
            let rounded = rounded_at(x, place);
            let left = magnitude(rounded) - place + 1;
            significant(Some(rounded), left.max(1) as usize)
        }
        _ => significant(x, digits),
    }
}

/// The power of ten of the leading digit of an error.
fn place(error: f64) -> Option<i32> {
    (error.is_finite() && error > 0.0).then(|| magnitude(error))
}

fn magnitude(x: f64) -> i32 {
    if x == 0.0 {
        0
    } else {
        x.abs().log10().floor() as i32
    }
}

/// The multiple of 10^place next to x, as text has it.
fn rounded_at(x: f64, place: i32) -> f64 {
    let digits = magnitude(x) - place;
    if digits < 0 {
        // Less than one unit of the place, or one when rounded up.
        let unit = 10f64.powi(place);
        return (x / unit).round() * unit;
    }
    format!("{x:.*e}", digits as usize).parse().unwrap_or(x)
}

/// A parameter of the model: as short as three digits allow.
pub(super) fn parameter(x: f64) -> String {
    let text = significant(Some(x), 3);
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", without_zeros(mantissa)),
        None => without_zeros(&text).to_owned(),
    }
}

fn without_zeros(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

/// A probability with two decimals; what is neither 0 nor 1 is never shown as either.
pub(super) fn probability(p: f64) -> String {
    if p.is_nan() {
        ABSENT.to_owned()
    } else if p > 0.995 && p < 1.0 {
        ">.99".to_owned()
    } else if p < 0.005 && p > 0.0 {
        "<.01".to_owned()
    } else {
        format!("{p:.2}")
    }
}

/// A ratio of variances with two decimals; large ones in three digits.
pub(super) fn ratio(x: f64) -> String {
    if x < 100.0 {
        format!("{x:.2}")
    } else {
        significant(Some(x), 3)
    }
}

/// A count with thousands set apart.
pub(super) fn count(n: f64) -> String {
    let digits = format!("{n:.0}");
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 && c.is_ascii_digit() && !out.ends_with('-') {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A count with what is counted, in the plural where it is not one.
pub(super) fn counted(n: f64, what: &str) -> String {
    let s = if n == 1.0 { "" } else { "s" };
    format!("{} {what}{s}", count(n))
}

/// A common number format for values on one scale: a power of ten taken out, and decimals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// Values are shown in units of 10^exponent.
    pub exponent: i32,
    decimals: usize,
}

impl Scale {
    /// Shows the smallest uncertainty with two digits and the largest value without exponent.
    pub fn new(largest: f64, smallest_sd: f64) -> Self {
        let (top, fine) = (magnitude(largest), magnitude(smallest_sd));
        // Small numbers without their leading zeros, large ones without their trailing digits.
        let exponent = if fine < -3 || top > 5 {
            3 * top.div_euclid(3)
        } else {
            0
        };
        // The unit follows the largest value, but the smallest uncertainty must still be seen.
        let exponent = if fine - exponent < -4 {
            exponent - 3
        } else {
            exponent
        };
        let decimals = (1 - (fine - exponent)).clamp(0, 7) as usize;
        Self { exponent, decimals }
    }

    pub fn show(&self, x: Option<f64>) -> String {
        self.show_supported(x, None)
    }

    /// The same without the digits behind the leading one of the Monte-Carlo error: blanks stand for
    /// them, so that points stay below each other.
    pub fn show_supported(&self, x: Option<f64>, mcse: Option<f64>) -> String {
        let Some(x) = x else { return ABSENT.to_owned() };
        let finest = self.exponent - self.decimals as i32;
        let place = mcse.and_then(place).filter(|&place| place > finest);
        let x = place.map_or(x, |place| rounded_at(x, place)) / 10f64.powi(self.exponent);
        let decimals = place.map_or(self.decimals, |place| {
            (self.exponent - place).max(0) as usize
        });
        let text = format!("{x:.decimals$}");
        // No minus before a value that rounds to zero.
        let text = if text.trim_start_matches(['-', '0', '.']).is_empty() {
            text.trim_start_matches('-')
        } else {
            &text
        };
        let point = usize::from(decimals == 0 && self.decimals > 0);
        format!("{text}{}", " ".repeat(self.decimals - decimals + point))
    }
}
