//! Columns of Parquet and Arrow: the types that hold names and scores, and those that do not.

use std::sync::Arc;

use arrow_array::types::{Int8Type, Int16Type, Int32Type, UInt8Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float32Array, Float64Array, Int64Array, LargeStringArray,
    NullArray, RecordBatch, StringArray, StringViewArray, UInt8Array,
};
use arrow_cast::cast;
use arrow_schema::{DataType, Schema};
use fkbayes::data::{InputProblem, ReadOptions};

use crate::support::{
    Columnar, FORMATS, batch, encode, floats, names, read_all, read_one, read_wide, refusal,
    strings, summary,
};

fn dictionary<K: arrow_array::types::ArrowDictionaryKeyType>(values: &DataType) -> ArrayRef {
    let to = DataType::Dictionary(Box::new(K::DATA_TYPE), Box::new(values.clone()));
    cast(&strings(&["b", "a", "b"]), &to).unwrap()
}

#[test]
fn names_may_have_any_type_of_text() {
    let fks: Vec<ArrayRef> = vec![
        strings(&["b", "a", "b"]),
        Arc::new(LargeStringArray::from(vec!["b", "a", "b"])),
        Arc::new(StringViewArray::from(vec!["b", "a", "b"])),
        dictionary::<Int8Type>(&DataType::Utf8),
        dictionary::<UInt8Type>(&DataType::LargeUtf8),
        dictionary::<Int16Type>(&DataType::Utf8),
        dictionary::<Int32Type>(&DataType::Utf8View),
        dictionary::<UInt64Type>(&DataType::Utf8),
    ];
    for fk in fks {
        let kind = fk.data_type().clone();
        let table = batch(vec![("fk", fk), ("score", floats(&[1.0, 5.0, 3.0]))]);
        for format in FORMATS {
            // parquet's writer panics on a dictionary of views: there is no such file to read.
            let views =
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8View));
            if format == Columnar::Parquet && kind == views {
                continue;
            }
            let data = read_one(encode(format, &[table.clone(), table.clone()])).unwrap();
            let expected = [
                ("b".to_owned(), 4, Some(2.0)),
                ("a".to_owned(), 2, Some(5.0)),
            ];
            assert_eq!(summary(&data), expected, "{format:?}, {kind}");
        }
    }
}

#[test]
fn names_may_be_integers() {
    let integers: ArrayRef = Arc::new(Int64Array::from(vec![7, -7, 7]));
    for to in [
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
    ] {
        let fk = cast(&integers, &to).unwrap();
        let table = batch(vec![("fk", fk), ("score", floats(&[1.0, 5.0, 3.0]))]);
        for format in FORMATS {
            let data = read_one(encode(format, std::slice::from_ref(&table))).unwrap();
            assert_eq!(names(&data), ["7", "-7"], "{format:?}, {to}");
        }
    }
    let unsigned: ArrayRef = Arc::new(UInt8Array::from(vec![200]));
    let table = batch(vec![("fk", unsigned), ("score", floats(&[1.0]))]);
    assert_eq!(
        names(&read_one(encode(Columnar::Parquet, &[table])).unwrap()),
        ["200"]
    );
}

#[test]
fn scores_may_have_any_numeric_type() {
    let scores = floats(&[1.0, 2.0, 6.0]);
    let types = [
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::Float16,
        DataType::Float32,
        DataType::Decimal128(10, 2),
    ];
    for to in types {
        let table = batch(vec![
            ("fk", strings(&["a", "a", "a"])),
            ("score", cast(&scores, &to).unwrap()),
        ]);
        for format in FORMATS {
            let data = read_one(encode(format, std::slice::from_ref(&table))).unwrap();
            assert_eq!(
                summary(&data),
                [("a".to_owned(), 3, Some(3.0))],
                "{format:?}, {to}"
            );
        }
    }
}

#[test]
fn other_types_are_refused() {
    let table = |fk: ArrayRef, score: ArrayRef| batch(vec![("fk", fk), ("score", score)]);
    let bools: ArrayRef = Arc::new(BooleanArray::from(vec![true]));
    for format in FORMATS {
        for wrong in [bools.clone(), strings(&["1.5"])] {
            let bytes = encode(format, &[table(strings(&["a"]), wrong)]);
            let (place, problem) = refusal(read_one(bytes));
            assert!(
                matches!(problem, InputProblem::WrongType { .. }),
                "{problem}"
            );
            assert_eq!(place.column.as_deref(), Some("score"));
        }
        for wrong in [bools.clone(), floats(&[1.0])] {
            let (place, problem) =
                refusal(read_one(encode(format, &[table(wrong, floats(&[1.0]))])));
            assert!(
                matches!(problem, InputProblem::WrongType { .. }),
                "{problem}"
            );
            assert_eq!(place.column.as_deref(), Some("fk"));
        }
    }
}

