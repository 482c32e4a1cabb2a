//! Threads to work on.

use crate::Error;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Works on so many threads, 0 for all there are; where the caller is in a pool of threads already, on that.
///
/// # Errors
/// If the system gives none.
pub(crate) fn on<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
    match rayon::current_thread_index() {
        Some(_) => Ok(work()),
        None => Ok(pool(threads)?.install(work)),
    }
}

/// So many threads, 0 for all there are.
///
/// # Errors
/// If the system gives none.
pub(crate) fn pool(threads: usize) -> Result<ThreadPool, Error> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Error::Internal(format!("cannot start threads: {error}")))
}
