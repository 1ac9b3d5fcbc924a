//! Escapes in the strings of JSON and of logfmt's quoted values.

/// Characters that every logger writes as they are, so that text made of them can be looked for in the line.
///
/// Others have a second spelling somewhere: `\/` of PHP, `\u003c` of Go, `\u0027` of Gson, `\u002B` of .NET. To be
/// sure, [`unescape`] does not take the escape of a verbatim character for that character.
pub(in crate::query) fn is_verbatim(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, ' ' | '_' | '-' | '.' | ',' | ':')
}

/// The contents of a quoted string, by way of `scratch` where they hold an escape. What is no escape stays as it is;
/// lone surrogates become U+FFFD.
pub(super) fn unescape<'a>(raw: &'a str, scratch: &'a mut String) -> &'a str {
    let Some(first) = raw.find('\\') else { return raw };
    scratch.clear();
    let (mut clean, mut rest) = raw.split_at(first);
    loop {
        scratch.push_str(clean);
        if rest.is_empty() {
            return scratch;
        }
        let (char, len) = escape(rest);
        match char {
            Some(char) => scratch.push(char),
            None => scratch.push_str(&rest[..len]),
        }
        rest = &rest[len..];
        (clean, rest) = rest.split_at(rest.find('\\').unwrap_or(rest.len()));
    }
}

/// What the backslash that `text` starts with stands for, and the escape's length; `None` when for itself.
fn escape(text: &str) -> (Option<char>, usize) {
    let simple = |char| (Some(char), 2);
    match text.as_bytes().get(1) {
        Some(b'"') => simple('"'),
        Some(b'\\') => simple('\\'),
        Some(b'/') => simple('/'),
        Some(b'n') => simple('\n'),
        Some(b't') => simple('\t'),
        Some(b'r') => simple('\r'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(b'u') => unicode(text),
        // Go's %q, of bytes that are no text.
        Some(b'x') => match hex(text, 2, 2) {
            Some(code) => {
                (Some(char_of(code).filter(char::is_ascii).unwrap_or(char::REPLACEMENT_CHARACTER)), 4)
            }
            None => (None, 1),
        },
        _ => (None, 1),
    }
}

fn unicode(text: &str) -> (Option<char>, usize) {
    let Some(code) = hex(text, 2, 4) else { return (None, 1) };
    if let Some(char) = char_of(code) {
        return (Some(char), 6);
    }
    let low = text.get(6..8).filter(|next| *next == "\\u").and_then(|_| hex(text, 8, 4));
    match low {
        Some(low @ 0xdc00..=0xdfff) if code < 0xdc00 => {
            let code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            (Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)), 12)
        }
        _ => (Some(char::REPLACEMENT_CHARACTER), 6),
    }
}

/// `None` for a surrogate.
fn char_of(code: u32) -> Option<char> {
    let char = char::from_u32(code)?;
    Some(if is_verbatim(char) { char::REPLACEMENT_CHARACTER } else { char })
}

fn hex(text: &str, at: usize, len: usize) -> Option<u32> {
    let digits = text.get(at..at + len)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}
