//! A file under its final name: complete, or not there at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tempfile::{NamedTempFile, TempPath};

/// The directory in which a file stands.
pub(crate) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A temporary file with the rights of any file that the user's programs write, where they are a
/// matter of mode and umask.
pub(crate) fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".fkbayes-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(directory_of(path))?;
    let mut temporaries = TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner);
    temporaries.push(file.path().to_owned());
    Ok(file)
}

/// A temporary name that `name` gives to a file which has none.
pub(super) fn named_beside(
    path: &Path,
    name: impl FnMut(&Path) -> io::Result<()>,
) -> io::Result<TempPath> {
    let mut builder = tempfile::Builder::new();
    let named = builder
        .prefix(".fkbayes-")
        .make_in(directory_of(path), name)?;
    Ok(named.into_temp_path())
}

/// Every temporary file that there was; their names are drawn at random and do not come again.
static TEMPORARIES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes the temporary files that there are: for a process that ends at once, without the destructors
/// that would remove them.
pub(crate) fn remove_temporaries() {
    let temporaries = TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner);
    for path in temporaries.iter() {
        // Most have got their final names, or are gone already.
        let _ = std::fs::remove_file(path);
    }
}

/// Syncs a finished temporary file and gives it its name.
pub(crate) fn put_in_place(target: NamedTempFile, path: &Path) -> io::Result<()> {
    target.as_file().sync_all()?;
    persist(target.into_temp_path(), path)
}

/// Gives a synced temporary file its name.
pub(super) fn persist(target: TempPath, path: &Path) -> io::Result<()> {
    target.persist(path).map_err(|error| error.error)?;
    sync_directory(path);
    Ok(())
}

/// A rename itself must survive a crash; not every file system lets a directory be synced.
pub(super) fn sync_directory(path: &Path) {
    if let Ok(directory) = File::open(directory_of(path)) {
        let _ = directory.sync_all();
    }
}

/// Puts bytes in place of a file by way of another, whose name does not change: a process that is killed
/// leaves one of them at most, which the next one writes over; one that cannot write leaves none.
pub(crate) fn replace_by_way_of(way: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = File::create(way).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| std::fs::rename(way, path)) {
        let _ = std::fs::remove_file(way);
        return Err(error);
    }
    sync_directory(path);
    Ok(())
}
