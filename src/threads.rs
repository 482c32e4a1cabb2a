//! Threads to work on.

use crate::Error;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::mpsc::channel;
use std::thread::{self, Builder};

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

/// Lets `wait`, which mostly waits, have something on a thread of its own while the caller works; where the system
/// gives none, first the one, then the other.
///
/// # Errors
/// If the thread was lost.
pub(crate) fn beside<T: Send, A: Send, B>(
    something: T,
    wait: impl Fn(T) -> A + Sync,
    work: impl FnOnce() -> B,
) -> Result<(A, B), Error> {
    let ((give, take), wait) = (channel(), &wait);
    thread::scope(|scope| {
        let thread = Builder::new().spawn_scoped(scope, move || take.recv().map(wait));
        match thread {
            Err(_) => Ok((wait(something), work())),
            Ok(thread) => {
                // Nobody but the thread has the other end.
                let _ = give.send(something);
                let worked = work();
                let waited = thread.join().ok().and_then(Result::ok);
                let lost = || Error::Internal("a thread was lost".into());
                Ok((waited.ok_or_else(lost)?, worked))
            }
        }
    })
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
