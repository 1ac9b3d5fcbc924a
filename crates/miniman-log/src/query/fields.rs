//! A line's fields, found without reading the rest into values.
//!
//! A line that starts with `{` is read as JSON; any other as text with `key=value` pairs in it, and with the object that
//! starts at its first `{"`, if it has one. What is broken ends the search there: what stood before it counts.

use std::ops::Range;

use super::text::Needle;

mod escape;
mod json;
mod logfmt;

pub(super) use escape::is_verbatim;

/// A field's value. Its key matched.
#[derive(Debug)]
pub(super) struct Value<'a> {
    /// Unescaped; `None` for an object or an array, which only exist.
    pub(super) text: Option<&'a str>,
    /// Where it stands in the line, without quotes.
    pub(super) range: Range<usize>,
}

/// Whether one of the values at `path` passes `test`, which is asked in the line's order until it says so.
///
/// `a.b` is field `b` of object `a`, or of each object in array `a`, or the field `a.b`. An array's elements are its
/// field's values. A key that stands twice has both values. `scratch` is written over.
pub(super) fn any(
    line: &str,
    path: &Needle,
    scratch: &mut String,
    test: &mut dyn FnMut(Value<'_>) -> bool,
) -> bool {
    let start = line.len() - line.trim_ascii_start().len();
    if line[start..].starts_with('{') {
        return json::any(line, start, path, scratch, test);
    }
    logfmt::any(line, path, scratch, test)
        || memchr::memmem::find(line.as_bytes(), b"{\"")
            .is_some_and(|at| json::any(line, at, path, scratch, test))
}

/// What an object at `path` needs of its keys for `key` to be a step: `Some("")` when the path ends with it.
fn rest_of<'p>(path: &'p str, folded: bool, key: &str) -> Option<&'p str> {
    let head = path.get(..key.len())?;
    if key.is_empty() || !(if folded { head.eq_ignore_ascii_case(key) } else { head == key }) {
        return None;
    }
    let rest = &path[key.len()..];
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

#[cfg(test)]
mod tests;
