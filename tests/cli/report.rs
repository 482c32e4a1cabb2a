//! `fkbayes report` and `fit --report`: one page that holds everything and needs nothing. What a browser
//! makes of it is checked by tests/clients/check_report.py.

use crate::plot::KINDS;
use crate::support::{SHORT, Sandbox, assert_says, f1, parse, stderr, stdout};
use serde_json::Value;

fn page(sandbox: &Sandbox, name: &str) -> String {
    String::from_utf8(sandbox.read(name)).unwrap()
}

/// What stands between two texts, the first time.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap_or_else(|| panic!("no {from}")) + from.len();
    let length = text[start..].find(to).unwrap();
    &text[start..start + length]
}

fn embedded(page: &str) -> Value {
    let json = between(
        page,
        "<script type=\"application/json\" id=\"fkbayes-summary\">",
        "</script>",
    );
    serde_json::from_str(json).unwrap()
}

fn succeeds(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = sandbox.run(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        stderr(&output)
    );
    stdout(&output)
}

#[test]
fn the_page_embeds_what_summary_prints_as_json() {
    let sandbox = Sandbox::with_f1_draws(&[]);
    assert_eq!(
        succeeds(&sandbox, &["report", "draws.arrow"]),
        "report.html\n"
    );
    let summary = parse(&sandbox.run(&["summary", "draws.arrow", "--json"]));
    assert_eq!(embedded(&page(&sandbox, "report.html")), summary);
}

#[test]
fn fit_makes_the_same_page_in_one_go() {
    let sandbox = Sandbox::with_f1_draws(&["--report", "a.html"]);
    succeeds(&sandbox, &["report", "draws.arrow", "--out", "b.html"]);
    assert_eq!(sandbox.read("a.html"), sandbox.read("b.html"));
}

#[test]
fn the_page_loads_nothing_and_has_every_picture_already_drawn() {
    let sandbox = Sandbox::with_f1_draws(&["--noise", "pooled"]);
    succeeds(&sandbox, &["report", "draws.arrow"]);
    let page = page(&sandbox, "report.html");
    for tag in [
        "<link rel=\"stylesheet",
        "<script src",
        "<img",
        "<iframe",
        "@import",
        "url(",
        "https:",
    ] {
        assert!(!page.contains(tag), "{tag}");
    }
    // The name of the SVG namespace is no address, and stands in the script alone.
    assert_eq!(
        page.matches("http://").count(),
        page.matches("http://www.w3.org/2000/svg").count()
    );
    for kind in KINDS {
        let section = between(&page, &format!("<section id=\"{kind}\""), "</section>");
        assert_eq!(
            section.matches("<svg").count(),
            2,
            "{kind}: a layout for each width"
        );
        assert_says(section, &["<desc", "<title", "class=\"m\"", "<figcaption>"]);
    }
}

/// The same with as many draws as usual, which may be trusted.
fn with_enough_draws() -> Sandbox {
    let sandbox = Sandbox::new();
    succeeds(&sandbox, &["fit", &f1(), "--seed=1"]);
    sandbox
}

#[test]
fn the_answer_says_who_matters_how_sure_whether_the_plugin_may_be_used_and_what_to_do() {
    let sandbox = with_enough_draws();
    succeeds(&sandbox, &["report", "draws.arrow"]);
    let page = page(&sandbox, "report.html");
    let answer = between(&page, "<section id=\"answer\"", "</section>");
    assert_says(
        answer,
        &[
            "may be trusted",
            "7 of the 11 foreign keys surely matter",
            "<bdi>qualifying.raceId_driverId</bdi>",
            "probability of more than 99 %",
            "may be used under this noise model",
            "What to do next",
            "heavier tails",
        ],
    );
}

#[test]
fn a_page_of_chains_that_disagree_says_so_first() {
    let sandbox = Sandbox::new();
    let too_few = [
        "fit",
        &f1(),
        "--seed=1",
        "--no-interweave",
        "--no-exact",
        "--draws=8",
        "--warmup=0",
    ];
    succeeds(&sandbox, &too_few);
    succeeds(&sandbox, &["report", "draws.arrow"]);
    let page = page(&sandbox, "report.html");
    let answer = between(&page, "<section id=\"answer\"", "</section>");
    assert_says(
        answer,
        &[
            "Do not trust these draws",
            "provisional",
            "first make the chains trustworthy",
        ],
    );
    // Without an exact posterior, and that said.
    let sensitivity = between(&page, "<section id=\"sensitivity\"", "</section>");
    assert_says(sensitivity, &["No picture", "skip the exact posterior"]);
    let strict = sandbox.run(&["report", "draws.arrow", "--strict"]);
    assert_eq!(strict.status.code(), Some(3));
}

