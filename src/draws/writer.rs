//! A draws file on its way to the disk.

use super::early_sync::EarlySync;
use super::encoded::Encoded;
use super::frame::Frame;
use super::located::Located;
use super::part::Part;
use super::place::temporary_beside;
use super::reader::is_draws_file;
use super::scratch::{Held, Scratch, reserve};
use super::{Columns, Document, Format, Layout, Metadata, StoredDraws};
use crate::Error;
use crate::data::PositionedFile;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What is to be written, and where.
#[derive(Debug, Clone, Copy)]
pub struct DrawsOutput<'a> {
    /// The file that is there in the end.
    pub path: &'a Path,
    /// Its format.
    pub format: Format,
    /// How importances are laid out.
    pub layout: Layout,
    /// The parameters of a row.
    pub columns: &'a Columns,
    /// What the file says of itself.
    pub metadata: &'a Metadata,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every chain has all its draws.
    Complete,
    /// Every chain has the first so many of them.
    Incomplete {
        /// Draws of each chain.
        draws: u32,
    },
}

/// Writes the draws of several chains, each through a [`Part`] of its own, into one scratch file that is
/// laid out as the final Arrow file; [`finish`](Self::finish) adds the footer, syncs it and renames it,
/// or turns it into Parquet.
pub struct DrawsWriter<'a> {
    output: DrawsOutput<'a>,
    frame: Arc<Frame>,
    file: Arc<EarlySync>,
    held: Held,
    parts: Vec<Part>,
    trailing: BTreeMap<String, String>,
}

impl<'a> DrawsWriter<'a> {
    /// Prepares to write; nothing appears under the output's path yet.
    ///
    /// # Errors
    /// If the path holds something that is not a draws file, its directory cannot be written, or a
    /// scratch that the caller names exists.
    pub fn create(output: DrawsOutput<'a>, scratch: &Scratch) -> Result<Self, Error> {
        check_target(output.path)?;
        Self::create_with(output, output.metadata.document()?, scratch)
    }

