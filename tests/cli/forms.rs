//! `--format`: tables as CSV for programs and as Markdown for reports.

use serde_json::Value;

use crate::cases::EIGHT_SCHOOLS;
use crate::support::{Sandbox, assert_says, f1, parse, stderr, stdout};

fn answer(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = sandbox.run(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        stderr(&output)
    );
    stdout(&output)
}

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    parse(&sandbox.run(&[arguments, &["--json"]].concat()))
}

/// Records of a CSV text by the rules of RFC 4180; every one must be as long as the first.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let (mut quoted, mut characters) = (false, text.chars().peekable());
    while let Some(c) = characters.next() {
        let record = records.last_mut().unwrap();
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                record.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\n' if !quoted => records.push(vec![String::new()]),
            c => record.last_mut().unwrap().push(c),
        }
    }
    assert_eq!(records.pop(), Some(vec![String::new()]), "{text}");
    for record in &records {
        assert_eq!(record.len(), records[0].len(), "{text}");
    }
    records
}

/// The field of a row that is named `key`.
fn field<'a>(records: &'a [Vec<String>], row: usize, key: &str) -> &'a str {
    let column = records[0].iter().position(|name| name == key);
    &records[row + 1][column.expect(key)]
}

/// A field is empty for null, and the very same number or text otherwise.
fn assert_same(field: &str, value: &Value) {
    match value {
        Value::Null => assert_eq!(field, ""),
        Value::String(text) => assert_eq!(field, text),
        Value::Bool(is) => assert_eq!(field, is.to_string()),
        number => assert_eq!(field.parse::<f64>().unwrap(), number.as_f64().unwrap()),
    }
}

#[test]
fn fit_as_csv_has_the_figures_of_the_json() {
    let (sandbox, f1) = (Sandbox::new(), f1());
    let fit = ["fit", &f1, "--seed=1", "--draws=300", "--quiet"];
    let table = records(&answer(&sandbox, &[&fit[..], &["--format=csv"]].concat()));
    let json = json(&sandbox, &fit);
    assert_eq!(
        table[0],
        [
            "fk",
            "n",
            "mean",
            "q50",
            "q5",
            "q95",
            "p_positive",
            "p_best",
            "ratio"
        ]
    );
    assert_eq!(table.len(), 1 + 11);
    for row in 0..11 {
        let name = field(&table, row, "fk");
        let of = |list: &str, key: &str| {
            let rows = json[list].as_array().unwrap().iter();
            let named = [name.to_owned(), format!("alpha[{name}]")];
            let is_it = |row: &&Value| {
                let own = row.get("fk").or(row.get("name")).and_then(Value::as_str);
                own.is_some_and(|own| named.iter().any(|name| name == own))
            };
            rows.clone().find(is_it).expect(name)[key].clone()
        };
        for (list, key) in [
            ("parameters", "q5"),
            ("parameters", "q50"),
            ("parameters", "q95"),
            ("ranking", "p_positive"),
            ("ranking", "p_best"),
            ("variance", "n"),
            ("variance", "mean"),
            ("variance", "ratio"),
        ] {
            assert_same(field(&table, row, key), &of(list, key));
        }
    }
}

