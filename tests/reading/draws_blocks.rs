//! Ranges of parameters read back from draws files: ours, those that others wrote again, damaged ones.

use super::draws_scratch::{CHAINS, Case, DRAWS, LAYOUTS};
use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use fkbayes::draws::{DrawsFile, DrawsSource, Layout};
use std::fs::File;
use std::path::Path;

/// The file written again by the Arrow library: with batches of `rows` rows, compressed or not.
fn write_again(path: &Path, rows: usize, compression: Option<CompressionType>) {
    let reader = FileReader::try_new(File::open(path).unwrap(), None).unwrap();
    let schema = reader.schema();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    let options = IpcWriteOptions::default();
    let options = options.try_with_compression(compression).unwrap();
    let file = File::create(path).unwrap();
    let mut writer = FileWriter::try_new_with_options(file, &schema, options).unwrap();
    for batch in batches {
        for first in (0..batch.num_rows()).step_by(rows) {
            let count = rows.min(batch.num_rows() - first);
            writer.write(&batch.slice(first, count)).unwrap();
        }
    }
    writer.finish().unwrap();
}

#[test]
fn files_that_others_wrote_again_hold_the_same() {
    let case = Case::new();
    for layout in LAYOUTS {
        for (rows, compression) in [
            (100_000, None),
            (37, None),
            (500, Some(CompressionType::LZ4_FRAME)),
        ] {
            let path = case.path("draws.arrow");
            std::fs::write(&path, case.uninterrupted(&path, layout)).unwrap();
            write_again(&path, rows, compression);
            case.assert_holds(&path, DRAWS);
        }
    }
}

#[test]
fn every_range_is_the_part_of_the_whole() {
    let case = Case::new();
    for layout in LAYOUTS {
        let path = case.path("draws.arrow");
        std::fs::write(&path, case.uninterrupted(&path, layout)).unwrap();
        let file = DrawsFile::open(&path).unwrap();
        let count = file.columns().len();
        for (first, end) in [(0, 1), (1, 4), (2, 7), (3, 5), (count - 1, count), (5, 5)] {
            let block = file.block(first..end).unwrap();
            assert_eq!(block.dim(), (end - first, CHAINS as usize, DRAWS as usize));
            for ((p, chain, draw), &value) in block.indexed_iter() {
                let expected = Case::value(chain as u32, draw as u32, first + p);
                assert_eq!(value, expected, "{layout} {first}..{end}");
            }
        }
    }
}

/// Damage anywhere in what describes the file: an error or the draws, never a panic, nor memory that
/// the file is too small to fill.
#[test]
fn damage_is_survived() {
    let case = Case::new();
    let path = case.path("draws.arrow");
    let bytes = case.uninterrupted(&path, Layout::List);
    let footer = bytes.len() - 10 - footer_length(&bytes);
    let first_batch = bytes.len() / 4 / 64 * 64;
    let ranges = [0..2000, first_batch..first_batch + 64, footer..bytes.len()];
    for at in ranges.into_iter().flat_map(|range| range.step_by(29)) {
        for mask in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= mask;
            std::fs::write(&path, &damaged).unwrap();
            if let Ok(file) = DrawsFile::open(&path) {
                let _ = file.block(0..file.columns().len());
            }
        }
    }
    for length in [0, 5, 10, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(DrawsFile::open(&path).is_err(), "{length}");
    }
}

fn footer_length(bytes: &[u8]) -> usize {
    let last = &bytes[bytes.len() - 10..];
    u32::from_le_bytes([last[0], last[1], last[2], last[3]]) as usize
}