    /// The same where the path was [checked](check_target) and the document of the metadata is there already.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub(crate) fn create_with(
        output: DrawsOutput<'a>,
        document: Document,
        scratch: &Scratch,
    ) -> Result<Self, Error> {
        let (frame, head) = Frame::new(output.columns, output.layout, output.metadata, document)?;
        let created = scratch.create(output.path, output.format == Format::Parquet);
        let (file, held) = created.map_err(|source| output.failed(source))?;
        let writer = Self::new(output, frame, (file, held));
        let started = writer.start(head);
        started.map_err(|source| output.failed(source))?;
        Ok(writer)
    }

    /// Opens the scratch at `path`, which was [synced](Self::sync) when every chain had `draws` draws,
    /// to go on from there.
    ///
    /// # Errors
    /// If it cannot be read, or is not the scratch of these very draws.
    pub fn reopen(path: &Path, output: DrawsOutput<'a>, draws: u32) -> Result<Self, Error> {
        check_target(output.path)?;
        Self::reopen_with(path, output, output.metadata.document()?, draws)
    }

    /// The same where the path was [checked](check_target) and the document of the metadata is there already.
    ///
    /// # Errors
    /// As [`reopen`](Self::reopen).
    pub(crate) fn reopen_with(
        path: &Path,
        output: DrawsOutput<'a>,
        document: Document,
        draws: u32,
    ) -> Result<Self, Error> {
        let wrong = |problem: String| Error::DrawsFile {
            file: path.display().to_string(),
            problem,
        };
        let cannot = |error: io::Error| wrong(format!("cannot be read: {error}"));
        let (frame, head) = Frame::new(output.columns, output.layout, output.metadata, document)?;
        let (file, held) = Held::reopen(path).map_err(cannot)?;
        let found = file.file().metadata().map_err(cannot)?.len();
        let mut start = vec![0; head.len()];
        let draws = draws as usize;
        if found < frame.end() || draws > frame.draws() {
            return Err(wrong("is too small for the draws of this run".into()));
        }
        file.read_exact_at(&mut start, 0).map_err(cannot)?;
        if !head.is(&start) {
            return Err(wrong(
                "holds draws of another run: other data, model or settings".into(),
            ));
        }
        let mut writer = Self::new(output, frame, (file, held));
        for part in &mut writer.parts {
            part.resume(draws).map_err(cannot)?;
        }
        Ok(writer)
    }

    fn new(output: DrawsOutput<'a>, frame: Frame, (file, held): (PositionedFile, Held)) -> Self {
        let (frame, file) = (Arc::new(frame), Arc::new(file));
        let file = Arc::new(match output.format {
            Format::Arrow => EarlySync::new(file),
            Format::Parquet => EarlySync::never(file),
        });
        let part = |chain| Part::new(frame.clone(), file.clone(), chain, output.path.to_owned());
        Self {
            output,
            parts: (0..output.metadata.sampler.chains).map(part).collect(),
            frame,
            file,
            held,
            trailing: BTreeMap::new(),
        }
    }

    /// Takes the room of head and batches, as a disk that has not enough should say so now, and writes the head.
    fn start(&self, head: Encoded) -> io::Result<()> {
        reserve(self.file.raw(), self.frame.end())?;
        self.file.begin(head)
    }

    /// One sink per chain.
    pub fn parts(&mut self) -> &mut [Part] {
        &mut self.parts
    }

    /// The draws, once every chain has recorded and [finished](crate::sampler::ChainSink::finish) all of
    /// them; they can be read while the file is finished.
    #[must_use]
    pub fn stored(&self) -> StoredDraws {
        let located = Located::in_frame(&self.frame, self.file.positioned().clone());
        StoredDraws::located(&self.output, located)
    }

    /// Makes what was recorded so far survive a crash: [`reopen`](Self::reopen) goes on from there.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn sync(&mut self) -> Result<(), Error> {
        let stored = self.parts.iter_mut().try_for_each(Part::store);
        stored
            .and_then(|()| self.file.settle())
            .and_then(|()| self.file.raw().sync_all())
            .map_err(|source| self.output.failed(source))
    }

    /// Adds bytes to the end of the finished file, to be read back by
    /// [`DrawsFile::trailing`](super::DrawsFile::trailing) under the same name.
    pub fn set_trailing(&mut self, name: &str, bytes: &[u8]) {
        self.trailing
            .insert(name.to_owned(), BASE64_STANDARD.encode(bytes));
    }

    /// Puts the file in its place. A scratch that the caller named is gone once the draws are complete,
    /// and stays as it is where they are not.
    ///
    /// # Errors
    /// If it cannot be written; what stood under the name before still stands there then.
    pub fn finish(self, ending: Ending) -> Result<(), Error> {
        let draws = match ending {
            Ending::Complete => self.frame.draws(),
            Ending::Incomplete { draws } => draws as usize,
        };
        if draws == 0 || self.parts.iter().any(|part| part.draws() < draws) {
            return Err(Error::Internal(
                "chains that have fewer draws than were announced".into(),
            ));
        }
        if draws == self.frame.draws() {
            return self.finish_complete();
        }
        self.finish_incomplete(draws)
    }

    fn finish_complete(mut self) -> Result<(), Error> {
        let output = self.output;
        let trailing = match output.format {
            Format::Arrow => std::mem::take(&mut self.trailing),
            // The file that it is turned into has them.
            Format::Parquet => BTreeMap::new(),
        };
        let tail = self.frame.tail(trailing)?;
        let written = tail
            .write_at(self.file.positioned(), self.frame.end())
            .and_then(|()| self.file.settle())
            .and_then(|()| match output.format {
                Format::Arrow => self.held.put_in_place(self.file.raw(), output.path),
                Format::Parquet => {
                    let target = temporary_beside(output.path)?;
                    super::parquet::convert(self.file.raw(), target.as_file(), &self.trailing)?;
                    super::place::put_in_place(target, output.path)?;
                    self.held.remove()
                }
            });
        written.map_err(|source| output.failed(source))
    }

    /// Copies the draws that there are into a file of their own.
    fn finish_incomplete(mut self, draws: usize) -> Result<(), Error> {
        let metadata = self.output.metadata.cut_to(draws as u32);
        let output = DrawsOutput {
            metadata: &metadata,
            ..self.output
        };
        let mut shorter = DrawsWriter::create(output, &Scratch::Beside)?;
        shorter.trailing = std::mem::take(&mut self.trailing);
        let stored = self.parts.iter_mut().try_for_each(Part::store);
        stored
            .and_then(|()| self.copy_into(&shorter))
            .map_err(|source| self.output.failed(source))?;
        shorter.finish_complete()
    }

    fn copy_into(&self, shorter: &DrawsWriter<'_>) -> io::Result<()> {
        let (mut source, mut target) = (Vec::new(), Vec::new());
        for chain in 0..self.output.metadata.sampler.chains {
            for batch in 0..shorter.frame.batches() {
                let (from, to) = (self.frame.form(batch), shorter.frame.form(batch));
                source.resize(from.length(), 0);
                self.file
                    .positioned()
                    .read_exact_at(&mut source, self.frame.place(chain, batch))?;
                let first = shorter.frame.first_draw(batch) as u32;
                to.start(&mut target, chain, first);
                to.copy_rows(&mut target, (from, &source), to.rows());
                shorter
                    .file
                    .write_all_at(&target, shorter.frame.place(chain, batch))?;
            }
        }
        Ok(())
    }
}

impl DrawsOutput<'_> {
    fn failed(&self, source: io::Error) -> Error {
        Error::Write {
            path: self.path.to_owned(),
            source,
        }
    }
}

/// Refuses to overwrite anything but a draws file, before any work is done.
///
/// # Errors
/// [`Error::WouldOverwrite`] if something else is there; [`Error::Write`] if that cannot be found out.
pub(crate) fn check_target(path: &Path) -> Result<(), Error> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() || !is_draws_file(path) => {
            Err(Error::WouldOverwrite(path.to_owned()))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::Write {
            path: path.to_owned(),
            source: error,
        }),
        _ => Ok(()),
    }
}
