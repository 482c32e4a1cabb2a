//! Splits delimited text into records, strictly.
//!
//! The `csv` crate reads whatever it is given: a quote never closed swallows the rest of the file,
//! one inside a field is kept. Scores lost that way would go unnoticed, so here both are errors.

use memchr::{memchr, memchr_iter, memchr2_iter};

use super::fault::Fault;
use super::problem::InputProblem;

/// Records of a text that begins with one and ends with one, in buffers that are used again.
pub(super) struct Records<'a> {
    text: &'a [u8],
    delimiter: u8,
    /// Whether there are quotes anywhere: most texts have none.
    quotes: bool,
    /// Where the next line begins.
    next: usize,
    /// The current line without its end.
    current: Line,
    /// Lines read so far.
    lines: u64,
    /// The line on which the current record begins.
    line: u64,
    fields: Vec<Field>,
    /// Fields that are kept of a record, and how many the current one has.
    most: usize,
    found: usize,
    /// Quoted fields that do not stand in the text as they are.
    decoded: Vec<u8>,
}

/// A line of the text, without its end.
#[derive(Clone, Copy, Default)]
struct Line {
    start: usize,
    end: usize,
}

/// Where a field stands.
#[derive(Clone, Copy)]
struct Field {
    start: usize,
    end: usize,
    decoded: bool,
}

impl<'a> Records<'a> {
    /// A text whose records should have `most` fields: more are counted, but not kept.
    pub(super) fn new(text: &'a [u8], delimiter: u8, most: usize) -> Self {
        Self {
            text,
            delimiter,
            quotes: memchr(b'"', text).is_some(),
            next: 0,
            current: Line::default(),
            lines: 0,
            line: 0,
            fields: Vec::new(),
            most,
            found: 0,
            decoded: Vec::new(),
        }
    }

    /// Moves on to the next record; blank lines are passed over.
    pub(super) fn advance(&mut self) -> Result<bool, Fault> {
        loop {
            self.fields.clear();
            self.found = 0;
            let more = if self.quotes {
                self.advance_with_quotes()?
            } else {
                self.advance_plainly()
            };
            if !more {
                return Ok(false);
            }
            if self.current.start < self.current.end {
                return Ok(true);
            }
        }
    }

    fn advance_with_quotes(&mut self) -> Result<bool, Fault> {
        if !self.next_line() {
            return Ok(false);
        }
        self.line = self.lines;
        if memchr(b'"', self.rest(self.current.start)).is_some() {
            self.split_quoted()?;
        } else {
            self.split_plain();
        }
        Ok(true)
    }

    /// The same where a text has no quotes: one search for the ends of both fields and lines.
    fn advance_plainly(&mut self) -> bool {
        let text = self.text;
        let start = self.next;
        let rest = text.get(start..).unwrap_or_default();
        if rest.is_empty() {
            return false;
        }
        let mut field = start;
        let mut end = text.len();
        self.next = end;
        for at in memchr2_iter(self.delimiter, b'\n', rest) {
            let at = start + at;
            if text.get(at) == Some(&b'\n') {
                let returned = at > start && text.get(at - 1) == Some(&b'\r');
                end = if returned { at - 1 } else { at };
                self.next = at + 1;
                break;
            }
            self.push(field, at, false);
            field = at + 1;
        }
        self.push(field, end, false);
        self.lines += 1;
        self.line = self.lines;
        self.current = Line { start, end };
        true
    }

    /// The line on which the current record begins, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Lines read so far.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// Where the record after the current one begins.
    pub(super) fn position(&self) -> usize {
        self.next
    }

    /// Number of fields in the current record.
    pub(super) fn len(&self) -> usize {
        self.found
    }

    /// A field of the current record, without its quotes; empty where there is none.
    pub(super) fn field(&self, i: usize) -> &[u8] {
        let Some(field) = self.fields.get(i) else {
            return &[];
        };
        let held = if field.decoded {
            &self.decoded
        } else {
            self.text
        };
        held.get(field.start..field.end).unwrap_or_default()
    }

    fn next_line(&mut self) -> bool {
        let start = self.next;
        let rest = self.text.get(start..).unwrap_or_default();
        if rest.is_empty() {
            return false;
        }
        self.lines += 1;
        let length = memchr(b'\n', rest);
        let mut end = start + length.unwrap_or(rest.len());
        self.next = length.map_or(end, |_| end + 1);
        if length.is_some() && end > start && self.text.get(end - 1) == Some(&b'\r') {
            end -= 1;
        }
        self.current = Line { start, end };
        true
    }

