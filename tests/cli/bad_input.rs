//! Inputs that make no sense are refused in one line: where, what, and what to do.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, StringArray};

use crate::support::{
    SHORT, Sandbox, TWO_FKS, arrow_file_bytes, assert_says, batch, parquet_bytes, stderr, two_fks,
};

/// The message for one file of this content.
fn refused(content: impl AsRef<[u8]>) -> String {
    let message = Sandbox::with("in", content).refused(&["in"]);
    assert_says(&message, &["error: in"]);
    message
}

#[test]
fn what_cannot_be_opened() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    assert_says(
        &sandbox.refused(&["gone.csv"]),
        &["gone.csv", "no such file", "check the spelling"],
    );
    assert_says(
        &sandbox.refused(&["folder"]),
        &["folder", "is a directory", "name the files"],
    );
}

#[test]
fn files_without_scores() {
    assert_says(&refused(""), &["is empty", "expected a header line"]);
    assert_says(&refused("fk,score\n"), &["no rows"]);
}

#[test]
fn columns_that_are_missing_or_double() {
    assert_says(
        &refused("fk,value\na,1\n"),
        &["no column 'score'", "'fk', 'value'", "--score-column"],
    );
    assert_says(
        &refused("fk,score,score\na,1,2\n"),
        &[
            "column 'score'",
            "two columns of this name",
            "rename or drop",
        ],
    );
}

#[test]
fn scores_that_are_no_numbers() {
    let place = ["line 3", "column 'score'", "FK 'b'"];
    for (cell, problem) in [
        ("high", "'high' is not a number; correct it"),
        ("", "empty where a number is needed; fill it in or drop"),
        ("NaN", "'NaN' is not finite; drop the row"),
        ("inf", "'inf' is not finite; drop the row"),
        ("-inf", "'-inf' is not finite; drop the row"),
    ] {
        let message = refused(format!("fk,score\na,1\nb,{cell}\nb,2\n"));
        assert_says(&message, &place);
        assert_says(&message, &[problem]);
    }
}

#[test]
fn foreign_keys_without_a_name() {
    let problem = "the FK has no name; give every row";
    assert_says(
        &refused("fk,score\na,1\n,2\n"),
        &["line 3", "column 'fk'", problem],
    );
    let fks: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
    let scores: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0]));
    let table = batch(vec![("fk", fks), ("score", scores)]);
    for bytes in [parquet_bytes(&table), arrow_file_bytes(&table)] {
        assert_says(&refused(bytes), &["column 'fk'", problem]);
    }
}

#[test]
fn rows_of_another_width() {
    assert_says(
        &refused("fk,score\na,1\nb\n"),
        &[
            "line 3",
            "1 field where the header has 2",
            "complete the row",
        ],
    );
    assert_says(
        &refused("fk,score\na,1\nb,2,3\n"),
        &["line 3", "3 fields where the header has 2", "quote names"],
    );
}

#[test]
fn text_that_is_no_csv() {
    assert_says(
        &refused("fk,score\na\"b,1\n"),
        &["line 2", "stray quote", "quote the whole field"],
    );
    assert_says(
        &refused("fk,score\n\"a,1\nb,2\n"),
        &["line 2", "never closed", "close it"],
    );
    assert_says(
        &refused(b"fk,score\na,1\n\xE9cole,2\n"),
        &["line 3", "not UTF-8", "iconv"],
    );
}

#[test]
fn columnar_files_that_are_cut_short() {
    for bytes in [parquet_bytes(&two_fks()), arrow_file_bytes(&two_fks())] {
        let half = &bytes[..bytes.len() / 2];
        assert_says(&refused(half), &["again"]);
    }
}

#[test]
fn columns_of_the_wrong_type() {
    let fks: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let scores: ArrayRef = Arc::new(BooleanArray::from(vec![true]));
    let table = batch(vec![("fk", fks), ("score", scores)]);
    let message = refused(arrow_file_bytes(&table));
    assert_says(&message, &["column 'score'", "Boolean", "cast the column"]);
}

#[test]
fn noise_that_cannot_be_estimated() {
    for scores in ["fk,score\na,1\na,1\nb,2\nb,2\n", "fk,score\na,1\nb,2\n"] {
        let sandbox = Sandbox::with("in.csv", scores);
        let message = sandbox.refused(&["in.csv"]);
        assert_says(&message, &["noise cannot be estimated", "--noise known=V"]);
        sandbox.fit(&["in.csv", "--noise", "known=1"]);
    }
}

#[test]
fn magnitudes_whose_squares_overflow() {
    for score in ["1e-300", "1e300", "-1e300"] {
        let message = refused(format!("fk,score\na,1\na,{score}\n"));
        assert_says(&message, &["line 3", "FK 'a'", "out of range", "rescale"]);
    }
}

#[test]
fn magnitudes_at_the_edge_of_the_range() {
    for scores in [
        "fk,score\na,1e149\na,1e150\nb,-1e150\nb,2e149\n",
        "fk,score\na,1e-149\na,1e-150\nb,-1e-150\nb,2e-149\n",
    ] {
        let json = Sandbox::with("in.csv", scores).fit_json(&["in.csv"]);
        for parameter in json["parameters"].as_array().unwrap() {
            for quantile in ["q5", "q50", "q95"] {
                assert!(parameter[quantile].is_number(), "{parameter}");
            }
        }
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let plain = Sandbox::with("in.csv", TWO_FKS).fit_json(&["in.csv"]);
    let marked = format!("\u{FEFF}{TWO_FKS}");
    let windows = TWO_FKS.replace('\n', "\r\n");
    let both = format!("\u{FEFF}{windows}");
    for text in [marked, windows, both] {
        let json = Sandbox::with("in.csv", text).fit_json(&["in.csv"]);
        assert_eq!(json["data"], plain["data"]);
    }
}

#[test]
fn a_single_foreign_key_is_fitted_with_a_warning() {
    let sandbox = Sandbox::with("in.csv", "fk,score\na,1\na,2\na,1.5\n");
    let output = sandbox.fit(&["in.csv"]);
    let message = stderr(&output);
    assert_says(&message, &["warning:", "only one FK", "hyperprior's word"]);
}

#[test]
fn standard_errors_leave_no_noise_to_sample() {
    let sandbox = Sandbox::with("in.csv", "fk,mean,se\nA,28,15\nB,8,10\n");
    let message = sandbox.refused(&[&["in.csv", "--noise", "sampled"], &SHORT[..]].concat());
    assert_says(
        &message,
        &["noise 'sampled'", "column 'se'", "leave the noise at auto"],
    );
}
