//! A level field among logfmt pairs: `ts=… level=warn msg="…"`.

use super::words;
use crate::Severity;

/// Pairs looked at: the level stands early, and a long line of pairs should not cost much.
const PAIRS_MAX: usize = 32;

/// `pairs` starts with a key. The first thing that is no pair ends the search.
pub(super) fn severity(mut pairs: &[u8]) -> Option<Severity> {
    for _ in 0..PAIRS_MAX {
        let key_len = key_len(pairs)?;
        let (key, value) = (&pairs[..key_len], &pairs[key_len + 1..]);
        let (value, rest) = split_value(value)?;
        if is_level_key(key)
            && let Some(level) = words::level(value)
        {
            return Some(level);
        }
        pairs = rest.trim_ascii_start();
    }
    None
}

/// Length of the key when a pair starts here.
pub(crate) fn key_len(bytes: &[u8]) -> Option<usize> {
    let len = bytes.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"_.-@/".contains(byte)))?;
    (len > 0 && bytes[len] == b'=').then_some(len)
}

fn is_level_key(key: &[u8]) -> bool {
    const KEYS: [&[u8]; 8] = [
        b"level",
        b"lvl",
        b"severity",
        b"loglevel",
        b"log.level",
        b"levelname",
        b"log_level",
        b"severity_text",
    ];
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// The value that stands here, without its quotes, and what follows it; `None` when no quote closes it.
pub(crate) fn split_value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(quoted) = bytes.strip_prefix(b"\"") {
        let mut at = 0;
        loop {
            at += memchr::memchr2(b'"', b'\\', quoted.get(at..)?)?;
            if quoted[at] == b'"' {
                return Some((&quoted[..at], &quoted[at + 1..]));
            }
            at += 2;
        }
    }
    let len = bytes.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\x1b')).unwrap_or(bytes.len());
    Some((&bytes[..len], &bytes[len..]))
}
