//! What a Parquet file promises, checked before the decoder believes it.
//!
//! The decoder sets memory aside for every number that it reads in a footer or a page header, and a
//! failure of that ends the process. These are read here first, by a walk that sets nothing aside.

use parquet::basic::Type;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};

use super::fault::Fault;
use super::format::Format;
use super::limits;
use super::positioned::Positioned;
use super::problem::InputProblem;
use super::source::unreadable;
use super::thrift::{Value, walk};

const FORMAT: Format = Format::Parquet;
const MAGIC: &[u8] = b"PAR1";
/// Length of the footer's length and the magic after it.
const TRAILER: usize = 8;
/// Most row groups that the decoder counts.
const GROUPS: u64 = 1 << 15;
/// Longest page header: it may hold the smallest and the largest value.
const HEADER: u64 = 1 << 20;
/// Widest value of fixed width that can be a number: a decimal of 256 bits.
const WIDEST: i32 = 32;

/// Checks the end of the file and what stands in its footer.
pub(crate) fn footer(file: &Positioned) -> Result<(), Fault> {
    let truncated = || Fault::from(InputProblem::Truncated { format: FORMAT });
    let Some(body) = file.length().checked_sub(TRAILER as u64) else {
        return Err(truncated());
    };
    let trailer = file.bytes(body, TRAILER).map_err(unreadable)?;
    let Some(length) = trailer
        .strip_suffix(MAGIC)
        .and_then(|length| length.try_into().ok())
    else {
        return Err(truncated());
    };
    let length = u64::from(u32::from_le_bytes(length));
    limits::at_most(FORMAT, "bytes in its footer", length, limits::DESCRIPTION)?;
    let start = body.checked_sub(length).ok_or_else(truncated)?;
    let bytes = file.bytes(start, length as usize).map_err(unreadable)?;
    let mut promises = Promises::default();
    walk(&bytes, &mut |path, value| promises.see(path, value))
        .ok_or_else(|| damaged("its footer makes no sense"))?;
    promises.check(file.length())
}

/// What the footer says, as far as memory and time depend on it.
#[derive(Default)]
struct Promises {
    rows: i64,
    groups: u64,
    /// Rows of all groups.
    rows_of_groups: i64,
    /// Numbers of children of the schema's elements.
    children: Vec<i64>,
}

impl Promises {
    fn see(&mut self, path: &[i16], value: Value) {
        match (path, value) {
            // FileMetaData: 2 schema (5 num_children), 3 num_rows, 4 row_groups (3 num_rows)
            ([2], Value::Structure) => self.children.push(0),
            ([2, 5], Value::Int(children)) => {
                if let Some(last) = self.children.last_mut() {
                    *last = children;
                }
            }
            ([3], Value::Int(rows)) => self.rows = rows,
            ([4], Value::List(groups)) => self.groups = groups,
            ([4, 3], Value::Int(rows)) => {
                self.rows_of_groups = self.rows_of_groups.saturating_add(rows.max(0));
            }
            _ => {}
        }
    }

    fn check(&self, file: u64) -> Result<(), Fault> {
        let rows = u64::try_from(self.rows).map_err(|_| damaged("it has fewer rows than none"))?;
        if self.rows != self.rows_of_groups {
            return Err(damaged("its row groups have not the rows that it says"));
        }
        limits::rows(FORMAT, file, rows)?;
        limits::at_most(FORMAT, "row groups", self.groups, GROUPS)?;
        limits::at_most(
            FORMAT,
            "columns",
            self.children.len() as u64,
            limits::COLUMNS,
        )?;
        self.check_nesting()
    }

    /// The schema is a tree in which every element is followed by its children.
    fn check_nesting(&self) -> Result<(), Fault> {
        let mut open: Vec<i64> = Vec::new();
        for &children in &self.children {
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            if children > 0 {
                open.push(children);
            }
            if open.len() > limits::NESTING {
                return Err(damaged("its columns are nested too deeply"));
            }
            while open.last() == Some(&0) {
                open.pop();
            }
        }
        Ok(())
    }
}

/// How the values of a column chunk are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    /// All as keys of the chunk's dictionary.
    Keys,
    /// Some or all as they are.
    Plain,
}

