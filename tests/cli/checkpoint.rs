//! Runs that are saved, killed, interrupted, and go on.

#![cfg(unix)]

use crate::interrupt::Running;
use crate::support::{Sandbox, assert_says, f1, parse, stderr};
use std::fs;

/// A run of a second or so, its bytes without any break.
const LONG: [&str; 9] = [
    "--draws", "3000", "--thin", "150", "--chains", "2", "--warmup", "100", "--quiet",
];

fn command(more: &[&str]) -> Vec<String> {
    let start = ["fit".to_owned(), f1()];
    let rest = LONG.iter().chain(more).map(|word| (*word).to_owned());
    start.into_iter().chain(rest).collect()
}

fn run(sandbox: &Sandbox, more: &[&str]) -> std::process::Output {
    let command = command(more);
    sandbox.run(&command.iter().map(String::as_str).collect::<Vec<_>>())
}

const KEPT: [&str; 4] = ["--checkpoint", "run.ckpt", "--checkpoint-every", "10ms"];
const SEED: [&str; 2] = ["--seed", "5"];

/// What an interrupted run leaves, with its answer.
fn interrupted(seed: &[&str]) -> (Sandbox, serde_json::Value) {
    let sandbox = Sandbox::new();
    let started = command(&[&KEPT[..], seed, &["--json"]].concat());
    let running = Running::start(&sandbox, &started, "run.ckpt");
    let output = running.interrupt("INT");
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert_says(&message, &["error: interrupted after", "--resume"]);
    (sandbox, parse(&output))
}

#[test]
fn killed_runs_end_with_the_same_bytes() {
    let whole = Sandbox::new();
    assert!(run(&whole, &SEED).status.success());
    for out in ["draws.arrow", "draws.parquet"] {
        let sandbox = Sandbox::new();
        let arguments = [&SEED[..], &KEPT, &["--out", out]].concat();
        Running::start(&sandbox, &command(&arguments), "run.ckpt").kill();
        assert!(!sandbox.files().contains(&out.to_owned()));
        // Killed again while it goes on.
        let resumed = [&arguments[..], &["--resume"]].concat();
        Running::start(&sandbox, &command(&resumed), "run.ckpt").kill();
        let output = run(&sandbox, &resumed);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(sandbox.files(), [out]);
        if out.ends_with("arrow") {
            assert!(sandbox.read(out) == whole.read(out));
        } else {
            run(&whole, &[&SEED[..], &["--out", out]].concat());
            assert!(sandbox.read(out) == whole.read(out));
        }
    }
}

