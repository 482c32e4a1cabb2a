//! The command `fkbayes`: parses its arguments, runs, and ends with an exit code.

#![forbid(unsafe_code)]

use std::hint::black_box;
use std::process::ExitCode;

/// Bytes of a block up to which an allocator should keep what is freed: a little below glibc's limit of 32 MiB.
const KEPT: usize = (32 << 20) - (64 << 10);

fn main() -> ExitCode {
    keep_what_is_freed();
    fkbayes::cli::main()
}

/// Memory that goes back to the system and is asked for anew comes page by page, which takes longer than most of
/// what is done in it. glibc gives blocks back at once only where they are larger than any that was freed before
/// (mallopt(3), M_MMAP_THRESHOLD): here is one, which nobody touches. Elsewhere it makes no difference.
fn keep_what_is_freed() {
    drop(black_box(Vec::<u8>::with_capacity(KEPT)));
}
