//! Chains on their way into a file: to their end, to an early end, or to a failure.

use super::checkpoint::{Checkpoint, Checkpointing};
use super::control::Control;
use crate::Error;
use crate::draws::{Document, DrawsFile, DrawsOutput, DrawsWriter, Ending, Scratch, StoredDraws};
use crate::sampler::{ChainSink, Chains, Run, Snapshot};

/// Name under which a draws file keeps what its chains carry on at their end.
pub(super) const END_STATES: &str = "fkbayes.chains";

/// What chains have come to.
pub(super) enum Drawn<'a> {
    /// All draws, in a file that is yet to be finished.
    All(Box<Finishing<'a>>),
    /// A file under its name.
    Stands(Ending),
}

/// A file that has all its draws, and not yet its name.
pub(super) struct Finishing<'a> {
    writer: DrawsWriter<'a>,
    checkpoint: Option<Checkpoint>,
}

impl Finishing<'_> {
    /// The draws.
    pub fn draws(&self) -> StoredDraws {
        self.writer.stored()
    }

    /// Brings the file to the disk and gives it its name.
    pub fn finish(self) -> Result<(), Error> {
        match (self.writer.finish(Ending::Complete), self.checkpoint) {
            (Ok(()), Some(checkpoint)) => checkpoint.remove(),
            (finished, checkpoint) => finished.map_err(|error| with_fate(error, checkpoint)),
        }
    }
}

/// Chains, and the file that takes their draws.
pub(super) struct Recording<'a> {
    chains: Chains<'a>,
    writer: DrawsWriter<'a>,
    output: DrawsOutput<'a>,
    checkpoint: Option<Checkpoint>,
    /// Draws of each chain that stand in a finished file already.
    before: u32,
}

impl<'a> Recording<'a> {
    /// From the start, without a checkpoint; the metadata's document is there already.
    pub fn start(run: Run<'a>, output: DrawsOutput<'a>, document: Document) -> Result<Self, Error> {
        let (writer, chains) = rayon::join(
            || DrawsWriter::create_with(output, document, &Scratch::Beside),
            || Chains::start(run, run.settings.chains as usize),
        );
        Ok(Self {
            writer: writer?,
            chains: chains?,
            output,
            checkpoint: None,
            before: 0,
        })
    }

    /// With a checkpoint, from where the last one stands if it is to be resumed; `None` if the draws
    /// file that it was for is complete.
    pub fn checkpointed(
        run: Run<'a>,
        output: DrawsOutput<'a>,
        document: Document,
        asked: &Checkpointing,
    ) -> Result<Option<Self>, Error> {
        let mut checkpoint = Checkpoint::new(asked, &output);
        let Some(saved) = checkpoint.saved()? else {
            let mut chains = Chains::start(run, run.settings.chains as usize)?;
            // The scratch of a checkpoint is never without it, so that it cannot be mistaken.
            checkpoint.save(&mut chains)?;
            let writer = match checkpoint.create_writer(output, document) {
                Ok(writer) => writer,
                Err(error) => {
                    checkpoint.remove()?;
                    return Err(error);
                }
            };
            return Ok(Some(Self::with(chains, writer, output, checkpoint)));
        };
        if !checkpoint.scratch().exists() && is_complete(&output) {
            checkpoint.remove()?;
            return Ok(None);
        }
        let writer = checkpoint.reopen_writer(output, document, saved.draws)?;
        let chains = Chains::restore(run, &saved.chains)?;
        Ok(Some(Self::with(chains, writer, output, checkpoint)))
    }

