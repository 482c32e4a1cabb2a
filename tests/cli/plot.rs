//! `fkbayes plot`: each picture by itself, with its colours, and never in place of something else.

use crate::support::{Sandbox, assert_says, parse, stderr, stdout};

pub const KINDS: [&str; 11] = [
    "forest",
    "variance",
    "conditional",
    "prior",
    "ranking",
    "planning",
    "trace",
    "rank",
    "ess",
    "sensitivity",
    "predictive",
];

fn drawn(sandbox: &Sandbox, kind: &str) -> String {
    let output = sandbox.run(&["plot", kind, "draws.arrow"]);
    assert!(output.status.success(), "{kind}: {}", stderr(&output));
    assert_eq!(stdout(&output), format!("{kind}.svg\n"));
    String::from_utf8(sandbox.read(&format!("{kind}.svg"))).unwrap()
}

/// Every element is closed in its turn; attributes and entities are left to the browser's check.
fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let name = tag.split([' ', '/']).find(|word| !word.is_empty()).unwrap();
        match tag {
            tag if tag.starts_with('!') || tag.ends_with('/') => {}
            tag if tag.starts_with('/') => assert_eq!(open.pop(), Some(name)),
            _ => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn every_kind_is_a_picture_that_stands_alone() {
    let sandbox = Sandbox::with_f1_draws(&["--noise", "pooled"]);
    for kind in KINDS {
        let svg = drawn(&sandbox, kind);
        assert_well_formed(&svg);
        assert_says(
            &svg,
            &["xmlns=", "<title>", "<desc>", "class=\"m\"", "fill:#"],
        );
        assert!(!svg.contains("var("), "{kind} leaves its colours to a page");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{kind}");
    }
}

#[test]
fn every_kind_is_drawn_for_every_model() {
    for model in [
        vec!["--noise", "sampled", "--location", "flat"],
        vec!["--noise", "per-fk=fixed"],
        vec![
            "--importance",
            "student-t=1",
            "--noise",
            "pooled",
            "--location",
            "flat",
        ],
        vec!["--prior", "flat", "--no-exact"],
    ] {
        let sandbox = Sandbox::with_f1_draws(&model);
        for kind in KINDS {
            let output = sandbox.run(&["plot", kind, "draws.arrow"]);
            let told = stderr(&output);
            // What cannot be drawn is said in words.
            match output.status.code() {
                Some(0) => {}
                Some(2) => assert_says(&told, &["there is no plot", kind]),
                _ => panic!("{model:?} {kind}: {told}"),
            }
        }
    }
}

#[test]
fn data_without_any_difference_have_pictures_with_numbers() {
    for scores in [
        "fk,n,mean,sd\na,20,0,1\nb,20,0,1\n",
        "fk,n,mean,sd\na,20,5e9,1e9\nb,20,5e9,1e9\nnever,0,,\n",
        "fk,n,mean,sd\na,20,1e-12,1e-12\nb,20,-1e-12,1e-12\n",
    ] {
        let sandbox = Sandbox::with("in.csv", scores);
        sandbox.fit(&["in.csv"]);
        for kind in KINDS {
            let svg = drawn(&sandbox, kind);
            assert!(!svg.contains("NaN") && !svg.contains("inf<"), "{kind}");
        }
    }
}

/// The numbers that a mark tells are those of the record.
#[test]
fn marks_tell_the_figures_of_the_record() {
    let sandbox = Sandbox::with_f1_draws(&["--noise", "pooled"]);
    let summary = parse(&sandbox.run(&["summary", "draws.arrow", "--json"]));
    let forest = drawn(&sandbox, "forest");
    let ranking = drawn(&sandbox, "ranking");
    let alphas = summary["parameters"].as_array().unwrap();
    let first = alphas
        .iter()
        .find(|p| p["name"] == "alpha[results.raceId]")
        .unwrap();
    let median = first["q50"].as_f64().unwrap();
    let told = forest
        .split("<title>")
        .find(|tip| tip.starts_with("\u{2068}results.raceId\u{2069}"));
    let told = told.unwrap().split_once("posterior median ").unwrap().1;
    let told: f64 = told.split(',').next().unwrap().parse().unwrap();
    assert!(
        (told - median).abs() < 1e-3 * median.abs(),
        "{told} {median}"
    );
    let best = summary["ranking"].as_array().unwrap();
    let best = best
        .iter()
        .find(|row| row["fk"] == "qualifying.raceId_driverId")
        .unwrap();
    assert_eq!(best["p_best"], 1.0);
    assert!(ranking.contains("qualifying.raceId_driverId\u{2069}\nrank 1 with probability 1.00"));
}

#[test]
fn an_unknown_kind_is_refused_with_all_that_there_are() {
    let sandbox = Sandbox::with_f1_draws(&[]);
    let output = sandbox.run(&["plot", "pie", "draws.arrow"]);
    assert_eq!(output.status.code(), Some(2));
    assert_says(&stderr(&output), &["'pie'"]);
    assert_says(&stderr(&output), &KINDS);
    let help = stdout(&sandbox.run(&["plot", "--help"]));
    assert_says(&help, &KINDS);
}

#[test]
fn only_a_picture_of_the_same_kind_is_overwritten() {
    let sandbox = Sandbox::with_f1_draws(&[]);
    drawn(&sandbox, "rank");
    drawn(&sandbox, "rank");
    sandbox.write("mine.svg", "<svg/>");
    for (kind, out) in [
        ("ranking", "rank.svg"),
        ("rank", "mine.svg"),
        ("rank", "draws.arrow"),
    ] {
        let before = sandbox.read(out);
        let output = sandbox.run(&["plot", kind, "draws.arrow", "-o", out]);
        assert_eq!(output.status.code(), Some(2), "{kind} {out}");
        assert_eq!(sandbox.read(out), before);
    }
}

#[test]
fn another_format_is_refused_before_any_work() {
    let sandbox = Sandbox::with_f1_draws(&[]);
    let pdf = sandbox.run(&["plot", "forest", "draws.arrow", "-o", "forest.pdf"]);
    assert_eq!(pdf.status.code(), Some(2));
    assert_says(&stderr(&pdf), &["forest.pdf", ".svg"]);
    let png = sandbox.run(&["plot", "forest", "draws.arrow", "-o", "forest.png"]);
    if cfg!(feature = "png") {
        assert!(png.status.success(), "{}", stderr(&png));
        assert!(sandbox.read("forest.png").starts_with(b"\x89PNG"));
        let other = sandbox.run(&["plot", "ess", "draws.arrow", "-o", "forest.png"]);
        assert_eq!(other.status.code(), Some(2));
    } else {
        assert_eq!(png.status.code(), Some(2));
        assert_says(&stderr(&png), &["--features png", ".svg"]);
    }
}

#[test]
fn json_tells_what_the_picture_shows() {
    let sandbox = Sandbox::with_f1_draws(&[]);
    let output = sandbox.run(&["plot", "forest", "draws.arrow", "-o", "f.svg", "--json"]);
    let told = parse(&output);
    assert_eq!(told["schema"], "fkbayes.plot/1");
    assert_eq!(told["plot"], "f.svg");
    assert_says(
        told["description"].as_str().unwrap(),
        &["11 foreign keys", "qualifying.raceId_driverId"],
    );
}
