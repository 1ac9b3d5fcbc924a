//! Steps over JSON text without building values of it: for lines of which one field is wanted.
//!
//! Nothing is validated beyond what a step needs; no step recurses. Positions are indices in the line, and `None` means
//! that the text ends before the step does.

use memchr::memchr2;

pub(crate) fn skip_space(line: &[u8], mut at: usize) -> usize {
    while matches!(line.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// Behind the closing quote of the string at `at`.
pub(crate) fn string_end(line: &[u8], at: usize) -> Option<usize> {
    if line.get(at)? != &b'"' {
        return None;
    }
    let mut at = at + 1;
    // Keys and levels are short: a vector search would cost more to set up.
    for _ in 0..16 {
        match line.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    loop {
        at += memchr2(b'"', b'\\', line.get(at..)?)?;
        if line[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Behind the value at `at`, whatever it holds; nesting is counted, not followed.
pub(crate) fn value_end(line: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match line.get(at)? {
            b'"' => at = string_end(line, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
                continue;
            }
            b'}' | b']' => {
                // At depth 0 the enclosing object ends: the value was a number or a word.
                let Some(less) = depth.checked_sub(1) else { return Some(at) };
                depth = less;
                at += 1;
            }
            b',' if depth == 0 => return Some(at),
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}
