//! `fit --by`: a hierarchy per task, in one table.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt64Type};
use arrow_array::{Array, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::reader::FileReader;
use fkbayes::by::task_seed;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::support::{
    SHORT, Sandbox, arrow_stream_bytes, assert_says, batch, f1, parquet_bytes, parse, stderr,
    stdout,
};

const FIGURES: [&str; 10] = [
    "mean",
    "posterior_mean",
    "sd",
    "q5",
    "q95",
    "full",
    "plugin",
    "ratio",
    "r_hat",
    "ess_bulk",
];

/// One row of the table.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    task: String,
    fk: String,
    n: Option<u64>,
    figures: HashMap<&'static str, Option<f64>>,
    error: Option<String>,
}

impl Row {
    fn figure(&self, name: &str) -> f64 {
        self.figures[name].unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }
}

fn rows_of(batches: &[RecordBatch]) -> Vec<Row> {
    let mut rows = Vec::new();
    for batch in batches {
        let column = |name: &str| batch.column_by_name(name).expect(name).clone();
        let text = |name: &str, i: usize| {
            let column = column(name);
            let texts = column.as_string::<i32>();
            texts.is_valid(i).then(|| texts.value(i).to_owned())
        };
        for i in 0..batch.num_rows() {
            let counts = column("n");
            let counts = counts.as_primitive::<UInt64Type>();
            let figure = |name: &'static str| {
                let column = column(name);
                let floats = column.as_primitive::<Float64Type>();
                (name, floats.is_valid(i).then(|| floats.value(i)))
            };
            rows.push(Row {
                task: text("task", i).unwrap(),
                fk: text("fk", i).unwrap(),
                n: counts.is_valid(i).then(|| counts.value(i)),
                figures: FIGURES.into_iter().map(figure).collect(),
                error: text("error", i),
            });
        }
    }
    rows
}

fn table(sandbox: &Sandbox, name: &str) -> Vec<Row> {
    let file = File::open(sandbox.path(name)).unwrap();
    let batches: Vec<RecordBatch> = if name.ends_with(".parquet") {
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        reader.build().unwrap().map(Result::unwrap).collect()
    } else {
        let reader = FileReader::try_new(file, None).unwrap();
        reader.map(Result::unwrap).collect()
    };
    rows_of(&batches)
}

/// The Formula 1 scores as three tasks: as they are, a thousand times as large, and only four FKs.
fn tasks() -> Vec<(&'static str, String)> {
    let text = std::fs::read_to_string(f1()).unwrap();
    let rows: Vec<(&str, f64)> = text
        .lines()
        .skip(1)
        .map(|line| {
            let (fk, rest) = line.split_once(',').unwrap();
            let (_, score) = rest.split_once(',').unwrap();
            (fk, score.parse().unwrap())
        })
        .collect();
    let mut fks: Vec<&str> = rows.iter().map(|(fk, _)| *fk).collect();
    fks.dedup();
    let task = |scale: f64, most: usize| {
        let kept = rows.iter().filter(|(fk, _)| fks[..most].contains(fk));
        kept.map(|(fk, score)| format!("{fk},{:e}\n", score * scale))
            .collect()
    };
    vec![
        ("plain", task(1.0, fks.len())),
        ("large", task(1000.0, fks.len())),
        ("few", task(1.0, 4)),
    ]
}

fn long(tasks: &[(&str, String)]) -> String {
    let rows = tasks.iter().flat_map(|(task, rows)| {
        let lines = rows.lines();
        lines.map(move |line| format!("{task},{line}\n"))
    });
    "task,fk,score\n".to_owned() + &rows.collect::<String>()
}

fn alone(rows: &str) -> String {
    format!("fk,score\n{rows}")
}

/// A run that must succeed.
fn by(sandbox: &Sandbox, arguments: &[&str]) -> std::process::Output {
    let output = sandbox.run(&[&["fit", "--by", "task"], arguments].concat());
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {message}");
    output
}

fn assert_close(what: &str, a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * b.abs(), "{what}: {a} and {b}");
}

