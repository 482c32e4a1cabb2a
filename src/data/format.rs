//! Which format an input has, told by its first bytes.

use std::fmt;

use super::problem::InputProblem;

/// How many bytes tell the format.
pub(super) const HEAD: usize = 8;

const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// The format of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// CSV, TSV or the like.
    Text,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC, the file format (with a footer).
    ArrowFile,
    /// Arrow IPC, the streaming format.
    ArrowStream,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text file",
            Self::Parquet => "Parquet file",
            Self::ArrowFile => "Arrow file",
            Self::ArrowStream => "Arrow stream",
        })
    }
}

impl Format {
    /// The format of an input that begins with `head`.
    pub(super) fn sniff(head: &[u8]) -> Result<Self, InputProblem> {
        const COMPRESSED: [(&[u8], &str, &str); 4] = [
            (b"\x1F\x8B", "gzip", "gzip -dc"),
            (b"\x28\xB5\x2F\xFD", "zstd", "zstd -dc"),
            (b"\xFD7zXZ\0", "xz", "xz -dc"),
            (b"PK\x03\x04", "zip", "unzip -p"),
        ];
        if head.is_empty() || head == UTF8_BOM {
            return Err(InputProblem::EmptyFile);
        }
        if head.starts_with(b"PAR1") {
            return Ok(Self::Parquet);
        }
        if head.starts_with(b"ARROW1") {
            return Ok(Self::ArrowFile);
        }
        if head.starts_with(b"\xFF\xFF\xFF\xFF") {
            return Ok(Self::ArrowStream);
        }
        if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
            return Err(InputProblem::Utf16);
        }
        match COMPRESSED
            .iter()
            .find(|(magic, ..)| head.starts_with(magic))
        {
            Some(&(_, kind, tool)) => Err(InputProblem::Compressed { kind, tool }),
            None => Ok(Self::Text),
        }
    }
}

/// Length of the byte-order mark at the head of a text.
pub(super) fn bom_length(head: &[u8]) -> usize {
    if head.starts_with(UTF8_BOM) {
        UTF8_BOM.len()
    } else {
        0
    }
}