#[test]
fn every_command_with_tables_has_them_as_csv() {
    let sandbox = Sandbox::with("in.csv", EIGHT_SCHOOLS);
    sandbox.write("counted.csv", "fk,n,mean,se\na,5,3,1\nb,20,1,0.5\n");
    sandbox.fit(&["in.csv"]);
    let fast = ["--seed=1", "--draws=100", "--chains=2"];
    let compare = [&["compare", "in.csv"], &fast[..]].concat();
    let calibrate = [
        "calibrate",
        "--k=3",
        "--n=4",
        "--a0=2",
        "--b0=1",
        "--noise=known=2",
        "--replicates=40",
        "--seed=1",
    ];
    let study = [
        "study",
        "--k=3,5",
        "--n=5:20",
        "--lambda=10",
        "--replicates=20",
        "--seed=1",
    ];
    for (command, list, keys) in [
        (
            &["summary", "draws.arrow"][..],
            "ranking",
            &["fk", "p_best", "p_positive"][..],
        ),
        (
            &compare,
            "variance",
            &["fk", "n", "no_pooling", "full", "exact", "plugin"],
        ),
        (
            &["compare", "in.csv", "--no-mcmc"],
            "variance",
            &["fk", "plugin_coverage", "ratio"],
        ),
        (
            &["sensitivity", "in.csv"],
            "alternatives",
            &["prior", "ratio_low", "ratio_high"],
        ),
        (
            &["plan", "counted.csv", "--replicates=100", "--seed=1"],
            "curve",
            &["total", "mean_sd", "p_top_rank", "neighbours_right"],
        ),
        (
            &[
                "plan",
                "counted.csv",
                "--delta=9",
                "--replicates=100",
                "--seed=1",
            ],
            "reduction",
            &["fk", "n", "delta", "plugin", "expected", "q5", "sd_then"],
        ),
        (
            &["lambda", "in.csv", "--seed=1"],
            "estimates",
            &["method", "sigma2_fk", "sigma2_fk_q5"],
        ),
        (&calibrate, "quantities", &["name", "p_value", "ok"]),
        (
            &study,
            "cells",
            &[
                "k",
                "n",
                "lambda",
                "ratio_q50",
                "k_excess",
                "k_excess_mcse",
                "c",
            ],
        ),
    ] {
        let quiet = [command, &["--quiet"]].concat();
        let table = records(&answer(
            &sandbox,
            &[&quiet[..], &["--format", "csv"]].concat(),
        ));
        let json = json(&sandbox, &quiet);
        let mut expected = json[list].as_array().unwrap().clone();
        if list == "alternatives" {
            // The current hyperprior comes first.
            assert_eq!(table.len(), 2 + expected.len(), "{command:?}");
            expected.insert(0, expected[0].clone());
        }
        assert_eq!(table.len(), 1 + expected.len(), "{command:?}");
        for (row, expected) in expected
            .iter()
            .enumerate()
            .skip(usize::from(list == "alternatives"))
        {
            // Fits are sorted by median, the JSON is not.
            let named = |value: &&Value| {
                value
                    .get("fk")
                    .is_none_or(|fk| fk == field(&table, row, "fk"))
            };
            let all = json[list].as_array().unwrap();
            let expected = if list == "ranking" {
                all.iter().find(named).unwrap()
            } else {
                expected
            };
            for key in keys {
                assert_same(field(&table, row, key), &expected[key]);
            }
        }
    }
}

#[test]
fn names_are_quoted_by_rfc_4180_and_escaped_in_markdown() {
    let names = [
        "a,b",
        "say \"x\"",
        "two\nlines",
        "a|b",
        "*bold*",
        "_i_",
        "a_b",
        "<b>",
        "x\\|y",
    ];
    let mut scores = String::from("fk,score\n");
    for (i, name) in names.iter().enumerate() {
        for score in [1, 2, 4] {
            scores.push_str(&format!(
                "\"{}\",{}\n",
                name.replace('"', "\"\""),
                score + i
            ));
        }
    }
    let sandbox = Sandbox::with("in.csv", scores);
    let fit = [
        "fit",
        "in.csv",
        "--seed=1",
        "--draws=200",
        "--no-draws",
        "--quiet",
    ];
    let table = records(&answer(&sandbox, &[&fit[..], &["--format=csv"]].concat()));
    let mut found: Vec<&str> = table[1..].iter().map(|row| row[0].as_str()).collect();
    let mut expected = names.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);

    let markdown = answer(&sandbox, &[&fit[..], &["--format=markdown"]].concat());
    for cell in [
        "| a,b |",
        "| a\\|b |",
        "| \\*bold\\* |",
        "| \\_i\\_ |",
        "| a_b |",
        "| \\<b> |",
        "| x\\\\\\|y |",
        "| two\\\\nlines |",
    ] {
        assert!(markdown.contains(cell), "{cell} in {markdown}");
    }
    assert_is_markdown(&markdown);
}

/// Headings, paragraphs and tables, set apart by blank lines; tables with as many cells in every row.
fn assert_is_markdown(text: &str) {
    assert!(text.starts_with("## "), "{text}");
    for block in text.trim_end().split("\n\n") {
        let lines: Vec<&str> = block.lines().collect();
        if !block.starts_with('|') {
            assert_eq!(lines.len(), 1, "{block}");
            continue;
        }
        let cells = |line: &str| {
            line.replace("\\\\", "")
                .replace("\\|", "")
                .matches('|')
                .count()
        };
        assert!(lines[1].starts_with("| --- |"), "{block}");
        for line in &lines {
            assert_eq!(cells(line), cells(lines[0]), "{block}");
        }
    }
}

