//! The same care for files of draws.

use std::fs::File;

use super::decoding::decoding;
use super::fault::Fault;
use super::format::Format;
use super::positioned::Positioned;
use super::problem::InputProblem;
use super::source::unreadable;
use super::{arrow_vetting, parquet_vetting};

use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

/// Checks what an Arrow file promises; the error says what is wrong with it.
pub(crate) fn vet_arrow(file: File) -> Result<(), String> {
    let vetted = Positioned::new(file)
        .map_err(unreadable)
        .and_then(|file| arrow_vetting::file(&file));
    vetted.map_err(|fault| fault.problem())
}

/// The same for a Parquet file, in all of its columns.
pub(crate) fn vet_parquet(file: File) -> Result<(), String> {
    let vetted = || {
        let file = Positioned::new(file).map_err(unreadable)?;
        parquet_vetting::footer(&file)?;
        let metadata = decoding(Format::Parquet, || {
            let loaded = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new());
            loaded.map_err(|e| damaged(e.to_string()))
        })?;
        decoding(Format::Parquet, || {
            parquet_vetting::columns(&file, metadata.metadata(), |_| true)
        })
    };
    vetted().map_err(|fault: Fault| fault.problem())
}

fn damaged(detail: String) -> Fault {
    let format = Format::Parquet;
    InputProblem::Damaged { format, detail }.into()
}
