//! Inputs of several blocks: what is read, and what is wrong on which line, is as if they were one.

use fkbayes::data::{Data, InputProblem, ReadOptions, Sample, Source, read_tasks};

use crate::support::{FORMATS, batch, encode, floats, long, read_all, refusal, strings, write};

/// Rows that make a text of several blocks (half a megabyte each), in an order that mixes FKs.
fn rows() -> Vec<(String, f64)> {
    (0..90_000_u64)
        .map(|i| {
            let mixed = i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
            let score = (mixed % 100_003) as f64 / 7.0 - 5e3 * ((mixed % 5) as f64);
            (format!("table_{}.key_{}", mixed % 3, mixed % 37), score)
        })
        .collect()
}

fn csv(rows: &[(String, f64)]) -> String {
    let mut text = "fk,score\n".to_owned();
    for (fk, score) in rows {
        text.push_str(&format!("{fk},{score}\n"));
    }
    text
}

fn read_on(threads: usize, text: &str) -> Result<Data, fkbayes::Error> {
    let options = ReadOptions {
        threads,
        ..ReadOptions::default()
    };
    read_all(&[text.as_bytes()], &options)
}

#[test]
fn the_same_bits_whatever_the_threads_the_format_and_the_number_of_files() {
    let rows = rows();
    let text = csv(&rows);
    assert!(text.len() > 3 << 19);
    let data = read_on(1, &text).unwrap();
    for threads in [0, 2, 3, 7] {
        assert_eq!(read_on(threads, &text).unwrap(), data, "{threads} threads");
    }
    let borrowed: Vec<(&str, f64)> = rows.iter().map(|(fk, s)| (fk.as_str(), *s)).collect();
    let (first, second) = borrowed.split_at(12_345);
    for format in FORMATS {
        let bytes = encode(format, &[long(first), long(second)]);
        let read = read_all(&[&bytes], &ReadOptions::default()).unwrap();
        assert_eq!(read, data, "{format:?}");
    }
    let (first, second) = rows.split_at(70_001);
    let files = [csv(first), csv(second)];
    let files: Vec<&[u8]> = files.iter().map(|file| file.as_bytes()).collect();
    assert_eq!(read_all(&files, &ReadOptions::default()).unwrap(), data);
}

#[test]
fn tasks_are_the_same_whatever_the_threads_and_the_format() {
    let rows = rows();
    let task = |i: usize| format!("t{}", (i / 7) % 5);
    let mut text = "task,fk,score\n".to_owned();
    for (i, (fk, score)) in rows.iter().enumerate() {
        text.push_str(&format!("{},{fk},{score}\n", task(i)));
    }
    let read = |bytes: &[u8], threads| {
        let dir = tempfile::TempDir::new().unwrap();
        let options = ReadOptions {
            threads,
            task_column: Some("task".to_owned()),
            ..ReadOptions::default()
        };
        read_tasks(&[Source::Path(write(&dir, "input", bytes))], &options).unwrap()
    };
    let alone = read(text.as_bytes(), 1);
    assert_eq!(alone.len(), 5);
    assert_eq!(read(text.as_bytes(), 2), alone);
    let tasks: Vec<String> = (0..rows.len()).map(task).collect();
    let tasks: Vec<&str> = tasks.iter().map(String::as_str).collect();
    let fks: Vec<&str> = rows.iter().map(|(fk, _)| fk.as_str()).collect();
    let scores: Vec<f64> = rows.iter().map(|(_, score)| *score).collect();
    let table = batch(vec![
        ("score", floats(&scores)),
        ("task", strings(&tasks)),
        ("fk", strings(&fks)),
    ]);
    for format in FORMATS {
        let bytes = encode(format, std::slice::from_ref(&table));
        assert_eq!(read(&bytes, 2), alone, "{format:?}");
    }
}

#[test]
fn statistics_are_those_of_two_passes() {
    let rows = rows();
    for fk in read_on(2, &csv(&rows)).unwrap().fks() {
        let Sample::Scores(stats) = fk.sample else {
            panic!("{fk:?}")
        };
        let own = || rows.iter().filter(|(name, _)| *name == fk.name);
        let n = own().count() as f64;
        let mean = own().map(|(_, score)| score).sum::<f64>() / n;
        let sum_sq: f64 = own().map(|(_, score)| (score - mean).powi(2)).sum();
        approx::assert_relative_eq!(stats.mean().unwrap(), mean, max_relative = 1e-12);
        approx::assert_relative_eq!(stats.sum_sq(), sum_sq, max_relative = 1e-12);
    }
}