#[test]
fn markdown_has_all_tables_and_sentences() {
    let (sandbox, f1) = (Sandbox::new(), f1());
    let fit = [
        "fit",
        &f1,
        "--seed=1",
        "--draws=300",
        "--quiet",
        "--full",
        "--format=markdown",
    ];
    let text = answer(&sandbox, &fit);
    assert_is_markdown(&text);
    for part in [
        "### Parameters\n",
        "### Diagnostics\n",
        "### Ranks",
        "\n**chains** **",
        "\n**warning** ",
    ] {
        assert!(text.contains(part), "{part}");
    }
    // A report is not cut to the width of a terminal.
    assert!(text.contains("| qualifying.raceId_driverId |"), "{text}");
    let tables = text.split("\n\n").filter(|block| block.starts_with('|'));
    assert_eq!(tables.count(), 2 + 4);
    let scores = Sandbox::with("in.csv", EIGHT_SCHOOLS);
    for command in [
        &["compare", "in.csv", "--no-mcmc"][..],
        &["sensitivity", "in.csv"],
        &["lambda", "in.csv"],
    ] {
        let quiet = ["--quiet", "--format=markdown"];
        assert_is_markdown(&answer(&scores, &[command, &quiet].concat()));
    }
}

#[test]
fn a_screen_has_the_first_fks_and_csv_has_all() {
    let mut scores = String::from("fk,n,mean,sd\n");
    for i in 0..20 {
        scores.push_str(&format!("k{i},9,{i},1\n"));
    }
    let sandbox = Sandbox::with("in.csv", scores);
    let fit = [
        "fit",
        "in.csv",
        "--seed=1",
        "--draws=100",
        "--no-draws",
        "--quiet",
    ];
    assert!(answer(&sandbox, &fit).contains("(5 more with --full or --json)"));
    let csv = answer(&sandbox, &[&fit[..], &["--format=csv"]].concat());
    assert_eq!(csv.lines().count(), 1 + 20);
}

#[test]
fn what_does_not_exist_is_empty() {
    let sandbox = Sandbox::with("in.csv", "fk,mean,se\na,1,1\nb,2,1\nc,-1,2\n");
    let fit = [
        "fit",
        "in.csv",
        "--seed=1",
        "--draws=100",
        "--no-draws",
        "--quiet",
    ];
    let table = records(&answer(&sandbox, &[&fit[..], &["--format=csv"]].concat()));
    for row in 0..3 {
        assert_eq!(field(&table, row, "n"), "");
        assert_ne!(field(&table, row, "mean"), "");
    }
}

#[test]
fn one_form_at_a_time() {
    let sandbox = Sandbox::with("in.csv", EIGHT_SCHOOLS);
    for command in [
        &["fit", "in.csv"][..],
        &["summary", "draws.arrow"],
        &["compare", "in.csv"],
        &["sensitivity", "in.csv"],
        &["lambda", "in.csv"],
        &["plan", "in.csv"],
        &["calibrate", "--k=3", "--n=4"],
        &["study"],
    ] {
        let output = sandbox.run(&[command, &["--json", "--format=csv"]].concat());
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        assert!(output.stdout.is_empty());
        assert_says(&stderr(&output), &["--json", "--format"]);
        let unknown = sandbox.run(&[command, &["--format=xml"]].concat());
        assert_eq!(unknown.status.code(), Some(2), "{command:?}");
        assert_says(&stderr(&unknown), &["'xml'", "markdown"]);
    }
    let both = sandbox.refused(&["in.csv", "--format=csv", "--format=markdown"]);
    assert_says(&both, &["--format csv", "--format markdown"]);
    let nothing = sandbox.refused(&["in.csv", "--no-draws", "--format=parquet"]);
    assert_says(&nothing, &["--no-draws", "--format"]);
}

#[test]
fn the_answer_has_a_form_and_the_draws_a_format() {
    let sandbox = Sandbox::with("in.csv", EIGHT_SCHOOLS);
    let output = sandbox.fit(&["in.csv", "--format=parquet", "--format=csv", "--out=draws"]);
    assert!(stdout(&output).starts_with("fk,n,mean,"));
    assert!(sandbox.read("draws").starts_with(b"PAR1"));
    // JSON may still come with a format of the draws.
    let json = sandbox.fit_json(&["in.csv", "--format=arrow", "--out=other"]);
    assert_eq!(json["draws_file"], "other");
    assert!(sandbox.read("other").starts_with(b"ARROW1"));
}

#[test]
fn warnings_are_not_in_the_csv_but_on_stderr() {
    let (sandbox, f1) = (Sandbox::new(), f1());
    let fit = [
        "fit",
        &f1,
        "--seed=1",
        "--draws=300",
        "--no-draws",
        "--format=csv",
        "--color=always",
    ];
    let output = sandbox.run(&fit);
    assert!(stderr(&output).contains("importances have heavier tails"));
    assert_eq!(records(&stdout(&output)).len(), 1 + 11);
    assert!(!stdout(&output).contains('\u{1b}'));
}
