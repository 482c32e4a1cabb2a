//! Bringing what is written to the disk while the chains go on, so that little is left to wait for at the end.

use super::encoded::Encoded;
use crate::data::PositionedFile;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

/// Bytes written since the last sync that call for one.
const EVERY: u64 = 8 << 20;
/// Bytes that take longer to write than a thread to start.
const LONG: usize = 1 << 20;

/// A file whose beginning is written, and which is synced now and then, by a thread of its own, which mostly waits
/// for the disk.
pub(super) struct EarlySync {
    file: Arc<PositionedFile>,
    every: u64,
    waiting: AtomicU64,
    running: Mutex<Option<JoinHandle<io::Result<()>>>>,
}

impl EarlySync {
    pub fn new(file: Arc<PositionedFile>) -> Self {
        Self::after(EVERY, file)
    }

    /// Of a file that need not be on the disk in the end.
    pub fn never(file: Arc<PositionedFile>) -> Self {
        Self::after(u64::MAX, file)
    }

    fn after(every: u64, file: Arc<PositionedFile>) -> Self {
        Self {
            file,
            every,
            waiting: AtomicU64::new(0),
            running: Mutex::new(None),
        }
    }

    pub fn positioned(&self) -> &Arc<PositionedFile> {
        &self.file
    }

    pub fn raw(&self) -> &File {
        self.file.file()
    }

    /// Writes the beginning of the file; where it is long, others write behind it meanwhile, and it is synced.
    pub fn begin(&self, head: Encoded) -> io::Result<()> {
        if head.len() < LONG {
            return head.write_at(&self.file, 0);
        }
        let head = Arc::new(head);
        let begin = {
            let (file, head, synced) = (self.file.clone(), head.clone(), self.every < u64::MAX);
            move || {
                head.write_at(&file, 0)?;
                if synced {
                    return file.file().sync_data();
                }
                Ok(())
            }
        };
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        *running = Builder::new().spawn(begin).ok();
        match *running {
            Some(_) => Ok(()),
            None => head.write_at(&self.file, 0),
        }
    }

    /// Writes bytes at a place, and has them synced if there are many of them by now.
    pub fn write_all_at(&self, bytes: &[u8], place: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, place)?;
        let written = bytes.len() as u64;
        if self.waiting.fetch_add(written, Ordering::Relaxed) + written < self.every {
            return Ok(());
        }
        // Another chain may be at it.
        let Ok(mut running) = self.running.try_lock() else {
            return Ok(());
        };
        if running.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Ok(());
        }
        ended(running.take())?;
        self.waiting.store(0, Ordering::Relaxed);
        let file = Arc::clone(&self.file);
        // Where there is no thread to be had the end will take longer.
        let started = Builder::new().spawn(move || file.file().sync_data());
        *running = started.ok();
        Ok(())
    }

    /// Waits for the thread. A system tells of what it could not bring to the disk once only, to whoever
    /// syncs first: that must not be lost.
    pub fn settle(&self) -> io::Result<()> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        ended(running.take())
    }
}

/// The thread holds the file, and its lock with it: whoever takes the scratch up next must not find it taken.
impl Drop for EarlySync {
    fn drop(&mut self) {
        let _ = self.settle();
    }
}

fn ended(thread: Option<JoinHandle<io::Result<()>>>) -> io::Result<()> {
    let lost = |_| Err(io::Error::other("the thread that syncs the draws was lost"));
    thread.map_or(Ok(()), |thread| thread.join().unwrap_or_else(lost))
}
