//! Draws replace draws, never anything else; a run that dies leaves nothing behind.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::support::{Sandbox, TWO_FKS, assert_says, f1, short_fit, two_fks};
use crate::support::{arrow_file_bytes, parquet_bytes};

#[test]
fn a_place_that_cannot_be_written_is_no_fault_of_the_input() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    for place in ["in.csv/draws.arrow", "gone/draws.arrow"] {
        let message = sandbox.complaint(&["in.csv", "--out", place], 1);
        assert_says(&message, &["cannot write", place]);
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn a_file_of_somebody_else_is_left_alone() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    let foreign = [
        ("notes.old", b"mine".to_vec()),
        ("empty.arrow", Vec::new()),
        ("other.arrow", arrow_file_bytes(&two_fks())),
        ("other.parquet", parquet_bytes(&two_fks())),
    ];
    for (name, bytes) in foreign {
        sandbox.write(name, &bytes);
        let message = sandbox.refused(&["in.csv", "--out", name]);
        assert_says(
            &message,
            &[name, "not a draws file", "--out", "move it away"],
        );
        assert_eq!(sandbox.read(name), bytes, "{name} was changed");
    }
}

#[test]
fn scores_are_not_overwritten_with_their_draws() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    sandbox.refused(&["in.csv", "--out", "in.csv"]);
    assert_eq!(sandbox.read("in.csv"), TWO_FKS.as_bytes());
}

#[test]
fn draws_are_replaced_by_draws_in_either_format() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    for (name, format) in [("draws.arrow", "parquet"), ("draws.parquet", "arrow")] {
        sandbox.fit(&["in.csv", "--out", name]);
        let first = sandbox.read(name);
        sandbox.fit(&["in.csv", "--out", name, "--format", format]);
        assert_ne!(sandbox.read(name), first);
        sandbox.fit(&["in.csv", "--out", name]);
        assert_eq!(sandbox.read(name), first);
    }
}

#[test]
fn draws_go_to_the_current_directory_unless_told_otherwise() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    assert_eq!(sandbox.fit_json(&["in.csv"])["draws_file"], "draws.arrow");
    assert_eq!(sandbox.files(), ["draws.arrow", "in.csv"]);
    sandbox.fit(&["in.csv", "--out", "other.parquet"]);
    assert_eq!(sandbox.files(), ["draws.arrow", "in.csv", "other.parquet"]);
    assert!(sandbox.read("draws.arrow").starts_with(b"ARROW1"));
    assert!(sandbox.read("other.parquet").starts_with(b"PAR1"));
}

#[test]
fn no_draws_leaves_no_file() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    let json = sandbox.fit_json(&["in.csv", "--no-draws"]);
    assert!(json["draws_file"].is_null());
    assert_eq!(sandbox.files(), ["in.csv"]);
    let message = sandbox.complaint(&["in.csv", "--no-draws", "--out", "x.arrow"], 2);
    assert_says(&message, &["--no-draws", "--out"]);
}

#[test]
fn a_killed_run_leaves_nothing_and_what_stood_there_stays() {
    for earlier in [false, true] {
        let sandbox = Sandbox::new();
        if earlier {
            sandbox.fit(&[&f1()]);
        }
        let before: Vec<_> = sandbox
            .files()
            .into_iter()
            .map(|name| (sandbox.read(&name), name))
            .collect();
        let mut run = Command::new(env!("CARGO_BIN_EXE_fkbayes"))
            .current_dir(sandbox.path(""))
            .args(["fit", &f1(), "--draws", "100000", "--thin", "4000"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(300));
        assert!(run.try_wait().unwrap().is_none(), "the run ended by itself");
        run.kill().unwrap();
        run.wait().unwrap();
        let after: Vec<_> = sandbox
            .files()
            .into_iter()
            .map(|name| (sandbox.read(&name), name))
            .collect();
        assert!(after == before, "left behind: {:?}", sandbox.files());
    }
}

#[test]
fn summary_needs_a_draws_file() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    sandbox.write("other.arrow", arrow_file_bytes(&two_fks()));
    sandbox.run(&short_fit(&["in.csv", "--out", "cut.arrow"]));
    let whole = sandbox.read("cut.arrow");
    sandbox.write("cut.arrow", &whole[..whole.len() / 2]);
    for (name, problem) in [
        ("gone.arrow", "cannot be read"),
        ("in.csv", "not a draws file"),
        ("other.arrow", "not a draws file"),
        ("cut.arrow", "cut short"),
    ] {
        let output = sandbox.run(&["summary", name]);
        let message = crate::support::stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {message}");
        assert!(output.stdout.is_empty());
        assert_says(&message, &["error:", name, problem]);
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn draws_are_not_written_as_text() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    let message = sandbox.refused(&["in.csv", "--out", "draws.csv"]);
    assert_says(&message, &["--out draws.csv", ".arrow or .parquet"]);
}
