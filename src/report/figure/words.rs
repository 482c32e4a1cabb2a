//! Text in figures: how wide it is, and names that fit, whatever they consist of.

use crate::report::terminal::name as cut;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Width of a column of text in the figures' size, in user units; more than most letters take.
pub(super) const COLUMN: f64 = 6.8;

/// The width of a text in user units, about.
pub(super) fn width(text: &str) -> f64 {
    COLUMN * text.width() as f64
}

/// A name in at most `room` units, the middle left out.
pub(super) fn fitted(name: &str, room: f64) -> String {
    cut(&visible(name), (room / COLUMN).floor().max(4.0) as usize)
}

/// A name that can be seen: characters that show nothing, or turn the writing direction of what follows,
/// are spelled out.
pub(in crate::report) fn visible(name: &str) -> String {
    let blank = name.chars().all(shows_nothing);
    let spelled = |c: char| {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || c.is_control() || (blank && shows_nothing(c))
    };
    name.chars()
        .map(|c| match spelled(c) {
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
