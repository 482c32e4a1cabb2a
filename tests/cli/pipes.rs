//! Standard input, several inputs, and readers that leave early.

use std::fs::{self, File};
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{
    Sandbox, TWO_FKS, arrow_file_bytes, arrow_stream_bytes, f1, parquet_bytes, parse, shipped,
    short_fit, stderr, two_fks,
};

/// A fit without what differs between runs and places.
fn essence(mut fit: Value) -> Value {
    fit["sampler"]["seconds"].take();
    fit
}

#[test]
fn standard_input_takes_every_format() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    let expected = essence(sandbox.fit_json(&["in.csv"]));
    let table = two_fks();
    for bytes in [
        TWO_FKS.as_bytes().to_vec(),
        TWO_FKS.replace(',', "\t").into_bytes(),
        parquet_bytes(&table),
        arrow_file_bytes(&table),
        arrow_stream_bytes(&table),
    ] {
        let mut command = sandbox.command(&short_fit(&["-", "--json"]));
        let output = command.write_stdin(bytes).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(essence(parse(&output)), expected);
    }
}

/// Commands that take scores or draws must not read a pipe to find out which.
#[test]
#[cfg(unix)]
fn a_pipe_with_a_name_loses_nothing() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    for rest in [
        &["compare", "--no-mcmc", "--json"][..],
        &["lambda", "--json"],
        &["plan", "--budget", "10", "--json"],
    ] {
        let answer = |input: &str| {
            let mut command = sandbox.command(&[&rest[..1], &[input], &rest[1..]].concat());
            let output = command.write_stdin(TWO_FKS).output().unwrap();
            assert!(output.status.success(), "{rest:?}: {}", stderr(&output));
            parse(&output)["data"].take()
        };
        assert_eq!(answer("/dev/stdin"), answer("in.csv"), "{rest:?}");
    }
}

#[test]
fn an_error_in_standard_input_names_it() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["fit", "-"]);
    let output = command.write_stdin("fk,score\na,x\n").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: standard input, line 2, column 'score'"));
}

#[test]
fn several_inputs_are_one() {
    let sandbox = Sandbox::new();
    let text = fs::read_to_string(f1()).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    let names = ["0.csv", "1.csv", "2.csv"];
    for (name, rows) in names.iter().zip(rows.chunks(rows.len() / 3 + 1)) {
        sandbox.write(name, format!("{header}\n{}\n", rows.join("\n")));
    }
    let whole = essence(sandbox.fit_json(&[&f1()]));
    assert_eq!(essence(sandbox.fit_json(&names)), whole);
}

#[test]
fn a_wide_table_gives_one_foreign_key_per_column() {
    let wide = shipped("examples/data/f1_wide.csv");
    let json = Sandbox::new().fit_json(&["--wide", &wide]);
    let fks = json["data"]["fks"].as_array().unwrap();
    assert_eq!(fks.len(), 11);
    assert!(fks.iter().all(|fk| fk["n"] == 551));
}

/// Runs a fit of standard input whose readers are gone before it has anything to say.
fn exit_code_without_readers(arguments: &[&str], close_stderr: bool) -> (Option<i32>, String) {
    let mut run = Command::new(env!("CARGO_BIN_EXE_fkbayes"))
        .args(short_fit(&[&["-", "--no-draws"], arguments].concat()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(run.stdout.take());
    if close_stderr {
        drop(run.stderr.take());
    }
    let scores = fs::read(shipped("examples/data/f1_timesplit.csv")).unwrap();
    run.stdin.take().unwrap().write_all(&scores).unwrap();
    let output = run.wait_with_output().unwrap();
    (output.status.code(), stderr(&output))
}

#[test]
fn a_reader_of_the_answer_that_leaves_is_no_failure() {
    for arguments in [&[][..], &["--json"], &["--full"]] {
        let (code, message) = exit_code_without_readers(arguments, false);
        assert_eq!(code, Some(0), "{message}");
        assert!(
            !message.contains("panic") && !message.contains("error:"),
            "{message}"
        );
    }
}

#[test]
fn a_reader_of_both_streams_that_leaves_is_no_failure() {
    for arguments in [&[][..], &["--json"], &["--full"]] {
        let (code, _) = exit_code_without_readers(arguments, true);
        assert_eq!(code, Some(0));
    }
}

#[test]
fn every_subcommand_takes_it_quietly_when_its_reader_leaves() {
    let sandbox = Sandbox::with("in.csv", TWO_FKS);
    sandbox.write("model.toml", "noise = \"pooled\"\n");
    sandbox.run(&["fit", "in.csv", "--sampler", "exact", "--seed", "1"]);
    for command in [
        &["summary", "draws.arrow", "--full"][..],
        &["compare", "in.csv", "--no-mcmc"],
        &["compare", "draws.arrow", "--format=csv"],
        &["sensitivity", "in.csv", "--format=markdown"],
        &["lambda", "in.csv"],
        &[
            "plan",
            "in.csv",
            "--delta=5",
            "--replicates=100",
            "--seed=1",
        ],
        &[
            "simulate",
            "--k=3",
            "--n=4",
            "--sigma2-fk=1",
            "--lambda=2",
            "--seed=1",
        ],
        &[
            "calibrate",
            "--k=3",
            "--n=4",
            "--a0=2",
            "--b0=1",
            "--noise=known=2",
            "--replicates=20",
            "--seed=1",
        ],
        &[
            "study",
            "--k=3",
            "--n=4",
            "--lambda=1",
            "--replicates=10",
            "--seed=1",
        ],
        &["model", "check", "model.toml"],
        &["model", "show", "in.csv"],
        &["model", "schema"],
        &["completions", "zsh"],
        &["man"],
        &["--help"],
        &["study", "--help"],
    ] {
        let mut run = Command::new(env!("CARGO_BIN_EXE_fkbayes"))
            .current_dir(sandbox.path("."))
            .args(command)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(run.stdout.take());
        let output = run.wait_with_output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{command:?}: {}",
            stderr(&output)
        );
        assert_eq!(stderr(&output), "", "{command:?}");
    }
}

#[test]
fn an_error_that_nobody_reads_keeps_its_exit_code() {
    let mut run = Command::new(env!("CARGO_BIN_EXE_fkbayes"))
        .args(["fit", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(run.stderr.take());
    run.stdin
        .take()
        .unwrap()
        .write_all(b"fk,score\na,x\n")
        .unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_fkbayes"))
        .args(short_fit(&[&f1(), "--no-draws"]))
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("error: cannot write the answer"));
}
