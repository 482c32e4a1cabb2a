//! Figures are rounded by their Monte-Carlo error: no digit behind its leading one.

use serde_json::Value;

use crate::cases::EIGHT_SCHOOLS;
use crate::support::{Sandbox, f1, parse, stdout};

/// The power of ten of the last digit of a number as text.
fn last_place(text: &str) -> i32 {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap();
    match mantissa.split_once('.') {
        Some((_, decimals)) => exponent - decimals.len() as i32,
        // Zeros at the end of a whole number may stand for what is not known.
        None => exponent + (mantissa.len() - mantissa.trim_end_matches('0').len()) as i32,
    }
}

fn leading_place(error: f64) -> i32 {
    error.log10().floor() as i32
}

/// Rows of the table under a heading, in words.
fn rows(text: &str, heading: &str) -> Vec<Vec<String>> {
    let lines = text.lines().skip_while(|line| *line != heading).skip(2);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
    lines
        .take_while(|line| !line.is_empty())
        .map(words)
        .collect()
}

/// The answer, its Parameters table, and the same figures in full.
fn fit(sandbox: &Sandbox, flags: &[&str]) -> (String, Vec<Vec<String>>, Vec<Value>) {
    let mut command = sandbox.command(&[&["fit"], flags, &["--full", "--quiet"]].concat());
    let text = stdout(&command.env("COLUMNS", "160").output().unwrap());
    let json = parse(&sandbox.run(&[&["fit"], flags, &["--json"]].concat()));
    let table = rows(&text, "Parameters");
    (text, table, json["parameters"].as_array().unwrap().clone())
}

#[test]
fn no_figure_has_digits_that_are_noise() {
    let f1 = f1();
    let schools = Sandbox::with("in.csv", EIGHT_SCHOOLS);
    for flags in [
        &[&f1, "--seed=1", "--draws=2500"][..],
        &[&f1, "--seed=2", "--draws=100", "--chains=2"],
        &["in.csv", "--seed=3", "--draws=100", "--no-interweave"],
        &[
            "in.csv",
            "--seed=4",
            "--draws=30",
            "--chains=2",
            "--prior=half-cauchy=10",
        ],
    ] {
        let (_, table, parameters) = fit(&schools, flags);
        assert_eq!(table.len(), parameters.len());
        let mut cut = 0;
        for (row, parameter) in table.iter().zip(&parameters) {
            assert_eq!(row[0], parameter["name"].as_str().unwrap());
            // name, mean, sd, 5 %, 50 %, 95 %
            for (column, figure, error) in [(1, "mean", "mcse_mean"), (2, "sd", "mcse_sd")] {
                let shown = &row[column];
                let (Some(figure), Some(error)) =
                    (parameter[figure].as_f64(), parameter[error].as_f64())
                else {
                    continue;
                };
                let place = leading_place(error);
                assert!(
                    last_place(shown) >= place || shown == "0",
                    "{shown} ± {error}: {row:?}"
                );
                // Nothing is lost that may be seen: half a unit of the place, or of the third digit.
                let third = 10f64.powi(leading_place(figure.abs()) - 2);
                let unit = 10f64.powi(place).max(third);
                let off = (shown.parse::<f64>().unwrap() - figure).abs();
                assert!(off <= 0.5001 * unit, "{shown} for {figure} ± {error}");
                cut += usize::from(last_place(shown) > leading_place(figure.abs()) - 2);
            }
        }
        assert!(cut > 0, "nothing was rounded: {flags:?}");
    }
}

#[test]
fn the_answer_rounds_every_fk_by_its_own_error_and_keeps_points_aligned() {
    let sandbox = Sandbox::with("in.csv", EIGHT_SCHOOLS);
    let flags = ["in.csv", "--seed=3", "--draws=50", "--chains=2"];
    let (text, _, parameters) = fit(&sandbox, &flags);
    let lines: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("FK "))
        .collect();
    let end_of_median = lines[0].find("median").unwrap() + "median".len();
    let table = lines[1..].iter().take_while(|line| !line.is_empty());
    for line in table {
        let name = line.split_whitespace().next().unwrap();
        let column = format!("alpha[{name}]");
        let parameter = parameters
            .iter()
            .find(|p| p["name"] == column.as_str())
            .unwrap();
        // The error of a median is larger than that of the mean, by a quarter for normal draws.
        let place = leading_place(parameter["mcse_mean"].as_f64().unwrap());
        let median = line[..end_of_median].split_whitespace().last().unwrap();
        assert!(last_place(median) >= place, "{median}: {line}");
    }
}

#[test]
fn errors_have_two_digits() {
    let (text, _, parameters) = fit(&Sandbox::new(), &[&f1(), "--seed=1", "--draws=300"]);
    let table = rows(&text, "Diagnostics");
    for (row, parameter) in table.iter().zip(&parameters) {
        for (shown, key) in [(&row[4], "mcse_mean"), (&row[5], "mcse_sd")] {
            let error = parameter[key].as_f64().unwrap();
            assert_eq!(
                format!("{error:.1e}").parse::<f64>(),
                shown.parse(),
                "{row:?}"
            );
        }
    }
}
