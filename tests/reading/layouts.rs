//! Long and wide tables: which columns mean what, and what is wrong with them.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array};
use fkbayes::data::{Data, FkStats, InputProblem, ReadOptions, Sample, Source, read};

use crate::support::{
    FORMATS, batch, encode, example, long, names, read_all, read_one, read_wide, refusal, refused,
    summary, wide,
};

fn f1_long() -> Vec<(String, f64)> {
    let text = std::fs::read_to_string(example("f1.csv")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[0].to_owned(), cells[2].parse().unwrap())
    };
    text.lines().skip(1).map(row).collect()
}

/// `f1_wide.csv` cut to what `f1.csv` holds: the long table has the first n_k scores of each FK,
/// the wide one goes on with 551 scores for all.
fn f1_wide_cut(long: &Data) -> String {
    let lengths = summary(long);
    let text = std::fs::read_to_string(example("f1_wide.csv")).unwrap();
    let mut lines = text.lines();
    let mut cut = lines.next().unwrap().to_owned();
    assert_eq!(cut.split(',').collect::<Vec<_>>(), names(long));
    for (row, line) in (0..).zip(lines) {
        let kept = line
            .split(',')
            .zip(&lengths)
            .map(|(cell, (_, n, _))| if row < *n { cell } else { "" });
        cut.push('\n');
        cut.push_str(&kept.collect::<Vec<_>>().join(","));
    }
    cut
}

#[test]
fn every_format_and_layout_gives_the_same_data() {
    let options = ReadOptions::default();
    let csv = read(&[Source::from(example("f1.csv"))], &options).unwrap();
    assert_eq!(csv.fks().len(), 11);
    assert_eq!(read_wide(f1_wide_cut(&csv)).unwrap(), csv);

    let tsv = std::fs::read_to_string(example("f1.csv"))
        .unwrap()
        .replace(',', "\t");
    assert_eq!(read_one(&tsv).unwrap(), csv);
    assert_eq!(read_one(tsv.replace('\t', ";")).unwrap(), csv);

    let rows = f1_long();
    let rows: Vec<(&str, f64)> = rows
        .iter()
        .map(|(fk, score)| (fk.as_str(), *score))
        .collect();
    let (first, second) = rows.split_at(1234);
    let columns: Vec<(&str, ArrayRef)> = names(&csv)
        .into_iter()
        .map(|name| {
            let scores = rows
                .iter()
                .filter(|(fk, _)| *fk == name)
                .map(|(_, score)| Some(*score));
            let padded = scores.chain(std::iter::repeat(None)).take(551);
            (name, Arc::new(Float64Array::from_iter(padded)) as ArrayRef)
        })
        .collect();
    for format in FORMATS {
        let bytes = encode(format, &[long(first), long(second)]);
        assert_eq!(read_one(bytes).unwrap(), csv, "{format:?}");
        let bytes = encode(format, &[batch(columns.clone())]);
        assert_eq!(read_wide(bytes).unwrap(), csv, "{format:?}, wide");
    }
}

#[test]
fn a_real_wide_table_is_read_whole() {
    let data = read(&[Source::from(example("f1_wide.csv"))], &wide()).unwrap();
    assert_eq!(data.fks().len(), 11);
    assert!(summary(&data).iter().all(|(_, n, _)| *n == 551));
}

#[test]
fn streaming_statistics_equal_two_pass_statistics() {
    let data = read(&[Source::from(example("f1.csv"))], &ReadOptions::default()).unwrap();
    let rows = f1_long();
    for fk in data.fks() {
        let scores: Vec<f64> = rows
            .iter()
            .filter(|(name, _)| *name == fk.name)
            .map(|(_, s)| *s)
            .collect();
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let sum_sq: f64 = scores.iter().map(|s| (s - mean).powi(2)).sum();
        let Sample::Scores(stats) = fk.sample else {
            panic!("{fk:?}")
        };
        assert_eq!(stats.n(), scores.len() as u64);
        approx::assert_relative_eq!(stats.mean().unwrap(), mean, max_relative = 1e-12);
        approx::assert_relative_eq!(stats.sum_sq(), sum_sq, max_relative = 1e-12);
    }
}

#[test]
fn inputs_of_different_formats_are_concatenated() {
    let parquet = encode(FORMATS[0], &[long(&[("b", 4.0), ("a", 1.0)])]);
    let stream = encode(FORMATS[2], &[long(&[("c", 7.0)])]);
    let csv = b"fk,score\na,3\n";
    let data = read_all(&[&parquet, csv, &stream], &ReadOptions::default()).unwrap();
    let expected = [
        ("b", 1, Some(4.0)),
        ("a", 2, Some(2.0)),
        ("c", 1, Some(7.0)),
    ]
    .map(|(n, k, m)| (n.to_owned(), k, m));
    assert_eq!(summary(&data), expected);
}

#[test]
fn a_score_column_makes_a_table_long_whatever_else_it_has() {
    let data = read_one("n,mean,sd,fk,score,,\n9,9,9,a,1,x,y\n9,9,9,a,3,,\n").unwrap();
    assert_eq!(summary(&data), [("a".to_owned(), 2, Some(2.0))]);
}

