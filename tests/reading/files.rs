//! Files that cannot be read, or hold something else.

use fkbayes::Error;
use fkbayes::data::{InputProblem, ReadOptions, Source, read};
use tempfile::TempDir;

use crate::support::{read_one, refusal, summary, write};

fn problem(bytes: &[u8]) -> InputProblem {
    refusal(read_one(bytes)).1
}

#[test]
fn the_source_is_named_as_typed() {
    assert_eq!(Source::from("-"), Source::Stdin);
    assert_eq!(Source::from("-").to_string(), "standard input");
    assert_eq!(Source::from("./-").to_string(), "./-");
    let error = read(&["no/such.csv".into()], &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().starts_with("no/such.csv: no such file"));
    assert!(error.is_callers_fault());
}

#[test]
fn inputs_that_cannot_be_read_are_refused() {
    let options = ReadOptions::default();
    let dir = TempDir::new().unwrap();
    let directory = read(&[dir.path().to_path_buf().into()], &options);
    assert!(matches!(refusal(directory).1, InputProblem::IsDirectory));
    let twice = read(&["-".into(), "-".into()], &options);
    assert!(matches!(refusal(twice).1, InputProblem::StdinTwice));
    assert!(matches!(read(&[], &options), Err(Error::Setting { .. })));
}

#[cfg(unix)]
#[test]
fn a_file_that_must_not_be_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let path = write(&dir, "secret.csv", b"fk,score\na,1\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    match read(&[path.clone().into()], &ReadOptions::default()) {
        // The superuser may read everything.
        Ok(_) => assert!(std::fs::File::open(&path).is_ok()),
        refused => assert!(matches!(refusal(refused).1, InputProblem::PermissionDenied)),
    }
}

#[test]
fn nothing_to_read_is_refused() {
    for nothing in ["", "\u{feff}", "\n", "\r\n\r\n", "\u{feff}\n"] {
        assert!(
            matches!(problem(nothing.as_bytes()), InputProblem::EmptyFile),
            "{nothing:?}"
        );
    }
    for header in ["fk,score", "fk,score\r\n", "fk,n,mean,sd\n\n"] {
        assert!(
            matches!(problem(header.as_bytes()), InputProblem::NoRows),
            "{header:?}"
        );
    }
}

#[test]
fn other_encodings_and_formats_are_named() {
    let utf16: Vec<u8> = "\u{feff}fk,score\na,1\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert!(matches!(problem(&utf16), InputProblem::Utf16));
    let utf16: Vec<u8> = "\u{feff}fk,score\n"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert!(matches!(problem(&utf16), InputProblem::Utf16));
    assert!(matches!(problem(b"f\0k\0,\0"), InputProblem::NotText));
    assert!(matches!(
        problem(b"\x1F\x8B\x08\0\0\0\0\0"),
        InputProblem::Compressed { kind: "gzip", .. }
    ));
    assert!(matches!(
        problem(b"fk,score\ra,1\rb,2"),
        InputProblem::LoneCarriageReturn
    ));
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let (place, header) = refusal(read_one(b"fk,sc\xF6re\na,1\n"));
    assert!(matches!(header, InputProblem::NotUtf8 { .. }));
    assert_eq!(place.line, Some(1));
    let (place, name) = refusal(read_one(b"fk,score\na,1\n\xE4,1\n"));
    assert!(matches!(name, InputProblem::NotUtf8 { .. }));
    assert_eq!((place.line, place.column.as_deref()), (Some(3), Some("fk")));
    let (_, number) = refusal(read_one(b"fk,score\na,\xE4\n"));
    assert!(matches!(number, InputProblem::NotANumber { .. }));
}

#[cfg(unix)]
#[test]
fn pipes_are_read_in_every_format() {
    use crate::support::{FORMATS, encode, long};
    let dir = TempDir::new().unwrap();
    let mut inputs = vec![b"fk,score\na,1\na,3\n".to_vec()];
    inputs.extend(FORMATS.map(|format| encode(format, &[long(&[("a", 1.0), ("a", 3.0)])])));
    for (i, bytes) in inputs.into_iter().enumerate() {
        let pipe = dir.path().join(format!("pipe{i}"));
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::write(pipe, bytes).unwrap()
        });
        let data = read(&[pipe.into()], &ReadOptions::default()).unwrap();
        writer.join().unwrap();
        assert_eq!(summary(&data), [("a".to_owned(), 2, Some(2.0))]);
    }
}
