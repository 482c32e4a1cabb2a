//! Runs foreign decoders on bytes that nobody vouches for.
//!
//! The Arrow and Parquet crates check most of what they read, yet a damaged file still meets many an
//! assertion of theirs: to the user that is a damaged file, not a bug of this program.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use super::fault::Fault;
use super::format::Format;

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// One call of a decoder; its panic is a damaged input.
pub(super) fn decoding<T>(
    format: Format,
    decode: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Fault> {
    quietly(decode).unwrap_or_else(|| Err(Fault::damaged(format, SENSELESS)))
}

/// The same where the error is a text.
pub(crate) fn decoding_text<T>(decode: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    quietly(decode).unwrap_or_else(|| Err(SENSELESS.to_owned()))
}

const SENSELESS: &str = "the decoder cannot make sense of it";

/// What `decode` gives, or none if it panics.
fn quietly<T>(decode: impl FnOnce() -> T) -> Option<T> {
    keep_quiet_while_decoding();
    let before = DECODING.replace(true);
    let decoded = panic::catch_unwind(AssertUnwindSafe(decode));
    DECODING.set(before);
    decoded.ok()
}

/// A panic that is caught and reported as an error must not be announced on stderr as well; all
/// others go to the hook that was there before.
fn keep_quiet_while_decoding() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !DECODING.get() {
                previous(info);
            }
        }));
    });
}
