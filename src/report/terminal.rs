//! Text that fits a terminal: names cut to a width, paragraphs wrapped.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether a character does something to a terminal, or to the writing direction of what follows, instead of
/// showing itself.
pub(super) fn acts(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || c.is_control()
}

/// Text in which such characters are spelled out: names come from files, and files from anywhere.
#[must_use]
pub fn tamed(text: &str) -> String {
    spelled(text, acts)
}

/// The same, its line breaks kept.
#[must_use]
pub fn tamed_lines(text: &str) -> String {
    spelled(text, |c| c != '\n' && acts(c))
}

fn spelled(text: &str, which: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match (which(c), c.is_control()) {
            (false, _) => out.push(c),
            (true, true) => out.extend(c.escape_debug()),
            (true, false) => out.extend(c.escape_unicode()),
        }
    }
    out
}

/// A name in at most `width` columns: what acts on a terminal spelled out, the middle left out.
pub(super) fn name(text: &str, width: usize) -> String {
    let clean = tamed(text);
    if clean.width() <= width {
        return clean;
    }
    let keep = width.saturating_sub(1);
    let tail_width = keep / 2;
    let head = take_width(clean.chars(), keep - tail_width);
    let tail: String = take_width(clean.chars().rev(), tail_width)
        .chars()
        .rev()
        .collect();
    format!("{head}…{tail}")
}

fn take_width(chars: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

/// A labelled paragraph wrapped at `width`, its lines indented to the label's column.
pub(super) fn paragraph(label: &str, text: &str, width: usize) -> String {
    const INDENT: usize = 10;
    let mut out = format!("{label:<INDENT$}");
    let mut column = INDENT;
    for word in text.split(' ') {
        if column > INDENT && column + 1 + word.width() > width {
            out.push('\n');
            out.push_str(&" ".repeat(INDENT));
            column = INDENT;
        } else if column > INDENT {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.width();
    }
    out.push('\n');
    out
}
