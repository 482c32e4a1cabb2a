//! The draws file: what is in it, and that the same run gives the same bytes.

use std::fs::File;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt32Type};
use arrow_ipc::reader::FileReader;
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use crate::cases::EIGHT_SCHOOLS;
use crate::support::{Sandbox, f1, shipped};

const THREE_FKS: &str = "fk,n,mean,sd\na,5,1,0.5\nb,0,,\nc,8,-0.3,0.6\n";

/// A draws file in memory.
struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    fn of(sandbox: &Sandbox, name: &str) -> Self {
        let file = File::open(sandbox.path(name)).unwrap();
        if name.ends_with(".parquet") {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
            let schema = builder.schema().clone();
            let batches = builder.build().unwrap().map(Result::unwrap).collect();
            return Self { schema, batches };
        }
        let reader = FileReader::try_new(file, None).unwrap();
        let schema = reader.schema();
        let batches = reader.map(Result::unwrap).collect();
        Self { schema, batches }
    }

    fn names(&self) -> Vec<&str> {
        let fields = self.schema.fields().iter();
        fields.map(|field| field.name().as_str()).collect()
    }

    fn floats(&self, name: &str) -> Vec<f64> {
        let columns = self
            .batches
            .iter()
            .map(|batch| batch.column_by_name(name).unwrap());
        columns
            .flat_map(|column| column.as_primitive::<Float64Type>().values().to_vec())
            .collect()
    }

    fn integers(&self, name: &str) -> Vec<u32> {
        let columns = self
            .batches
            .iter()
            .map(|batch| batch.column_by_name(name).unwrap());
        columns
            .flat_map(|column| column.as_primitive::<UInt32Type>().values().to_vec())
            .collect()
    }

    /// Values of the list column, row after row.
    fn lists(&self) -> Vec<f64> {
        let columns = self
            .batches
            .iter()
            .map(|batch| batch.column_by_name("alpha").unwrap());
        columns
            .flat_map(|column| {
                let items = column.as_fixed_size_list().values().clone();
                items.as_primitive::<Float64Type>().values().to_vec()
            })
            .collect()
    }

    fn metadata(&self) -> Value {
        serde_json::from_str(&self.schema.metadata()["fkbayes"]).unwrap()
    }
}

/// The draws of a short fit of `input`.
fn draws_of(input: &str, arguments: &[&str]) -> Table {
    let sandbox = Sandbox::with("in.csv", input);
    sandbox.fit(&[&["in.csv"], arguments].concat());
    Table::of(&sandbox, "draws.arrow")
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    for out in ["draws.arrow", "draws.parquet"] {
        let bytes = |threads: &str| {
            let sandbox = Sandbox::new();
            sandbox.fit(&[&f1(), "--out", out, "--threads", threads]);
            sandbox.read(out)
        };
        let expected = bytes("1");
        for threads in ["1", "2", "8"] {
            assert!(bytes(threads) == expected, "{out}, {threads} threads");
        }
    }
}

#[test]
fn another_seed_gives_other_draws() {
    let sandbox = Sandbox::with("in.csv", THREE_FKS);
    let draws = |seed: &str| {
        let run = ["fit", "in.csv", "--draws=50", "--chains=2", "--seed", seed];
        assert!(sandbox.run(&run).status.success());
        Table::of(&sandbox, "draws.arrow").floats("sigma2_fk")
    };
    assert_ne!(draws("1"), draws("2"));
    // Chains do not repeat each other either.
    let chains = draws("1");
    assert_ne!(chains[..50], chains[50..]);
}

#[test]
fn columns_come_in_the_promised_order() {
    let alphas = ["alpha[a]", "alpha[b]", "alpha[c]"];
    for (arguments, hyperparameters) in [
        (&[][..], &["sigma2_fk", "lambda", "log_density"][..]),
        (
            &["--noise=known=1"],
            &["sigma2_fk", "lambda", "log_density"],
        ),
        (
            &["--noise=sampled"],
            &["sigma2_fk", "sigma2_obs", "lambda", "log_density"],
        ),
        (&["--noise=per-fk=fixed"], &["sigma2_fk", "log_density"]),
    ] {
        let expected = [&["chain", "draw"], hyperparameters, &alphas].concat();
        assert_eq!(draws_of(THREE_FKS, arguments).names(), expected);
    }
    let schools = draws_of(EIGHT_SCHOOLS, &[]);
    assert_eq!(
        schools.names()[2..5],
        ["sigma2_fk", "log_density", "alpha[A]"]
    );
}

