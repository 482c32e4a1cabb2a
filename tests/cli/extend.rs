//! `fkbayes extend`: more draws of a finished run.

use crate::support::{Sandbox, assert_says, f1, parse, stderr};
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::FileWriter;
use std::fs::File;

const FIT: [&str; 6] = ["--chains", "2", "--warmup", "60", "--seed", "3"];

fn fit(sandbox: &Sandbox, draws: &str, more: &[&str]) {
    let f1 = f1();
    let output = sandbox.run(&[&["fit", &f1, "--draws", draws][..], &FIT, more].concat());
    assert!(output.status.success(), "{more:?}: {}", stderr(&output));
}

fn extend(sandbox: &Sandbox, arguments: &[&str]) -> std::process::Output {
    let output = sandbox.run(&[&["extend"], arguments].concat());
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        stderr(&output)
    );
    output
}

#[test]
fn it_gives_the_bytes_of_one_long_run() {
    for member in [
        &[][..],
        &[
            "--thin",
            "3",
            "--sampler",
            "exact",
            "--no-exact",
            "--noise",
            "sampled",
        ],
        &["--noise", "pooled", "--layout", "list", "--no-interweave"],
        &[
            "--noise",
            "sampled",
            "--location",
            "flat",
            "--prior",
            "half-cauchy=0.01",
        ],
        &["--noise", "known=1e-4", "--importance", "student-t=4"],
        &["--noise", "per-fk=fixed", "--prior", "flat"],
        &[
            "--noise",
            "per-fk",
            "--importance",
            "student-t=1",
            "--location",
            "flat",
        ],
    ] {
        for out in ["draws.arrow", "draws.parquet"] {
            let (long, short) = (Sandbox::new(), Sandbox::new());
            let member = [member, &["--out", out]].concat();
            fit(&long, "350", &member);
            fit(&short, "200", &member);
            extend(&short, &[out, "--draws", "149"]);
            extend(&short, &[out, "--draws", "1", "--threads", "1"]);
            assert!(long.read(out) == short.read(out), "{member:?}");
            assert_eq!(short.files(), [out]);
        }
    }
}

#[test]
fn it_writes_elsewhere_and_in_the_other_format() {
    let (long, short) = (Sandbox::new(), Sandbox::new());
    fit(&long, "300", &["--out", "draws.parquet"]);
    fit(&short, "200", &[]);
    let before = short.read("draws.arrow");
    let output = extend(
        &short,
        &[
            "draws.arrow",
            "--draws",
            "100",
            "--out",
            "longer.parquet",
            "--json",
        ],
    );
    assert!(short.read("longer.parquet") == long.read("draws.parquet"));
    assert!(short.read("draws.arrow") == before);
    let answer = parse(&output);
    assert_eq!(answer["schema"], "fkbayes.extend/1");
    assert_eq!(answer["sampler"]["draws"], 300);
    assert_eq!(answer["draws_file"], "longer.parquet");
    let mut expected = parse(&long.run(&["summary", "draws.parquet", "--json"]));
    expected["draws_file"] = answer["draws_file"].clone();
    expected["schema"] = answer["schema"].clone();
    expected["sampler"]["seconds"] = answer["sampler"]["seconds"].clone();
    assert_eq!(answer, expected);
}

#[test]
fn files_without_end_states_are_refused_with_the_remedy() {
    let sandbox = Sandbox::new();
    fit(&sandbox, "200", &[]);
    // As another program would copy it.
    let reader =
        FileReader::try_new(File::open(sandbox.path("draws.arrow")).unwrap(), None).unwrap();
    let target = File::create(sandbox.path("copy.arrow")).unwrap();
    let mut writer = FileWriter::try_new(target, &reader.schema()).unwrap();
    for batch in reader {
        writer.write(&batch.unwrap()).unwrap();
    }
    writer.finish().unwrap();
    let before = sandbox.read("copy.arrow");
    let output = sandbox.run(&["extend", "copy.arrow", "--draws", "100"]);
    assert_eq!(output.status.code(), Some(2));
    assert_says(
        &stderr(&output),
        &[
            "error: copy.arrow: does not keep where its chains ended",
            "fit again with --draws",
            "has 200",
        ],
    );
    assert!(sandbox.read("copy.arrow") == before);
}

#[test]
fn how_many_must_be_said() {
    let sandbox = Sandbox::new();
    fit(&sandbox, "200", &[]);
    for (draws, said) in [
        ("0", "at least 1"),
        ("4294967295", "at most 4294967295 in all"),
        ("-5", "whole number"),
    ] {
        let output = sandbox.run(&["extend", "draws.arrow", "--draws", draws]);
        assert_eq!(output.status.code(), Some(2));
        assert_says(&stderr(&output), &[said]);
    }
    let output = sandbox.run(&["extend", "draws.arrow"]);
    assert_eq!(output.status.code(), Some(2));
    assert_says(&stderr(&output), &["--draws <N>"]);
    let output = sandbox.run(&[
        "extend",
        "draws.arrow",
        "--draws",
        "5",
        "--out",
        "draws.csv",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert_says(
        &stderr(&output),
        &["draws are written as .arrow or .parquet"],
    );
}
