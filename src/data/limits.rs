//! How much an input may ask for, so that a small file cannot take all memory or all time.
//!
//! docs/trust.md states them for users.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::format::Format;
use super::problem::InputProblem;

/// Largest description (schema, footer, message head) of a columnar file, in bytes. It is never read but from
/// bytes that are there, and draws of a million FKs describe themselves in a hundred megabytes.
pub(super) const DESCRIPTION: u64 = 1 << 30;
/// Most columns of a columnar file.
pub(super) const COLUMNS: u64 = 1 << 20;
/// Most columns of a text.
pub(super) const TEXT_COLUMNS: usize = 1 << 24;
/// Deepest nesting of columns.
pub(super) const NESTING: usize = 16;
/// What a compressed piece (a page, the buffers of a batch) may unpack to whatever its size, in bytes:
/// room for what honest writers put into one piece.
const UNPACKED: u64 = 1 << 27;
/// What it may unpack to beyond that, in bytes for each of its own.
const UNPACKED_PER_BYTE: u64 = 32;
/// Rows that a table may have whatever its size: constant columns take next to no room.
const ROWS: u64 = 1 << 24;
/// Rows that it may have beyond that, for each byte of the file.
const ROWS_PER_BYTE: u64 = 1 << 10;

/// Refuses a piece that unpacks to more than honest data do.
pub(super) fn unpacked(format: Format, packed: u64, to: u64) -> Result<(), InputProblem> {
    if to <= UNPACKED.max(packed.saturating_mul(UNPACKED_PER_BYTE)) {
        return Ok(());
    }
    Err(InputProblem::Bomb {
        format,
        packed,
        unpacked: to,
    })
}

/// Refuses a table with more rows than its file can honestly hold.
pub(super) fn rows(format: Format, file: u64, rows: u64) -> Result<(), InputProblem> {
    if rows <= ROWS.max(file.saturating_mul(ROWS_PER_BYTE)) {
        return Ok(());
    }
    let detail = format!("it promises {rows} rows in {file} bytes");
    Err(InputProblem::Damaged { format, detail })
}

/// Refuses a text with more columns than are read.
pub(super) fn text_columns(found: usize) -> Result<(), InputProblem> {
    at_most(Format::Text, "columns", found as u64, TEXT_COLUMNS as u64)
}

/// Refuses a table with more cells than its file can honestly hold, four for each row that it may have.
pub(super) fn cells(format: Format, file: u64, cells: u64) -> Result<(), InputProblem> {
    if cells
        <= ROWS
            .max(file.saturating_mul(ROWS_PER_BYTE))
            .saturating_mul(4)
    {
        return Ok(());
    }
    let detail = format!("it promises {cells} cells in {file} bytes");
    Err(InputProblem::Damaged { format, detail })
}

/// Refuses more of something than `limit`.
pub(super) fn at_most(
    format: Format,
    what: &'static str,
    found: u64,
    limit: u64,
) -> Result<(), InputProblem> {
    if found <= limit {
        return Ok(());
    }
    Err(InputProblem::TooLarge {
        format,
        what,
        found,
        limit,
    })
}

/// Reads a small file whole; one of more than `most` bytes is refused.
pub(crate) fn read_small(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is longer than {most} bytes")));
    }
    Ok(bytes)
}
