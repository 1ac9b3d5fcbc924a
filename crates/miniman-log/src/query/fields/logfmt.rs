//! `key=value` and `key="quoted value"` anywhere in a line of text, as the severity's reader takes them apart.

use super::{Value, escape};
use crate::query::text::Needle;
use crate::severity::logfmt::{key_len, split_value};

pub(super) fn any(
    line: &str,
    path: &Needle,
    scratch: &mut String,
    test: &mut dyn FnMut(Value<'_>) -> bool,
) -> bool {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let Some(len) = key_len(&bytes[at..]) else {
            at = next_word(bytes, at);
            continue;
        };
        let (key, start) = (&line[at..at + len], at + len + 1);
        let quoted = bytes.get(start) == Some(&b'"');
        let (from, to) = match split_value(&bytes[start..]) {
            Some((value, _)) if quoted => (start + 1, start + 1 + value.len()),
            Some((value, _)) => (start, start + without_separator(value).len()),
            // No quote closes it.
            None => (start, start + bytes[start..].iter().position(is_space).unwrap_or(bytes.len() - start)),
        };
        if path.equals(key)
            && let Some(raw) = line.get(from..to)
        {
            let text = if quoted { escape::unescape(raw, scratch) } else { raw };
            if test(Value { text: Some(text), range: from..to }) {
                return true;
            }
        }
        at = next_word(bytes, to);
    }
    false
}

/// `a=1, b=2;`: what separates pairs is no part of a value.
fn without_separator(value: &[u8]) -> &[u8] {
    match value {
        [value @ .., b',' | b';'] => value,
        value => value,
    }
}

/// Behind the next character after which a pair can start.
fn next_word(bytes: &[u8], at: usize) -> usize {
    let starts = |byte: &u8| matches!(byte, b' ' | b'\t' | b'{' | b'[' | b'(' | b',' | b';');
    bytes[at..].iter().position(starts).map_or(bytes.len(), |len| at + len + 1)
}

fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