#[test]
fn exact_figures_are_those_of_each_task_alone() {
    let tasks = tasks();
    let sandbox = Sandbox::with("all.csv", long(&tasks));
    for noise in ["pooled", "sampled"] {
        let arguments = ["all.csv", "--sampler=exact", "--noise", noise];
        by(&sandbox, &arguments);
        let rows = table(&sandbox, "fits.arrow");
        for (task, scores) in &tasks {
            sandbox.write("one.csv", alone(scores));
            let one = [
                "compare",
                "one.csv",
                "--no-mcmc",
                "--json",
                "--noise",
                noise,
            ];
            let one = parse(&sandbox.run(&one));
            let rows: Vec<&Row> = rows.iter().filter(|row| row.task == *task).collect();
            let variance = one["variance"].as_array().unwrap();
            assert_eq!(rows.len(), variance.len());
            for ((row, v), alpha) in rows
                .iter()
                .zip(variance)
                .zip(one["exact"]["alpha"].as_array().unwrap())
            {
                let number = |value: &Value| value.as_f64().unwrap();
                assert_eq!(row.fk, v["fk"]);
                assert_eq!(row.n, v["n"].as_u64());
                assert_close("mean", row.figure("mean"), number(&v["mean"]));
                assert_close("full", row.figure("full"), number(&v["exact"]));
                assert_close("plugin", row.figure("plugin"), number(&v["plugin"]));
                assert_close("ratio", row.figure("ratio"), number(&v["ratio"]));
                let mean = row.figure("posterior_mean");
                assert_close("posterior mean", mean, number(&alpha["mean"]));
                assert_close("sd", row.figure("sd"), number(&alpha["sd"]));
                let width = row.figure("q95") - row.figure("q5");
                assert_close("width", width, number(&v["width_full"]));
                assert_eq!(row.figures["r_hat"], None);
                assert_eq!(row.figures["ess_bulk"], None);
            }
        }
    }
}

#[test]
fn chains_are_those_of_a_fit_of_the_task_alone_with_its_seed() {
    let tasks = tasks();
    let sandbox = Sandbox::with("all.csv", long(&tasks));
    let output = by(
        &sandbox,
        &[
            &["all.csv", "--json", "--draws-out=many.parquet"],
            &SHORT[..],
        ]
        .concat(),
    );
    let run = parse(&output);
    let rows = table(&sandbox, "fits.arrow");
    for ((task, scores), record) in tasks.iter().zip(run["tasks"].as_array().unwrap()) {
        assert_eq!(record["task"], *task);
        sandbox.write("one.csv", alone(scores));
        // Of the run's seed and the task's name: chains of two tasks are not the same numbers.
        assert_eq!(record["seed"], task_seed(1, task));
        let seed = record["seed"].to_string();
        let settings = ["--draws=200", "--chains=2", "--warmup=100", "--seed", &seed];
        let one = [&["fit", "one.csv", "--json"], &settings[..]].concat();
        let one = parse(&sandbox.run(&one));
        let k = one["data"]["k"].as_u64().unwrap() as usize;
        let parameters = one["parameters"].as_array().unwrap();
        let alphas = &parameters[parameters.len() - k..];
        let variance = one["variance"].as_array().unwrap();
        let rows: Vec<&Row> = rows.iter().filter(|row| row.task == *task).collect();
        assert_eq!(rows.len(), k);
        for ((row, alpha), v) in rows.iter().zip(alphas).zip(variance) {
            for (figure, value) in [
                ("posterior_mean", &alpha["mean"]),
                ("sd", &alpha["sd"]),
                ("q5", &alpha["q5"]),
                ("q95", &alpha["q95"]),
                ("r_hat", &alpha["r_hat"]),
                ("ess_bulk", &alpha["ess_bulk"]),
                ("full", &v["full"]),
                ("plugin", &v["plugin"]),
                ("ratio", &v["ratio"]),
            ] {
                assert_eq!(row.figures[figure], value.as_f64(), "{task} {figure}");
            }
        }
        assert_eq!(record["ok"], one["diagnostics"]["ok"]);
        assert_eq!(record["max_r_hat"], one["diagnostics"]["max_r_hat"]);
        assert_eq!(record["noise"], one["model"]["noise"]);
        assert_eq!(record["hyperprior"], one["model"]["hyperprior"]);
        assert_eq!(record["warnings"], one["diagnostics"]["warnings"]);
        assert_same_draws(&sandbox, task, k);
    }
}