    /// The current line from `at` on.
    fn rest(&self, at: usize) -> &'a [u8] {
        self.text.get(at..self.current.end).unwrap_or_default()
    }

    fn push(&mut self, start: usize, end: usize, decoded: bool) {
        self.found += 1;
        if self.found <= self.most {
            self.fields.push(Field {
                start,
                end,
                decoded,
            });
        }
    }

    fn split_plain(&mut self) {
        let Line { mut start, end } = self.current;
        for i in memchr_iter(self.delimiter, self.rest(start)) {
            let stop = self.current.start + i;
            self.push(start, stop, false);
            start = stop + 1;
        }
        self.push(start, end, false);
    }

    fn split_quoted(&mut self) -> Result<(), Fault> {
        self.decoded.clear();
        let mut at = self.current.start;
        loop {
            at = match self.rest(at).first() {
                Some(b'"') => self.quoted_field(at + 1)?,
                _ => self.plain_field(at)?,
            };
            if at >= self.current.end {
                return Ok(());
            }
            at += 1;
        }
    }

    /// Takes a field without quotes; gives the position of the delimiter after it.
    fn plain_field(&mut self, at: usize) -> Result<usize, Fault> {
        let rest = self.rest(at);
        let length = memchr(self.delimiter, rest).unwrap_or(rest.len());
        if memchr(b'"', rest.get(..length).unwrap_or_default()).is_some() {
            return Err(Fault::from(InputProblem::StrayQuote).line(self.lines));
        }
        self.push(at, at + length, false);
        Ok(at + length)
    }

    /// Takes a field after its opening quote; gives the position of the delimiter after it.
    fn quoted_field(&mut self, at: usize) -> Result<usize, Fault> {
        let rest = self.rest(at);
        if let Some(length) = memchr(b'"', rest)
            && rest.get(length + 1).is_none_or(|&b| b == self.delimiter)
        {
            self.push(at, at + length, false);
            return Ok(at + length + 1);
        }
        let start = self.decoded.len();
        let after = self.decode(at)?;
        self.push(start, self.decoded.len(), true);
        Ok(after)
    }

    /// Takes a field with quotes or line breaks in it, over several lines if need be.
    fn decode(&mut self, mut at: usize) -> Result<usize, Fault> {
        let opened = self.lines;
        let unclosed = || Fault::from(InputProblem::UnclosedQuote).line(opened);
        loop {
            let rest = self.rest(at);
            let Some(length) = memchr(b'"', rest) else {
                self.decoded.extend_from_slice(rest);
                self.decoded.push(b'\n');
                if !self.next_line() {
                    return Err(unclosed());
                }
                at = self.current.start;
                continue;
            };
            self.decoded
                .extend_from_slice(rest.get(..length).unwrap_or_default());
            at += length + 1;
            match rest.get(length + 1) {
                None => return Ok(at),
                Some(&byte) if byte == self.delimiter => return Ok(at),
                Some(b'"') => {
                    self.decoded.push(b'"');
                    at += 1;
                }
                // The quote that seems to close this field opens another, lines below.
                Some(_) if self.lines > opened => return Err(unclosed()),
                Some(_) => return Err(Fault::from(InputProblem::StrayQuote).line(opened)),
            }
        }
    }
}

/// The delimiter of a text by its first line: the one that brings out the `known` column, else the
/// first that is there at all outside quotes.
pub(super) fn delimiter(text: &[u8], known: &str) -> u8 {
    let header = text
        .split(|&b| b == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let present = || {
        [b',', b'\t', b';']
            .into_iter()
            .filter(|&d| stands_outside_quotes(header, d))
    };
    let names_known = |d: &u8| {
        header
            .split(|b| b == d)
            .any(|name| unquoted(name.trim_ascii()) == known.trim().as_bytes())
    };
    present()
        .find(names_known)
        .or_else(|| present().next())
        .unwrap_or(b',')
}

fn stands_outside_quotes(header: &[u8], delimiter: u8) -> bool {
    header
        .split(|&b| b == b'"')
        .step_by(2)
        .any(|outside| outside.contains(&delimiter))
}

fn unquoted(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"\"")
        .and_then(|name| name.strip_suffix(b"\""))
        .unwrap_or(name)
}
