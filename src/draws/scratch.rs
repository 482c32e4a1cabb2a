//! The file that draws are written to before it is complete.

use super::place::{directory_of, named_beside, persist, temporary_beside};
use crate::data::PositionedFile;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// Where unfinished draws stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scratch {
    /// In a temporary file beside the output, removed if the run fails.
    Beside,
    /// In a file of this name, which must not exist yet and stays where the run ends before its time.
    At(PathBuf),
}

/// Makes a file so long, and takes the room where the system can do that at once.
pub(super) fn reserve(file: &File, length: u64) -> io::Result<()> {
    file.set_len(length)?;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;
        let taken = fallocate(file, FallocateFlags::empty(), 0, length.max(1));
        // Not every file system knows how.
        if let Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) = taken {
            return Err(error.into());
        }
    }
    Ok(())
}

/// How the scratch is held, and so what becomes of it.
pub(super) enum Held {
    /// Without a name where the system allows it: nothing is left of it, whatever happens.
    Anonymous,
    /// Removed when dropped.
    Temporary(TempPath),
    /// Kept.
    Named(PathBuf),
}

impl Scratch {
    /// Creates the file; `anonymous` where it need never have a name.
    pub(super) fn create(
        &self,
        output: &Path,
        anonymous: bool,
    ) -> io::Result<(PositionedFile, Held)> {
        let (file, held) = match self {
            Self::Beside if anonymous => {
                let file = tempfile::tempfile_in(directory_of(output))?;
                (file, Held::Anonymous)
            }
            Self::Beside => match nameless(directory_of(output)) {
                Some(file) => (file, Held::Anonymous),
                None => {
                    let (file, path) = temporary_beside(output)?.into_parts();
                    (file, Held::Temporary(path))
                }
            },
            Self::At(path) => {
                let file = reading_and_writing().create_new(true).open(path)?;
                claim(&file)?;
                (file, Held::Named(path.clone()))
            }
        };
        Ok((PositionedFile::new(file), held))
    }
}

impl Held {
    /// Opens a scratch that an earlier run left.
    pub fn reopen(path: &Path) -> io::Result<(PositionedFile, Self)> {
        let file = reading_and_writing().open(path)?;
        claim(&file)?;
        Ok((PositionedFile::new(file), Self::Named(path.to_owned())))
    }

    /// Syncs the finished file and gives it its final name.
    pub fn put_in_place(self, file: &File, output: &Path) -> io::Result<()> {
        file.sync_all()?;
        match self {
            Self::Temporary(path) => persist(path, output),
            Self::Named(path) => rename_or_copy(&path, output),
            Self::Anonymous => persist(name_or_copy(file, output)?, output),
        }
    }

    /// Removes a scratch that is no longer needed.
    pub fn remove(self) -> io::Result<()> {
        match self {
            Self::Named(path) => std::fs::remove_file(path),
            Self::Anonymous | Self::Temporary(_) => Ok(()),
        }
    }
}

/// Two runs must not write to one scratch: the later one is refused. Not every file system can tell.
fn claim(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(io::Error::other("another run is writing to it")),
        _ => Ok(()),
    }
}

/// A file that nothing is left of if the process is killed, and that can still get a name, where the
/// system has such files.
#[cfg(target_os = "linux")]
fn nameless(directory: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let opened = open(directory, flags, Mode::from_raw_mode(0o666));
    opened.ok().map(File::from)
}

#[cfg(not(target_os = "linux"))]
fn nameless(_directory: &Path) -> Option<File> {
    None
}

/// A temporary name for a file without one, or a copy of it where it cannot get one.
fn name_or_copy(mut file: &File, beside: &Path) -> io::Result<TempPath> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{AtFlags, CWD, linkat};
        use std::os::fd::AsRawFd;
        let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
        let link = |path: &Path| {
            linkat(CWD, &descriptor, CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from)
        };
        if let Ok(named) = named_beside(beside, link) {
            return Ok(named);
        }
    }
    let mut target = temporary_beside(beside)?;
    io::Seek::rewind(&mut file)?;
    io::copy(&mut file, &mut target)?;
    target.as_file().sync_all()?;
    Ok(target.into_temp_path())
}

fn reading_and_writing() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options
}

/// Renames, or where the names are on different file systems copies to a temporary file first.
fn rename_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let mut target = temporary_beside(to)?;
            io::copy(&mut File::open(from)?, &mut target)?;
            target.as_file().sync_all()?;
            persist(target.into_temp_path(), to)?;
            std::fs::remove_file(from)
        }
        renamed => renamed.map(|()| super::place::sync_directory(to)),
    }
}
