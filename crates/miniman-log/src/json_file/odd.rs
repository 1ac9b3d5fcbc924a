//! Entries that are JSON but not written as Docker does: other key order, spaces, keys we don't know.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{Entry, text::Text};
use crate::{IoStream, Timestamp};

type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Leaves the log text in `text`. `None` when the line is no JSON object with log, stream and time.
pub(super) fn entry(line: &[u8], text: &mut Text) -> Option<Entry<'static>> {
    // What isn't UTF-8 can only be damage inside a string, where it shows as U+FFFD.
    let line = String::from_utf8_lossy(line);
    let fields: Fields<'_> = serde_json::from_str(&line).ok()?;
    unescape_field(&fields, "stream", text)?;
    let iostream = std::str::from_utf8(text.bytes()).ok()?.parse::<IoStream>().ok()?;
    unescape_field(&fields, "time", text)?;
    let timestamp = Timestamp::parse(text.bytes())?;
    unescape_field(&fields, "log", text)?;
    Some(Entry { timestamp, iostream, plain: None, newline: text.take_newline() })
}

fn unescape_field(fields: &Fields<'_>, name: &str, text: &mut Text) -> Option<()> {
    let quoted = fields.get(name)?.get().strip_prefix('"')?.as_bytes();
    text.unescape(quoted, 0).map(|_| ())
}
