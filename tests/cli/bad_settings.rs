//! Settings that make no sense are refused before any work is done.

use crate::support::{Sandbox, TWO_FKS, assert_says};

fn sandbox() -> Sandbox {
    Sandbox::with("in.csv", TWO_FKS)
}

/// The message for these flags, which the library refuses.
fn refused(flags: &[&str]) -> String {
    sandbox().refused(&[&["in.csv"], flags].concat())
}

/// The message for these flags, which do not parse; the parser adds its usage.
fn misused(flags: &[&str]) -> String {
    sandbox().complaint(&[&["in.csv"], flags].concat(), 2)
}

/// The message for a model file of this content.
fn refused_model(content: &str) -> String {
    let sandbox = sandbox();
    sandbox.write("model.toml", content);
    sandbox.complaint(&["in.csv", "--model", "model.toml"], 2)
}

#[test]
fn hyperpriors_outside_their_range() {
    for wrong in ["-1", "0", "nan", "inf", "-inf"] {
        let message = refused(&[&format!("--a0={wrong}"), "--b0=1"]);
        assert_says(&message, &["a0 = ", "positive, finite"]);
        let message = refused(&["--a0=1", &format!("--b0={wrong}")]);
        assert_says(&message, &["b0 = ", "positive, finite"]);
        let message = refused(&["--prior", &format!("ig={wrong},1")]);
        assert_says(&message, &["a0 = ", "positive, finite"]);
    }
    // A negative number may stand apart from its flag.
    assert_says(&refused(&["--a0", "-1", "--b0", "1"]), &["a0 = -1"]);
    assert_says(&refused(&["--prior", "ig=2"]), &["'ig=2'", "ig=A0,B0"]);
    assert_says(&refused(&["--prior", "vague"]), &["'vague'", "ig=A0,B0"]);
}

#[test]
fn noise_outside_its_range() {
    for wrong in ["-1", "0", "nan", "inf", "-inf"] {
        let message = refused(&["--noise", &format!("known={wrong}")]);
        assert_says(&message, &["noise 'known=", "positive and finite"]);
    }
    assert_says(
        &refused(&["--noise", "loud"]),
        &["'loud'", "pooled, known=V"],
    );
    assert_says(
        &refused(&["--noise", "known=much"]),
        &["noise 'known=much'", "not a number"],
    );
    assert_says(
        &refused(&["--noise", "sampled=1,x"]),
        &["'sampled=1,x'", "not a number"],
    );
    assert_says(
        &refused(&["--prior", "ig=two,1"]),
        &["'ig=two,1'", "needs numbers"],
    );
}

#[test]
fn degrees_of_freedom_and_shapes_outside_their_range() {
    for wrong in ["-1", "0", "nan", "inf"] {
        let message = refused(&["--importance", &format!("student-t={wrong}")]);
        assert_says(&message, &["importance 'student-t=", "positive and finite"]);
        let message = refused(&["--noise", &format!("per-fk={wrong}")]);
        assert_says(&message, &["noise 'per-fk=", "positive and finite"]);
        let message = refused(&["--prior", &format!("half-t={wrong},1")]);
        assert_says(&message, &["nu = ", "positive, finite"]);
        let message = refused(&["--prior", &format!("half-cauchy={wrong}")]);
        assert_says(&message, &["scale = ", "positive, finite"]);
    }
    assert_says(&refused(&["--importance", "student-t"]), &["student-t=NU"]);
    assert_says(
        &refused(&["--importance", "cauchy"]),
        &["'cauchy'", "student-t=NU"],
    );
    assert_says(&refused(&["--noise", "per-fk=1,2"]), &["per-fk=C0"]);
    assert_says(
        &refused(&["--noise", "known=1,2"]),
        &["'known=1,2'", "one variance"],
    );
}

#[test]
fn hyperpriors_given_by_halves_or_twice() {
    assert_says(&misused(&["--a0", "1"]), &["--b0"]);
    assert_says(&misused(&["--b0", "1"]), &["--a0"]);
    assert_says(
        &misused(&["--a0", "1", "--b0", "1", "--prior", "ig=2,1"]),
        &["--a0", "--prior"],
    );
    assert_says(
        &misused(&["--a0", "1", "--b0", "1", "--prior", "half-cauchy=1"]),
        &["--a0", "--prior"],
    );
}

#[test]
fn nothing_to_sample() {
    for name in ["chains", "draws", "thin"] {
        let flag = format!("--{name}");
        let problem = format!("{name} = 0: must be at least 1");
        assert_says(&refused(&[&flag, "0"]), &[&problem]);
    }
}

#[test]
fn negative_counts() {
    for flag in [
        "--chains",
        "--warmup",
        "--draws",
        "--thin",
        "--seed",
        "--threads",
    ] {
        assert_says(
            &misused(&[flag, "-5"]),
            &[flag, "-5", "give a whole number"],
        );
    }
}

#[test]
fn words_that_are_not_known() {
    assert_says(&misused(&["--drows", "5"]), &["--drows", "--draws"]);
    assert_says(
        &refused(&["--layout", "tall"]),
        &["'tall'", "wide nor list"],
    );
    assert_says(
        &refused(&["--format", "xls"]),
        &["'xls'", "arrow nor parquet"],
    );
    assert_says(
        &refused(&["--sampler", "nuts"]),
        &["'nuts'", "gibbs nor exact"],
    );
}

#[test]
fn model_files_that_make_no_sense() {
    let unknown_key = refused_model("noise = \"pooled\"\ncolour = 3\n");
    assert_says(
        &unknown_key,
        &[
            "model.toml",
            "line 2, column 1",
            "^^^^^^",
            "`colour`",
            "`hyperprior`",
        ],
    );
    let wrong_type = refused_model("[sampler]\nchains = \"four\"\n");
    assert_says(
        &wrong_type,
        &["model.toml", "line 2, column 10", "^^^^^^", "u32"],
    );
    let wrong_value = refused_model("hyperprior = \"ig=-1,1\"\n");
    assert_says(&wrong_value, &["line 1, column 14", "a0 = -1", "positive"]);
    assert_says(&refused_model("noise = \n"), &["line 1", "^"]);
    assert_says(&refused_model("[sampler]\nthin = 0\n"), &["thin = 0"]);
}

#[test]
fn a_model_file_that_is_not_there() {
    let message = refused(&["--model", "gone.toml"]);
    assert_says(&message, &["gone.toml", "cannot be read"]);
}
