//! `fkbayes study`: contract, refusals, files, resuming.

use crate::support::{Sandbox, assert_says, parse, stderr, stdout};
use arrow_ipc::reader::FileReader;
use fkbayes::study::{Grid, Observer, Partial, Settings, run};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use std::fs::File;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

/// Two cells, quickly.
const QUICK: [&str; 11] = [
    "study",
    "--k",
    "2,4",
    "--n",
    "5",
    "--lambda",
    "10",
    "--replicates",
    "40",
    "--seed",
    "3",
];

fn succeed(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let output = sandbox.run(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        stderr(&output)
    );
    output
}

fn quick(sandbox: &Sandbox, more: &[&str]) -> Output {
    succeed(sandbox, &[&QUICK, more].concat())
}

/// One line on stderr, exit code 2, nothing left behind.
fn refused(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let before = sandbox.files();
    let output = sandbox.run(&[&["study"], arguments].concat());
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed an answer");
    assert_eq!(message.lines().count(), 1, "{arguments:?}: {message}");
    assert!(message.starts_with("error:"), "{arguments:?}: {message}");
    assert_eq!(sandbox.files(), before, "{arguments:?}");
    message
}

#[test]
fn json_has_every_key_of_the_contract() {
    let study = parse(&quick(&Sandbox::new(), &["--json"]));
    assert_eq!(study["schema"], "fkbayes.study/1");
    assert_eq!(study["model"]["hyperprior"], Value::Null);
    assert_eq!(study["seed"], 3);
    let cells = study["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 2);
    for (cell, k) in cells.iter().zip([2, 4]) {
        assert_eq!((&cell["k"], &cell["n"]), (&Value::from(k), &Value::from(5)));
        assert_eq!(cell["hyperprior"], "ig=0.5,1");
        for key in [
            "lambda",
            "replicates",
            "ratio_mean",
            "boundary_share",
            "coverage_plugin",
            "coverage_corrected",
            "coverage_full",
            "width_plugin",
            "width_full",
            "risk_plugin",
            "risk_full",
            "k_excess",
            "k_excess_mcse",
            "c",
            "coverage_full_mcse",
            "ratio_q50",
        ] {
            assert!(cell[key].is_number(), "{key}: {}", cell[key]);
        }
        // Once the boundary was met, the ratio has no variance.
        assert!(cell["ratio_mean_mcse"].is_null());
    }
}

#[test]
fn the_engine_without_data_leaves_null_what_it_does_not_give() {
    let arguments = ["--engine", "exact-expectation", "--json"];
    let study = parse(&quick(&Sandbox::new(), &arguments));
    let cell = &study["cells"][0];
    for key in [
        "replicates",
        "ratio_mean",
        "coverage_plugin",
        "coverage_full",
        "width_full",
    ] {
        assert!(cell[key].is_null(), "{key}: {}", cell[key]);
    }
    assert_eq!(cell["k_excess_mcse"], 0.0);
    assert!(cell["risk_full"].is_number() && cell["boundary_share"].is_number());
    assert!(study["seed"].is_null());
}

#[test]
fn the_table_fits_eighty_columns() {
    let sandbox = Sandbox::new();
    let wide = [
        "study",
        "--k",
        "3,10000",
        "--n",
        "5:20:80,551",
        "--lambda",
        "101,0.5",
        "--replicates",
        "4",
    ];
    for output in [quick(&sandbox, &[]), succeed(&sandbox, &wide)] {
        let text = stdout(&output);
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        assert_says(
            &text,
            &["coverage of 90 %", "K excess", "data sets per cell"],
        );
    }
}

#[test]
fn bad_input_is_refused_by_its_flag() {
    let sandbox = Sandbox::with("notes.svg", "<svg>mine</svg>");
    sandbox.write("mine.arrow", "not ours");
    let exact = "exact-expectation";
    let cases: &[(&[&str], &[&str])] = &[
        (&["--k", ""], &["--k"]),
        (&["--k", "0"], &["--k 0"]),
        (&["--k", "-3"], &["--k -3"]),
        (&["--k", "3,x"], &["--k 3,x"]),
        (&["--n", ""], &["--n"]),
        (&["--n", "0"], &["--n 0"]),
        (&["--n", "5:0"], &["--n 5:0"]),
        (&["--n", "2.5"], &["--n 2.5"]),
        (&["--k", "2", "--n", "5:20:80"], &["--n 5:20:80", "--k"]),
        (&["--lambda", "0"], &["--lambda 0"]),
        (&["--lambda", "-1"], &["--lambda -1"]),
        (&["--lambda", "NaN"], &["--lambda NaN"]),
        (&["--lambda", "inf"], &["--lambda inf"]),
        (&["--replicates", "1"], &["--replicates 1"]),
        (&["--engine", "fast"], &["--engine fast"]),
        (
            &["--engine", exact, "--n", "5:20"],
            &["--engine exact-expectation", "5:20"],
        ),
        (&["--engine", exact, "--plot", "a.svg"], &["--plot a.svg"]),
        (&["--prior", "flat", "--k", "1,2"], &["--prior flat"]),
        (&["--prior", "cauchy"], &["cauchy"]),
        (&["--out", "a.csv"], &["--out a.csv", ".parquet"]),
        (&["--out", "mine.arrow"], &["mine.arrow"]),
        (&["--plot", "notes.svg"], &["notes.svg"]),
        (&["--plot", "a.png"], &["--plot a.png", ".svg"]),
    ];
    for (arguments, parts) in cases {
        assert_says(&refused(&sandbox, arguments), parts);
    }
}

#[test]
fn files_hold_one_row_per_cell_and_say_what_they_are() {
    let sandbox = Sandbox::new();
    for name in ["s.arrow", "s.parquet"] {
        quick(&sandbox, &["--out", name, "--plot", "s.svg"]);
        // One of ours is overwritten.
        quick(&sandbox, &["--out", name, "--plot", "s.svg"]);
    }
    assert_eq!(sandbox.files(), ["s.arrow", "s.parquet", "s.svg"]);
    let reader = FileReader::try_new(File::open(sandbox.path("s.arrow")).unwrap(), None).unwrap();
    let document: Value = serde_json::from_str(&reader.schema().metadata()["fkbayes"]).unwrap();
    assert_eq!(document["settings"]["seed"], 3);
    assert_eq!(document["schema"], "fkbayes.study/1");
    let from_arrow: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(from_arrow.iter().map(|b| b.num_rows()).sum::<usize>(), 2);
    assert!(from_arrow[0].column_by_name("coverage_full_mcse").is_some());
    let file = File::open(sandbox.path("s.parquet")).unwrap();
    let from_parquet = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    let from_parquet: Vec<_> = from_parquet.map(Result::unwrap).collect();
    assert_eq!(from_arrow[0].columns(), from_parquet[0].columns());
    let plot = String::from_utf8(sandbox.read("s.svg")).unwrap();
    assert_says(
        &plot,
        &[
            "coverage of 90 % intervals",
            "full / plug-in variance",
            "(log)",
            "λ = 10",
        ],
    );
}

/// A study is no draws file, nor the other way round.
#[test]
fn kinds_of_files_are_not_confused() {
    let sandbox = Sandbox::with("scores.csv", crate::support::TWO_FKS);
    quick(&sandbox, &["--out", "s.arrow"]);
    sandbox.complaint(&["scores.csv", "--out", "s.arrow"], 2);
    sandbox.fit(&["scores.csv", "--out", "d.arrow"]);
    refused(&sandbox, &["--out", "d.arrow"]);
}

/// Cells enough that it can be killed in between.
const LONG: [&str; 9] = [
    "study",
    "--k",
    "2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,30,40,50",
    "--n",
    "5,20",
    "--lambda",
    "10",
    "--replicates",
    "400",
];

#[test]
fn a_killed_study_goes_on_to_the_same_bytes() {
    let sandbox = Sandbox::new();
    let seeded = [&LONG[..], &["--seed", "5", "--out"]].concat();
    succeed(&sandbox, &[&seeded[..], &["whole.arrow"]].concat());
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_fkbayes"))
        .current_dir(sandbox.path("."))
        .args([&seeded[..], &["cut.arrow"]].concat())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let partial = sandbox.path("cut.arrow.partial");
    let started = Instant::now();
    let lines = || std::fs::read_to_string(&partial).map_or(0, |text| text.lines().count());
    while lines() < 4 {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "no cell is finished"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!sandbox.path("cut.arrow").exists());
    // Not overwritten unasked, and not taken for another study.
    let left = [&LONG[1..], &["--out", "cut.arrow"]].concat();
    assert_says(
        &refused(&sandbox, &left),
        &["--resume", "cut.arrow.partial"],
    );
    for (flag, value) in [("--seed", "6"), ("--engine", "gibbs"), ("--prior", "flat")] {
        let other = [&left[..], &["--resume", flag, value]].concat();
        assert_says(
            &refused(&sandbox, &other),
            &["--resume", flag.trim_start_matches("--prior")],
        );
    }
    let fewer = ["--out", "cut.arrow", "--resume", "--k", "2,3"];
    assert_says(&refused(&sandbox, &fewer), &["--resume", "--k"]);
    // The seed is the interrupted study's.
    let output = succeed(
        &sandbox,
        &[&LONG[..], &["--out", "cut.arrow", "--resume"]].concat(),
    );
    assert_says(&stderr(&output), &["going on after"]);
    assert!(!partial.exists());
    assert_eq!(sandbox.read("cut.arrow"), sandbox.read("whole.arrow"));
}

#[test]
fn a_line_that_was_cut_off_is_done_again_and_damage_is_refused() {
    let sandbox = Sandbox::new();
    let settings = Settings {
        grid: Grid::parse("2,4", "5", "10").unwrap(),
        replicates: 40,
        seed: 3,
        ..Settings::default()
    };
    let study = run(&settings, 0, Vec::new(), &mut Observer::default()).unwrap();
    let path = sandbox.path("s.arrow.partial");
    Partial::create(&path, &settings, &study.cells).unwrap();
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    let resumed = quick(&sandbox, &["--out", "s.arrow", "--resume", "--json"]);
    assert_says(&stderr(&resumed), &["going on after 1 of 2 cells"]);
    let fresh = quick(&sandbox, &["--json"]);
    assert_eq!(resumed.stdout, fresh.stdout);
    for damage in [
        "",
        "{}\n",
        "not ours\n",
        &whole.replacen("\"k\":2,", "\"k\":3,", 1),
    ] {
        std::fs::write(&path, damage).unwrap();
        let arguments = [&QUICK[1..], &["--out", "s.arrow", "--resume"]].concat();
        assert_says(
            &refused(&sandbox, &arguments),
            &["--resume", "s.arrow.partial"],
        );
    }
    assert_says(&refused(&sandbox, &["--resume"]), &["--resume", "--out"]);
}
