//! Quotes, where the lines of a text and its rows part.

use fkbayes::data::InputProblem;

use crate::support::{names, read_one, refusal};

fn stray(text: &str, line: u64) {
    let (place, problem) = refusal(read_one(text));
    assert!(
        matches!(problem, InputProblem::StrayQuote),
        "{text:?}: {problem}"
    );
    assert_eq!(place.line, Some(line), "{text:?}");
}

fn unclosed(text: &str, line: u64) {
    let (place, problem) = refusal(read_one(text));
    assert!(
        matches!(problem, InputProblem::UnclosedQuote),
        "{text:?}: {problem}"
    );
    assert_eq!(place.line, Some(line), "{text:?}");
}

#[test]
fn a_quote_never_closed_is_told_with_the_line_where_it_opens() {
    unclosed("fk,score\na,1\n\"b,2\nc,3\n", 3);
    unclosed("fk,score\na,1\nb,\"2", 3);
    unclosed("\"fk,score\na,1\n", 1);
    unclosed("fk,score\n\"a,1\n\"b\",2\nc,3\n", 2);
}

#[test]
fn a_quote_inside_a_field_is_refused() {
    stray("fk,score\na,1\nb\"x,2\n", 3);
    stray("fk,score\nb\"x\",2\n", 2);
    stray("fk,score\n\"b\"x,2\n", 2);
    stray("fk,score\n \"b\",2\n", 2);
    stray("fk,score,note\na,2,5\" wide\n", 2);
    stray("f\"k,score\na,2\n", 1);
}

#[test]
fn quoted_names_may_hold_anything() {
    let data = read_one("fk,score\n\"a\nb\",1\n\"c,\"\"d\"\"\",2\n\"\"\"\",3\n").unwrap();
    assert_eq!(names(&data), ["a\nb", "c,\"d\"", "\""]);
}

#[test]
fn lines_are_counted_through_quoted_line_breaks() {
    let (place, _) = refusal(read_one("fk,score\n\"a\nb\",1\n\nc,x\n"));
    assert_eq!(place.line, Some(5));
}
