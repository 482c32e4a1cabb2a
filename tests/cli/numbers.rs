//! Numbers of any size: the same answer in any unit, and null where there is none.

use crate::support::{Sandbox, parse, stderr};
use serde_json::Value;

const CHAINS: [&str; 6] = ["--warmup", "100", "--draws", "300", "--seed", "1"];

/// Every subcommand that takes scores, with what it is asked for.
const COMMANDS: [&[&str]; 10] = [
    &["fit", "in.csv", "--no-draws"],
    &["fit", "in.csv", "--keep", "sigma2_fk"],
    &["fit", "in.csv", "--no-draws", "--sampler", "exact"],
    &["compare", "in.csv"],
    &["compare", "in.csv", "--no-mcmc"],
    &["lambda", "in.csv"],
    &["plan", "in.csv", "--delta", "10"],
    &["plan", "in.csv", "--budget", "20"],
    &["plan", "in.csv", "--target-rank", "0.9"],
    &["sensitivity", "in.csv"],
];

/// Relative. Power-scaling, a quadrature of differences in a logarithm of 660, has 1.3e-9, all else below 1e-10.
const TOLERANCE: f64 = 5e-9;

/// Means of six FKs.
const MEANS: [f64; 6] = [0.5, -0.3, 0.05, 1.2, 0.0, 0.4];

/// A long table in the unit 2^exponent; scores about their means by ±0.3 and ±0.5.
fn scores(exponent: i32) -> String {
    let unit = 2f64.powi(exponent);
    let mut text = "fk,score\n".to_owned();
    for (k, mean) in MEANS.iter().enumerate() {
        for i in 0..(5 + 3 * k) {
            let noise = [0.3, -0.5, 0.5, -0.3][i % 4] * (1.0 + 0.01 * k as f64);
            let score = (mean + noise + 0.001 * i as f64) * unit;
            text += &format!("f{k},{score:e}\n");
        }
    }
    text
}

fn with_chains<'a>(command: &[&'a str], model: &[&'a str]) -> Vec<&'a str> {
    let chains: &[&str] = match command {
        ["sensitivity", ..] | ["compare", _, "--no-mcmc"] => &[],
        _ => &CHAINS,
    };
    [command, chains, model, &["--json", "--quiet"]].concat()
}

/// Every number and null with its path.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                leaves(value, &format!("{path}.{key}"), found);
            }
        }
        Value::Array(list) => {
            for (i, value) in list.iter().enumerate() {
                leaves(value, &format!("{path}[{i}]"), found);
            }
        }
        leaf => found.push((path.to_owned(), leaf.clone())),
    }
}

/// Logarithms shift with the unit, R-hat stands on ranks, in which neighbours a rounding apart change
/// places, and IG(.001, .001) is stated in the unit of the scores, whatever that is.
fn follows_no_unit(answer: &mut Value) {
    if let Some(parameters) = answer["parameters"].as_array_mut() {
        parameters.retain(|p| !p["name"].as_str().unwrap().starts_with("log_"));
        for parameter in parameters {
            parameter["r_hat"].take();
        }
    }
    if let Some(others) = answer["alternatives"].as_array_mut() {
        others.retain(|one| one["prior"] != "ig=0.001,0.001");
    }
    answer["diagnostics"]["max_r_hat"].take();
    answer["sampler"]["seconds"].take();
}

fn same_in_units(plain: &Value, scaled: &Value, exponent: i32) -> bool {
    let (Some(x), Some(y)) = (plain.as_f64(), scaled.as_f64()) else {
        return plain == scaled || plain.is_string() && scaled.is_string();
    };
    let near = |power: i32| {
        let y = y * 2f64.powi(-exponent * (power / 2)) * 2f64.powi(-exponent * (power - power / 2));
        (x - y).abs() <= TOLERANCE * x.abs()
    };
    (-2..=2).any(near)
}

fn answers(exponent: i32, model: &[&str], commands: &[&[&str]]) -> Vec<Value> {
    let sandbox = Sandbox::with("in.csv", scores(exponent));
    let answer = |command: &&[&str]| {
        let output = sandbox.run(&with_chains(command, model));
        let said = stderr(&output);
        assert!(
            output.status.success(),
            "2^{exponent}, {command:?} {model:?}: {said}"
        );
        let mut answer = parse(&output);
        follows_no_unit(&mut answer);
        answer
    };
    commands.iter().map(answer).collect()
}

/// Scores times 2^±480, 3e±144: every number is that of the plain scores in the other unit.
#[test]
fn the_unit_does_not_matter() {
    let models: [(&[&str], &[&[&str]]); 4] = [
        (&[], &COMMANDS),
        (&["--noise", "per-fk"], &COMMANDS[..2]),
        (
            &["--noise", "sampled", "--location", "flat"],
            &COMMANDS[..3],
        ),
        (
            &["--importance", "student-t=4", "--noise", "pooled"],
            &COMMANDS[..4],
        ),
    ];
    for (model, commands) in models {
        let plain = answers(0, model, commands);
        for exponent in [-480, 480] {
            let scaled = answers(exponent, model, commands);
            for ((plain, scaled), command) in plain.iter().zip(&scaled).zip(commands) {
                let (mut a, mut b) = (Vec::new(), Vec::new());
                leaves(plain, "", &mut a);
                leaves(scaled, "", &mut b);
                assert_eq!(a.len(), b.len(), "2^{exponent}: {command:?}");
                for ((path, x), (other, y)) in a.iter().zip(&b) {
                    assert_eq!(path, other);
                    assert!(
                        same_in_units(x, y, exponent),
                        "2^{exponent}: {command:?} {model:?} {path}: {x} and {y}"
                    );
                }
            }
        }
    }
}

