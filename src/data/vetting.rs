//! The same care for files of draws.

use std::fs::File;
use std::path::Path;

use super::decoding::decoding;
use super::fault::Fault;
use super::format::Format;
use super::positioned::Positioned;
use super::source::{Source, unreadable};
use super::{arrow_vetting, parquet, parquet_vetting};

/// Checks what an Arrow file promises; the error says what is wrong with it.
pub(crate) fn vet_arrow(file: File) -> Result<(), String> {
    let vetted = Positioned::new(file)
        .map_err(unreadable)
        .and_then(|file| arrow_vetting::file(&file));
    vetted.map(|_| ()).map_err(|fault| fault.problem())
}

/// The same for a Parquet file, in all of its columns.
pub(crate) fn vet_parquet(file: File) -> Result<(), String> {
    let vetted = || {
        let (file, metadata) = parquet::open(file)?;
        decoding(Format::Parquet, || {
            parquet_vetting::columns(&file, metadata.metadata(), |_| true)
        })
    };
    vetted().map_err(|fault: Fault| fault.problem())
}

/// The first bytes of an Arrow file's footer, so many at most, and its length; nothing where it is no such file, or
/// damaged.
pub(crate) fn footer_front(path: &Path, most: usize) -> Option<(Vec<u8>, usize)> {
    let opened = Source::Path(path.to_owned()).open().ok()?;
    if opened.format != Format::ArrowFile {
        return None;
    }
    let file = Positioned::new(opened.into_file().ok()?).ok()?;
    arrow_vetting::footer_front(&file, most).ok()
}
