//! A walk to the values at one path of a JSON object; all else is stepped over.

use super::{Value, escape, rest_of};
use crate::json_scan::{skip_space, string_end, value_end};
use crate::query::FIELD_DEPTH_MAX;
use crate::query::text::Needle;

/// `start`: where in `line` the object's brace stands.
pub(super) fn any(
    line: &str,
    start: usize,
    path: &Needle,
    scratch: &mut String,
    test: &mut dyn FnMut(Value<'_>) -> bool,
) -> bool {
    let mut walk = Walk { line, folded: path.folded(), scratch, test, found: false };
    walk.object(start, path.text(), FIELD_DEPTH_MAX);
    walk.found
}

struct Walk<'a> {
    line: &'a str,
    /// Keys match in any case.
    folded: bool,
    scratch: &'a mut String,
    test: &'a mut dyn FnMut(Value<'_>) -> bool,
    found: bool,
}

impl Walk<'_> {
    /// The methods return where what stands at `at` ends, `None` where the walk ends: something was found or is broken.
    /// `path` is not empty.
    fn object(&mut self, at: usize, path: &str, depth: usize) -> Option<usize> {
        let bytes = self.line.as_bytes();
        let mut at = skip_space(bytes, at + 1);
        if bytes.get(at)? == &b'}' {
            return Some(at + 1);
        }
        loop {
            at = skip_space(bytes, at);
            let key_end = string_end(bytes, at)?;
            let key = self.line.get(at + 1..key_end - 1)?;
            at = skip_space(bytes, key_end);
            if bytes.get(at)? != &b':' {
                return None;
            }
            at = skip_space(bytes, at + 1);
            at = match rest_of(path, self.folded, escape::unescape(key, self.scratch)) {
                Some(rest) => self.value(at, rest, depth)?,
                None => value_end(bytes, at)?,
            };
            at = skip_space(bytes, at);
            match bytes.get(at)? {
                b',' => at += 1,
                b'}' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    /// `path`: what is left of it below this value; empty: the value itself is meant.
    fn value(&mut self, at: usize, path: &str, depth: usize) -> Option<usize> {
        let bytes = self.line.as_bytes();
        let meant = path.is_empty();
        match bytes.get(at)? {
            b'{' if meant => {
                let end = value_end(bytes, at).unwrap_or(bytes.len());
                self.ask(Value { text: None, range: at..end })?;
                value_end(bytes, at)
            }
            b'{' if depth > 0 => self.object(at, path, depth - 1),
            b'[' if depth > 0 => {
                if meant {
                    let end = value_end(bytes, at).unwrap_or(bytes.len());
                    self.ask(Value { text: None, range: at..end })?;
                }
                self.array(at, path, depth - 1)
            }
            b'{' | b'[' => value_end(bytes, at),
            b'"' => {
                let end = string_end(bytes, at)?;
                if meant {
                    let raw = self.line.get(at + 1..end - 1)?;
                    let text = escape::unescape(raw, self.scratch);
                    self.found = (self.test)(Value { text: Some(text), range: at + 1..end - 1 });
                }
                (!self.found).then_some(end)
            }
            _ => {
                let len = bytes[at..]
                    .iter()
                    .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'));
                let end = at + len?;
                if meant {
                    self.ask(Value { text: self.line.get(at..end), range: at..end })?;
                }
                Some(end)
            }
        }
    }

    fn array(&mut self, at: usize, path: &str, depth: usize) -> Option<usize> {
        let bytes = self.line.as_bytes();
        let mut at = skip_space(bytes, at + 1);
        if bytes.get(at)? == &b']' {
            return Some(at + 1);
        }
        loop {
            at = skip_space(bytes, self.value(skip_space(bytes, at), path, depth)?);
            match bytes.get(at)? {
                b',' => at += 1,
                b']' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    /// `None` when the search ends here.
    fn ask(&mut self, value: Value<'_>) -> Option<()> {
        self.found = (self.test)(value);
        (!self.found).then_some(())
    }
}
