//! Text that fits a terminal: names cut to a width, paragraphs wrapped.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A name in at most `width` columns: control characters made visible, the middle left out.
pub(super) fn name(text: &str, width: usize) -> String {
    let clean: String = text
        .chars()
        .flat_map(|c| {
            let shown: Vec<char> = if c.is_control() {
                c.escape_debug().collect()
            } else {
                vec![c]
            };
            shown
        })
        .collect();
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