#[test]
fn columns_are_typed_finite_and_without_nulls() {
    let table = draws_of(THREE_FKS, &["--noise=sampled"]);
    for field in table.schema.fields() {
        assert!(!field.is_nullable(), "{field}");
        let index = ["chain", "draw"].contains(&field.name().as_str());
        let expected = if index {
            DataType::UInt32
        } else {
            DataType::Float64
        };
        assert_eq!(*field.data_type(), expected, "{field}");
        if !index {
            let values = table.floats(field.name());
            assert_eq!(values.len(), 400);
            assert!(values.iter().all(|value| value.is_finite()), "{field}");
        }
    }
    let (noise, spread) = (table.floats("sigma2_obs"), table.floats("sigma2_fk"));
    let ratios: Vec<f64> = noise.iter().zip(spread).map(|(s, t)| s / t).collect();
    assert_eq!(table.floats("lambda"), ratios);
}

#[test]
fn rows_are_ordered_by_chain_then_draw() {
    for out in ["draws.arrow", "draws.parquet"] {
        let sandbox = Sandbox::with("in.csv", THREE_FKS);
        sandbox.fit(&["in.csv", "--out", out]);
        let table = Table::of(&sandbox, out);
        let rows = || (0..2u32).flat_map(|chain| (0..200u32).map(move |draw| (chain, draw)));
        let found = table
            .integers("chain")
            .into_iter()
            .zip(table.integers("draw"));
        assert!(found.eq(rows()), "{out}");
    }
}

#[test]
fn the_metadata_hold_model_settings_and_data_and_nothing_else() {
    let metadata = draws_of(THREE_FKS, &["--noise=known=1", "--prior=ig=2,1"]).metadata();
    let expected = json!({
        "format": 1,
        "version": env!("CARGO_PKG_VERSION"),
        "model": {"hyperprior": "ig=2,1", "noise": "known=1", "importance": "normal", "location": "zero"},
        "noise_requested": "known=1",
        "hyperprior_is_default": false,
        "sampler": {
            "kind": "gibbs", "chains": 2, "warmup": 100, "draws": 200, "thin": 1, "seed": 1,
            "interweave": true
        },
        "exact": true,
        "fks": [
            {"fk": "a", "n": 5, "mean": 1.0, "sum_sq": 1.0},
            {"fk": "b", "n": 0, "mean": null, "sum_sq": 0.0},
            {"fk": "c", "n": 8, "mean": -0.3, "sum_sq": 2.52}
        ]
    });
    assert_eq!(metadata, expected);
}

#[test]
fn both_formats_hold_the_same() {
    let sandbox = Sandbox::with("in.csv", THREE_FKS);
    sandbox.fit(&["in.csv"]);
    sandbox.fit(&["in.csv", "--out", "draws.parquet"]);
    let arrow = Table::of(&sandbox, "draws.arrow");
    let parquet = Table::of(&sandbox, "draws.parquet");
    assert_eq!(arrow.names(), parquet.names());
    assert_eq!(arrow.metadata(), parquet.metadata());
    for name in &arrow.names()[2..] {
        assert_eq!(arrow.floats(name), parquet.floats(name), "{name}");
    }
}

#[test]
fn the_list_layout_holds_the_same_importances() {
    let wide = draws_of(THREE_FKS, &[]);
    for out in ["draws.arrow", "draws.parquet"] {
        let sandbox = Sandbox::with("in.csv", THREE_FKS);
        sandbox.fit(&["in.csv", "--layout", "list", "--out", out]);
        let list = Table::of(&sandbox, out);
        let names = [
            "chain",
            "draw",
            "sigma2_fk",
            "lambda",
            "log_density",
            "alpha",
        ];
        assert_eq!(list.names(), names, "{out}");
        let field = list.schema.field_with_name("alpha").unwrap();
        let DataType::FixedSizeList(item, 3) = field.data_type() else {
            panic!("{out}: {field}");
        };
        assert_eq!(*item.data_type(), DataType::Float64);
        assert!(!item.is_nullable() && !field.is_nullable());
        let fks: Value = serde_json::from_str(&field.metadata()["fks"]).unwrap();
        assert_eq!(fks, json!(["a", "b", "c"]), "{out}");
        let columns = ["alpha[a]", "alpha[b]", "alpha[c]"].map(|name| wide.floats(name));
        let rows = (0..400).flat_map(|row| columns.each_ref().map(|column| column[row]));
        assert!(rows.eq(list.lists()), "{out}");
    }
}

