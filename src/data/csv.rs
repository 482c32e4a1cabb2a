//! Splits delimited text into records, strictly.
//!
//! The `csv` crate reads whatever it is given: a quote never closed swallows the rest of the file,
//! one inside a field is kept. Scores lost that way would go unnoticed, so here both are errors.

use std::io::{BufRead, Read};
use std::ops::Range;

use super::fault::Fault;
use super::problem::InputProblem;
use super::source::unreadable;

/// Longest line, and longest quoted field, that is taken for text: a wide table of ten million FKs
/// fits, a disk image does not fill the memory.
const LONGEST: u64 = 1 << 28;

/// Records of a text, one at a time in buffers that are used again.
pub(super) struct Records<R> {
    input: R,
    delimiter: u8,
    /// The current line without its end.
    raw: Vec<u8>,
    /// Lines read so far.
    lines: u64,
    /// The line on which the current record begins.
    line: u64,
    /// The current record's fields, if it has quotes; else they stand in `raw`.
    decoded: Vec<u8>,
    quoted: bool,
    fields: Vec<Range<usize>>,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            delimiter: b',',
            raw: Vec::new(),
            lines: 0,
            line: 0,
            decoded: Vec::new(),
            quoted: false,
            fields: Vec::new(),
        }
    }

    /// Reads the first record and settles the delimiter by it; `known` is a column that it may have.
    pub(super) fn header(&mut self, known: &str) -> Result<bool, Fault> {
        if !self.next_line()? {
            return Ok(false);
        }
        self.delimiter = delimiter(&self.raw, known);
        self.split()?;
        Ok(true)
    }

    /// Moves on to the next record; blank lines are passed over.
    pub(super) fn advance(&mut self) -> Result<bool, Fault> {
        if !self.next_line()? {
            return Ok(false);
        }
        self.split()?;
        Ok(true)
    }

    /// The line on which the current record begins, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Number of fields in the current record.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// A field of the current record, without its quotes; empty where there is none.
    pub(super) fn field(&self, i: usize) -> &[u8] {
        let record = if self.quoted {
            &self.decoded
        } else {
            &self.raw
        };
        self.fields
            .get(i)
            .and_then(|range| record.get(range.clone()))
            .unwrap_or_default()
    }

    fn next_line(&mut self) -> Result<bool, Fault> {
        loop {
            if !self.read_line()? {
                return Ok(false);
            }
            if !self.raw.is_empty() {
                self.line = self.lines;
                return Ok(true);
            }
        }
    }

    fn read_line(&mut self) -> Result<bool, Fault> {
        self.raw.clear();
        self.lines += 1;
        let mut limited = (&mut self.input).take(LONGEST);
        let read = limited
            .read_until(b'\n', &mut self.raw)
            .map_err(|e| unreadable(e).line(self.lines))?;
        if self.raw.last() == Some(&b'\n') {
            self.raw.pop();
            if self.raw.last() == Some(&b'\r') {
                self.raw.pop();
            }
        } else if read as u64 == LONGEST {
            let problem = InputProblem::LineTooLong { limit: LONGEST };
            return Err(Fault::from(problem).line(self.lines));
        }
        Ok(read > 0)
    }

    fn split(&mut self) -> Result<(), Fault> {
        self.fields.clear();
        self.quoted = self.raw.contains(&b'"');
        if self.quoted {
            return self.split_quoted();
        }
        let mut start = 0;
        for (i, &byte) in self.raw.iter().enumerate() {
            if byte == self.delimiter {
                self.fields.push(start..i);
                start = i + 1;
            }
        }
        self.fields.push(start..self.raw.len());
        Ok(())
    }

    fn split_quoted(&mut self) -> Result<(), Fault> {
        self.decoded.clear();
        let mut at = 0;
        loop {
            let start = self.decoded.len();
            at = match self.raw.get(at) {
                Some(b'"') => self.quoted_field(at + 1)?,
                _ => self.plain_field(at)?,
            };
            self.fields.push(start..self.decoded.len());
            if at >= self.raw.len() {
                return Ok(());
            }
            at += 1;
        }
    }

    /// Takes a field without quotes; gives the position of the delimiter after it.
    fn plain_field(&mut self, at: usize) -> Result<usize, Fault> {
        let rest = self.raw.get(at..).unwrap_or_default();
        let field = rest
            .split(|&b| b == self.delimiter)
            .next()
            .unwrap_or_default();
        if field.contains(&b'"') {
            return Err(Fault::from(InputProblem::StrayQuote).line(self.lines));
        }
        self.decoded.extend_from_slice(field);
        Ok(at + field.len())
    }

    /// Takes a field after its opening quote, over several lines if need be; gives the position of
    /// the delimiter after it.
    fn quoted_field(&mut self, mut at: usize) -> Result<usize, Fault> {
        let opened = self.lines;
        let unclosed = || Fault::from(InputProblem::UnclosedQuote).line(opened);
        loop {
            let rest = self.raw.get(at..).unwrap_or_default();
            let Some(length) = rest.iter().position(|&b| b == b'"') else {
                self.decoded.extend_from_slice(rest);
                self.decoded.push(b'\n');
                if self.decoded.len() as u64 > LONGEST || !self.read_line()? {
                    return Err(unclosed());
                }
                at = 0;
                continue;
            };
            self.decoded
                .extend_from_slice(rest.get(..length).unwrap_or_default());
            at += length + 1;
            match self.raw.get(at) {
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

/// The delimiter of a header: the one that brings out the `known` column, else the first that is
/// there at all outside quotes.
fn delimiter(header: &[u8], known: &str) -> u8 {
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
