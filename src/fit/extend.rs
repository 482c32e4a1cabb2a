//! More draws of a finished run, from where its chains ended.

use super::Target;
use super::control::Control;
use super::prepared::Prepared;
use super::record::Fit;
use super::recording::{END_STATES, Recording};
use crate::Error;
use crate::draws::{DrawsFile, DrawsOutput, DrawsWriter, Metadata};
use crate::sampler::{ChainSink, SamplerSettings, Snapshot};
use crate::summary::RanksWanted;
use std::time::Instant;

/// Adds `more` draws to each chain of a draws file and writes all of them to `target`,
/// which may be the same file: the bytes of one run with that many draws from the start.
///
/// # Errors
/// If the file is damaged, keeps no end states of its chains, or is of another version; if the
/// target cannot be written, or the run is ended before the first further draw. The file is as it was
/// then.
pub fn extend(
    file: &DrawsFile,
    more: u32,
    target: &Target,
    threads: usize,
    control: Control<'_>,
) -> Result<Fit, Error> {
    let end = end_states(file)?;
    let before = file.metadata().sampler.draws;
    let metadata = extended(file.metadata(), more)?;
    let kept = metadata.kept(file.hierarchy(), file.data())?;
    let prepared = Prepared::of(file.data(), file.hierarchy().clone(), metadata, kept);
    let output = DrawsOutput {
        path: &target.path,
        format: target.format,
        layout: target.layout.unwrap_or(file.layout()),
        columns: &prepared.columns,
        metadata: &prepared.metadata,
    };
    let run = prepared.run(threads, control.progress)?;
    let started = Instant::now();
    let copy = |writer: &mut DrawsWriter<'_>| {
        file.for_each_row(|chain, row| match writer.parts().get_mut(chain) {
            Some(part) => part.record(row),
            None => Err(Error::Internal("a draw of a chain too many".into())),
        })
    };
    let drawn = Recording::behind(run, output, (&end, before), copy)?.until_done(control)?;
    let seconds = started.elapsed().as_secs_f64();
    prepared.judge(file.data(), &output, drawn, seconds, RanksWanted::All)
}

/// What the chains of a file carry on from its last draws.
fn end_states(file: &DrawsFile) -> Result<Snapshot, Error> {
    let wrong = |problem: String| Error::DrawsFile {
        file: file.path().display().to_string(),
        problem,
    };
    let metadata = file.metadata();
    let remedy = format!(
        "fit again with --draws and as many as are wanted in all (it has {} per chain)",
        metadata.sampler.draws
    );
    if metadata.version != env!("CARGO_PKG_VERSION") {
        return Err(wrong(format!(
            "was written by version {}, which may draw otherwise than this one ({}); extend it with \
             that version, or {remedy}",
            metadata.version,
            env!("CARGO_PKG_VERSION")
        )));
    }
    let bytes = file.trailing(END_STATES)?.ok_or_else(|| {
        wrong(format!(
            "does not keep where its chains ended, as older files and those of failed runs; {remedy}"
        ))
    })?;
    Snapshot::from_bytes(&bytes)
        .map_err(|problem| wrong(format!("the end states of its chains {problem}; {remedy}")))
}

fn extended(metadata: &Metadata, more: u32) -> Result<Metadata, Error> {
    let draws = metadata
        .sampler
        .draws
        .checked_add(more)
        .filter(|_| more > 0);
    let draws = draws.ok_or_else(|| Error::Setting {
        setting: format!("--draws {more}"),
        problem: format!(
            "give how many draws to add to each chain, which has {}: at least 1, and at most {} in all",
            metadata.sampler.draws,
            u32::MAX
        ),
    })?;
    Ok(Metadata {
        sampler: SamplerSettings {
            draws,
            ..metadata.sampler.clone()
        },
        incomplete: None,
        ..metadata.clone()
    })
}
