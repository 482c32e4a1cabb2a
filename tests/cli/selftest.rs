//! `fkbayes selftest`.

use crate::support::{Sandbox, parse, stderr, stdout};

/// The whole of it, once: it takes a while.
#[test]
fn finds_nothing_here_and_what_is_planted() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&["selftest", "--json", "--strict", "--quiet"]);
    let answer = parse(&output);
    assert!(output.status.success(), "{answer:#}");
    assert_eq!(answer["schema"], "fkbayes.selftest/1");
    assert_eq!((&answer["ok"], &answer["seed"]), (&true.into(), &1.into()));
    assert!(answer["false_alarm"].as_f64().unwrap() <= 1e-4);
    let names = |list: &str| -> Vec<String> {
        let checks = answer[list].as_array().unwrap().iter();
        checks
            .map(|check| check["check"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names("checks"),
        ["exact", "ranks", "joint", "threads", "diagnostics"]
    );
    assert_eq!(names("planted"), ["exact", "ranks", "joint"]);
    for check in answer["planted"].as_array().unwrap() {
        assert_eq!(check["ok"], false, "{check}");
    }
    assert!(sandbox.files().is_empty());
}

#[test]
fn no_number_of_threads_is_refused() {
    let output = Sandbox::new().run(&["selftest", "--threads", "0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).is_empty());
    assert!(stderr(&output).contains("from 1 on"), "{}", stderr(&output));
}
