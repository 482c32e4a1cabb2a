//! The draws of one chain on their way to the disk.

use super::Layout;
use super::arrow::TILE;
use super::early_sync::EarlySync;
use super::frame::Frame;
use crate::Error;
use crate::sampler::ChainSink;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Writes the draws of one chain, batch by batch, each at its place in the file that all chains share.
///
/// One batch is held per chain: 4 MiB, or one row if that is more.
pub struct Part {
    frame: Arc<Frame>,
    file: Arc<EarlySync>,
    chain: u32,
    /// Draws taken.
    draws: usize,
    /// The batch that is being filled, as it will stand in the file.
    message: Vec<u8>,
    /// Its number, while the file does not hold all that was put into it.
    unwritten: Option<usize>,
    /// The latest rows, not yet in it.
    tile: Vec<f64>,
    /// Rows of a tile.
    most: usize,
    path: PathBuf,
}

impl Part {
    pub(super) fn new(frame: Arc<Frame>, file: Arc<EarlySync>, chain: u32, path: PathBuf) -> Self {
        let most = match frame.shape().layout {
            Layout::Wide => TILE,
            Layout::List => 1,
        };
        Self {
            frame,
            file,
            chain,
            draws: 0,
            message: Vec::new(),
            unwritten: None,
            tile: Vec::new(),
            most,
            path,
        }
    }

    /// Goes on behind `draws` draws that were synced: reads the unfinished batch back.
    pub(super) fn resume(&mut self, draws: usize) -> io::Result<()> {
        self.draws = draws;
        let (batch, row) = self.frame.batch_of(draws);
        if row == 0 {
            return Ok(());
        }
        let form = self.frame.form(batch);
        let place = self.frame.place(self.chain, batch);
        self.message.resize(form.length(), 0);
        self.file
            .positioned()
            .read_exact_at(&mut self.message, place)?;
        if !self.message.starts_with(form.header()) {
            return Err(io::Error::other("no batch of these draws stands there"));
        }
        Ok(())
    }

    /// How many draws were taken.
    pub(super) fn draws(&self) -> usize {
        self.draws
    }

    /// Writes what stands in memory at its place, the rows that are still to come as they may be.
    pub(super) fn store(&mut self) -> io::Result<()> {
        self.empty_tile();
        self.write()
    }

    fn write(&mut self) -> io::Result<()> {
        if let Some(batch) = self.unwritten {
            let place = self.frame.place(self.chain, batch);
            self.file.write_all_at(&self.message, place)?;
            self.unwritten = None;
        }
        Ok(())
    }

    /// Puts the rows of the tile into the batch.
    fn empty_tile(&mut self) {
        let tile = std::mem::take(&mut self.tile);
        let width = self.frame.shape().width();
        let rows = tile.len() / width;
        if rows > 0 {
            self.put(&tile, self.draws - rows);
        }
        self.tile = tile;
        self.tile.clear();
    }

    /// Puts rows of which the first is draw `first` into their batch.
    fn put(&mut self, rows: &[f64], first: usize) {
        let (batch, at) = self.frame.batch_of(first);
        let form = self.frame.form(batch);
        self.unwritten = Some(batch);
        if at == 0 {
            let first = u32::try_from(first).unwrap_or(u32::MAX);
            form.start(&mut self.message, self.chain, first);
        }
        form.put(&mut self.message, at, rows, self.frame.shape().width());
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Write {
            path: self.path.clone(),
            source,
        }
    }
}

impl ChainSink for Part {
    fn record(&mut self, row: &[f64]) -> Result<(), Error> {
        let (batch, at) = self.frame.batch_of(self.draws);
        if self.draws == self.frame.draws() || row.len() != self.frame.shape().width() {
            return Err(Error::Internal(
                "a draw that the file has no place for".into(),
            ));
        }
        if self.most == 1 {
            self.put(row, self.draws);
            self.draws += 1;
        } else {
            self.tile.extend_from_slice(row);
            self.draws += 1;
            if self.tile.len() >= self.most * row.len() {
                self.empty_tile();
            }
        }
        if at + 1 == self.frame.form(batch).rows() {
            self.empty_tile();
            self.write().map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.store().map_err(|source| self.failed(source))
    }
}
