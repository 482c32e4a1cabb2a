//! Columnar inputs cut short or damaged: refused, never a panic, never half the scores.

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use fkbayes::data::InputProblem;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::support::{Columnar, FORMATS, encode, long, names, read_one, refusal};

fn table() -> RecordBatch {
    long(&[("a", 1.0), ("b", 2.0), ("a", 3.0)])
}

#[test]
fn an_input_cut_anywhere_is_refused() {
    for format in FORMATS {
        let whole = encode(format, &[table(), table()]);
        assert!(read_one(&whole).is_ok());
        for length in 8..whole.len() {
            let (_, problem) = refusal(read_one(&whole[..length]));
            let told = matches!(
                problem,
                InputProblem::Truncated { .. } | InputProblem::Damaged { .. }
            );
            assert!(told, "{format:?} cut at {length}: {problem}");
        }
    }
}

#[test]
fn a_stream_without_its_end_marker_is_refused() {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &table().schema()).unwrap();
    writer.write(&table()).unwrap();
    writer.flush().unwrap();
    drop(writer);
    let (_, problem) = refusal(read_one(&bytes));
    assert!(
        matches!(problem, InputProblem::Truncated { .. }),
        "{problem}"
    );
}

#[test]
fn bytes_after_the_end_of_a_stream_are_refused() {
    let stream = encode(Columnar::Stream, &[table()]);
    let (_, problem) = refusal(read_one([stream.clone(), stream].concat()));
    assert!(problem.to_string().contains("follow the end"), "{problem}");
}

#[test]
fn a_flipped_byte_never_ends_in_a_panic() {
    for format in FORMATS {
        let whole = encode(format, &[table()]);
        for i in 8..whole.len() {
            for flip in [0x80, 0xFF, 0x01] {
                let mut bytes = whole.clone();
                bytes[i] ^= flip;
                // It may pass unnoticed (in a value or in padding): what counts is that it returns.
                if let Ok(data) = read_one(&bytes) {
                    assert!(!names(&data).is_empty());
                }
            }
        }
    }
}

#[test]
fn parquet_in_its_usual_compressions_is_read() {
    for codec in [Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default())] {
        let properties = WriterProperties::builder().set_compression(codec).build();
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, table().schema(), Some(properties)).unwrap();
        writer.write(&table()).unwrap();
        writer.close().unwrap();
        assert_eq!(names(&read_one(&bytes).unwrap()), ["a", "b"]);
    }
}

#[test]
fn a_compression_that_is_not_read_is_named() {
    let codec = Compression::SNAPPY;
    let properties = WriterProperties::builder().set_compression(codec).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, table().schema(), Some(properties)).unwrap();
    writer.write(&table()).unwrap();
    writer.close().unwrap();
    // Somewhere in the metadata stands snappy (1, zigzag 2), which becomes gzip (2, zigzag 4).
    let renamed = (8..bytes.len()).filter(|&i| bytes[i] == 2).any(|i| {
        let mut bytes = bytes.clone();
        bytes[i] = 4;
        let error = read_one(&bytes)
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default();
        error.contains("Parquet file compressed with gzip, which is not read here")
    });
    assert!(renamed);
}
