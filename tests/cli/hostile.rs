//! Names that would do something if they were let: to a page, a picture, a table, a terminal, a file.

use crate::support::{SHORT, Sandbox, parse, stderr, stdout};

/// What names try: markup, quotes, the end of a CDATA section, an address, a formula, Markdown, a template,
/// a path, escape sequences (one by C1), the writing direction, a NUL, and line breaks.
const NAMES: [&str; 14] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onload='alert(1)",
    "]]><x>",
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "a|b*c_d`e[f](g)",
    "{{ 7*7 }}{% raw %}",
    "../../etc/passwd",
    "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[31m",
    "\u{9b}2J\u{90}q",
    "\u{202e}drowssap\u{2066}",
    "nul\0nul",
    "two\nlines\rand\ttabs",
];

fn scores() -> String {
    let row = |(k, name): (usize, &&str)| {
        format!(
            "\"{}\",{},{},1\n",
            name.replace('"', "\"\""),
            8 + k,
            0.3 * k as f64
        )
    };
    let rows: String = NAMES.iter().enumerate().map(row).collect();
    format!("fk,n,mean,sd\n{rows}")
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with("in.csv", scores());
    let output = sandbox.run(&[&["fit", "in.csv", "--report", "fit.html"], &SHORT[..]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    sandbox
}

/// Nothing of the text acts on a terminal, line breaks aside.
fn assert_tame(what: &str, text: &str) {
    let wild = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let found = text.chars().find(wild);
    assert!(found.is_none(), "{what}: {found:?} in {text:?}");
}

#[test]
fn tables_warnings_and_errors_leave_a_terminal_alone() {
    let sandbox = sandbox();
    for command in [
        &["summary", "draws.arrow", "--full"][..],
        &["summary", "draws.arrow", "--format", "markdown"],
        &["compare", "in.csv", "--no-mcmc"],
        &["lambda", "in.csv", "--seed", "1"],
        &["sensitivity", "in.csv"],
        &["plan", "in.csv", "--delta", "10", "--seed", "1"],
    ] {
        let output = sandbox.run(command);
        assert!(output.status.success(), "{command:?}: {}", stderr(&output));
        assert_tame(&format!("{command:?}"), &stdout(&output));
        assert_tame(&format!("{command:?}, stderr"), &stderr(&output));
    }
    for name in NAMES {
        let quoted = name.replace('"', "\"\"");
        let bad = format!("fk,score\n\"{quoted}\",1\n\"{quoted}\",much\n");
        sandbox.write("bad.csv", bad);
        let output = sandbox.run(&["fit", "bad.csv"]);
        assert_eq!(output.status.code(), Some(2));
        assert_tame("an error", &stderr(&output));
    }
}

/// Programs get names as they are: JSON and CSV are read back, not shown.
#[test]
fn programs_get_the_very_names() {
    let sandbox = sandbox();
    let answer = parse(&sandbox.run(&["summary", "draws.arrow", "--json"]));
    let found = answer["data"]["fks"].as_array().unwrap().iter();
    let found: Vec<&str> = found.map(|fk| fk["fk"].as_str().unwrap()).collect();
    assert_eq!(found, NAMES);
    let csv = stdout(&sandbox.run(&["summary", "draws.arrow", "--format", "csv"]));
    for name in NAMES {
        let quoted = name.replace('"', "\"\"");
        assert!(csv.contains(&quoted), "{name:?} in {csv}");
    }
}

/// In a page and in pictures a name is text: no element, attribute or address comes of it.
#[test]
fn pages_and_pictures_show_names_as_text() {
    let sandbox = sandbox();
    let mut documents = vec!["fit.html".to_owned()];
    for kind in ["forest", "ranking", "variance", "conditional", "predictive"] {
        let name = format!("{kind}.svg");
        let output = sandbox.run(&["plot", kind, "draws.arrow", "--out", &name]);
        assert!(output.status.success(), "{}", stderr(&output));
        documents.push(name);
    }
    for name in documents {
        let mut text = String::from_utf8(sandbox.read(&name)).unwrap();
        let wild = text
            .chars()
            .find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        assert_eq!(wild, None, "{name}");
        // The embedded figures are JSON, which no tag can leave.
        if let Some(start) = text.find("<script type=\"application/json\"") {
            let end = start + text[start..].find("</script>").unwrap();
            assert!(!text[start + 1..end].contains('<'), "{name}");
            text.replace_range(start..end, "");
        }
        for wrong in [
            "<script>alert",
            "<img",
            "onload='",
            "]]><x>",
            "href=\"javascript",
            "=\"javascript",
        ] {
            assert!(!text.contains(wrong), "{name}: {wrong}");
        }
        assert!(text.contains("{{ 7*7 }}"), "{name}: a template ran");
    }
}

/// Neither model files nor draws nor names make the program touch a file that was not named.
#[test]
fn nothing_but_what_was_named_is_read_or_written() {
    let sandbox = sandbox();
    let before = sandbox.files();
    for key in [
        "out = \"x\"",
        "include = \"/etc/passwd\"",
        "[sampler]\ncheckpoint = \"x\"",
    ] {
        sandbox.write("model.toml", key);
        let output = sandbox.run(&["fit", "in.csv", "--no-draws", "--model", "model.toml"]);
        assert_eq!(output.status.code(), Some(2), "{key}");
        assert!(
            stderr(&output).contains("unknown field"),
            "{}",
            stderr(&output)
        );
    }
    for command in [
        &["summary", "draws.arrow"][..],
        &["compare", "draws.arrow"],
        &["plan", "draws.arrow", "--delta", "5"],
        &["lambda", "in.csv", "--seed", "1"],
    ] {
        assert!(sandbox.run(command).status.success(), "{command:?}");
    }
    let mut after = sandbox.files();
    after.retain(|name| name != "model.toml");
    assert_eq!(after, before);
}
