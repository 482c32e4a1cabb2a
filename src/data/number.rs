//! Numbers as inputs spell them, refused where they cannot be worked with.

use super::problem::{InputProblem, clip};

/// Largest magnitude of a score: its square, times any number of scores worth having, is finite.
const LARGEST: f64 = 1e150;
/// Smallest magnitude of a score but 0: its square is a normal number.
const SMALLEST: f64 = 1e-150;
/// Largest count that double precision holds exactly, with all below it.
pub(super) const LARGEST_COUNT: u64 = 1 << 53;

/// A score, mean or the like from its spelling.
pub(super) fn score(text: &[u8]) -> Result<f64, InputProblem> {
    let (value, text) = parse(text)?;
    in_range(value, value, text)
}

/// A score that is a number already.
pub(super) fn check_score(value: f64) -> Result<f64, InputProblem> {
    if is_score(value) {
        return Ok(value);
    }
    let value = format!("{value:e}");
    Err(match value.as_str() {
        "NaN" | "inf" | "-inf" => InputProblem::NotFinite { value },
        _ => InputProblem::OutOfRange { value },
    })
}

/// Whether a number is one that [`check_score`] takes.
#[inline]
pub(crate) fn is_score(value: f64) -> bool {
    // One comparison decides for every score that is neither 0 nor wrong.
    (SMALLEST..=LARGEST).contains(&value.abs()) || value == 0.0
}

/// A standard deviation, 0 or more.
pub(super) fn sd(text: &[u8]) -> Result<f64, InputProblem> {
    let (value, text) = parse(text)?;
    in_range(value, not_negative(value, text)?, text)
}

/// A variance, 0 or more; in range if its root is.
pub(super) fn variance(text: &[u8]) -> Result<f64, InputProblem> {
    let (value, text) = parse(text)?;
    in_range(value, not_negative(value, text)?.sqrt(), text)
}

/// A standard error, above 0.
pub(super) fn standard_error(text: &[u8]) -> Result<f64, InputProblem> {
    let (value, text) = parse(text)?;
    if value <= 0.0 {
        return Err(InputProblem::NonPositiveSe { value: clip(text) });
    }
    in_range(value, value, text)
}

/// A number of scores; a whole number spelled as a float (`4000.0`) will do.
pub(super) fn count(text: &[u8]) -> Result<u64, InputProblem> {
    let (value, text) = parse(text)?;
    if value < 0.0 || value.fract() != 0.0 {
        return Err(InputProblem::NotACount { value: clip(text) });
    }
    // Through u64 where possible: 2^53 + 1 as a float would pass for 2^53.
    let count = text.parse().unwrap_or(value as u64);
    if count > LARGEST_COUNT {
        return Err(InputProblem::CountTooLarge { value: clip(text) });
    }
    Ok(count)
}

/// Whether a cell holds nothing.
pub(super) fn is_blank(text: &[u8]) -> bool {
    text.trim_ascii().is_empty()
}

/// A finite number and its spelling without the space around it.
fn parse(text: &[u8]) -> Result<(f64, &str), InputProblem> {
    let trimmed = text.trim_ascii();
    if trimmed.is_empty() {
        return Err(InputProblem::Blank);
    }
    let not_a_number = || InputProblem::NotANumber {
        value: clip(&String::from_utf8_lossy(trimmed)),
    };
    let text = std::str::from_utf8(trimmed).map_err(|_| not_a_number())?;
    let value: f64 = text.parse().map_err(|_| not_a_number())?;
    if value.is_finite() && (value != 0.0 || spells_zero(text)) {
        return Ok((value, text));
    }
    let value = clip(text);
    // `inf` and `NaN` have no digit; `1e400` and `1e-400` do, and rounded to infinity and 0.
    Err(if text.bytes().any(|b| b.is_ascii_digit()) {
        InputProblem::OutOfRange { value }
    } else {
        InputProblem::NotFinite { value }
    })
}

fn spells_zero(text: &str) -> bool {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    !mantissa.bytes().any(|b| (b'1'..=b'9').contains(&b))
}

fn not_negative(value: f64, text: &str) -> Result<f64, InputProblem> {
    if value < 0.0 {
        return Err(InputProblem::NegativeSpread { value: clip(text) });
    }
    Ok(value)
}

/// `value`, if `size` (in score units) is in range.
fn in_range(value: f64, size: f64, text: &str) -> Result<f64, InputProblem> {
    if size == 0.0 || (SMALLEST..=LARGEST).contains(&size.abs()) {
        return Ok(value);
    }
    Err(InputProblem::OutOfRange { value: clip(text) })
}
