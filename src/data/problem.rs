//! What can be wrong with an input, each with its remedy.

use std::fmt;
use std::io;

use super::format::Format;
use super::layout::ColumnHint;

/// What is wrong with an input; the message says what to do.
///
/// Where it was found is told by the [`Place`](crate::error::Place) beside it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputProblem {
    /// There is no such file.
    #[error("no such file; check the spelling")]
    NotFound,
    /// The name is that of a directory.
    #[error("is a directory; name the files in it")]
    IsDirectory,
    /// The system does not let us read the file.
    #[error("permission denied; make the file readable for this user")]
    PermissionDenied,
    /// Reading failed for another reason.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// Standard input was named twice.
    #[error("is named twice, but can be read only once; name '-' once")]
    StdinTwice,

    /// Nothing in it.
    #[error("is empty; expected a header line and one row per score")]
    EmptyFile,
    /// A header, and nothing else.
    #[error("has column names but no rows; was the file written to its end?")]
    NoRows,
    /// Text in UTF-16.
    #[error("is UTF-16 text; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)")]
    Utf16,
    /// Text in another encoding than UTF-8.
    #[error("'{text}' is not UTF-8; save the file as UTF-8 (iconv -t UTF-8)")]
    NotUtf8 {
        /// The text, with U+FFFD where it is not UTF-8.
        text: String,
    },
    /// Neither text nor a format that is known.
    #[error("is neither text nor Parquet nor Arrow; give CSV, TSV, Parquet or Arrow IPC")]
    NotText,
    /// A compressed file.
    #[error("is compressed ({kind}); decompress it first, as in '{tool} FILE | fkbayes fit -'")]
    Compressed {
        /// Name of the compression.
        kind: &'static str,
        /// The command that undoes it.
        tool: &'static str,
    },
    /// Lines ended by a carriage return alone.
    #[error("lines end in a lone carriage return; convert them (tr '\\r' '\\n')")]
    LoneCarriageReturn,
    /// A line without end.
    #[error("the line is longer than {limit} bytes; is this a text file?")]
    LineTooLong {
        /// Longest line that is read, in bytes.
        limit: u64,
    },
    /// A draws file where scores were expected.
    #[error(
        "this is a draws file, not scores; `fkbayes summary`, `compare`, `plan`, `report` and `plot` take it"
    )]
    DrawsFile,

    /// A columnar file or stream that ends too early.
    #[error("{format} cut short: its end is missing; write or copy it again, to the end")]
    Truncated {
        /// The format.
        format: Format,
    },
    /// A columnar file or stream that does not decode.
    #[error("{format} damaged ({detail}); write it again")]
    Damaged {
        /// The format.
        format: Format,
        /// The decoder's words.
        detail: String,
    },
    /// A columnar file in a compression that this build does not read.
    #[error("{format} compressed with {codec}, which is not read here; {}", codec_remedy(*.format))]
    Codec {
        /// The format.
        format: Format,
        /// Name of the compression.
        codec: String,
    },

    /// A compressed piece of a columnar file that unpacks to far more than data do.
    #[error(
        "{format} refused: {packed} bytes of it unpack to {unpacked}; if that is meant, write it without compression"
    )]
    Bomb {
        /// The format.
        format: Format,
        /// Size of the piece in the file, in bytes.
        packed: u64,
        /// Size that it says it has when unpacked, in bytes.
        unpacked: u64,
    },
    /// A columnar file with more of something than is read.
    #[error(
        "{format} with {found} {what}, more than the {limit} that are read; write a smaller table"
    )]
    TooLarge {
        /// The format.
        format: Format,
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much may be.
        limit: u64,
    },
    /// A Parquet column in an encoding that cannot be checked before it is decoded.
    #[error(
        "Parquet file with delta-encoded texts, which are not read here; write them with a dictionary, or plain"
    )]
    Encoding,

    /// A column that is needed is not there.
    #[error("no column '{column}' among {found}; {hint}")]
    MissingColumn {
        /// The column that was looked for.
        column: String,
        /// The columns that are there.
        found: ColumnNames,
        /// What may have been meant.
        hint: ColumnHint,
    },
    /// Two columns of the same name.
    #[error("there are two columns of this name; rename or drop one")]
    DuplicateColumn,
    /// Two columns that say the same thing twice.
    #[error("columns '{first}' and '{second}' contradict each other; keep one of them")]
    ConflictingColumns {
        /// One column.
        first: String,
        /// The other.
        second: String,
    },
    /// A wide table whose first column is a pandas index.
    #[error("the first column is an index, not an FK; write the table with {remedy}")]
    IndexColumn {
        /// The call that leaves the index out.
        remedy: &'static str,
    },
    /// A wide table was announced, but this is a long one.
    #[error("columns '{fk}' and '{score}' make this a long table; drop --wide")]
    NotWide {
        /// The FK column.
        fk: String,
        /// The score column.
        score: String,
    },
    /// A column of a type that holds no such thing.
    #[error("is of type {found}, expected {expected}; cast the column")]
    WrongType {
        /// The Arrow type found.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// A row with fewer or more fields than the header.
    #[error("{found} field{} where the header has {expected}; {}", plural(*.found), width_remedy(*.found, *.expected))]
    Fields {
        /// Fields in this row.
        found: usize,
        /// Fields in the header.
        expected: usize,
    },
    /// A quote that opens and never closes.
    #[error("the quote opened here is never closed; close it, or drop it")]
    UnclosedQuote,
    /// A quote inside a field.
    #[error("stray quote inside a field; quote the whole field and double the quotes within")]
    StrayQuote,

    /// An FK without a name.
    #[error("the FK has no name; give every row (with --wide: every column) one")]
    BlankFk,
    /// An FK whose name is longer than any name.
    #[error("the name '{start}' is longer than {limit} bytes; is this the FK column?")]
    NameTooLong {
        /// How it begins.
        start: String,
        /// Longest name that is taken, in bytes.
        limit: usize,
    },
    /// A row whose task has no name.
    #[error("the task has no name; give every row one")]
    BlankTask,
    /// The same FK twice where once is all there can be.
    #[error("the FK stands on {first} and again here; one row per FK in aggregated scores")]
    DuplicateFk {
        /// The line or row where it stood first.
        first: String,
    },
    /// A name that two FKs share.
    #[error("two FKs have this name; names must differ")]
    SharedName,
    /// Not a single FK.
    #[error("no FK; give at least one")]
    NoFks,
    /// An FK whose estimate is given twice.
    #[error(
        "the FK already has an estimate with a standard error, or scores; the two cannot be merged, keep one"
    )]
    NotMergeable,
    /// Estimates beside scores.
    #[error(
        "FK '{estimate}' has a standard error, FK '{scores}' has scores; give all FKs in one way"
    )]
    MixedKinds {
        /// An FK with a known standard error.
        estimate: String,
        /// An FK with scores.
        scores: String,
    },

    /// A cell without a number.
    #[error("empty where a number is needed; fill it in or drop the row")]
    Blank,
    /// A cell that is no number.
    #[error("'{value}' is not a number; {}", number_remedy(.value))]
    NotANumber {
        /// The cell.
        value: String,
    },
    /// NaN or an infinity.
    #[error("'{value}' is not finite; drop the row (in a --wide table leave the cell empty)")]
    NotFinite {
        /// The cell.
        value: String,
    },
    /// A number whose square leaves the range of double precision.
    #[error("{value} is out of range (magnitudes from 1e-150 to 1e150, or 0); rescale the scores")]
    OutOfRange {
        /// The number as it was given.
        value: String,
    },
    /// Numbers that are each in range, but whose sum of squares is not.
    #[error("the sum of squares leaves the range of double precision; rescale the scores")]
    Overflow,
    /// A number of scores that is none.
    #[error("'{value}' is not a count; n must be a whole number, 0 or more")]
    NotACount {
        /// The cell.
        value: String,
    },
    /// A number of scores that double precision cannot hold.
    #[error("{value} is above 2^53, the largest count that can be worked with; check column n")]
    CountTooLarge {
        /// The number as it was given.
        value: String,
    },
    /// A negative standard deviation or variance.
    #[error("{value} is negative; a standard deviation or variance is 0 or more")]
    NegativeSpread {
        /// The number as it was given.
        value: String,
    },
    /// A standard error that is not positive.
    #[error("{value} is not positive; a standard error must be above 0")]
    NonPositiveSe {
        /// The number as it was given.
        value: String,
    },
    /// A mean or spread of scores that do not exist.
    #[error("{value} cannot come from n = {n}; leave the cell empty, or correct n")]
    TooFewScores {
        /// The number as it was given.
        value: String,
        /// Number of scores.
        n: u64,
    },
}

/// The columns of an input, shown as a list of readable length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNames(pub Vec<String>);

impl fmt::Display for ColumnNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 12;
        for (i, name) in self.0.iter().take(SHOWN).enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}'{}'", clip(name))?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Keeps a value from the input short enough for one line.
pub(super) fn clip(value: &str) -> String {
    const LONGEST: usize = 60;
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

fn codec_remedy(format: Format) -> &'static str {
    match format {
        Format::Parquet => "write it with zstd, snappy or none",
        _ => "write it with compression=\"uncompressed\"",
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn width_remedy(found: usize, expected: usize) -> &'static str {
    if found < expected {
        "complete the row, or drop it"
    } else {
        "quote names that hold the separator"
    }
}

fn number_remedy(value: &str) -> &'static str {
    if value.contains(',') {
        "write a decimal point, and no separator of thousands"
    } else {
        "correct it, or drop the row"
    }
}