/// No number is spelled out where there is none; JSON itself has no NaN.
fn assert_no_spelled_number(answer: &Value, told: &str) {
    let mut found = Vec::new();
    leaves(answer, "", &mut found);
    for (path, leaf) in found {
        let spelled = leaf.as_str().map(str::to_lowercase);
        let spelled = spelled.as_deref().map(str::trim);
        let wrong = matches!(
            spelled,
            Some("nan" | "inf" | "-inf" | "infinity" | "-infinity" | "")
        );
        assert!(!wrong, "{told}: {path} is {leaf}");
        // A standard deviation that is 0 would claim certainty.
        // (Beside an importance of 1e65 small ones are constant but for rounding, and set aside.)
        let sd = path.ends_with(".sd") && path.contains("exact") && !told.starts_with("every size");
        assert!(!(sd && leaf.as_f64() == Some(0.0)), "{told}: {path} is 0");
    }
}

/// Aggregated scores of six FKs with the same n and variance.
fn alike(n: &str, mean: impl Fn(i32) -> f64, variance: &str) -> String {
    let row = |k| format!("f{k},{n},{:e},{variance}\n", mean(k));
    let rows: String = (0..6).map(row).collect();
    format!("fk,n,mean,var\n{rows}")
}

/// What simulates reaches from λ = 1e-12 to 1e12, and says no word for a number either.
#[test]
fn simulations_reach_as_far() {
    let sandbox = Sandbox::new();
    let grid = "study --k 1,5 --n 1,20 --lambda 1e-12,1,1e12 --replicates 20";
    for command in [
        grid,
        "simulate --k 3 --n 2 --a0 0.5 --b0 1e-200 --noise known=1e-280 --out s.csv",
        "simulate --k 2 --n 3 --a0 2 --b0 1e200 --noise known=1e290 --out t.csv",
        "calibrate --k 2 --n 1 --a0 2 --b0 1e-200 --noise known=1e-190 --replicates 20",
        "calibrate --k 2 --n 1,40 --a0 2 --b0 1e150 --noise known=1e162 --replicates 20",
        "lambda --observed-reduction 0.999999 --delta 1000000000000",
    ] {
        let seed = if command.starts_with("lambda") {
            ""
        } else {
            " --seed 1"
        };
        let command = format!("{command}{seed} --json --quiet");
        let output = sandbox.run(&command.split(' ').collect::<Vec<_>>());
        assert!(output.status.success(), "{command}: {}", stderr(&output));
        assert_no_spelled_number(&parse(&output), &command);
    }
}

/// Where numbers end: every subcommand answers, or says what is wrong with the input.
#[test]
fn in_every_corner_there_are_numbers_or_nulls() {
    let step = |k: i32| f64::from(k) - 2.5;
    let corners = [
        ("one FK", "fk,n,mean,var\na,5,0.3,1\n".to_owned()),
        ("one score each", alike("1", step, "")),
        ("equal means", alike("10", |_| 0.25, "1")),
        ("all zero", alike("10", |_| 0.0, "0")),
        (
            "an outlier",
            alike("10", |k| if k == 2 { 1e149 } else { step(k) }, "1"),
        ),
        ("many scores", alike("1000000000000", step, "1")),
        ("lambda 1e12", alike("10", |k| 1e-6 * step(k), "1")),
        ("lambda 1e-12", alike("10", |k| 1e6 * step(k), "1")),
        ("largest scores", alike("10", |k| 1e149 * step(k), "1e298")),
        (
            "smallest scores",
            alike("10", |k| 1e-149 * step(k), "1e-298"),
        ),
        (
            "every size",
            (0..6).fold("fk,n,mean,var\n".to_owned(), |text, k| {
                let (mean, variance) = (25 * k - 60, 2 * (25 * k - 60));
                text + &format!("f{k},10,1e{mean},1e{variance}\n")
            }),
        ),
        (
            "few with scores",
            "fk,n,mean,var\na,0,,\nb,5,0.2,1\nc,0,,\n".to_owned(),
        ),
    ];
    let few: &[&[&str]] = &[COMMANDS[0], COMMANDS[3], COMMANDS[4], COMMANDS[5]];
    let known: &[&str] = &["--noise", "known=1"];
    let flat: &[&str] = &[
        "--prior=half-cauchy=1",
        "--location=flat",
        "--noise=sampled",
    ];
    let models: [(&[&str], &[&[&str]]); 3] = [(&[], &COMMANDS), (known, few), (flat, &few[..2])];
    let in_corner = |(name, input): &(&str, String)| {
        let sandbox = Sandbox::with("in.csv", input);
        for (model, commands) in models {
            for command in commands {
                let output = sandbox.run(&with_chains(command, model));
                let told = format!("{name}, {model:?}, {command:?}: {}", stderr(&output));
                match output.status.code() {
                    Some(0) => assert_no_spelled_number(&parse(&output), &told),
                    code => assert_eq!(code, Some(2), "{told}"),
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for corner in &corners {
            scope.spawn(move || in_corner(corner));
        }
    });
}