#[test]
fn scores_far_from_zero_keep_their_digits() {
    let text = |offset: f64| {
        let mut text = "fk,score\n".to_owned();
        for i in 0..1000 {
            text.push_str(&format!("a,{}\n", offset + f64::from(i % 7)));
        }
        text
    };
    let sum_sq = |text: &str| match read_on(1, text).unwrap().fks()[0].sample {
        Sample::Scores(stats) => stats.sum_sq(),
        Sample::Estimate { .. } => panic!("scores gave an estimate"),
    };
    // Sums of squares about zero would keep no more than two digits.
    approx::assert_relative_eq!(sum_sq(&text(1e7)), sum_sq(&text(0.0)), max_relative = 1e-9);
}

#[test]
fn quoted_fields_may_stand_across_blocks() {
    // Rows of a hundred bytes with line breaks, commas and quotes in names, at every offset to a block.
    let name = "\"a\nb,\"\"c\"\"\n\n\"";
    let row = format!("{name},1,{}\n", "x".repeat(100 - name.len() - 4));
    assert_eq!(row.len(), 100);
    for shift in [0, 1, 7, 13, 50] {
        let header = format!("fk,score,{}\n", "n".repeat(90 + shift));
        let text = header + &row.repeat(16_000);
        for threads in [1, 2] {
            let data = read_on(threads, &text).unwrap();
            assert_eq!(data.fks().len(), 1);
            assert_eq!(data.fks()[0].name, "a\nb,\"c\"\n\n");
            assert_eq!(data.fks()[0].sample.n(), Some(16_000));
        }
    }
}

#[test]
fn faults_far_down_are_told_with_their_lines() {
    let rows = rows();
    let sound = csv(&rows);
    let line = |text: &str| {
        let (place, problem) = refusal(read_on(2, text));
        let (alone, _) = refusal(read_on(1, text));
        assert_eq!(place, alone);
        (place.line.unwrap(), problem)
    };
    let last = rows.len() as u64 + 2;
    let (at, problem) = line(&format!("{sound}a\"b,1\n{sound}"));
    assert!(matches!(problem, InputProblem::StrayQuote), "{problem}");
    assert_eq!(at, last);
    let (at, problem) = line(&format!("{sound}\"a,1\nb,2\n"));
    assert!(matches!(problem, InputProblem::UnclosedQuote), "{problem}");
    assert_eq!(at, last);
    let (at, problem) = line(&format!("{sound}\"a,1\n{sound}"));
    assert!(matches!(problem, InputProblem::UnclosedQuote), "{problem}");
    assert_eq!(at, last);
    let (at, problem) = line(&format!("{sound}\n\n\"a\nb\",1\na,x\n{sound}b\n"));
    assert!(
        matches!(problem, InputProblem::NotANumber { .. }),
        "{problem}"
    );
    assert_eq!(at, last + 4);
}

#[test]
fn an_estimate_meets_scores_on_the_line_where_they_are_first() {
    let mut text = csv(&rows());
    text.push_str("e,1\ne,2\n");
    let inputs: [&[u8]; 2] = [b"fk,mean,se\ne,1,1\n", text.as_bytes()];
    let (place, problem) = refusal(read_all(&inputs, &ReadOptions::default()));
    assert!(matches!(problem, InputProblem::NotMergeable), "{problem}");
    assert_eq!((place.line, place.fk.as_deref()), (Some(90_002), Some("e")));
}

/// Rows of aggregated scores in several blocks; some lines, from 1, hold something else.
fn aggregated(other: &[(usize, &str)]) -> String {
    let row = |k: usize| format!("table_{}.key_{k},{},{}.5,2", k % 3, 2 + k % 9, k % 100);
    let header = "fk,n,mean,sd".to_owned();
    let mut lines: Vec<String> = std::iter::once(header)
        .chain((0..60_000).map(row))
        .collect();
    for (line, text) in other {
        lines[line - 1] = (*text).to_owned();
    }
    lines.join("\n")
}

#[test]
fn aggregated_rows_are_the_same_whatever_the_threads() {
    let text = aggregated(&[(50_000, "'one score,1,3,")]);
    assert!(text.len() > 3 << 19);
    let data = read_on(1, &text).unwrap();
    assert_eq!(data.fks().len(), 60_000);
    for threads in [0, 2, 3, 7] {
        assert_eq!(read_on(threads, &text).unwrap(), data, "{threads} threads");
    }
}