/// Checks the pages of a column chunk.
pub(crate) fn chunk(
    file: &Positioned,
    group: &RowGroupMetaData,
    column: &ColumnChunkMetaData,
) -> Result<Values, Fault> {
    let (start, end) = range(column)
        .filter(|(_, end)| *end <= file.length())
        .ok_or_else(|| damaged("a column lies outside the file"))?;
    let descriptor = column.column_descr();
    if descriptor.max_rep_level() == 0 && column.num_values() != group.num_rows() {
        return Err(damaged("a column has more or fewer values than rows"));
    }
    let values = u64::try_from(column.num_values()).unwrap_or(u64::MAX);
    limits::rows(FORMAT, file.length(), values)?;
    if column.column_type() == Type::FIXED_LEN_BYTE_ARRAY
        && !(1..=WIDEST).contains(&descriptor.type_length())
    {
        return Err(damaged("a column's values are too wide for numbers"));
    }
    let mut values = Values::Keys;
    let mut at = start;
    while at < end {
        let (page, length) = Page::read(file, at, end)?;
        at = at
            .checked_add(length as u64)
            .and_then(|at| at.checked_add(page.packed.try_into().ok()?))
            .filter(|at| *at <= end)
            .ok_or_else(|| damaged("a page lies outside its column"))?;
        page.check()?;
        if !page.has_keys() {
            values = Values::Plain;
        }
    }
    Ok(values)
}

/// Where the pages of a column chunk stand, told as the decoder tells it, which would panic on numbers
/// below 0.
fn range(column: &ColumnChunkMetaData) -> Option<(u64, u64)> {
    let start = column
        .dictionary_page_offset()
        .unwrap_or_else(|| column.data_page_offset());
    let start = u64::try_from(start).ok()?;
    let length = u64::try_from(column.compressed_size()).ok()?;
    Some((start, start.checked_add(length)?))
}

/// What a page header says.
#[derive(Debug, Default)]
struct Page {
    kind: i64,
    unpacked: i64,
    packed: i64,
    values: i64,
    encoding: i64,
}

impl Page {
    /// The header at `at` of a chunk that ends at `end`, and its length.
    fn read(file: &Positioned, at: u64, end: u64) -> Result<(Self, usize), Fault> {
        // Most are short.
        let mut wanted = 128;
        loop {
            let length = (end - at).min(wanted);
            let bytes = file.bytes(at, length as usize).map_err(unreadable)?;
            let mut page = Self::default();
            if let Some(length) = walk(&bytes, &mut |path, value| page.see(path, value)) {
                return Ok((page, length));
            }
            if length < wanted || wanted >= HEADER {
                return Err(damaged("a page header makes no sense"));
            }
            wanted *= 8;
        }
    }

    fn see(&mut self, path: &[i16], value: Value) {
        let Value::Int(value) = value else { return };
        match path {
            [1] => self.kind = value,
            [2] => self.unpacked = value,
            [3] => self.packed = value,
            // 5 data page, 7 dictionary, 8 data page of version 2: 1 num_values
            [5 | 7 | 8, 1] => self.values = value,
            [5 | 7, 2] | [8, 4] => self.encoding = value,
            _ => {}
        }
    }

    const DICTIONARY: i64 = 2;

    fn check(&self) -> Result<(), Fault> {
        const DELTA_LENGTHS: i64 = 6;
        const DELTA_TEXTS: i64 = 7;
        let sizes = [self.unpacked, self.packed, self.values];
        let [Ok(unpacked), Ok(packed), Ok(values)] = sizes.map(u64::try_from) else {
            return Err(damaged("a page has a negative size"));
        };
        limits::unpacked(FORMAT, packed, unpacked)?;
        // Every value of a dictionary takes a byte at least.
        if self.kind == Self::DICTIONARY && values > unpacked {
            return Err(damaged("a dictionary has more values than bytes"));
        }
        // How many lengths there are is told inside the page, where no one can check it beforehand.
        if [DELTA_LENGTHS, DELTA_TEXTS].contains(&self.encoding) {
            return Err(InputProblem::Encoding.into());
        }
        Ok(())
    }

    /// Whether it does without plain values, or is no page of values.
    fn has_keys(&self) -> bool {
        const PLAIN_DICTIONARY: i64 = 2;
        const RLE_DICTIONARY: i64 = 8;
        self.kind == Self::DICTIONARY || [PLAIN_DICTIONARY, RLE_DICTIONARY].contains(&self.encoding)
    }
}

/// Checks the columns with these leaves in all row groups.
pub(crate) fn columns(
    file: &Positioned,
    metadata: &ParquetMetaData,
    wanted: impl Fn(usize) -> bool,
) -> Result<(), Fault> {
    for group in metadata.row_groups() {
        for (leaf, column) in group.columns().iter().enumerate() {
            if wanted(leaf) {
                chunk(file, group, column)?;
            }
        }
    }
    Ok(())
}

fn damaged(detail: &str) -> Fault {
    Fault::damaged(FORMAT, detail)
}
