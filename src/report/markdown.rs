//! Parts of an answer as Markdown (GitHub's, for its tables).

use super::page::Sentence;
use super::table::Table;
use super::terminal::name;

/// A heading; level 1 is the page's.
pub(super) fn heading(level: usize, text: &str) -> String {
    format!("{} {}\n", "#".repeat(level + 1), escaped(text))
}

/// A paragraph, its label and what is emphasised in bold.
pub(super) fn sentence(sentence: &Sentence) -> String {
    let text = escaped(&sentence.text);
    let text = match &sentence.emphasis {
        // The label is bold in any case.
        Some((word, _)) if *word != sentence.label => {
            let word = escaped(word);
            text.replacen(&word, &format!("**{word}**"), 1)
        }
        _ => text,
    };
    match sentence.label.as_str() {
        "" => text + "\n",
        label => format!("**{label}** {text}\n"),
    }
}

/// A table, all but its first column aligned to the right. Names are not cut.
pub(super) fn table(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let titles: Vec<String> = table.shown().map(|c| escaped(&c.full_title())).collect();
    let rule = (0..titles.len()).map(|i| if i == 0 { "---" } else { "---:" }.to_owned());
    let rows = table
        .shown_rows()
        .map(|row| line(row.iter().map(|cell| escaped(cell.trim())).collect()));
    line(titles.clone()) + &line(rule.collect()) + &rows.collect::<String>()
}

/// Text that Markdown shows as it is, on one line.
pub(super) fn escaped(text: &str) -> String {
    let clean = name(text, usize::MAX);
    let mut out = String::with_capacity(clean.len());
    let mut before = ' ';
    let mut rest = clean.chars().peekable();
    while let Some(c) = rest.next() {
        // Inside a word an underscore is one.
        let inside = before.is_alphanumeric() && rest.peek().is_some_and(|c| c.is_alphanumeric());
        if matches!(c, '\\' | '|' | '*' | '`' | '<' | '&' | '[') || (c == '_' && !inside) {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}
