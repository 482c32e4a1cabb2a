//! A bar on a terminal, a line every few seconds elsewhere.

use super::output::say;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Nothing is said of work shorter than this.
const PATIENCE: Duration = Duration::from_millis(500);
const BAR_EVERY: Duration = Duration::from_millis(100);
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How the work is called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub doing: &'static str,
    /// What follows when all is counted.
    pub finishing: &'static str,
    /// What is counted, where that says something.
    pub unit: Option<&'static str>,
}

const SAMPLING: Words = Words {
    doing: "sampling",
    finishing: "writing and checking the draws",
    unit: Some("sweeps"),
};

/// Runs `work`, which counts sweeps up to `total`, and tells on stderr how far it is.
pub(super) fn watch<T>(total: u64, quiet: bool, work: impl FnOnce(&AtomicU64) -> T) -> T {
    watch_as(SAMPLING, total, quiet, work)
}

/// The same for other work.
pub(super) fn watch_as<T>(
    words: Words,
    total: u64,
    quiet: bool,
    work: impl FnOnce(&AtomicU64) -> T,
) -> T {
    let done = AtomicU64::new(0);
    if quiet {
        return work(&done);
    }
    thread::scope(|scope| {
        let (finished, wait) = channel();
        let counter = &done;
        scope.spawn(move || {
            if io::stderr().is_terminal() {
                draw_bar(words, counter, total, &wait);
            } else {
                print_lines(words, counter, total, &wait);
            }
        });
        let result = work(counter);
        // The watcher may have gone already; it has nothing more to tell then.
        let _ = finished.send(());
        result
    })
}

/// Chains report in steps, so that the last few sweeps of each are not counted.
fn is_sampled(count: u64, total: u64) -> bool {
    count as f64 >= 0.999 * total as f64
}

fn is_over(wait: &Receiver<()>, pause: Duration) -> bool {
    !matches!(wait.recv_timeout(pause), Err(RecvTimeoutError::Timeout))
}

fn draw_bar(words: Words, done: &AtomicU64, total: u64, wait: &Receiver<()>) {
    if is_over(wait, PATIENCE) {
        return;
    }
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let rate = words
        .unit
        .map_or_else(String::new, |unit| format!("  {{rate}} {unit}/s"));
    let template = format!("{{msg}} {{bar:30}} {{percent:>3}} %{rate}  {{eta}} left");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        let rate = |state: &ProgressState, f: &mut dyn std::fmt::Write| {
            // Nothing can be done about a bar that cannot be drawn.
            let _ = write!(f, "{:.0}", state.per_sec());
        };
        bar.set_style(style.with_key("rate", rate));
    }
    while !is_over(wait, BAR_EVERY) {
        let count = done.load(Ordering::Relaxed);
        bar.set_message(if is_sampled(count, total) {
            words.finishing
        } else {
            words.doing
        });
        bar.set_position(count);
    }
    bar.finish_and_clear();
}

fn print_lines(words: Words, done: &AtomicU64, total: u64, wait: &Receiver<()>) {
    let started = Instant::now();
    while !is_over(wait, LINE_EVERY) {
        let count = done.load(Ordering::Relaxed);
        if is_sampled(count, total) {
            say(words.finishing);
            continue;
        }
        let seconds = started.elapsed().as_secs_f64();
        let rate = count as f64 / seconds;
        let left = total.saturating_sub(count) as f64 / rate.max(f64::MIN_POSITIVE);
        let pace = words
            .unit
            .map_or_else(String::new, |unit| format!(" {rate:.0} {unit}/s,"));
        say(&format!(
            "{}: {:.0} %,{pace} {} left",
            words.doing,
            100.0 * count as f64 / total as f64,
            if left.is_finite() {
                format!("{left:.0} s")
            } else {
                "unknown time".to_owned()
            }
        ));
    }
}
