use super::*;

/// All values at `path`, with `{}` for objects and arrays.
fn check(line: &str, path: &str, expected: &[&str]) {
    let mut found = Vec::new();
    any(line, &Needle::new(path), &mut String::new(), &mut |value| {
        assert!(line.get(value.range.clone()).is_some(), "{path} in {line}: {value:?}");
        found.push(value.text.unwrap_or("{}").to_owned());
        false
    });
    assert_eq!(found, expected, "{path} in {line}");
}

#[test]
fn values_of_objects_are_found_at_any_depth() {
    let line = r#" {"a":{"b":[1,[2,{"c":true}],"x"],"B":3},"a.b":4,"a":{"b":null},"d":{},"e":[],"":5} "#;
    check(line, "a.b", &["{}", "1", "{}", "2", "{}", "x", "3", "4", "null"]);
    check(line, "a.B", &["3"]);
    check(line, "a.b.c", &["true"]);
    check(line, "a", &["{}", "{}"]);
    check(line, "d", &["{}"]);
    check(line, "e", &["{}"]);
    check(line, "b", &[]);
}

#[test]
fn escapes_are_read() {
    check(
        r#"{"k\/e":"\u00e4\ud83d\ude00\n\"\\","k\/e":"\ud83d","x":"\q"}"#,
        "k/e",
        &["ä😀\n\"\\", "\u{fffd}"],
    );
    check(r#"{"x":"\q\u12"}"#, "x", &[r"\q\u12"]);
    check(r#"x="a\tb\x21\xff""#, "x", &["a\tb!\u{fffd}"]);
    // Nobody writes letters so, and blocks are pruned by them.
    check(r#"{"x":"\u0061"}"#, "x", &["\u{fffd}"]);
}

#[test]
fn what_is_broken_ends_the_search() {
    check(r#"{"a":1,"b":2"#, "a", &["1"]);
    check(r#"{"a":1,"b":"cut"#, "b", &[]);
    check(r#"{"a":1,}"#, "a", &["1"]);
    check(r#"{"a"1,"b":2}"#, "b", &[]);
    check("{", "a", &[]);
    check("{\"a\":[", "a", &["{}"]);
    check(&format!("{}1", "{\"a\":".repeat(10_000)), &format!("a{}", ".a".repeat(2_000)), &[]);
    check(&format!("{{\"a\":{}", "[".repeat(100_000)), "a", &["{}"; FIELDS_OPEN]);
}

/// Arrays in each other that are entered.
const FIELDS_OPEN: usize = crate::query::FIELD_DEPTH_MAX;

#[test]
fn pairs_stand_anywhere_in_text() {
    let line = r#"10:00 INFO (app) done a=1 b="two words" c=x=y, d=; e= [f=5] A=6 g="open"#;
    check(line, "a", &["1", "6"]);
    check(line, "b", &["two words"]);
    check(line, "c", &["x=y"]);
    check(line, "d", &[""]);
    check(line, "e", &[""]);
    check(line, "f", &["5]"]);
    check(line, "g", &["\"open"]);
    check(line, "words", &[]);
    check(r#"x {"a":{"b":1}} b=2"#, "a.b", &["1"]);
}
