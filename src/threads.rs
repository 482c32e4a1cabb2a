//! Threads to work on.

use crate::Error;
use rayon::{ThreadPool, ThreadPoolBuilder};

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
