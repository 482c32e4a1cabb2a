//! The answer for people fits one screen and says what must be said.

use crate::support::{Sandbox, f1, stdout};

const WIDTH: usize = 80;
const HEIGHT: usize = 40;

fn answer(flags: &[&str]) -> String {
    let file = f1();
    let output = Sandbox::new().run(&[&["fit", &file, "--seed=1"], flags].concat());
    assert!(output.status.success());
    stdout(&output)
}

fn assert_fits_in_width(text: &str) {
    for line in text.lines() {
        let width = line.chars().count();
        assert!(width <= WIDTH, "{width} columns: {line}");
    }
}

#[test]
fn the_answer_fits_one_screen() {
    let text = answer(&[]);
    assert_fits_in_width(&text);
    let height = text.lines().count();
    assert!(height <= HEIGHT, "{height} lines:\n{text}");
}

#[test]
fn the_full_answer_fits_the_width() {
    assert_fits_in_width(&answer(&["--full"]));
    assert_fits_in_width(&answer(&["--full", "--noise", "sampled"]));
}

#[test]
fn every_foreign_key_has_its_row() {
    let text = answer(&[]);
    let table = text.lines().skip_while(|line| !line.starts_with("FK"));
    let rows = table.skip(1).take_while(|line| !line.trim().is_empty());
    assert_eq!(rows.count(), 11, "{text}");
}

#[test]
fn what_the_intervals_leave_out_is_told_once() {
    for flags in [&[][..], &["--full"]] {
        let words: Vec<String> = answer(flags)
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        assert_eq!(words.join(" ").matches("not retraining").count(), 1);
    }
}

#[test]
fn the_verdict_the_plug_in_and_the_next_step_are_told() {
    let text = answer(&[]);
    for start in [
        "model ", "sampler ", "chains ", "plug-in ", "next ", "draws ",
    ] {
        assert!(text.lines().any(|line| line.starts_with(start)), "{start}");
    }
}

#[test]
fn full_adds_its_tables() {
    let (short, full) = (answer(&[]), answer(&["--full"]));
    for title in [
        "Parameters",
        "Diagnostics",
        "Variance of each importance",
        "Ranks",
    ] {
        assert!(
            !short.lines().any(|line| line.starts_with(title)),
            "{title}"
        );
        assert!(full.lines().any(|line| line.starts_with(title)), "{title}");
    }
}

#[test]
fn summary_shows_the_same_screen() {
    let sandbox = Sandbox::new();
    let fit = stdout(&sandbox.fit(&[&f1()]));
    let summary = stdout(&sandbox.run(&["summary", "draws.arrow"]));
    // Only the seconds of sampling are not known any more.
    let differing = fit.lines().zip(summary.lines()).filter(|(a, b)| a != b);
    assert!(
        differing
            .clone()
            .all(|(line, _)| line.starts_with("sampler"))
    );
    assert_eq!(fit.lines().count(), summary.lines().count());
}

#[test]
fn help_and_version_are_answers() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["--version"],
        &["help"],
        &["fit", "--help"],
        &["summary", "--help"],
        &["help", "fit"],
    ] {
        let output = sandbox.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(output.stderr.is_empty() && !output.stdout.is_empty());
    }
    assert_eq!(sandbox.run(&[]).status.code(), Some(2));
}
