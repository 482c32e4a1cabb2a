//! Text in figures: how wide it is, and names that fit, whatever they consist of.

use crate::report::terminal::{acts, name as cut};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Size of text that names something, and of all other text, in user units.
pub(super) const NAME: f64 = 12.0;
const SMALL: f64 = 11.0;

/// The width of small text in user units, about: rather too much, as fonts differ.
pub(super) fn width(text: &str) -> f64 {
    SMALL * ems(text)
}

/// The width of a name, set as large as names are, or small and bold, which is about the same.
pub(super) fn name_width(name: &str) -> f64 {
    NAME * ems(&visible(name))
}

/// Widths of letters in a wide sans-serif font, in units of its size.
fn ems(text: &str) -> f64 {
    let em = |c: char| match (c, c.width().unwrap_or(0)) {
        (_, 0) => 0.0,
        (_, 2) => 1.05,
        ('i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '|' | '\'' | '!', _) => 0.34,
        ('f' | 't' | 'r' | ' ' | '(' | ')' | '[' | ']' | '-', _) => 0.42,
        ('m' | 'w' | 'M' | 'W' | '@' | '%' | '…', _) => 1.0,
        ('=' | '+' | '<' | '>' | '~' | '&', _) => 0.85,
        (c, _) if c.is_uppercase() => 0.74,
        _ => 0.64,
    };
    text.chars().map(em).sum()
}

/// A name in at most `room` units, the middle left out.
pub(super) fn fitted(name: &str, room: f64) -> String {
    let shown = visible(name);
    let mut columns = shown.width();
    let mut short = cut(&shown, columns);
    while NAME * ems(&short) > room && columns > 3 {
        columns -= 1;
        short = cut(&shown, columns);
    }
    short
}

/// A name that can be seen: one that shows nothing is spelled out.
pub(in crate::report) fn visible(name: &str) -> String {
    if name.chars().all(shows_nothing) {
        return name
            .chars()
            .map(|c| c.escape_unicode().to_string())
            .collect();
    }
    untwisted(name)
}

/// Text in which characters that turn the writing direction of what follows, and control characters, are
/// spelled out.
pub(in crate::report) fn untwisted(text: &str) -> String {
    text.chars()
        .map(|c| match acts(c) {
            true => c.escape_unicode().to_string(),
            false => c.to_string(),
        })
        .collect()
}

fn shows_nothing(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c.width().unwrap_or(0) == 0
}

/// A name within running text: what it does to the writing direction ends with it (Unicode's first strong
/// isolate).
pub(super) fn isolated(name: &str) -> String {
    format!("\u{2068}{}\u{2069}", visible(name))
}
