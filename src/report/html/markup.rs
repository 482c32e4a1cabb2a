//! Names of foreign keys in running text, each kept to itself whatever it consists of.

use crate::fit::DataRecord;
use crate::report::figure::{escaped, untwisted, visible};

/// The names that sentences may quote.
pub(super) struct Names(Vec<String>);

impl Names {
    pub fn of(data: &DataRecord) -> Self {
        let mut names: Vec<String> = data.fks.iter().map(|fk| fk.fk.to_string()).collect();
        // A name within another must not be taken for it.
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Self(names)
    }

    /// A sentence as HTML, in which names stand between apostrophes, as everywhere in this program's
    /// sentences.
    pub fn marked_up(&self, sentence: &str) -> String {
        let mut out = String::new();
        let mut rest = sentence;
        while let Some(start) = rest.find('\'') {
            let (before, quoted) = rest.split_at(start);
            out.push_str(&plain(before));
            let quoted = &quoted[1..];
            let closes = |name: &&String| {
                let behind = quoted.strip_prefix(name.as_str());
                behind.is_some_and(|behind| behind.starts_with('\''))
            };
            rest = match self.0.iter().find(closes) {
                Some(name) => {
                    out.push_str(&isolated(name));
                    &quoted[name.len() + 1..]
                }
                None => {
                    out.push_str("&#39;");
                    quoted
                }
            };
        }
        out + &plain(rest)
    }
}

/// Text without names; what stands between backticks is to be typed.
fn plain(text: &str) -> String {
    let text = escaped(&untwisted(text));
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text;
    }
    let typed = |(i, part): (usize, &str)| {
        if i.is_multiple_of(2) {
            part.to_owned()
        } else {
            format!("<code>{part}</code>")
        }
    };
    parts.into_iter().enumerate().map(typed).collect()
}

/// A name as an element of its own.
pub(super) fn isolated(name: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(&visible(name)))
}