#[test]
fn nulls_are_refused_with_their_row() {
    let second_null: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
    let as_dictionary = cast(
        &second_null,
        &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
    )
    .unwrap();
    let whole = batch(vec![
        ("fk", strings(&["a", "a"])),
        ("score", floats(&[1.0, 2.0])),
    ]);
    for format in FORMATS {
        let score: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), None]));
        let table = batch(vec![("fk", strings(&["a", "b"])), ("score", score)]);
        let (place, problem) = refusal(read_one(encode(format, &[whole.clone(), table])));
        assert!(matches!(problem, InputProblem::Blank));
        assert_eq!((place.line, place.fk.as_deref()), (Some(4), Some("b")));
        for fk in [second_null.clone(), as_dictionary.clone()] {
            let table = batch(vec![("fk", fk), ("score", floats(&[1.0, 2.0]))]);
            let (place, problem) = refusal(read_one(encode(format, &[table])));
            assert!(matches!(problem, InputProblem::BlankFk));
            assert_eq!((place.line, place.column.as_deref()), (Some(2), Some("fk")));
        }
        let table = batch(vec![
            ("fk", strings(&["a", " "])),
            ("score", floats(&[1.0, 2.0])),
        ]);
        assert!(matches!(
            refusal(read_one(encode(format, &[table]))).1,
            InputProblem::BlankFk
        ));
    }
}

#[test]
fn names_of_a_dictionary_that_no_row_uses_are_no_fks() {
    let keys = arrow_array::Int32Array::from(vec![1, 1]);
    let fk = arrow_array::DictionaryArray::new(keys, strings(&["unused", "a"]));
    let table = batch(vec![("fk", Arc::new(fk)), ("score", floats(&[1.0, 3.0]))]);
    for format in [Columnar::File, Columnar::Stream] {
        assert_eq!(
            names(&read_one(encode(format, std::slice::from_ref(&table))).unwrap()),
            ["a"]
        );
    }
}

#[test]
fn a_dictionary_without_values_is_a_column_of_nulls() {
    let keys = arrow_array::Int32Array::from(vec![None::<i32>]);
    let fk = arrow_array::DictionaryArray::new(keys, strings(&[]));
    let table = batch(vec![("fk", Arc::new(fk)), ("score", floats(&[1.0]))]);
    let problem = refusal(read_one(encode(Columnar::Stream, &[table]))).1;
    assert!(matches!(problem, InputProblem::BlankFk));
}

#[test]
fn wide_tables_may_have_nulls_and_mixed_types() {
    let table = batch(vec![
        (
            "a",
            Arc::new(Float32Array::from(vec![Some(1.0), None, Some(3.0)])),
        ),
        ("b", Arc::new(Int64Array::from(vec![4, 5, 6]))),
        ("c", Arc::new(NullArray::new(3))),
    ]);
    for format in FORMATS {
        let data = read_wide(encode(format, std::slice::from_ref(&table))).unwrap();
        let expected = [("a", 2, Some(2.0)), ("b", 3, Some(5.0)), ("c", 0, None)]
            .map(|(name, n, mean)| (name.to_owned(), n, mean));
        assert_eq!(summary(&data), expected);
    }
    let index = batch(vec![
        ("a", floats(&[1.0])),
        ("__index_level_0__", floats(&[0.0])),
    ]);
    let problem = refusal(read_wide(encode(Columnar::Parquet, &[index]))).1;
    assert!(problem.to_string().contains("to_parquet(index=False)"));
}

#[test]
fn columns_that_are_not_needed_may_have_any_type() {
    let note: ArrayRef = Arc::new(BooleanArray::from(vec![None, Some(true)]));
    let table = batch(vec![
        ("note", note),
        ("s", floats(&[1.0, 3.0])),
        ("n", floats(&[f64::NAN, 0.0])),
        ("k", strings(&["a", "a"])),
    ]);
    let options = ReadOptions {
        wide: false,
        fk_column: "k".into(),
        score_column: "s".into(),
        ..ReadOptions::default()
    };
    for format in FORMATS {
        let data = read_all(&[&encode(format, std::slice::from_ref(&table))], &options).unwrap();
        assert_eq!(summary(&data), [("a".to_owned(), 2, Some(2.0))]);
    }
}

#[test]
fn a_missing_column_and_a_table_without_rows_are_told() {
    for format in FORMATS {
        let table = batch(vec![("a", floats(&[1.0])), ("b", floats(&[1.0]))]);
        let problem = refusal(read_one(encode(format, &[table]))).1;
        assert!(problem.to_string().contains("'a', 'b'"));
        let none = batch(vec![("fk", strings(&[])), ("score", floats(&[]))]);
        let problem = refusal(read_one(encode(format, &[none]))).1;
        assert!(matches!(problem, InputProblem::NoRows));
    }
}

#[test]
fn a_draws_file_is_sent_to_the_command_that_reads_it() {
    let table = batch(vec![("fk", strings(&["a"])), ("score", floats(&[1.0]))]);
    let metadata = [("fkbayes".to_owned(), "{}".to_owned())].into();
    let schema = Schema::new_with_metadata(table.schema().fields().clone(), metadata);
    let draws = RecordBatch::try_new(Arc::new(schema), table.columns().to_vec()).unwrap();
    for format in FORMATS {
        let bytes = encode(format, std::slice::from_ref(&draws));
        for problem in [refusal(read_one(&bytes)).1, refusal(read_wide(&bytes)).1] {
            assert!(matches!(problem, InputProblem::DrawsFile));
            assert!(problem.to_string().contains("fkbayes summary"));
        }
    }
}
