#![no_main]

use libfuzzer_sys::fuzz_target;
use miniman_log::query::Haystack;
use miniman_log::{Facts, IoStream, Query, RecordBatch, Severity, Timestamp, ansi};

fuzz_target!(|input: (&str, &str)| {
    let (source, body) = input;
    let query = match Query::parse(source) {
        Ok(query) => query,
        Err(error) => {
            assert!(source.is_char_boundary(error.position));
            assert!(error.position_chars + error.length <= source.chars().count());
            return;
        }
    };
    assert_eq!(Query::parse(&query.to_string()).as_ref(), Ok(&query));
    // A newline ends a line: no body holds one.
    let body = body.replace('\n', " ");
    let mut batch = RecordBatch::new();
    batch.push_str(Timestamp(0), IoStream::Stdout, Severity::INFO, &body, 0);
    let (record, facts) = (batch.get(0), Facts { container: "web", stack: "", service: "" });
    let matches = query.matches(&record, &facts);
    let visible = ansi::strip(&body);
    let admits = |necessary: miniman_log::Necessary| necessary.admits(&visible, record.iostream, record.severity);
    assert!(!matches || admits(query.necessary()) && admits(query.necessary_in(&facts)));
    if let Some(finder) = query.finder() {
        let found = finder.lines(&batch, &mut Haystack::new()).next().is_some();
        assert!(found || !matches);
        assert!(!found || matches || !finder.is_exact());
    }
    for range in query.highlights(&body) {
        assert!(!range.is_empty() && visible.get(range).is_some());
    }
});
