//! Inputs that promise more than they hold, and those that were once found to do harm.

use std::path::Path;

use fkbayes::Error;
use fkbayes::data::{InputProblem, ReadOptions, Source, read, read_costs, read_with_scores};
use fkbayes::draws::{DrawsFile, DrawsSource, is_draws_file};
use fkbayes::model::ModelFile;
use fkbayes::study::read_partial;
use tempfile::TempDir;

use crate::support::{read_one, refusal, write};

fn seed(name: &str) -> Vec<u8> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reading/seeds");
    std::fs::read(seeds.join(name)).unwrap()
}

/// Where `pattern` stands in `bytes`.
fn places(bytes: &[u8], pattern: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(pattern.len()).enumerate();
    windows
        .filter(|(_, w)| *w == pattern)
        .map(|(i, _)| i)
        .collect()
}

#[test]
fn an_arrow_buffer_that_says_it_unpacks_to_a_terabyte_is_refused() {
    for name in ["keys.arrow", "keys.arrows"] {
        let mut bytes = seed(name);
        // The magic of an LZ4 frame, before it the length that the buffer says it has when unpacked.
        let frames = places(&bytes, &[0x04, 0x22, 0x4D, 0x18]);
        assert!(!frames.is_empty());
        bytes[frames[0] - 8..frames[0]].copy_from_slice(&(1_u64 << 40).to_le_bytes());
        let (_, problem) = refusal(read_one(&bytes));
        assert!(
            matches!(problem, InputProblem::Bomb { .. }),
            "{name}: {problem}"
        );
        assert!(problem.to_string().contains("1099511627776"));
    }
}

#[test]
fn an_arrow_batch_that_says_it_has_a_million_million_rows_is_refused() {
    for name in ["plain.arrow", "plain.arrows"] {
        let mut bytes = seed(name);
        // Lengths of the first batch and of its columns.
        for at in places(&bytes, &128_i64.to_le_bytes()) {
            bytes[at..at + 8].copy_from_slice(&(1_i64 << 40).to_le_bytes());
        }
        let (_, problem) = refusal(read_one(&bytes));
        let problem = problem.to_string();
        assert!(
            problem.contains("promises 1099511627776 rows"),
            "{name}: {problem}"
        );
    }
}

#[test]
fn a_parquet_footer_longer_than_any_is_refused() {
    let mut bytes = seed("plain.parquet");
    let end = bytes.len();
    bytes[end - 8..end - 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let (_, problem) = refusal(read_one(&bytes));
    assert!(
        matches!(problem, InputProblem::TooLarge { .. }),
        "{problem}"
    );
}

#[test]
fn a_name_longer_than_any_is_refused() {
    let name = "x".repeat(5000);
    let (place, problem) = refusal(read_one(format!("fk,score\na,1\n{name},2\n")));
    assert!(
        matches!(problem, InputProblem::NameTooLong { .. }),
        "{problem}"
    );
    assert_eq!(place.line, Some(3));
    assert!(problem.to_string().len() < 200);
}

#[test]
fn deep_nesting_and_huge_numbers_in_models_are_refused() {
    let deep = format!("noise = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in [
        deep.as_str(),
        "[sampler]\nchains = 99999999999999999999",
        "noise = \"known=1e999\"",
    ] {
        assert!(ModelFile::parse(text).is_err(), "{}", &text[..20]);
    }
    let dir = TempDir::new().unwrap();
    let long = write(&dir, "long.toml", "#".repeat(2 << 20).as_bytes());
    let message = ModelFile::read(&long).unwrap_err().to_string();
    assert!(message.contains("longer than 1048576 bytes"), "{message}");
}

#[test]
fn a_partial_study_of_more_cells_than_any_is_refused() {
    let text = String::from_utf8(seed("study.partial")).unwrap();
    let many = vec!["5"; 3000].join(",");
    let text = text
        .replacen("[2,3,5,10,20,50,100]", &format!("[{many}]"), 1)
        .replacen("[1.0,10.0]", &format!("[{many}]"), 1);
    let dir = TempDir::new().unwrap();
    let message = read_partial(&write(&dir, "x.partial", text.as_bytes())).unwrap_err();
    assert!(message.to_string().contains("100,000 cells"), "{message}");
}

/// Whatever was found to panic, hang or ask for all memory, by fuzzing or by thought.
#[test]
fn what_was_found_to_do_harm_is_refused_or_read() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reading/corpus");
    for entry in std::fs::read_dir(corpus).unwrap() {
        read_as_everything(&entry.unwrap().path());
    }
}

/// The message of an error is one paragraph at most.
fn told<T>(result: Result<T, Error>) {
    if let Err(error) = result {
        assert!(error.to_string().len() < 2000, "{error}");
    }
}

fn read_as_everything(file: &Path) {
    for wide in [false, true] {
        let options = ReadOptions {
            wide,
            ..ReadOptions::default()
        };
        told(read(&[Source::Path(file.to_owned())], &options));
        told(read_with_scores(&[Source::Path(file.to_owned())], &options));
    }
    told(read_costs(file));
    told(ModelFile::read(file));
    told(read_partial(file));
    let _ = is_draws_file(file);
    let draws = DrawsFile::open(file);
    if let Ok(draws) = &draws {
        told(draws.block(0..draws.columns().names().len()));
    }
    told(draws);
}