#[test]
fn columns_can_be_renamed() {
    let options = ReadOptions {
        fk_column: "key".into(),
        score_column: "drop".into(),
        ..ReadOptions::default()
    };
    let data = read_all(&[b"fk,score,drop,key\nx,y,2,a\n"], &options).unwrap();
    assert_eq!(summary(&data), [("a".to_owned(), 1, Some(2.0))]);
    let data = read_all(&[b"key,n,mean,sd\na,2,5,1\n"], &options).unwrap();
    assert_eq!(summary(&data), [("a".to_owned(), 2, Some(5.0))]);
    let same = ReadOptions {
        score_column: "fk".into(),
        ..ReadOptions::default()
    };
    assert!(read_all(&[b"fk\n1\n"], &same).is_err());
}

#[test]
fn names_are_kept_as_spelled_and_in_first_seen_order() {
    let data = read_one("fk,score\n b ,1\nB,1\n\"a, \"\"x\"\"\",1\nb,1\n b ,1\n").unwrap();
    assert_eq!(names(&data), [" b ", "B", "a, \"x\"", "b"]);
}

#[test]
fn crlf_and_byte_order_mark_and_blank_lines_and_no_last_newline_work() {
    let data = read_one("\u{feff}fk,score\r\na,1\r\n\r\na,3").unwrap();
    assert_eq!(summary(&data), [("a".to_owned(), 2, Some(2.0))]);
    let data = read_one("\u{feff}\"fk\",\"score\"\n\"a\",\" 1 \"\n").unwrap();
    assert_eq!(summary(&data), [("a".to_owned(), 1, Some(1.0))]);
}

#[test]
fn a_tab_separated_table_may_hold_commas() {
    let data = read_one("fk\tscore\tnote, free\na,b\t1\tx\n").unwrap();
    assert_eq!(names(&data), ["a,b"]);
}

#[test]
fn wide_tables_may_have_blanks() {
    let data = read_wide("a,b,c\n1,,\n3, ,\n,5,\n").unwrap();
    let expected = [("a", 2, Some(2.0)), ("b", 1, Some(5.0)), ("c", 0, None)]
        .map(|(n, k, m)| (n.to_owned(), k, m));
    assert_eq!(summary(&data), expected);
    let Sample::Scores(none) = data.fks()[2].sample else {
        panic!()
    };
    assert_eq!(none, FkStats::default());
}

#[test]
fn wide_tables_without_honest_names_are_refused() {
    let (_, problem) = refusal(read_wide(",a,b\n0,1,2\n"));
    assert!(matches!(problem, InputProblem::IndexColumn { .. }));
    assert!(problem.to_string().contains("to_csv(index=False)"));
    assert!(matches!(
        refusal(read_wide("a,,b\n0,1,2\n")).1,
        InputProblem::BlankFk
    ));
    let (place, problem) = refusal(read_wide("a,b,a\n0,1,2\n"));
    assert!(matches!(problem, InputProblem::DuplicateColumn));
    assert_eq!(place.column.as_deref(), Some("a"));
    assert!(matches!(
        refusal(read_wide("fk,score\na,1\n")).1,
        InputProblem::NotWide { .. }
    ));
}

#[test]
fn a_wrong_cell_of_a_wide_table_is_told_with_line_and_column() {
    let (place, problem) = refusal(read_wide("a,b\n1,2\n1,x\n"));
    assert_eq!((place.line, place.column.as_deref()), (Some(3), Some("b")));
    assert!(matches!(problem, InputProblem::NotANumber { value } if value == "x"));
}

#[test]
fn a_missing_column_is_told_with_what_is_there_and_what_to_do() {
    let message = |text: &str| refused(read_one(text)).1;
    let both = message("a,b\n1,2\n");
    assert!(both.contains("'a', 'b'") && both.contains("--fk-column") && both.contains("--wide"));
    assert!(message("fk,importance\na,2\n").contains("--score-column 'importance'"));
    assert!(message("FK,score\na,2\n").contains("--fk-column 'FK'"));
    assert!(message("fk,x,y\na,2,3\n").contains("--score-column"));
    assert!(message("a,0.25\na,0.5\n").contains("first line"));
    assert!(message("fk,mean,sd\na,0.25,1\n").contains("no column 'n'"));
    assert!(message("fk,n,mean\na,1,2\n").contains("no column 'sd'"));
}

#[test]
fn a_column_that_is_there_twice_is_refused_if_it_is_needed() {
    let (place, problem) = refusal(read_one("fk,score,score\na,1,2\n"));
    assert!(matches!(problem, InputProblem::DuplicateColumn));
    assert_eq!(place.column.as_deref(), Some("score"));
    assert!(read_one("fk,score,note,note\na,1,x,y\n").is_ok());
}

#[test]
fn rows_with_too_few_or_too_many_fields_are_refused() {
    let (line, message) = refused(read_one("fk,x,score\na,1,2\na,2\n"));
    assert_eq!(line, Some(3));
    assert!(message.starts_with("2 fields where the header has 3"));
    let (line, message) = refused(read_one("fk,score\na,b,2\n"));
    assert_eq!(line, Some(2));
    assert!(message.starts_with("3 fields where the header has 2"));
}

#[test]
fn an_fk_without_a_name_is_refused() {
    for name in ["", "  ", "\"\"", "\"\t\""] {
        let (place, problem) = refusal(read_one(format!("fk,score\na,1\n{name},2\n")));
        assert_eq!((place.line, place.column.as_deref()), (Some(3), Some("fk")));
        assert!(matches!(problem, InputProblem::BlankFk));
    }
}