/// Although rows below were read at the same time.
#[test]
fn the_first_wrong_row_is_told_of_aggregated_scores() {
    let again = (40_000, "table_0.key_0,3,1,2");
    let word = (50_000, "x,3,one,2");
    let short = (55_000, "y,3");
    let refused = |threads, other: &[(usize, &str)]| {
        let told = read_on(threads, &aggregated(other)).unwrap_err();
        told.to_string()
    };
    for threads in [1, 2] {
        let told = refused(threads, &[short, word, again]);
        assert!(
            told.contains("line 40000") && told.contains("line 2 and again"),
            "{told}"
        );
        let told = refused(threads, &[short, word]);
        assert!(
            told.contains("line 50000") && told.contains("FK 'x'"),
            "{told}"
        );
        let told = refused(threads, &[short]);
        assert!(
            told.contains("line 55000") && told.contains("2 fields"),
            "{told}"
        );
    }
}

/// Aggregated scores in a text of several blocks, with names that need quotes, hold more than ASCII, or begin alike.
fn stats_rows() -> Vec<String> {
    (0..60_000_usize)
        .map(|i| {
            let name = match i % 4 {
                0 => format!("table_{i}.\u{e9}tat_{i}"),
                1 => format!("\"table_{i},key\""),
                2 => format!("\"a \"\"{i}\"\"\""),
                _ => format!("table_{i}"),
            };
            format!("{name},{},{},{}", 2 + i % 7, i as f64 / 8.0, 1 + i % 3)
        })
        .collect()
}

fn stats(rows: &[String]) -> Vec<u8> {
    let text = format!("fk,n,mean,sd\n{}\n", rows.join("\n"));
    assert!(text.len() > 3 << 19);
    text.into_bytes()
}

#[test]
fn aggregated_scores_of_several_blocks_are_those_of_one() {
    let rows = stats_rows();
    let data = read_all(&[&stats(&rows)], &ReadOptions::default()).unwrap();
    let few: Vec<Data> = rows
        .chunks(1000)
        .map(|some| {
            let text = format!("fk,n,mean,sd\n{}\n", some.join("\n"));
            read_on(1, &text).unwrap()
        })
        .collect();
    let one_by_one: Vec<_> = few.iter().flat_map(|data| data.fks().to_vec()).collect();
    assert_eq!(data.fks(), one_by_one);
    assert_eq!(data.fks()[2].name, "a \"2\"");
    assert_eq!(data.place("table_59999"), Some(59_999));
    for threads in [1, 2, 7] {
        let text = String::from_utf8(stats(&rows)).unwrap();
        assert_eq!(read_on(threads, &text).unwrap(), data, "{threads} threads");
    }
    // As tasks they are the same FKs, each twice.
    let dir = tempfile::TempDir::new().unwrap();
    let mut text = "task,fk,n,mean,sd\n".to_owned();
    for task in ["one", "two"] {
        for row in &rows {
            text.push_str(&format!("{task},{row}\n"));
        }
    }
    let options = ReadOptions {
        task_column: Some("task".to_owned()),
        ..ReadOptions::default()
    };
    let path = write(&dir, "tasks.csv", text.as_bytes());
    let tasks = read_tasks(&[Source::Path(path)], &options).unwrap();
    for task in 0..2 {
        assert_eq!(tasks.data(task).unwrap(), data);
    }
}

#[test]
fn what_is_wrong_with_aggregated_scores_is_told_whichever_block_it_is_in() {
    let rows = stats_rows();
    let wrong = |row: &[u8]| {
        let mut text = stats(&rows);
        text.extend_from_slice(row);
        text.extend_from_slice(b"\nz,0,nonsense,nonsense\n");
        refusal(read_all(&[&text], &ReadOptions::default()))
    };
    let line = Some(rows.len() as u64 + 2);
    let (place, problem) = wrong(b"table_3,2,1,1");
    assert_eq!((place.line, place.fk.as_deref()), (line, Some("table_3")));
    assert!(problem.to_string().contains("line 5"), "{problem}");
    let (place, problem) = wrong(b"\xff\xfe,2,1,1");
    assert_eq!((place.line, place.column.as_deref()), (line, Some("fk")));
    assert!(matches!(problem, InputProblem::NotUtf8 { .. }), "{problem}");
    let (place, problem) = wrong(b" ,2,1,1");
    assert_eq!((place.line, place.fk), (line, None));
    assert!(matches!(problem, InputProblem::BlankFk), "{problem}");
    // A second name is wrong before its numbers are.
    let (place, problem) = wrong(b"table_3,2,one,1");
    assert!(matches!(problem, InputProblem::DuplicateFk { .. }));
    assert_eq!((place.line, place.column.as_deref()), (line, Some("fk")));
    let (place, _) = wrong(b"y,2,one,1");
    assert_eq!((place.line, place.column.as_deref()), (line, Some("mean")));
    assert_eq!(place.fk.as_deref(), Some("y"));
}
