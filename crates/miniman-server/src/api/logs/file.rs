//! What a downloaded answer is called: whose lines, and from when to when.

use std::sync::Arc;

use miniman_hub::Entry;
use miniman_log::Timestamp;

use super::query::LogsQuery;
use crate::api::encode::Format;
use crate::api::wire;

/// Bytes of whose lines they are: with the times and the ending it stays below the 255 that file systems take.
const WHOSE_BYTES_MAX: usize = 150;

/// `web-1_20261121T134707Z_20261121T140207Z.log`; without times where nothing is stored.
pub(super) fn name(query: &LogsQuery, entries: &[Arc<Entry>], format: Format) -> String {
    let stored = || entries.iter().map(|entry| entry.log.stored());
    let from = query.since.or_else(|| stored().filter_map(|stored| stored.first_timestamp).min());
    let to = query.until.or_else(|| stored().filter_map(|stored| stored.last_timestamp).max());
    let range = from.zip(to).map(|(from, to)| format!("_{}_{}", basic(from), basic(to)));
    format!("{}{}.{}", safe(&whose(query, entries)), range.unwrap_or_default(), format.extension())
}

fn whose(query: &LogsQuery, entries: &[Arc<Entry>]) -> String {
    let selectors = &query.selectors;
    let asked = [&selectors.stacks, &selectors.services, &selectors.containers];
    match entries {
        [one] => one.container.name.clone(),
        _ if asked.iter().all(|names| names.is_empty()) => "logs".to_owned(),
        _ => asked.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("_"),
    }
}

/// What is not `[A-Za-z0-9._-]` becomes `_`, and it never starts with a dot.
fn safe(name: &str) -> String {
    let safe =
        |letter: char| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '_' };
    let name: String = name.chars().map(safe).take(WHOSE_BYTES_MAX).collect();
    if name.is_empty() || name.starts_with('.') { format!("_{name}") } else { name }
}

/// ISO 8601's basic form to the second: file names may not hold colons everywhere.
fn basic(at: Timestamp) -> String {
    let text = wire::time(at);
    let seconds = text.split_once('.').map_or(text.as_str(), |(seconds, _)| seconds);
    format!("{}Z", seconds.replace(['-', ':'], ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_everywhere() {
        assert_eq!(safe("a b/\"ä"), "a_b___");
        assert_eq!(safe("..x"), "_..x");
        assert_eq!(safe(""), "_");
        assert_eq!(safe(&"x".repeat(999)).len(), WHOSE_BYTES_MAX);
        assert_eq!(basic(Timestamp(1_500_000_000)), "19700101T000001Z");
    }
}
