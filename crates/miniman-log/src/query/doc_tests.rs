//! Runs the examples of `docs/query.md`: each query finds the lines marked `+` and none of those marked `-`.

use super::*;
use crate::{IoStream, Timestamp};

const DOCUMENT: &str = include_str!("../../../../docs/query.md");

#[test]
fn the_documents_examples_are_true() {
    let mut query = None;
    let mut lines = 0;
    for line in examples() {
        let (expected, body) = match line.split_at_checked(4) {
            Some(("  + ", body)) => (true, body),
            Some(("  - ", body)) => (false, body),
            _ => {
                query = Some(Query::parse(line).unwrap_or_else(|error| panic!("{line}: {error}")));
                continue;
            }
        };
        let body = body.replace("\\e", "\u{1b}");
        let record = RecordRef {
            timestamp: Timestamp(0),
            iostream: IoStream::Stdout,
            severity: crate::severity_of(&body),
            body: &body,
            cut: 0,
        };
        let facts = Facts { container: "shop-web-1", stack: "shop", service: "web" };
        let query = query.as_ref().expect("a query stands above its lines");
        assert_eq!(query.matches(&record, &facts), expected, "{query} on {body}");
        lines += 1;
    }
    assert!(lines > 50, "{lines} lines were found in the document");
}

/// The lines of the blocks that are marked `query`.
fn examples() -> impl Iterator<Item = &'static str> {
    let mut inside = false;
    DOCUMENT.lines().filter(move |line| match *line {
        "```query" => {
            inside = true;
            false
        }
        "```" => {
            inside = false;
            false
        }
        line => inside && !line.is_empty(),
    })
}

#[test]
fn the_documents_bounds_are_the_real_ones() {
    let bounds = [
        format!("{QUERY_BYTES_MAX} bytes"),
        format!("{QUERY_TERMS_MAX} terms"),
        format!("{QUERY_REGEXES_MAX} regexes"),
        format!("{QUERY_DEPTH_MAX} deep"),
        format!("{FIELD_DEPTH_MAX} levels"),
        format!("{} MiB", REGEX_BYTES_MAX >> 20),
    ];
    for bound in bounds {
        assert!(DOCUMENT.contains(&bound), "{bound} is not in the document");
    }
}