/// The draws of a task in `many.parquet` are those of `draws.arrow`.
fn assert_same_draws(sandbox: &Sandbox, task: &str, k: usize) {
    let reader = FileReader::try_new(File::open(sandbox.path("draws.arrow")).unwrap(), None);
    let single: Vec<RecordBatch> = reader.unwrap().map(Result::unwrap).collect();
    let file = File::open(sandbox.path("many.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let mut compared = 0;
    for batch in reader.build().unwrap().map(Result::unwrap) {
        let text = |name: &str, i: usize| {
            let column = batch.column_by_name(name).unwrap();
            column.as_string::<i32>().value(i).to_owned()
        };
        let lists = batch.column_by_name("draws").unwrap();
        for i in (0..batch.num_rows()).filter(|i| text("task", *i) == task) {
            let parameter = text("parameter", i);
            let chain = batch.column_by_name("chain").unwrap();
            let chain = chain
                .as_primitive::<arrow_array::types::UInt32Type>()
                .value(i);
            let draws = lists.as_fixed_size_list().value(i);
            let draws = draws.as_primitive::<Float64Type>();
            let expected: Vec<f64> = single
                .iter()
                .flat_map(|batch| {
                    let chains = batch.column(0);
                    let chains = chains.as_primitive::<arrow_array::types::UInt32Type>();
                    let values = batch.column_by_name(&parameter).expect(&parameter);
                    let values = values.as_primitive::<Float64Type>();
                    let rows = 0..batch.num_rows();
                    rows.filter(|row| chains.value(*row) == chain)
                        .map(|row| values.value(row))
                        .collect::<Vec<f64>>()
                })
                .collect();
            assert_eq!(draws.values(), expected.as_slice(), "{task} {parameter}");
            compared += 1;
        }
    }
    assert!(compared >= 2 * (k + 3), "{compared}");
}

#[test]
fn neither_threads_nor_other_tasks_nor_their_order_matter() {
    let mut tasks = tasks();
    let sandbox = Sandbox::with("all.csv", long(&tasks));
    let settings = [&["--quiet"], &SHORT[..]].concat();
    by(
        &sandbox,
        &[
            &["all.csv", "--threads=1", "--out=1.parquet"],
            &settings[..],
        ]
        .concat(),
    );
    by(
        &sandbox,
        &[
            &["all.csv", "--threads=3", "--out=3.parquet"],
            &settings[..],
        ]
        .concat(),
    );
    assert_eq!(sandbox.read("1.parquet"), sandbox.read("3.parquet"));

    let rows = table(&sandbox, "1.parquet");
    tasks.remove(0);
    tasks.reverse();
    sandbox.write("fewer.csv", long(&tasks));
    by(&sandbox, &[&["fewer.csv"], &settings[..]].concat());
    let fewer = table(&sandbox, "fits.arrow");
    let order: Vec<&str> = fewer.iter().map(|row| row.task.as_str()).collect();
    assert_eq!((order[0], order[order.len() - 1]), ("few", "large"));
    for row in &fewer {
        assert!(rows.contains(row), "{row:?}");
    }
}

/// Two tasks that can be fitted, and one in between that cannot: nothing tells its noise.
const ONE_BAD: &str = "task,fk,score\ngood,a,1\ngood,a,2\ngood,b,3\ngood,b,5\n\
                       bad,a,1\nbad,b,2\nlast,a,4\nlast,a,2\nlast,b,0\nlast,b,1\n";

#[test]
fn a_bad_task_is_listed_and_does_not_hold_up_the_others() {
    let sandbox = Sandbox::with("in.csv", ONE_BAD);
    for engine in ["gibbs", "exact"] {
        let arguments = [&["in.csv", "--sampler", engine], &SHORT[..]].concat();
        let answer = stdout(&by(&sandbox, &arguments));
        assert_says(&answer, &["3 tasks", "failed", "'bad':", "--noise known=V"]);
        let rows = table(&sandbox, "fits.arrow");
        let order: Vec<&str> = rows.iter().map(|row| row.task.as_str()).collect();
        assert_eq!(order, ["good", "good", "bad", "bad", "last", "last"]);
        for row in rows {
            let failed = row.task == "bad";
            assert_eq!(row.error.is_some(), failed);
            assert_eq!(row.figures["posterior_mean"].is_none(), failed);
            assert!(row.figures["mean"].is_some() && row.n.is_some());
        }
        let json = parse(&by(&sandbox, &[&arguments[..], &["--json"]].concat()));
        assert_eq!(json["totals"]["failed"], 1);
        assert!(json["tasks"][1]["error"].is_string());
        assert_eq!(json["tasks"][1]["ok"], false);
        let strict = [&["fit", "--by=task", "--strict"], &arguments[..]].concat();
        assert_eq!(sandbox.run(&strict).status.code(), Some(3));
    }
}

#[test]
fn a_run_of_bad_tasks_alone_is_an_error() {
    let sandbox = Sandbox::with("in.csv", "task,fk,score\nx,a,1\nx,b,2\ny,a,1\n");
    let message = sandbox.refused(&["in.csv", "--by", "task", "--quiet"]);
    assert_says(&message, &["none of the 2 tasks", "'x'", "--noise known=V"]);
}

#[test]
fn chains_that_are_not_to_be_trusted_are_told_and_strict_fails() {
    let sandbox = Sandbox::with("all.csv", long(&tasks()[2..]));
    let few = ["all.csv", "--seed=1", "--draws=20", "--no-interweave"];
    let answer = stdout(&by(&sandbox, &few));
    assert_says(&answer, &["DO NOT TRUST those of 1 task", "chains"]);
    let strict = [&["fit", "--by=task", "--strict"], &few[..]].concat();
    assert_eq!(sandbox.run(&strict).status.code(), Some(3));
}

#[test]
fn a_fault_of_the_file_is_one_error_for_all() {
    for (text, parts) in [
        ("task,fk,score\nx,a,1\nx,b,oops\n", ["line 3", "'oops'"]),
        (
            "task,fk,score\nx,a,1\n ,b,2\n",
            ["line 3", "task has no name"],
        ),
        ("task,fk,score\nx,a\n", ["line 2", "2 fields"]),
        ("tasks,fk,score\nx,a,1\n", ["no column 'task'", "--by"]),
        (
            "Task,fk,score\nx,a,1\n",
            ["did you mean --by 'Task'", "'fk'"],
        ),
    ] {
        let sandbox = Sandbox::with("in.csv", text);
        assert_says(&sandbox.refused(&["in.csv", "--by", "task"]), &parts);
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let sandbox = Sandbox::with("in.csv", ONE_BAD);
    sandbox.write("other.csv", "task,fk\n");
    for (arguments, parts) in [
        (&["--by=fk"][..], ["--by", "FK column"]),
        (&["--by=score"], ["--by", "score column"]),
        (&["--by=task", "--no-draws"], ["--by", "--no-draws"]),
        (&["--by=task", "--layout=list"], ["--by", "--layout"]),
        (&["--by=task", "--report=x.html"], ["--by", "--report"]),
        (&["--draws-out=x.arrow"], ["--by", "required"]),
        (
            &["--by=task", "--draws-out=x.csv"],
            ["--draws-out", ".parquet"],
        ),
        (
            &["--by=task", "--draws-out=fits.arrow"],
            ["--draws-out", "--out"],
        ),
        (&["--by=task", "--out=fits.txt"], ["--out", ".csv"]),
        (&["--by=task", "--out=other.csv"], ["other.csv", "move it"]),
        (&["--by=task", "--out=in.csv"], ["in.csv", "move it"]),
        (
            &["--by=task", "--sampler=exact", "--no-exact"],
            ["--no-exact", "--sampler exact"],
        ),
    ] {
        let arguments = [&["in.csv"], arguments].concat();
        assert_says(&sandbox.complaint(&arguments, 2), &parts);
    }
}

#[test]
fn every_layout_and_format_says_the_same() {
    let stats = "task,fk,n,mean,sd\ngood,a,2,1.5,0.7071067811865476\n\
                 good,b,2,4,1.4142135623730951\nlast,a,2,3,1.4142135623730951\n\
                 last,b,2,0.5,0.7071067811865476\n";
    let wide = "a,task,b\n1,good,3\n2,good,5\n4,last,0\n2,last,1\n";
    let long: String = ONE_BAD
        .lines()
        .filter(|l| !l.contains("bad"))
        .map(|l| l.to_owned() + "\n")
        .collect();
    let sandbox = Sandbox::with("long.csv", &long);
    let exact = ["--sampler=exact", "--quiet"];
    by(&sandbox, &[&["long.csv"], &exact[..]].concat());
    let expected = table(&sandbox, "fits.arrow");
    assert_eq!(expected.len(), 4);

    sandbox.write("stats.csv", stats);
    sandbox.write("wide.csv", wide);
    let texts = |texts: &[&str]| StringArray::from(texts.to_vec());
    let dictionary: DictionaryArray<arrow_array::types::Int32Type> =
        ["a", "a", "b", "b", "a", "a", "b", "b"]
            .into_iter()
            .collect();
    let columns = batch(vec![
        (
            "score",
            Arc::new(Float64Array::from(vec![
                1.0, 2.0, 3.0, 5.0, 4.0, 2.0, 0.0, 1.0,
            ])),
        ),
        ("fk", Arc::new(dictionary)),
        ("ignored", Arc::new(Int64Array::from(vec![7; 8]))),
        (
            "task",
            Arc::new(texts(&[
                "good", "good", "good", "good", "last", "last", "last", "last",
            ])),
        ),
    ]);
    sandbox.write("long.parquet", parquet_bytes(&columns));
    sandbox.write("long.arrows", arrow_stream_bytes(&columns));
    let wide_columns = batch(vec![
        ("task", Arc::new(texts(&["good", "good", "last", "last"]))),
        ("a", Arc::new(Float64Array::from(vec![1.0, 2.0, 4.0, 2.0]))),
        ("b", Arc::new(Float64Array::from(vec![3.0, 5.0, 0.0, 1.0]))),
    ]);
    sandbox.write("wide.parquet", parquet_bytes(&wide_columns));
    sandbox.write(
        "first.csv",
        long.lines().take(4).collect::<Vec<_>>().join("\n"),
    );
    let rest: Vec<&str> = long.lines().skip(4).collect();
    sandbox.write(
        "second.tsv",
        format!("task\tfk\tscore\n{}", rest.join("\n").replace(',', "\t")),
    );
    for input in [
        &["stats.csv"][..],
        &["--wide", "wide.csv"],
        &["long.parquet"],
        &["long.arrows"],
        &["--wide", "wide.parquet"],
        &["first.csv", "second.tsv"],
    ] {
        by(&sandbox, &[input, &exact].concat());
        let found = table(&sandbox, "fits.arrow");
        assert_eq!(found.len(), expected.len(), "{input:?}");
        for (a, b) in found.iter().zip(&expected) {
            assert_eq!((&a.task, &a.fk, a.n), (&b.task, &b.fk, b.n), "{input:?}");
            for name in ["posterior_mean", "sd", "q5", "q95", "full", "plugin"] {
                // Aggregated standard deviations are rounded.
                let (a, b) = (a.figure(name), b.figure(name));
                assert!(
                    (a - b).abs() <= 1e-9 * b.abs(),
                    "{input:?} {name}: {a}, {b}"
                );
            }
        }
    }
    let mut command = sandbox.command(&["fit", "-", "--by=task", "--sampler=exact"]);
    let piped = command.write_stdin(long).output().unwrap();
    assert_eq!(piped.status.code(), Some(0));
    assert_eq!(table(&sandbox, "fits.arrow"), expected);
}

#[test]
fn the_table_reads_back_the_same_in_every_format() {
    let sandbox = Sandbox::with("in.csv", ONE_BAD);
    let run = |out: &str| by(&sandbox, &["in.csv", "--sampler=exact", "--out", out]);
    for out in ["t.arrow", "t.parquet", "t.csv"] {
        run(out);
        // Its own kind is replaced.
        run(out);
    }
    let rows = table(&sandbox, "t.arrow");
    assert_eq!(rows, table(&sandbox, "t.parquet"));
    let text = String::from_utf8(sandbox.read("t.csv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next().unwrap(),
        format!("task,fk,n,{},error", FIGURES.join(","))
    );
    for (row, line) in rows.iter().zip(lines) {
        let cells: Vec<&str> = line.splitn(14, ',').collect();
        assert_eq!((cells[0], cells[1]), (row.task.as_str(), row.fk.as_str()));
        for (name, cell) in FIGURES.iter().zip(&cells[3..]) {
            assert_eq!(row.figures[name], cell.parse().ok(), "{name}");
        }
        assert_eq!(cells[13].is_empty(), row.error.is_none());
    }
    let other = Sandbox::with("in.csv", ONE_BAD);
    by(
        &other,
        &["in.csv", "--sampler=exact", "--format=parquet", "--out=t"],
    );
    assert!(other.read("t").starts_with(b"PAR1"));
}

#[test]
fn hostile_names_come_through_whole_and_are_shown_harmless() {
    let names = [
        "a,b",
        "say \"hi\"",
        "two\nlines",
        "=1+1",
        "\u{1b}[31mred",
        "../../etc",
        "  x",
        "é\u{202e}",
    ];
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let mut text = "task,fk,score\n".to_owned();
    for (i, name) in names.iter().enumerate() {
        for score in [i, i + 1, i + 3] {
            let name = quoted(name);
            text += &format!("{name},{name},{score}\n{name},other,{}\n", score * 2);
        }
    }
    let sandbox = Sandbox::with("in.csv", text);
    let answer = stdout(&by(&sandbox, &["in.csv", "--sampler=exact"]));
    assert!(!answer.contains('\u{1b}'), "{answer}");
    let rows = table(&sandbox, "fits.arrow");
    let found: Vec<&str> = rows
        .iter()
        .step_by(2)
        .map(|row| row.task.as_str())
        .collect();
    assert_eq!(found, names);
    assert!(rows.iter().step_by(2).all(|row| row.task == row.fk));
    by(&sandbox, &["in.csv", "--sampler=exact", "--out=t.csv"]);
    let csv = String::from_utf8(sandbox.read("t.csv")).unwrap();
    for name in ["a,b", "say \"hi\"", "two\nlines"] {
        assert!(csv.contains(&format!("{},{},3,", quoted(name), quoted(name))));
    }
}

#[test]
fn noise_and_hyperprior_are_settled_for_each_task() {
    let mut text = "task,fk,n,mean,sd\n".to_owned();
    for (task, noisy, unit) in [
        ("even", 1.0, 1.0),
        ("uneven", 30.0, 1.0),
        ("small", 1.0, 1e-3),
    ] {
        for (fk, sd) in [("a", 1.0), ("b", 1.0), ("c", noisy), ("d", noisy)] {
            text += &format!("{task},{fk},40,{},{}\n", 0.4 * unit * sd, sd * unit);
        }
    }
    let sandbox = Sandbox::with("in.csv", text);
    let output = by(&sandbox, &["in.csv", "--sampler=exact", "--json"]);
    let json = parse(&output);
    assert_eq!(json["schema"], "fkbayes.fit-by/1");
    assert_eq!(json["model"]["noise"], "auto");
    assert_eq!(json["model"]["hyperprior"], Value::Null);
    let noise: Vec<&str> = json["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["noise"].as_str().unwrap())
        .collect();
    assert_eq!(noise, ["pooled", "per-fk", "pooled"]);
    assert_ne!(
        json["tasks"][0]["hyperprior"],
        json["tasks"][2]["hyperprior"]
    );
    let answer = stdout(&by(&sandbox, &["in.csv", "--sampler=exact"]));
    assert_says(&answer, &["pooled in 2 tasks", "per-fk in 1 task"]);
}

#[test]
fn the_answer_fits_a_screen_and_csv_has_every_task() {
    let mut text = "task,fk,n,mean,sd\n".to_owned();
    for task in 0..50 {
        for fk in 0..3 {
            let mean = f64::from(task * 7 % 11) - f64::from(fk);
            text += &format!(
                "a_task_with_a_rather_long_name_{task},orders.customer_id_{fk},9,{mean},2\n"
            );
        }
    }
    let sandbox = Sandbox::with("in.csv", text);
    let answer = stdout(&by(&sandbox, &["in.csv", "--sampler=exact"]));
    assert!(answer.lines().count() <= 40, "{answer}");
    assert!(
        answer.lines().all(|line| line.chars().count() <= 80),
        "{answer}"
    );
    let csv = stdout(&by(
        &sandbox,
        &["in.csv", "--sampler=exact", "--format=csv"],
    ));
    assert_eq!(csv.lines().count(), 51);
    let full = stdout(&by(&sandbox, &["in.csv", "--sampler=exact", "--full"]));
    assert!(full.lines().count() > 50);
}
