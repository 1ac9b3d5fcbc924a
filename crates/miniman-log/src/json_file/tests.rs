use proptest::prelude::*;

use super::*;
use crate::testing::{Found, feed_all, feed_chunks};

fn read(bytes: &[u8]) -> Found {
    feed_all(bytes, |bytes, sink| JsonFileParser::new(0).feed(bytes, sink))
}

fn one(line: &str) -> (String, bool) {
    let found = read(format!("{line}\n").as_bytes());
    assert_eq!(found.damage, [], "{line}");
    assert_eq!(found.parts.len(), 1, "{line}");
    let part = &found.parts[0];
    (String::from_utf8_lossy(&part.bytes).into_owned(), part.newline)
}

const TIME: &str = r#""time":"2026-11-21T14:02:07.113Z""#;

#[test]
fn entries_as_docker_writes_them_are_read() {
    let check = |log: &str, body: &str, newline: bool| {
        assert_eq!(
            one(&format!(r#"{{"log":"{log}","stream":"stdout",{TIME}}}"#)),
            (body.to_owned(), newline)
        );
    };
    check(r"hello\n", "hello", true);
    check(r"\n", "", true);
    check("", "", false);
    check("part", "part", false);
    check(
        r#"a \"quoted\" word and a longer run without\n"#,
        r#"a "quoted" word and a longer run without"#,
        true,
    );
    check(
        r"tab\u0009esc\u001b[31m \u003cb\u003e \u0026 \\ \/ \r\n",
        "tab\tesc\u{1b}[31m <b> & \\ / \r",
        true,
    );
    check(r"\u00e4 \ud83d\ude00 \u2028 ä\n", "ä 😀 \u{2028} ä", true);
    check(r"\ud83d x \ude00 \ud83d\u0041 \ufffd\n", "\u{fffd} x \u{fffd} \u{fffd}A \u{fffd}", true);
    check(r"\b\f\\n", "\u{8}\u{c}\\n", false);
    check(r"two\nlines\n", "two\nlines", true);
}

#[test]
fn stream_time_and_offsets_are_told() {
    let text = format!(
        "{{\"log\":\"a\\n\",\"stream\":\"stderr\",{TIME}}}\n{{\"log\":\"b\\n\",\"stream\":\"stdout\",\"attrs\":{{\"tag\":\"x\\\"y}}\",\"b\":\"\"}},{TIME}}}\n"
    );
    let mut found = Found::default();
    let mut parser = JsonFileParser::new(1000);
    assert_eq!(parser.feed(text.as_bytes(), &mut found), text.len());
    assert_eq!(parser.offset(), 1000 + text.len() as u64);
    let first = text.find('\n').unwrap() as u64 + 1;
    let spans: Vec<_> = found.parts.iter().map(|part| (part.start, part.end)).collect();
    assert_eq!(spans, [(1000, 1000 + first), (1000 + first, 1000 + text.len() as u64)]);
    assert_eq!(found.parts[0].iostream, IoStream::Stderr);
    assert_eq!(found.parts[1].iostream, IoStream::Stdout);
    assert_eq!(found.parts[0].timestamp.to_string(), "2026-11-21T14:02:07.113000000Z");
}

#[test]
fn any_json_that_says_the_same_is_read() {
    for line in [
        format!(r#"{{"stream":"stdout",{TIME},"log":"x\n"}}"#),
        format!(r#" {{ "log" : "x\n" , "stream" : "stdout" , {TIME} }} "#),
        format!(r#"{{"log":"x\n","stream":"stdout","attrs":{{"n":[1,{{}}]}},{TIME}}}"#),
        format!(
            r#"{{"new":null,"l\u006fg":"\u0078\n","stream":"std\u006fut",{TIME},"more":[{{"log":"no"}}]}}"#
        ),
        format!(r#"{{"log":"x\n","stream":"stdout",{TIME},"attrs":{{}}}}"#),
        format!(r#"{{"log":"x\n","stream":"stdout","attrs":{{}},{TIME}}}"#),
    ] {
        assert_eq!(one(&line), ("x".to_owned(), true), "{line}");
    }
}

#[test]
fn what_is_no_entry_is_damage_and_the_next_line_is_read() {
    let good = format!(r#"{{"log":"x\n","stream":"stdout",{TIME}}}"#);
    for bad in [
        "",
        "garbage",
        "{}",
        "[]",
        r#"{"log":"x\n","stream":"stdout"}"#,
        r#"{"log":"x\n","stream":"stdout","time":"yesterday"}"#,
        r#"{"log":"x\n","stream":"stdin","time":"2026-11-21T14:02:07Z"}"#,
        r#"{"log":"x\q\n","stream":"stdout","time":"2026-11-21T14:02:07Z"}"#,
        r#"{"log":"x\u12"#,
        r#"{"log":5,"stream":"stdout","time":"2026-11-21T14:02:07Z"}"#,
        r#"{"log":"x\n","stream":"stdout","attrs":{"a"},"time":"2026-11-21T14:02:07Z"}"#,
    ] {
        let found = read(format!("{bad}\n{good}\n").as_bytes());
        assert_eq!(found.damage, [(0, bad.len() as u64 + 1)], "{bad}");
        assert_eq!(found.parts.len(), 1, "{bad}");
    }
}

#[test]
fn a_torn_entry_costs_only_itself() {
    let good = format!(r#"{{"log":"x\n","stream":"stdout",{TIME}}}"#);
    for cut in 1..good.len() {
        let found = read(format!("{}{good}\n", &good[..cut]).as_bytes());
        assert_eq!(found.damage, [(0, cut as u64)], "{cut}");
        assert_eq!(found.parts.len(), 1);
    }
}

#[test]
fn runs_of_nul_are_damage_and_nothing_else_is_lost() {
    let good = format!(r#"{{"log":"x\n","stream":"stdout",{TIME}}}"#);
    let found = read(format!("\0\0\0{good}\n{good}\0\0{good}\n\0").as_bytes());
    let len = good.len() as u64;
    assert_eq!(found.parts.len(), 3);
    assert_eq!(found.damage, [(0, 3), (2 * len + 4, 2 * len + 6), (3 * len + 7, 3 * len + 8)]);
}

#[test]
fn nothing_past_the_last_newline_is_consumed() {
    let good = format!("{{\"log\":\"x\\n\",\"stream\":\"stdout\",{TIME}}}\n");
    let mut found = Found::default();
    let mut parser = JsonFileParser::new(0);
    let torn = [good.as_bytes(), &good.as_bytes()[..20]].concat();
    assert_eq!(parser.feed(&torn, &mut found), good.len());
    assert_eq!(parser.feed(good.as_bytes(), &mut found), good.len());
    assert_eq!(found.parts.len(), 2);
    assert_eq!(found.damage, []);
}

#[test]
fn an_endless_line_is_dropped_as_it_comes() {
    let (mut found, mut parser) = (Found::default(), JsonFileParser::new(0));
    let junk = vec![b'x'; ENTRY_BYTES_MAX + 1];
    assert_eq!(parser.feed(&junk[1..], &mut found), 0);
    assert_eq!(parser.feed(&junk, &mut found), junk.len());
    assert_eq!(parser.feed(&junk, &mut found), junk.len());
    let good = format!("x\n{{\"log\":\"x\\n\",\"stream\":\"stdout\",{TIME}}}\n");
    parser.feed(good.as_bytes(), &mut found);
    assert_eq!(found.merged_damage(), [(0, 2 * junk.len() as u64 + 2)]);
    assert_eq!(found.parts.len(), 1);
}

#[test]
fn a_full_part_of_control_characters_fits_an_entry() {
    let log = "\\u0000".repeat(crate::PART_BYTES);
    let (body, newline) = one(&format!(r#"{{"log":"{log}","stream":"stdout",{TIME}}}"#));
    assert_eq!((body.len(), newline), (crate::PART_BYTES, false));
}

/// Pieces that files are made of, whole and broken.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let line = "[a-z\"\\\\\t<ä😀\u{1b}\r]{0,40}".prop_map(|text| {
        let log = serde_json::to_string(&format!("{text}\n")).unwrap();
        format!("{{\"log\":{log},\"stream\":\"stderr\",{TIME}}}\n").into_bytes()
    });
    prop_oneof![
        6 => line.clone(),
        1 => (line, any::<prop::sample::Index>()).prop_map(|(line, at)| line[..at.index(line.len())].to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
        1 => (1_usize..9).prop_map(|len| vec![0; len]),
        1 => Just(b"\n".to_vec()),
    ]
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same(pieces in proptest::collection::vec(piece(), 0..12), cuts in proptest::collection::vec(1_usize..90, 1..40)) {
        let bytes = pieces.concat();
        let whole = read(&bytes);
        let mut parser = JsonFileParser::new(0);
        let (chunked, consumed) = feed_chunks(&bytes, &cuts, |bytes, sink| parser.feed(bytes, sink));
        prop_assert_eq!(&whole.parts, &chunked.parts);
        prop_assert_eq!(whole.merged_damage(), chunked.merged_damage());
        prop_assert_eq!(whole.covered(), consumed as u64);
    }

    #[test]
    fn no_bytes_panic_and_all_are_accounted_for(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes);
    }

    #[test]
    fn both_ways_of_reading_agree(log in "\\PC{0,30}\n?", stderr in any::<bool>()) {
        let stream = if stderr { "stderr" } else { "stdout" };
        let log_json = serde_json::to_string(&log).unwrap();
        let line = format!("{{\"log\":{log_json},\"stream\":\"{stream}\",{TIME}}}");
        let (mut a, mut b) = (text::Text::default(), text::Text::default());
        let fast = plain(line.as_bytes(), &mut a).unwrap();
        let slow = odd::entry(line.as_bytes(), &mut b).unwrap();
        prop_assert_eq!(fast.borrow(a.bytes()), slow.borrow(b.bytes()));
        let body = fast.borrow(a.bytes()).bytes.to_vec();
        prop_assert_eq!(body, log.strip_suffix('\n').unwrap_or(&log).as_bytes());
    }
}
