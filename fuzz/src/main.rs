//! Feeds mutated files to everything of fkbayes that reads one.
//!
//!     cargo run --release -- SECONDS [TARGET [SEED]]
//!
//! A panic that leaves the library, and an input that takes longer than ten seconds, are findings: the
//! input is kept in `findings/`. What aborts the process (want of memory, the stack) leaves its input as
//! `current-TARGET` in the directory for temporary files: run under `ulimit -v` to see it.

mod checkpoint;
mod mutate;
mod targets;

use mutate::Mutator;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, panic, process, thread};
use targets::{Fuzzed, Seeds, TARGETS};

/// Longest time for one small input.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() {
    let mut arguments = env::args().skip(1);
    let seconds: u64 = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(60);
    let wanted = arguments.next();
    let seed: u64 = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(1);
    let targets: Vec<&Fuzzed> = TARGETS
        .iter()
        .filter(|target| {
            wanted
                .as_deref()
                .is_none_or(|name| name == target.name || name == "all")
        })
        .collect();
    if targets.is_empty() {
        eprintln!("targets: {}", TARGETS.map(|target| target.name).join(", "));
        process::exit(2);
    }
    let each = Duration::from_secs(seconds) / targets.len() as u32;
    let mut found = 0;
    for target in targets {
        found += run(target, each, seed);
    }
    process::exit(i32::from(found > 0));
}

/// Runs a target for some time; gives the number of findings.
fn run(target: &Fuzzed, time: Duration, seed: u64) -> u64 {
    let seeds = seeds(target);
    let mut mutator = Mutator::new(seed, seeds);
    let file = env::temp_dir().join(format!("current-{}", target.name));
    let watch = Watch::start(file.clone());
    let (mut executions, mut accepted, mut found) = (0_u64, 0_u64, 0_u64);
    let start = Instant::now();
    panic::set_hook(Box::new(|_| {}));
    while start.elapsed() < time {
        let mut input = mutator.next_input();
        if let Seeds::Made { seal, .. } = target.seeds {
            seal(&mut input);
        }
        fs::write(&file, input).expect("room for temporary files");
        watch.begin();
        match panic::catch_unwind(|| (target.read)(&file)) {
            Ok(taken) => accepted += u64::from(taken),
            Err(_) => {
                found += 1;
                keep(target, &file, executions);
            }
        }
        watch.end();
        executions += 1;
    }
    let _ = panic::take_hook();
    let _ = fs::remove_file(&file);
    println!(
        "{:10} {executions:8} executions, {accepted:8} accepted, {found} panics, {:.0} s",
        target.name,
        start.elapsed().as_secs_f64()
    );
    found
}

fn seeds(target: &Fuzzed) -> Vec<Vec<u8>> {
    let names = match target.seeds {
        Seeds::Files(names) => names,
        Seeds::Made { make, .. } => return vec![make()],
    };
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reading/seeds");
    let read = |name: &&str| fs::read(directory.join(name)).expect("the seeds are there");
    names.iter().map(read).collect()
}

fn keep(target: &Fuzzed, file: &Path, number: u64) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("findings");
    let kept = directory.join(format!("{}-{number}", target.name));
    let _ = fs::create_dir_all(&directory).and_then(|()| fs::copy(file, &kept).map(|_| ()));
    println!("{}: kept {}", target.name, kept.display());
}

/// Ends the process when one input takes too long.
struct Watch(&'static AtomicU64);

impl Watch {
    fn start(file: PathBuf) -> Self {
        let begun: &'static AtomicU64 = Box::leak(Box::new(AtomicU64::new(0)));
        let origin = Instant::now();
        thread::spawn(move || {
            let mut last = (0, origin);
            loop {
                thread::sleep(Duration::from_millis(500));
                let now = begun.load(Ordering::Relaxed);
                // Odd while an input is read.
                if now != last.0 || now % 2 == 0 {
                    last = (now, Instant::now());
                } else if last.1.elapsed() > PATIENCE {
                    println!("took too long: {}", file.display());
                    process::exit(3);
                }
            }
        });
        Self(begun)
    }

    fn begin(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn end(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
