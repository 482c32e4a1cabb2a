//! Ctrl-C and its like: work that can end early is asked to, once; everything else ends at once, and
//! nothing half-written is left.

use super::exit::Outcome;
use super::output::{say, say_error};
use crate::draws::remove_temporaries;
use crate::fit::Fit;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Set by the first interruption of work that can end early.
static STOP: AtomicBool = AtomicBool::new(false);
/// Whether such work is under way.
static CAN_END_EARLY: AtomicBool = AtomicBool::new(false);
static QUIET: AtomicBool = AtomicBool::new(false);
/// What other work leaves behind when it is interrupted, in words.
static LEAVES: Mutex<String> = Mutex::new(String::new());

/// Runs work that ends early once its argument is set.
pub(super) fn asking<T>(quiet: bool, work: impl FnOnce(&AtomicBool) -> T) -> T {
    QUIET.store(quiet, Ordering::Relaxed);
    CAN_END_EARLY.store(true, Ordering::SeqCst);
    let result = work(&STOP);
    CAN_END_EARLY.store(false, Ordering::SeqCst);
    result
}

/// What to say beside that the work was interrupted.
pub(super) fn leaves(what: String) {
    *LEAVES.lock().unwrap_or_else(PoisonError::into_inner) = what;
}

/// How a fit ends: where it was cut short, with word of how to go on.
pub(super) fn ending(outcome: Outcome, fit: &Fit, checkpoint: Option<&Path>) -> Outcome {
    let Some(incomplete) = fit.incomplete else {
        return outcome;
    };
    let (draws, all) = (fit.sampler.settings.draws, incomplete.draws_requested);
    let fate = match (&fit.draws_file, checkpoint) {
        (None, _) => "; they are not kept".to_owned(),
        (Some(file), Some(_)) => {
            format!(", which are in {file}; to go on: the same command with --resume")
        }
        (Some(file), None) => format!(
            ", which are in {file}; to add the others: fkbayes extend {file} --draws {}",
            all.saturating_sub(draws)
        ),
    };
    say_error(&format!(
        "interrupted after {draws} of {all} draws per chain{fate}"
    ));
    Outcome::Interrupted
}

fn interrupted() {
    if CAN_END_EARLY.load(Ordering::SeqCst) && !STOP.swap(true, Ordering::SeqCst) {
        if !QUIET.load(Ordering::Relaxed) {
            say("ending with the draws that there are; interrupt again to end at once");
        }
        return;
    }
    remove_temporaries();
    let leaves = LEAVES.lock().unwrap_or_else(PoisonError::into_inner);
    say_error(&format!("interrupted{leaves}"));
    std::process::exit(1);
}

/// Listens to the signals by which users and systems end a program.
#[cfg(unix)]
pub(super) fn listen() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    // Whoever had one ignored, as nohup does, wants the program to go on.
    let heeded = [SIGHUP, SIGINT, SIGTERM]
        .into_iter()
        .filter(|signal| !is_ignored(*signal));
    // Without them the system ends the program, as it does any other.
    if let Ok(mut signals) = signal_hook::iterator::Signals::new(heeded) {
        std::thread::spawn(move || {
            for _ in signals.forever() {
                interrupted();
            }
        });
    }
}

#[cfg(not(unix))]
pub(super) fn listen() {}

/// Whether the process was started with a signal ignored; false where the system does not tell.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| (mask >> (signal - 1)) & 1 == 1)
}