    /// Behind the draws of a file, which `copy` gives to the new one.
    pub fn behind(
        run: Run<'a>,
        output: DrawsOutput<'a>,
        (end, draws): (&Snapshot, u32),
        copy: impl FnOnce(&mut DrawsWriter<'a>) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let chains = Chains::restore(run, end)?;
        let mut writer = DrawsWriter::create(output, &Scratch::Beside)?;
        copy(&mut writer)?;
        Ok(Self {
            chains,
            writer,
            output,
            checkpoint: None,
            before: draws,
        })
    }

    fn with(
        chains: Chains<'a>,
        writer: DrawsWriter<'a>,
        output: DrawsOutput<'a>,
        checkpoint: Checkpoint,
    ) -> Self {
        Self {
            chains,
            writer,
            output,
            checkpoint: Some(checkpoint),
            before: 0,
        }
    }

    /// Draws until all is drawn or the run is ended.
    pub fn until_done(mut self, control: Control<'_>) -> Result<Drawn<'a>, Error> {
        while !self.chains.are_complete() && !control.is_stopped() {
            if let Err(error) = self.round() {
                return Err(self.rescue(error));
            }
        }
        if self.chains.are_complete() {
            return self.end().map(|finishing| Drawn::All(Box::new(finishing)));
        }
        self.end_early().map(Drawn::Stands)
    }

    fn round(&mut self) -> Result<(), Error> {
        self.chains.round(self.writer.parts())?;
        match &self.checkpoint {
            Some(checkpoint) if checkpoint.is_due() => self.save(),
            _ => Ok(()),
        }
    }

    /// Brings the checkpoint, where there is one, up to date.
    fn save(&mut self) -> Result<(), Error> {
        let Some(checkpoint) = &mut self.checkpoint else {
            return Ok(());
        };
        self.writer.sync()?;
        checkpoint.save(&mut self.chains)
    }

    fn store(&mut self) -> Result<(), Error> {
        let mut parts = self.writer.parts().iter_mut();
        parts.try_for_each(ChainSink::finish)?;
        self.save()
    }

    fn end(mut self) -> Result<Finishing<'a>, Error> {
        // Where the file cannot be finished, nothing needs to be drawn again.
        if let Err(error) = self.store() {
            return Err(self.rescue(error));
        }
        let end = self.chains.snapshot().to_bytes()?;
        self.writer.set_trailing(END_STATES, &end);
        Ok(Finishing {
            writer: self.writer,
            checkpoint: self.checkpoint,
        })
    }

    fn end_early(mut self) -> Result<Ending, Error> {
        self.save()?;
        let draws = self.chains.draws();
        if draws <= self.before {
            return Err(Error::Interrupted(match (&self.checkpoint, self.before) {
                (Some(checkpoint), _) => format!(
                    "before the first draw; {} holds the chains: go on with --resume",
                    checkpoint.path().display()
                ),
                (None, 0) => "before the first draw: nothing was written".into(),
                (None, _) => "before the first further draw: the file is as it was".into(),
            }));
        }
        let end = self.chains.snapshot().to_bytes()?;
        self.writer.set_trailing(END_STATES, &end);
        let ending = Ending::Incomplete { draws };
        let finished = self.writer.finish(ending);
        finished.map_err(|error| with_fate(error, self.checkpoint))?;
        Ok(ending)
    }

    /// Saves what can be saved where writing failed, and tells what became of it.
    fn rescue(self, error: Error) -> Error {
        let draws = self.chains.draws();
        let cannot_write = matches!(error, Error::Write { .. });
        match self.checkpoint {
            Some(_) if cannot_write => with_fate(error, self.checkpoint),
            // Going on from there would end in the same way.
            Some(checkpoint) => {
                drop(self.writer);
                checkpoint.remove().err().unwrap_or(error)
            }
            // What was to be extended stays as it was.
            None if cannot_write && draws > 0 && self.before == 0 => {
                let fate = match self.writer.finish(Ending::Incomplete { draws }) {
                    Ok(()) => format!(
                        "the first {draws} draws of each chain are in {}",
                        self.output.path.display()
                    ),
                    Err(_) => format!("the {draws} draws of each chain could not be saved either"),
                };
                Error::CutShort {
                    cause: Box::new(error),
                    fate,
                }
            }
            None => error,
        }
    }
}

/// What a failure leaves of a run with a checkpoint.
fn with_fate(error: Error, checkpoint: Option<Checkpoint>) -> Error {
    let Some(checkpoint) = checkpoint else {
        return error;
    };
    Error::CutShort {
        cause: Box::new(error),
        fate: format!(
            "{} keeps {} draws of each chain: go on with --resume",
            checkpoint.path().display(),
            checkpoint.draws()
        ),
    }
}

/// Whether the output stands already, with all its draws.
fn is_complete(output: &DrawsOutput<'_>) -> bool {
    DrawsFile::open(output.path).is_ok_and(|file| file.metadata() == output.metadata)
}
