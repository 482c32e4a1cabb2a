//! Work on the pieces of an input on several threads, its results taken in order.

use rayon::prelude::*;

use crate::Error;
use crate::threads::pool;

/// Hands what `work` makes of every piece to `take`, in the order in which `next` gives the pieces.
///
/// Pieces are worked on in waves; while one is under way, the results of the one before are taken and
/// the pieces of the one after are fetched. `take` and `next` see the same calls whatever the number of
/// threads (0: all there are); waves grow, so that short inputs are shared out too, up to `per_thread` pieces for each
/// thread. The first error in the order of pieces ends it: pieces before an error of `next` are taken first.
///
/// The outer error is that threads cannot be started.
pub(super) fn in_order<T: Send, R: Send, E: Send>(
    threads: usize,
    per_thread: usize,
    mut next: impl FnMut() -> Result<Option<T>, E> + Send,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E> + Send,
) -> Result<Result<(), E>, Error> {
    let mut wave = Wave::fetch(2, &mut next);
    // Most inputs are one piece: no threads for that.
    let threads = match (threads, &wave.end) {
        (_, Some(_)) => 1,
        (0, None) => std::thread::available_parallelism().map_or(1, usize::from),
        (threads, None) => threads,
    };
    if threads == 1 {
        return Ok(loop {
            if let Err(error) = wave.pieces.into_iter().try_for_each(|p| take(work(p))) {
                break Err(error);
            }
            if let Some(end) = wave.end {
                break end;
            }
            wave = Wave::fetch(1, &mut next);
        });
    }
    let pool = pool(threads)?;
    Ok(pool.install(|| {
        let most = threads.saturating_mul(per_thread);
        let (mut made, mut size) = (Vec::new(), wave.pieces.len());
        loop {
            size = (2 * size).min(most);
            let ended = wave.end.is_some();
            let pieces = std::mem::take(&mut wave.pieces);
            let (more, taken) = rayon::join(
                || pieces.into_par_iter().map(&work).collect::<Vec<R>>(),
                || {
                    made.drain(..).try_for_each(&mut take)?;
                    Ok((!ended).then(|| Wave::fetch(size, &mut next)))
                },
            );
            made = more;
            match taken? {
                Some(following) => wave = following,
                None => break,
            }
        }
        made.into_iter().try_for_each(take)?;
        wave.end.unwrap_or(Ok(()))
    }))
}

/// Some pieces, and how the input ended if it did.
struct Wave<T, E> {
    pieces: Vec<T>,
    end: Option<Result<(), E>>,
}

impl<T, E> Wave<T, E> {
    fn fetch(most: usize, next: &mut impl FnMut() -> Result<Option<T>, E>) -> Self {
        let mut pieces = Vec::new();
        while pieces.len() < most {
            match next() {
                Ok(Some(piece)) => pieces.push(piece),
                Ok(None) => {
                    return Self {
                        pieces,
                        end: Some(Ok(())),
                    };
                }
                Err(error) => {
                    return Self {
                        pieces,
                        end: Some(Err(error)),
                    };
                }
            }
        }
        Self { pieces, end: None }
    }
}
