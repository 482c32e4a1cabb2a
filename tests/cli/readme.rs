//! What the README shows is what the command prints.

use crate::support::{Sandbox, stdout};

const README: &str = include_str!("../../README.md");
const SCORES: &str = include_str!("../../examples/data/f1.csv");
const COMMAND: &str = "cargo run --release -- fit examples/data/f1.csv --seed 1\n";

#[test]
fn the_picture_shown_is_real() {
    let shown = include_str!("../../docs/f1_forest.svg");
    let command = "fkbayes plot forest draws.arrow -o docs/f1_forest.svg";
    assert!(README.contains(command), "the README's command has changed");
    let sandbox = Sandbox::with("f1.csv", SCORES);
    sandbox.run(&["fit", "f1.csv", "--seed", "1"]);
    sandbox.run(&["plot", "forest", "draws.arrow", "-o", "forest.svg"]);
    assert_eq!(shown.as_bytes(), sandbox.read("forest.svg"));
}

#[test]
fn the_output_shown_is_real() {
    assert!(README.contains(COMMAND), "the README's command has changed");
    let (_, rest) = README.split_once("```text\n").unwrap();
    let (shown, _) = rest.split_once("```").unwrap();
    let sandbox = Sandbox::with("f1.csv", SCORES);
    assert_eq!(
        shown,
        stdout(&sandbox.run(&["fit", "f1.csv", "--seed", "1"]))
    );
}