#[test]
fn many_foreign_keys_are_stored_as_lists() {
    let rows: String = (0..1001).map(|k| format!("k{k},{}\n", k % 7)).collect();
    let arguments = [
        "--noise=known=1",
        "--chains=1",
        "--draws=2",
        "--warmup=1",
        "--seed=1",
    ];
    let sandbox = Sandbox::with("in.csv", format!("fk,score\n{rows}"));
    let run = sandbox.run(&[&["fit", "in.csv"], &arguments[..]].concat());
    assert!(run.status.success());
    assert_eq!(
        Table::of(&sandbox, "draws.arrow").names().last(),
        Some(&"alpha")
    );
    sandbox.run(&[&["fit", "in.csv", "--layout=wide"], &arguments[..]].concat());
    let wide = Table::of(&sandbox, "draws.arrow");
    assert_eq!(wide.names().last(), Some(&"alpha[k1000]"));
}

#[test]
fn thinning_keeps_the_last_sweep_of_each_stride() {
    let draws = |draws: &str, thin: &str| {
        let settings = [
            "--chains=1",
            "--warmup=100",
            "--seed=1",
            "--draws",
            draws,
            "--thin",
            thin,
        ];
        let sandbox = Sandbox::with("in.csv", THREE_FKS);
        let run = sandbox.run(&[&["fit", "in.csv"], &settings[..]].concat());
        assert!(run.status.success());
        Table::of(&sandbox, "draws.arrow").floats("alpha[a]")
    };
    let all = draws("300", "1");
    let third: Vec<f64> = all.iter().copied().skip(2).step_by(3).collect();
    assert_eq!(draws("100", "3"), third);
}

#[test]
fn the_exact_sampler_draws_independently() {
    let gibbs = draws_of(THREE_FKS, &[]);
    let exact = draws_of(THREE_FKS, &["--sampler", "exact"]);
    assert_eq!(gibbs.names(), exact.names());
    assert_ne!(gibbs.floats("sigma2_fk"), exact.floats("sigma2_fk"));
    assert_eq!(exact.metadata()["sampler"]["kind"], "exact");
}

#[test]
fn the_bare_alternation_is_another_chain() {
    let fastest = draws_of(THREE_FKS, &[]);
    let bare = draws_of(THREE_FKS, &["--no-interweave"]);
    assert_ne!(fastest.floats("sigma2_fk"), bare.floats("sigma2_fk"));
}

#[test]
fn an_fk_that_is_set_aside_has_constant_draws() {
    let sandbox = Sandbox::new();
    sandbox.fit(&[&shipped("examples/data/f1_timesplit.csv")]);
    let table = Table::of(&sandbox, "draws.arrow");
    let names = table.names();
    let constant = names.iter().filter(|name| name.starts_with("alpha["));
    let constant = constant.filter(|name| table.floats(name).iter().all(|&alpha| alpha == 0.0));
    assert_eq!(constant.count(), 1);
}

#[test]
fn draws_do_not_depend_on_the_form_of_the_input() {
    // The same sums, told as scores and as aggregates.
    let scores = Sandbox::with("in.csv", "fk,score\na,1\na,3\nb,-2\nb,2\n");
    let stats = Sandbox::with("in.csv", "fk,n,mean,var\na,2,2,2\nb,2,0,8\n");
    let first = scores.fit_json(&["in.csv"]);
    let second = stats.fit_json(&["in.csv"]);
    assert_eq!(first["parameters"], second["parameters"]);
    assert_eq!(scores.read("draws.arrow"), stats.read("draws.arrow"));
}
