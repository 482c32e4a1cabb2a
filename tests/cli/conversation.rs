//! What goes to stderr, when, in which colours; and what `--strict` makes of it.

use crate::cases::EIGHT_SCHOOLS;
use crate::support::{Sandbox, f1, shipped, short_fit, stderr, stdout};

const ESCAPE: &str = "\u{1b}[";

fn weak() -> Sandbox {
    Sandbox::with("in.csv", EIGHT_SCHOOLS)
}

#[test]
fn every_warning_is_a_line_of_stderr_and_an_entry_of_the_json() {
    let timesplit = shipped("examples/data/f1_timesplit.csv");
    let output = Sandbox::new().fit(&[&timesplit, "--json"]);
    let json = crate::support::parse(&output);
    let warnings = json["diagnostics"]["warnings"].as_array().unwrap();
    assert!(!warnings.is_empty());
    let expected: String = warnings
        .iter()
        .map(|warning| format!("warning: {}\n", warning.as_str().unwrap()))
        .collect();
    assert_eq!(stderr(&output), expected);
}

#[test]
fn quiet_silences_warnings_but_not_the_answer() {
    let timesplit = shipped("examples/data/f1_timesplit.csv");
    let output = Sandbox::new().fit(&[&timesplit, "--quiet"]);
    assert_eq!(stderr(&output), "");
    assert!(stdout(&output).contains("set aside"));
}

#[test]
fn quiet_keeps_errors() {
    let message = Sandbox::new().refused(&["gone.csv", "--quiet"]);
    assert!(message.contains("no such file"));
}

#[test]
fn strict_fails_where_the_chains_are_not_to_be_trusted() {
    let sandbox = weak();
    let too_few = [
        "fit",
        "in.csv",
        "--seed=1",
        "--no-interweave",
        "--draws=20",
        "--json",
    ];
    let relaxed = sandbox.run(&too_few);
    assert_eq!(relaxed.status.code(), Some(0));
    assert_eq!(crate::support::parse(&relaxed)["diagnostics"]["ok"], false);
    let strict = sandbox.run(&[&too_few[..], &["--strict"]].concat());
    assert_eq!(strict.status.code(), Some(3));
    let summary = sandbox.run(&["summary", "draws.arrow", "--strict", "--json"]);
    assert_eq!(summary.status.code(), Some(3));
    // The answer is given all the same.
    assert_eq!(crate::support::parse(&strict)["diagnostics"]["ok"], false);
}

#[test]
fn strict_is_content_with_good_chains() {
    let output = weak().run(&["fit", "in.csv", "--seed=1", "--strict", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(crate::support::parse(&output)["diagnostics"]["ok"], true);
}

#[test]
fn colours_come_when_asked_for_and_never_into_json() {
    let sandbox = Sandbox::new();
    let timesplit = shipped("examples/data/f1_timesplit.csv");
    let always = sandbox.fit(&[&timesplit, "--color", "always"]);
    assert!(stdout(&always).contains(ESCAPE));
    assert!(stderr(&always).contains(ESCAPE));
    let json = sandbox.fit(&[&timesplit, "--color", "always", "--json"]);
    assert!(!stdout(&json).contains(ESCAPE));
}

#[test]
fn colours_do_not_come_unasked() {
    let sandbox = Sandbox::new();
    let plain = sandbox.fit(&[&f1(), "--full"]);
    let never = sandbox.fit(&[&f1(), "--full", "--color", "never"]);
    let mut no_color = sandbox.command(&short_fit(&[&f1(), "--full"]));
    let no_color = no_color.env("NO_COLOR", "1").output().unwrap();
    for output in [plain, never, no_color] {
        assert!(!stdout(&output).contains(ESCAPE));
        assert!(!stderr(&output).contains(ESCAPE));
    }
}

#[test]
fn a_seed_that_was_drawn_is_told_and_repeats_the_run() {
    let sandbox = weak();
    let first = crate::support::parse(&sandbox.run(&["fit", "in.csv", "--draws=50", "--json"]));
    let seed = format!("--seed={}", first["sampler"]["seed"]);
    let again = sandbox.run(&["fit", "in.csv", "--draws=50", "--json", &seed]);
    assert_eq!(
        crate::support::parse(&again)["parameters"],
        first["parameters"]
    );
}
