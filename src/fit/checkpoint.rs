//! A run on the disk while it is under way: its draws in a scratch file, and in the checkpoint what its
//! chains carry on.

use super::difference::differences;
use crate::Error;
use crate::draws::{
    Document, DrawsOutput, DrawsWriter, Layout, Metadata, Scratch, directory_of, replace_by_way_of,
};
use crate::sampler::{Chains, Snapshot};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// First line of a checkpoint; its number changes with what follows.
const MARK: &str = "fkbayes checkpoint 1\n";

/// That a run is to be saved while it is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpointing {
    /// Where; the draws so far stand beside it, in a file of that name with `.draws` behind it.
    pub path: PathBuf,
    /// How often.
    pub every: Duration,
    /// Whether to go on from what an interrupted run saved there, if it did.
    pub resume: bool,
}

/// What a checkpoint says of its run: the second line, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Header {
    pub layout: Layout,
    /// Draws of each chain in the scratch.
    pub draws: u32,
    pub metadata: Metadata,
}

/// A checkpoint as it was read.
#[derive(Debug)]
pub(super) struct Saved {
    pub draws: u32,
    pub chains: Snapshot,
}

/// A checkpoint that is being kept.
pub(super) struct Checkpoint {
    asked: Checkpointing,
    header: Header,
    latest: Instant,
}

/// What an interrupted run left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOver {
    /// Seed of its random numbers.
    pub seed: u64,
    /// Draws of each chain that it has.
    pub draws: u32,
    /// Draws of each chain that it was to have.
    pub draws_requested: u32,
}

/// What the checkpoint at `path` is of; `None` where there is none.
///
/// # Errors
/// If what stands there is not a checkpoint, or is damaged.
pub fn left_over(path: &Path) -> Result<Option<LeftOver>, Error> {
    Ok(read(path)?.map(|(header, _)| LeftOver {
        seed: header.metadata.sampler.seed,
        draws: header.draws,
        draws_requested: header.metadata.sampler.draws,
    }))
}

impl Checkpoint {
    pub fn new(asked: &Checkpointing, output: &DrawsOutput<'_>) -> Self {
        Self {
            asked: asked.clone(),
            header: Header {
                layout: output.layout,
                draws: 0,
                metadata: output.metadata.clone(),
            },
            latest: Instant::now(),
        }
    }

    /// What is to be resumed.
    ///
    /// # Errors
    /// If there is something that is not to be resumed, is of another run, or is damaged.
    pub fn saved(&mut self) -> Result<Option<Saved>, Error> {
        let path = &self.asked.path;
        if !self.asked.resume {
            return self.refuse_left_over().map(|()| None);
        }
        let Some((left, chains)) = read(path)? else {
            return self.refuse_left_over().map(|()| None);
        };
        let differences = differences(&left, &self.header);
        if !differences.is_empty() {
            return Err(wrong(
                path,
                format!(
                    "that run had {}; repeat its command with --resume, or remove {} and {} to start \
                     again",
                    differences.join("; "),
                    path.display(),
                    self.scratch().display()
                ),
            ));
        }
        self.header.draws = left.draws;
        Ok(Some(Saved {
            draws: left.draws,
            chains,
        }))
    }

    /// What an interrupted run left is not overwritten unasked.
    fn refuse_left_over(&self) -> Result<(), Error> {
        let (path, scratch) = (&self.asked.path, self.scratch());
        let problem = if path.exists() {
            format!(
                "exists: go on with --resume, or remove it and {} to start again",
                scratch.display()
            )
        } else if scratch.exists() {
            format!(
                "its draws would stand in {}, which exists; remove that, or name another checkpoint",
                scratch.display()
            )
        } else {
            return Ok(());
        };
        Err(Error::Setting {
            setting: format!("--checkpoint {}", path.display()),
            problem,
        })
    }

    pub fn path(&self) -> &Path {
        &self.asked.path
    }

    /// Draws of each chain that it keeps.
    pub fn draws(&self) -> u32 {
        self.header.draws
    }

    /// Where its draws stand.
    pub fn scratch(&self) -> PathBuf {
        let mut name = self.asked.path.as_os_str().to_owned();
        name.push(".draws");
        PathBuf::from(name)
    }