#[test]
fn an_interrupted_run_goes_on_with_the_seed_that_it_drew() {
    let (sandbox, answer) = interrupted(&[]);
    let partial = answer["sampler"]["draws"].as_u64().unwrap();
    assert!((1..3000).contains(&partial));
    assert_eq!(answer["incomplete"]["draws_requested"], 3000);
    assert_eq!(
        sandbox.files(),
        ["draws.arrow", "run.ckpt", "run.ckpt.draws"]
    );
    let output = run(&sandbox, &[&KEPT[..], &["--resume", "--json"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let resumed = parse(&output);
    assert_eq!(resumed["sampler"]["seed"], answer["sampler"]["seed"]);
    assert_eq!(resumed["sampler"]["draws"], 3000);
    assert!(resumed.get("incomplete").is_none());
    assert_eq!(sandbox.files(), ["draws.arrow"]);
    let seed = resumed["sampler"]["seed"].to_string();
    let whole = Sandbox::new();
    run(&whole, &["--seed", &seed]);
    assert!(whole.read("draws.arrow") == sandbox.read("draws.arrow"));
}

#[test]
fn another_run_does_not_go_on_from_there() {
    let (sandbox, _) = interrupted(&SEED);
    let resume = [&KEPT[..], &["--resume"]].concat();
    for (changed, said) in [
        (&["--seed", "6"][..], &["--seed 5, not 6"][..]),
        (
            &["--noise", "pooled"][..],
            &["--noise auto, not pooled"][..],
        ),
        (&["--layout", "list"], &["--layout wide, not list"]),
        (&["--no-exact"], &["--no-exact off, not on"]),
        (&["--prior", "flat"], &["--prior as by default, not flat"]),
        (
            &["--location", "flat", "--importance", "student-t=4"],
            &[
                "--location zero, not flat",
                "--importance normal, not student-t=4",
            ],
        ),
    ] {
        let output = run(&sandbox, &[&resume[..], changed].concat());
        assert_eq!(output.status.code(), Some(2));
        let message = stderr(&output);
        assert_says(&message, said);
        assert_says(&message, &["run.ckpt.draws", "start again"]);
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    // Scores that differ by one.
    let scores = fs::read_to_string(f1()).unwrap();
    let (without, _) = scores.trim_end().rsplit_once('\n').unwrap();
    sandbox.write("fewer.csv", without);
    let arguments = [&["fit", "fewer.csv"][..], &LONG[..], &resume, &SEED].concat();
    let output = sandbox.run(&arguments);
    assert_eq!(output.status.code(), Some(2));
    assert_says(
        &stderr(&output),
        &["other scores of FK", "n 551", "not n 550"],
    );
}

#[test]
fn what_is_left_over_is_not_overwritten_unasked() {
    let (sandbox, _) = interrupted(&SEED);
    let output = run(&sandbox, &[&KEPT[..], &SEED].concat());
    assert_eq!(output.status.code(), Some(2));
    assert_says(
        &stderr(&output),
        &["--checkpoint run.ckpt", "--resume", "remove it"],
    );
    fs::remove_file(sandbox.path("run.ckpt")).unwrap();
    let output = run(&sandbox, &[&KEPT[..], &SEED, &["--resume"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert_says(&stderr(&output), &["run.ckpt.draws, which exists"]);
}

#[test]
fn two_runs_do_not_share_a_checkpoint() {
    let sandbox = Sandbox::new();
    let arguments = [&SEED[..], &KEPT].concat();
    let running = Running::start(&sandbox, &command(&arguments), "run.ckpt.draws");
    let output = run(&sandbox, &[&arguments[..], &["--resume"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert_says(&stderr(&output), &["another run is writing to"]);
    running.kill();
    let output = run(&sandbox, &[&arguments[..], &["--resume"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn damage_is_refused() {
    let (sandbox, _) = interrupted(&SEED);
    let resume = [&KEPT[..], &SEED, &["--resume"]].concat();
    let good = sandbox.read("run.ckpt");
    let mut flipped = good.clone();
    let middle = good.len() / 2;
    flipped[middle] ^= 1;
    for bad in [
        &flipped[..],
        &good[..good.len() - 9],
        &good[..30],
        b"my notes\n",
        b"",
    ] {
        sandbox.write("run.ckpt", bad);
        let output = run(&sandbox, &resume);
        assert_eq!(output.status.code(), Some(2));
        assert_says(&stderr(&output), &["error: --resume from run.ckpt: is"]);
    }
    sandbox.write("run.ckpt", &good);
    let draws = sandbox.read("run.ckpt.draws");
    for bad in [&draws[..200], &draws[1..]] {
        sandbox.write("run.ckpt.draws", bad);
        let output = run(&sandbox, &resume);
        assert_eq!(output.status.code(), Some(2));
        assert_says(&stderr(&output), &["error: run.ckpt.draws: "]);
    }
}

#[test]
fn without_a_checkpoint_it_starts_from_the_beginning_and_says_so() {
    let sandbox = Sandbox::new();
    let mut output = sandbox.run(&[
        "fit",
        &f1(),
        "--draws",
        "100",
        "--warmup",
        "50",
        "--seed",
        "1",
        "--checkpoint",
        "run.ckpt",
        "--resume",
    ]);
    assert!(output.status.success());
    assert_says(
        &stderr(&output),
        &["no run.ckpt to go on with: starting from the beginning"],
    );
    assert_eq!(sandbox.files(), ["draws.arrow"]);
    output = sandbox.run(&["fit", &f1(), "--checkpoint", "nowhere/run.ckpt"]);
    assert_eq!(output.status.code(), Some(1));
    assert_says(&stderr(&output), &["cannot write nowhere/run.ckpt"]);
    assert_eq!(sandbox.files(), ["draws.arrow"]);
}

#[test]
fn times_have_units() {
    let sandbox = Sandbox::new();
    for time in ["30", "-1s", "0s", "5 m", "1d", "s", "99999999999999999999h"] {
        let message = sandbox.complaint(
            &[
                &f1(),
                "--checkpoint",
                "run.ckpt",
                "--checkpoint-every",
                time,
            ],
            2,
        );
        assert_says(&message, &["give a time such as 100ms, 30s or 5m"]);
    }
}
