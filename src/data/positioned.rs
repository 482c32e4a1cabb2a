//! Files that several threads read and write at places of their own.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

/// A file without a position; no more is set aside for a read than the file has.
#[derive(Debug, Clone)]
pub(crate) struct Positioned {
    file: Arc<PositionedFile>,
    length: u64,
}

impl Positioned {
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let file = Arc::new(PositionedFile::new(file));
        Ok(Self { file, length })
    }

    /// Length of the file, in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The bytes from `start` on, `length` of them.
    pub(crate) fn bytes(&self, start: u64, length: usize) -> io::Result<Vec<u8>> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes)
    }
}

impl Length for Positioned {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Positioned {
    type T = BufReader<Rest>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let file = self.file.clone();
        // Page headers are read this way: they are short.
        Ok(BufReader::with_capacity(512, Rest { file, at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        Ok(self.bytes(start, length)?.into())
    }
}

/// The file from a place on.
#[derive(Debug)]
pub(crate) struct Rest {
    file: Arc<PositionedFile>,
    at: u64,
}

impl Read for Rest {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// A file that several threads read and write at places of their own.
#[derive(Debug)]
pub(crate) struct PositionedFile {
    file: File,
    /// Without positioned reads and writes, threads take turns.
    #[cfg(not(unix))]
    cursor: std::sync::Mutex<()>,
}

impl PositionedFile {
    pub(crate) fn new(file: File) -> Self {
        Self {
            file,
            #[cfg(not(unix))]
            cursor: std::sync::Mutex::new(()),
        }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// The bytes at a place, as many as a buffer holds.
    pub(crate) fn read_exact_at(&self, buffer: &mut [u8], place: u64) -> io::Result<()> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.read_at(rest, place + done as u64) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
impl PositionedFile {
    pub(crate) fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, place)
    }

    pub(crate) fn write_all_at(&self, bytes: &[u8], place: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.file, bytes, place)
    }
}

#[cfg(not(unix))]
impl PositionedFile {
    pub(crate) fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        let _held = self.cursor.lock();
        let mut file = &self.file;
        io::Seek::seek(&mut file, io::SeekFrom::Start(place))?;
        file.read(buffer)
    }

    pub(crate) fn write_all_at(&self, bytes: &[u8], place: u64) -> io::Result<()> {
        let _held = self.cursor.lock();
        let mut file = &self.file;
        io::Seek::seek(&mut file, io::SeekFrom::Start(place))?;
        io::Write::write_all(&mut file, bytes)
    }
}
