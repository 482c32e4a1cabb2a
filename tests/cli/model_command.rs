//! `fkbayes model`: check, show, schema.

use crate::support::{Sandbox, TWO_FKS, assert_says, parse, stderr, stdout};
use serde_json::Value;
use std::collections::BTreeSet;

const SHIPPED: [(&str, &str); 4] = [
    ("default", include_str!("../../models/default.toml")),
    ("f1", include_str!("../../models/f1.toml")),
    ("small_k", include_str!("../../models/small_k.toml")),
    (
        "eight_schools",
        include_str!("../../models/eight_schools.toml"),
    ),
];

#[test]
fn shipped_files_are_sound() {
    for (name, text) in SHIPPED {
        let sandbox = Sandbox::with("model.toml", text);
        let output = sandbox.run(&["model", "check", "model.toml"]);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert_eq!(stdout(&output), "model.toml: sound\n");
    }
}

#[test]
fn an_unknown_key_is_shown_with_its_place() {
    let sandbox = Sandbox::with("model.toml", "noise = \"pooled\"\n[sampler]\nchain = 4\n");
    let output = sandbox.run(&["model", "check", "model.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert_says(
        &stderr(&output),
        &["model.toml", "line 3, column 1", "^^^^^", "`chains`"],
    );
}

#[test]
fn the_model_shown_is_a_model_file_that_resolves_to_itself() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    let shown = stdout(&sandbox.run(&["model", "show", "in.csv"]));
    assert_says(
        &shown,
        &[
            "hyperprior = \"ig=0.5,",
            "noise = \"pooled\"",
            "location = \"zero\"",
        ],
    );
    sandbox.write("shown.toml", &shown);
    let again = sandbox.run(&["model", "show", "in.csv", "--model", "shown.toml"]);
    assert_eq!(stdout(&again), shown);
    let json = parse(&sandbox.run(&["model", "show", "in.csv", "--json"]));
    let fitted = sandbox.fit_json(&["in.csv"]);
    assert_eq!(json["model"], fitted["model"]);
}

#[test]
fn the_schema_names_the_keys_that_files_may_have() {
    let sandbox = Sandbox::with("model.toml", "nonsense = 1");
    let schema: Value = parse(&sandbox.run(&["model", "schema"]));
    let keys: BTreeSet<&str> = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    // The parser lists the keys that it knows when it meets another.
    let message = stderr(&sandbox.run(&["model", "check", "model.toml"]));
    let listed: BTreeSet<&str> = message
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|key| *key != "nonsense")
        .collect();
    assert_eq!(keys, listed);
}
