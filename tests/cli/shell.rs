//! What shells and manual readers get: completions and manual pages.

use std::process::Command;

use crate::help::flags;
use crate::support::{Sandbox, assert_says, stderr, stdout};

/// Every subcommand, as it is typed.
pub const SUBCOMMANDS: [&str; 17] = [
    "fit",
    "summary",
    "compare",
    "sensitivity",
    "lambda",
    "plan",
    "simulate",
    "calibrate",
    "study",
    "report",
    "plot",
    "model",
    "model check",
    "model show",
    "model schema",
    "completions",
    "man",
];

fn answer(arguments: &[&str]) -> String {
    let output = Sandbox::new().run(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    stdout(&output)
}

fn bash(script: &str) -> String {
    let output = Command::new("bash").args(["-c", script]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

/// What bash offers behind these words.
fn offered(words: &[&str]) -> Vec<String> {
    let sandbox = Sandbox::with("completions", answer(&["completions", "bash"]));
    let last = words.last().unwrap();
    let before = words.iter().rev().nth(1).unwrap();
    let replies = bash(&format!(
        "source '{}'; COMP_WORDS=({}); COMP_CWORD={}; _fkbayes fkbayes '{last}' '{before}'; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        sandbox.path("completions").display(),
        words.join(" "),
        words.len() - 1,
    ));
    replies.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn every_shell_gets_a_script_that_knows_every_subcommand() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = answer(&["completions", shell]);
        for subcommand in SUBCOMMANDS {
            for word in subcommand.split(' ') {
                assert!(script.contains(word), "{shell} does not know {subcommand}");
            }
        }
    }
}

#[test]
fn bash_takes_its_script() {
    let sandbox = Sandbox::with("completions", answer(&["completions", "bash"]));
    bash(&format!(
        "bash -n '{}'",
        sandbox.path("completions").display()
    ));
}

#[test]
fn bash_completes_subcommands_flags_and_values() {
    assert_eq!(offered(&["fkbayes", "com"]), ["compare", "completions"]);
    assert_eq!(offered(&["fkbayes", "model", "s"]), ["show", "schema"]);
    assert_eq!(
        offered(&["fkbayes", "fit", "--no-"]),
        ["--no-interweave", "--no-exact", "--no-draws"]
    );
    assert_eq!(
        offered(&["fkbayes", "compare", "--format", "m"]),
        ["markdown"]
    );
    assert_eq!(
        offered(&["fkbayes", "fit", "--noise", "per"]),
        ["per-fk", "per-fk=fixed"]
    );
}

#[test]
fn an_unknown_shell_is_refused() {
    let output = Sandbox::new().run(&["completions", "tcsh"]);
    assert_eq!(output.status.code(), Some(2));
    assert_says(&stderr(&output), &["'tcsh'", "bash", "powershell"]);
}

/// Macros of man(7) and the requests that it stands on.
const MACROS: [&str; 13] = [
    ".TH", ".SH", ".SS", ".TP", ".PP", ".RS", ".RE", ".IP", ".nf", ".fi", ".ie", ".el", ".br",
];

fn assert_is_a_manual_page(page: &str) {
    let titles = page.lines().filter(|line| line.starts_with(".TH "));
    assert_eq!(titles.count(), 1, "{page}");
    assert_says(page, &[".SH NAME\n", ".SH SYNOPSIS\n", ".SH DESCRIPTION\n"]);
    for line in page.lines().filter(|line| line.starts_with(['.', '\''])) {
        let request = line.split(' ').next().unwrap();
        assert!(MACROS.contains(&request), "{line}");
    }
}

/// Text as it is read, without escapes and fonts.
fn plain(page: &str) -> String {
    let fonts = ["\\fB", "\\fI", "\\fR"];
    let text = fonts
        .iter()
        .fold(page.to_owned(), |text, font| text.replace(font, ""));
    text.replace("\\-", "-")
}

#[test]
fn the_manual_page_has_every_flag_of_every_subcommand() {
    let page = answer(&["man"]);
    assert_is_a_manual_page(&page);
    let text = plain(&page);
    for subcommand in SUBCOMMANDS.iter().filter(|&&name| name != "model") {
        let heading = format!(".SH \"FKBAYES {}\"\n", subcommand.to_uppercase());
        let (_, part) = text.split_once(&heading).expect(subcommand);
        let part = part.split("\n.SH ").next().unwrap();
        let help = answer(&[&subcommand.split(' ').collect::<Vec<_>>()[..], &["--help"]].concat());
        for flag in flags(&help) {
            assert!(part.contains(&flag), "{subcommand}: no {flag} in {part}");
        }
    }
}

#[test]
fn every_subcommand_has_a_page_of_its_own() {
    for subcommand in SUBCOMMANDS {
        let words: Vec<&str> = subcommand.split(' ').collect();
        let page = answer(&[&["man"], &words[..]].concat());
        assert_is_a_manual_page(&page);
        let title = format!(".TH fkbayes-{} 1", words.join("-"));
        assert!(page.contains(&title), "{title}: {page}");
        assert!(page.contains(".SH \"EXAMPLES\"\n.nf\n  fkbayes "), "{page}");
    }
    let output = Sandbox::new().run(&["man", "fitt"]);
    assert_eq!(output.status.code(), Some(2));
    assert_says(&stderr(&output), &["error: 'fitt'", "subcommand"]);
}
