//! What `simulate` refuses: contradictions, gaps, and files of somebody else.

use crate::simulate::{FORMATS, simulate};
use crate::support::{Sandbox, assert_says, stderr};

/// A refusal that leaves the directory as it was.
fn refused(sandbox: &Sandbox, flags: &[&str]) -> String {
    let before = sandbox.files();
    let output = sandbox.run(&[&["simulate"], flags].concat());
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{flags:?}: {message}");
    assert!(output.stdout.is_empty(), "{flags:?} printed an answer");
    assert_eq!(sandbox.files(), before, "{flags:?} left files behind");
    message
}

#[test]
fn contradictions_and_gaps_are_refused_with_the_remedy() {
    let base = ["--k=3", "--n=5"];
    let cases: &[(&[&str], &[&str])] = &[
        (&["--sigma2-obs=4"], &["hyperprior", "--a0", "--sigma2-fk"]),
        (
            &["--sigma2-obs=4", "--prior=flat"],
            &["'flat'", "improper", "--sigma2-fk"],
        ),
        (
            &["--sigma2-fk=1"],
            &["noise 'auto'", "--sigma2-obs", "known=V"],
        ),
        (
            &["--sigma2-fk=1", "--noise=sampled"],
            &["noise 'sampled'", "C0,D0"],
        ),
        (
            &["--sigma2-fk=1", "--noise=per-fk"],
            &["noise 'per-fk'", "--d0", "--sigma2-obs"],
        ),
        (
            &["--sigma2-fk=1", "--noise=per-fk=fixed", "--sigma2-obs=1"],
            &["per-fk=fixed", "--noise per-fk=C0"],
        ),
        (
            &["--sigma2-fk=1", "--lambda=2", "--sigma2-obs=2"],
            &["--lambda", "--sigma2-fk", "--sigma2-obs", "leave one out"],
        ),
        (
            &["--sigma2-fk=1", "--lambda=2", "--noise=known=2"],
            &["--lambda", "--sigma2-fk", "known=V"],
        ),
        (
            &["--sigma2-fk=1", "--sigma2-obs=2", "--noise=known=2"],
            &["--sigma2-obs", "known=V", "keep one"],
        ),
        (
            &["--sigma2-fk=1", "--sigma2-obs=2", "--d0=2"],
            &["--d0", "--noise per-fk"],
        ),
        (
            &["--sigma2-fk=1", "--lambda=2", "--at=3"],
            &["--at 3", "--location flat"],
        ),
        (
            &["--sigma2-fk=1", "--lambda=2", "--location=flat"],
            &["location 'flat'", "--at M"],
        ),
        (
            &["--sigma2-obs=1", "--effects=1,2"],
            &["--effects", "2 importances", "--k 3"],
        ),
        (
            &["--lambda=1", "--effects=1,2,3"],
            &["--lambda", "--sigma2-fk"],
        ),
        (
            &["--sigma2-obs=1", "--effects=1,x,3"],
            &["--effects", "'x'"],
        ),
        (
            &["--sigma2-fk=0", "--lambda=2"],
            &["--sigma2-fk 0", "positive"],
        ),
        (
            &["--sigma2-fk=1", "--lambda=-2"],
            &["--lambda -2", "positive"],
        ),
        (
            &["--sigma2-fk=1", "--lambda=2", "--out=scores.txt"],
            &["scores.txt", "--format"],
        ),
        (
            &["--sigma2-fk=1", "--lambda=2", "--layout=tall"],
            &["'tall'", "long, wide and stats"],
        ),
        (
            &["--sigma2-fk=1", "--lambda=2", "--format=xls"],
            &["'xls'", "csv"],
        ),
        (
            &["--sigma2-fk=1", "--lambda=1e308"],
            &["--lambda 1e308", "1e300"],
        ),
        (
            &["--sigma2-fk=1e290", "--lambda=1e20"],
            &["range of double precision"],
        ),
    ];
    let sandbox = Sandbox::new();
    for (flags, parts) in cases {
        let message = refused(&sandbox, &[&base[..], flags].concat());
        assert_says(&message, parts);
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    let variances = ["--sigma2-fk=1", "--lambda=2"];
    for (sizes, parts) in [
        (["--k=0", "--n=5"], &["--k 0", "from 1"][..]),
        (["--k=2", "--n=5,6,7"], &["--n 5,6,7", "2 foreign keys"]),
        (["--k=2", "--n=many"], &["--n 'many'", "poisson:MEAN"]),
        (["--k=2", "--n=-1"], &["--n '-1'", "poisson:MEAN"]),
        (["--k=2", "--n=poisson:-1"], &["poisson:-1", "mean"]),
        (["--k=2", "--n=0"], &["--n", "without scores"]),
        (["--k=2", "--n=1000000000"], &["--n", "more than"]),
    ] {
        assert_says(
            &refused(&sandbox, &[&sizes[..], &variances].concat()),
            parts,
        );
    }
    assert!(sandbox.files().is_empty());
}

#[test]
fn simulated_files_are_replaced_and_no_others() {
    let flags = ["--k=3", "--n=4", "--sigma2-fk=1", "--lambda=2", "--seed=1"];
    for format in FORMATS {
        for layout in ["long", "wide", "stats"] {
            let sandbox = Sandbox::new();
            let name = format!("s.{format}");
            let all = [&flags[..], &["--out", &name, "--layout", layout]].concat();
            simulate(&sandbox, &all);
            let first = sandbox.read(&name);
            simulate(&sandbox, &[&all[..4], &["--seed=2"], &all[5..]].concat());
            assert_ne!(sandbox.read(&name), first, "{name}, {layout}");
        }
    }
    for name in ["scores.csv", "scores.truth.csv"] {
        for content in [
            "fk,score\na,1\na,2\n",
            "fk_1,fk_2\n1,2\n",
            "",
            "PAR1",
            "ARROW1",
        ] {
            let sandbox = Sandbox::with(name, content);
            let message = refused(&sandbox, &flags);
            assert_says(&message, &[name, "exists", "--out", "move it away"]);
            assert_eq!(sandbox.read(name), content.as_bytes());
        }
    }
    // Scores that somebody put in the place of simulated ones are safe, the old truth beside them or not.
    let sandbox = Sandbox::new();
    simulate(&sandbox, &flags);
    sandbox.write("scores.csv", "fk,score\norders.id,1\norders.id,2\n");
    refused(&sandbox, &flags);
    // So are the draws of a fit.
    let sandbox = Sandbox::new();
    simulate(&sandbox, &flags);
    sandbox.fit(&["scores.csv"]);
    refused(&sandbox, &[&flags[..], &["--out=draws.arrow"]].concat());
}

#[test]
fn a_place_that_cannot_be_written_is_no_fault_of_the_input() {
    let sandbox = Sandbox::with("in.csv", "fk,score\na,1\n");
    for place in ["in.csv/scores.csv", "gone/scores.csv"] {
        let flags = [
            "simulate",
            "--k=3",
            "--n=4",
            "--sigma2-fk=1",
            "--lambda=2",
            "--out",
            place,
        ];
        let output = sandbox.run(&flags);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert_says(&stderr(&output), &["cannot write", place]);
        assert_eq!(sandbox.files(), ["in.csv"]);
    }
}
