//! Ctrl-C and SIGTERM.

#![cfg(unix)]

use crate::support::{Sandbox, assert_says, f1, parse, stderr, stdout};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A command under way.
pub struct Running(Child);

/// Long beside the start of a process, short beside the runs that are interrupted.
const MOMENT: Duration = Duration::from_millis(300);

impl Running {
    /// Starts a command, and waits for a moment behind that at which it listens to signals and a file
    /// whose name begins like this is there, if any is named.
    pub fn start(sandbox: &Sandbox, command: &[String], file: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_fkbayes"));
        process.args(command);
        Self::start_process(sandbox, process, file)
    }

    fn start_process(sandbox: &Sandbox, mut process: Command, file: &str) -> Self {
        process.current_dir(sandbox.path("."));
        process.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = process.spawn().unwrap();
        let started = Instant::now();
        let is_there = || sandbox.files().iter().any(|name| name.starts_with(file));
        let is_ready = |pid| listens(pid) && (file.is_empty() || is_there());
        while !is_ready(child.id()) && child.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < Duration::from_secs(60), "no {file}");
            sleep(Duration::from_millis(5));
        }
        sleep(MOMENT);
        Self(child)
    }

    fn signal(&self, signal: &str) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill")
            .args([format!("-{signal}"), pid])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Sends a signal, and waits for the end.
    pub fn interrupt(self, signal: &str) -> Output {
        self.signal(signal);
        self.0.wait_with_output().unwrap()
    }

    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Whether a process catches SIGINT, where the system tells.
fn listens(pid: u32) -> bool {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{pid}/status")) else {
        return true;
    };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_none_or(|mask| mask & 2 != 0)
}

/// A fit that takes minutes.
fn endless(more: &[&str]) -> Vec<String> {
    let f1 = f1();
    let start = [
        "fit",
        &f1,
        "--draws",
        "100000",
        "--thin",
        "2000",
        "--seed",
        "8",
        "--noise",
        "pooled",
        "--no-exact",
    ];
    let command = [&start[..], more];
    command.concat().into_iter().map(str::to_owned).collect()
}

#[test]
fn the_draws_so_far_are_kept() {
    for (signal, out) in [
        ("INT", "draws.arrow"),
        ("TERM", "draws.parquet"),
        ("HUP", "draws.arrow"),
    ] {
        let sandbox = Sandbox::new();
        let command = endless(&["--warmup", "0", "--json", "--out", out, "--quiet"]);
        let output = Running::start(&sandbox, &command, "").interrupt(signal);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let answer = parse(&output);
        let draws = answer["sampler"]["draws"].as_u64().unwrap();
        assert_eq!(answer["incomplete"]["draws_requested"], 100_000);
        let missing = 100_000 - draws;
        assert_eq!(
            stderr(&output),
            format!(
                "error: interrupted after {draws} of 100000 draws per chain, which are in {out}; to \
                 add the others: fkbayes extend {out} --draws {missing}\n"
            )
        );
        assert_eq!(sandbox.files(), [out]);
        let summary = sandbox.run(&["summary", out]);
        assert!(summary.status.success());
        let first = stdout(&summary)
            .lines()
            .take(5)
            .collect::<Vec<_>>()
            .join("\n");
        assert_says(&first, &["INCOMPLETE", &format!("{draws} of 100000")]);
        let json = parse(&sandbox.run(&["summary", out, "--json"]));
        assert_eq!(json["incomplete"], answer["incomplete"]);
        assert_eq!(json["parameters"], answer["parameters"]);
    }
}

#[test]
fn without_any_draw_nothing_is_written() {
    let sandbox = Sandbox::new();
    let command = endless(&["--warmup", "1000000000"]);
    let output = Running::start(&sandbox, &command, "").interrupt("INT");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert_says(
        &stderr(&output),
        &["error: interrupted before the first draw: nothing was written"],
    );
    assert_eq!(sandbox.files(), [""; 0]);
}

#[test]
fn without_a_file_the_tables_tell() {
    let sandbox = Sandbox::new();
    let command = endless(&["--warmup", "0", "--no-draws", "--quiet"]);
    let output = Running::start(&sandbox, &command, "").interrupt("INT");
    assert_eq!(output.status.code(), Some(1));
    assert_says(&stdout(&output), &["INCOMPLETE: cut short after"]);
    assert_says(
        &stderr(&output),
        &["of 100000 draws per chain; they are not kept"],
    );
}

#[test]
fn a_second_interruption_ends_at_once() {
    let sandbox = Sandbox::new();
    let command = endless(&["--warmup", "0"]);
    let running = Running::start(&sandbox, &command, "");
    running.signal("INT");
    let output = running.interrupt("INT");
    assert_eq!(output.status.code(), Some(1));
    let left = sandbox.files();
    assert!(left.iter().all(|name| name == "draws.arrow"), "{left:?}");
    if !left.is_empty() {
        assert!(sandbox.run(&["summary", "draws.arrow"]).status.success());
    }
}

#[test]
fn other_work_ends_at_once_and_leaves_nothing() {
    for command in [
        &[
            "calibrate",
            "--k",
            "10",
            "--n",
            "5",
            "--a0",
            "2",
            "--b0",
            "1",
            "--noise",
            "known=10",
            "--replicates",
            "100000",
        ][..],
        &["study", "--replicates", "1000000"],
        &["compare", "scores.csv", "--draws", "20000000"],
    ] {
        let sandbox = Sandbox::with("scores.csv", "fk,score\na,1\na,2\nb,3\nb,5\n");
        let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        let started = Instant::now();
        let output = Running::start(&sandbox, &command, "scores").interrupt("TERM");
        assert!(started.elapsed() < Duration::from_secs(20));
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        assert_eq!(stderr(&output), "error: interrupted\n", "{command:?}");
        assert!(output.stdout.is_empty());
        assert_eq!(sandbox.files(), ["scores.csv"]);
    }
}

#[test]
fn a_study_says_where_its_finished_cells_are() {
    let sandbox = Sandbox::new();
    let study = [
        "study",
        "--k",
        "2,3",
        "--n",
        "5",
        "--lambda",
        "1",
        "--replicates",
        "200000",
    ];
    let command: Vec<String> = study
        .iter()
        .chain(&["--out", "s.arrow"])
        .map(|w| (*w).to_owned())
        .collect();
    let output = Running::start(&sandbox, &command, "s.arrow.partial").interrupt("INT");
    assert_eq!(output.status.code(), Some(1));
    assert_says(
        &stderr(&output),
        &[
            "interrupted; finished cells are in s.arrow.partial",
            "--resume",
        ],
    );
    assert_eq!(sandbox.files(), ["s.arrow.partial"]);
}

#[test]
fn who_was_started_with_a_signal_ignored_goes_on() {
    let sandbox = Sandbox::new();
    let mut process = Command::new("sh");
    process.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]);
    process.args([env!("CARGO_BIN_EXE_fkbayes"), "fit", &f1(), "--quiet"]);
    process.args([
        "--draws", "300", "--thin", "1000", "--chains", "2", "--seed", "1",
    ]);
    let output = Running::start_process(&sandbox, process, "").interrupt("HUP");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(sandbox.files(), ["draws.arrow"]);
}