#[test]
fn names_are_text_whatever_they_consist_of() {
    let sandbox = Sandbox::with(
        "in.csv",
        "fk,n,mean,sd\n</script><b>x,20,1,1\n\"\"\" onload=\"\"y\",20,2,1\n\u{202e}z,20,0,1\n{{ 1 }},20,0.5,1\n",
    );
    sandbox.fit(&["in.csv"]);
    succeeds(&sandbox, &["report", "draws.arrow"]);
    let page = page(&sandbox, "report.html");
    assert!(!page.contains("<b>x"));
    assert!(!page.contains("\" onload=\"y"));
    let (seen, _) = page
        .split_once("<script type=\"application/json\"")
        .unwrap();
    assert!(
        !seen.contains('\u{202e}'),
        "an override would turn what follows"
    );
    assert_says(
        &page,
        &[
            "<bdi>&lt;/script&gt;&lt;b&gt;x</bdi>",
            "<bdi>&quot; onload=&quot;y</bdi>",
            "<bdi>\\u{202e}z</bdi>",
            "<bdi>{{ 1 }}</bdi>",
        ],
    );
    assert_eq!(embedded(&page)["data"]["fks"][0]["fk"], "</script><b>x");
}

#[test]
fn the_command_on_the_page_gives_the_same_draws() {
    let sandbox = Sandbox::with_f1_draws(&[
        "--noise",
        "pooled",
        "--prior",
        "half-t=3,0.01",
        "--location",
        "flat",
    ]);
    succeeds(&sandbox, &["report", "draws.arrow"]);
    let page = page(&sandbox, "report.html");
    let command = between(&page, "<dt>Command</dt><dd><code>", "</code>");
    let scores = f1();
    let words = command.split(' ').skip(1).map(|word| match word {
        "SCORES" => scores.as_str(),
        word => word,
    });
    let words: Vec<&str> = words.chain(["--out", "again.arrow"]).collect();
    succeeds(&sandbox, &words);
    assert_eq!(
        sandbox.read("draws.arrow"),
        sandbox.read("again.arrow"),
        "{command}"
    );
}

#[test]
fn many_keys_are_shown_in_part_and_listed_in_full() {
    let rows: String = (0..300)
        .map(|k| format!("table{k}.key,20,{},1\n", f64::from(k % 17) / 10.0))
        .collect();
    let sandbox = Sandbox::with("in.csv", format!("fk,n,mean,sd\n{rows}"));
    sandbox.fit(&["in.csv"]);
    succeeds(&sandbox, &["report", "draws.arrow"]);
    let page = page(&sandbox, "report.html");
    let forest = between(&page, "<section id=\"forest\"", "</section>");
    assert_eq!(forest.matches("class=\"m\"").count(), 2 * 40);
    assert_says(forest, &["the 40 foreign keys", "the other 260"]);
    let table = between(&page, "<section id=\"table\"", "</section>");
    assert_eq!(table.matches("<tr>").count(), 1 + 300);
    assert!(page.len() < 2_000_000, "{}", page.len());
}

#[test]
fn one_key_alone_has_a_page_too() {
    let sandbox = Sandbox::with("in.csv", "fk,n,mean,sd\nonly,20,1,1\n");
    sandbox.fit(&["in.csv"]);
    succeeds(&sandbox, &["report", "draws.arrow"]);
    let page = page(&sandbox, "report.html");
    assert_says(
        &page,
        &[
            "How important is the foreign key?",
            "The foreign key <bdi>only</bdi> matters",
            "has no rank",
        ],
    );
}

#[test]
fn only_a_page_of_ours_is_overwritten() {
    let sandbox = Sandbox::with_f1_draws(&[]);
    succeeds(&sandbox, &["report", "draws.arrow"]);
    succeeds(&sandbox, &["report", "draws.arrow"]);
    sandbox.write("mine.html", "<!DOCTYPE html><title>mine</title>");
    let before = sandbox.files();
    for arguments in [
        vec!["report", "draws.arrow", "--out", "mine.html"],
        vec!["report", "draws.arrow", "--out", "draws.arrow"],
        [
            &[
                "fit",
                &f1(),
                "--out",
                "other.arrow",
                "--report",
                "mine.html",
            ],
            &SHORT[..],
        ]
        .concat(),
    ] {
        let output = sandbox.run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_says(
            &stderr(&output),
            &["exists and is not such a file written by fkbayes"],
        );
        assert_eq!(sandbox.files(), before);
    }
    assert_eq!(
        page(&sandbox, "mine.html"),
        "<!DOCTYPE html><title>mine</title>"
    );
}

#[test]
fn a_page_needs_draws() {
    let sandbox = Sandbox::with("scores.csv", "fk,score\na,1\na,2\n");
    let refused = sandbox.run(&["report", "scores.csv"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_says(&stderr(&refused), &["scores.csv", "is not a draws file"]);
    let without = sandbox.run(&["fit", "scores.csv", "--no-draws", "--report", "r.html"]);
    assert_eq!(without.status.code(), Some(2));
    assert_eq!(sandbox.files(), ["scores.csv"]);
}

#[test]
fn json_tells_where_the_page_is() {
    let sandbox = with_enough_draws();
    let told = parse(&sandbox.run(&["report", "draws.arrow", "--out", "p.html", "--json"]));
    assert_eq!(told["schema"], "fkbayes.report/1");
    assert_eq!(told["report"], "p.html");
    assert_eq!(told["draws_file"], "draws.arrow");
    assert_eq!(told["ok"], true);
}
