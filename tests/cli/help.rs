//! The help of every subcommand: short with -h, long with --help, on 80 columns, with examples.

use std::collections::BTreeSet;

use crate::shell::SUBCOMMANDS;
use crate::support::{Sandbox, stdout};

const WIDTH: usize = 80;

fn help(subcommand: &str, flag: &str) -> String {
    let words: Vec<&str> = subcommand
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect();
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&[&words[..], &[flag]].concat());
    let output = command.env("COLUMNS", WIDTH.to_string()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{subcommand} {flag}");
    stdout(&output)
}

/// Words that begin with two dashes, without what stands around them.
pub fn flags(text: &str) -> BTreeSet<String> {
    let word = |word: &str| {
        let start = word.find("--")?;
        let name: String = word[start + 2..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '-')
            .collect();
        (!name.is_empty()).then(|| format!("--{name}"))
    };
    text.split_whitespace().filter_map(word).collect()
}

#[test]
fn help_fits_80_columns_and_ends_in_examples() {
    for subcommand in SUBCOMMANDS.into_iter().chain([""]) {
        for flag in ["-h", "--help"] {
            let text = help(subcommand, flag);
            for line in text.lines() {
                assert!(line.chars().count() <= WIDTH, "{subcommand} {flag}: {line}");
            }
            assert!(
                text.contains("\nExamples:\n  fkbayes "),
                "{subcommand} {flag}"
            );
        }
    }
}

#[test]
fn short_help_is_short() {
    for subcommand in [
        "",
        "fit",
        "compare",
        "sensitivity",
        "lambda",
        "plan",
        "simulate",
        "calibrate",
        "study",
    ] {
        let (short, long) = (help(subcommand, "-h"), help(subcommand, "--help"));
        assert!(short.lines().count() < long.lines().count(), "{subcommand}");
        assert!(short.lines().count() <= 80, "{subcommand}");
        assert!(long.len() > short.len(), "{subcommand}");
    }
}

/// Each of the subcommand that the example calls, which may be another one's.
#[test]
fn examples_use_flags_that_exist() {
    let known = |subcommand: &str| {
        let text = help(subcommand, "-h");
        flags(text.split("\nExamples:\n").next().unwrap())
    };
    for subcommand in SUBCOMMANDS {
        let text = help(subcommand, "-h");
        let (_, examples) = text.split_once("\nExamples:\n").unwrap();
        let calls = examples.split(['\n', '&', '|']).filter_map(|piece| {
            let (_, call) = piece.split_once("fkbayes ")?;
            let called = SUBCOMMANDS.iter().filter(|name| call.starts_with(**name));
            Some((call, *called.max_by_key(|name| name.len())?))
        });
        for (call, called) in calls {
            let known = known(called);
            for flag in flags(call) {
                assert!(known.contains(&flag), "{subcommand}: {call}");
            }
        }
    }
}

#[test]
fn flags_stand_under_the_heading_that_they_belong_to() {
    let under = |subcommand: &str, heading: &str| {
        let text = help(subcommand, "-h");
        let (_, rest) = text.split_once(&format!("\n{heading}:\n")).expect(heading);
        flags(rest.split("\n\n").next().unwrap())
    };
    for (subcommand, heading, flag) in [
        ("calibrate", "Sampling", "--replicates"),
        ("calibrate", "Model", "--d0"),
        ("compare", "Sampling", "--no-mcmc"),
        ("simulate", "Options", "--seed"),
        ("fit", "Draws", "--out"),
        ("fit", "Output", "--format"),
        ("simulate", "Files", "--format"),
    ] {
        assert!(
            under(subcommand, heading).contains(flag),
            "{subcommand} {flag}"
        );
    }
}