    /// Where it stands while it is being written.
    fn unfinished(&self) -> PathBuf {
        let path = &self.asked.path;
        let mut name = OsString::from(".fkbayes-");
        name.push(path.file_name().unwrap_or_default());
        directory_of(path).join(name)
    }

    pub fn create_writer<'a>(
        &self,
        output: DrawsOutput<'a>,
        document: Document,
    ) -> Result<DrawsWriter<'a>, Error> {
        DrawsWriter::create_with(output, document, &Scratch::At(self.scratch()))
    }

    /// The writer of the draws that there are; as long as there are none, whatever stands in the
    /// scratch is not needed.
    pub fn reopen_writer<'a>(
        &self,
        output: DrawsOutput<'a>,
        document: Document,
        draws: u32,
    ) -> Result<DrawsWriter<'a>, Error> {
        if draws > 0 {
            return DrawsWriter::reopen_with(&self.scratch(), output, document, draws);
        }
        self.discard_scratch()?;
        self.create_writer(output, document)
    }

    /// Removes the scratch, unless another run is writing to it.
    fn discard_scratch(&self) -> Result<(), Error> {
        let path = self.scratch();
        if let Ok(file) = File::open(&path)
            && let Err(TryLockError::WouldBlock) = file.try_lock()
        {
            return Err(wrong(
                self.path(),
                format!("another run is writing to {}", path.display()),
            ));
        }
        remove_if_there(&path)
    }

    pub fn is_due(&self) -> bool {
        self.latest.elapsed() >= self.asked.every
    }

    /// Saves the chains; the draws that they have given must be on the disk already.
    pub fn save(&mut self, chains: &mut Chains<'_>) -> Result<(), Error> {
        self.header.draws = chains.draws();
        let header = serde_json::to_string(&self.header)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let mut bytes = format!("{MARK}{header}\n").into_bytes();
        bytes.extend(chains.snapshot().to_bytes()?);
        let sum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        let path = &self.asked.path;
        replace_by_way_of(&self.unfinished(), path, &bytes).map_err(|source| Error::Write {
            path: path.clone(),
            source,
        })?;
        self.latest = Instant::now();
        Ok(())
    }

    /// Removes it and its scratch: the run is over. The scratch goes first, so that it is never without
    /// its checkpoint.
    pub fn remove(self) -> Result<(), Error> {
        remove_if_there(&self.scratch())?;
        remove_if_there(&self.unfinished())?;
        remove_if_there(&self.asked.path)
    }
}

fn remove_if_there(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Write {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

fn wrong(path: &Path, problem: String) -> Error {
    Error::Setting {
        setting: format!("--resume from {}", path.display()),
        problem,
    }
}

/// The parts of a checkpoint; `None` where there is no such file.
fn read(path: &Path) -> Result<Option<(Header, Snapshot)>, Error> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(path, format!("cannot be read: {error}"))),
    };
    parse(&bytes)
        .map(Some)
        .map_err(|problem| wrong(path, problem))
}

fn parse(bytes: &[u8]) -> Result<(Header, Snapshot), String> {
    const DAMAGED: &str = "is damaged; remove it to start again";
    let Some(behind_mark) = bytes.strip_prefix(MARK.as_bytes()) else {
        return Err("is not a checkpoint of this version of fkbayes".into());
    };
    let sum = bytes.len() - bytes.len().min(4);
    let (content, sum) = bytes.split_at(sum);
    if crc32fast::hash(content).to_le_bytes() != sum {
        return Err(DAMAGED.into());
    }
    let inner = behind_mark.get(..behind_mark.len().saturating_sub(4));
    let inner = inner.ok_or(DAMAGED)?;
    let end = inner
        .iter()
        .position(|&byte| byte == b'\n')
        .ok_or(DAMAGED)?;
    let (header, chains) = inner.split_at(end);
    let header = serde_json::from_slice(header).map_err(|_| DAMAGED)?;
    let chains = Snapshot::from_bytes(chains.get(1..).unwrap_or_default())
        .map_err(|problem| format!("its chains {problem}"))?;
    Ok((header, chains))
}
