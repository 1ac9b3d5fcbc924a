//! JSON string escaping, eight bytes at a time.
//!
//! Log bodies come in two kinds: prose with nothing to escape, and JSON lines with a quote every few bytes. The first
//! is scanned 32 bytes at a time (which the compiler turns into vector compares) and copied as one; the second is
//! copied word by word: a word is stored whole, and when a byte of it needs escaping, writing goes on over its rest.

use super::out::Out;

/// Bytes of body between two checks for room. An escaped byte takes up to six.
const STRIDE: usize = 4096;
const WORST_GROWTH: usize = 6;

const WORD: usize = 8;
const WIDE: usize = 32;

/// Appends `body` with quotes, backslashes and control characters escaped; the surrounding quotes are the caller's.
///
/// The result is byte for byte what `serde_json` writes.
pub(super) fn escape_into(out: &mut Out, body: &[u8]) {
    for part in body.chunks(STRIDE) {
        out.reserve(part.len() * WORST_GROWTH + 2 * WORD);
        escape_part(out, part);
    }
}

/// `out` has room for the worst case of `part` and two words more.
#[inline]
fn escape_part(out: &mut Out, part: &[u8]) {
    let spare = out.spare();
    let mut written = 0;
    let mut at = clean_prefix(part);
    spare[..at].copy_from_slice(&part[..at]);
    written += at;
    while let Some(word) = part.get(at..at + WORD) {
        let word: [u8; WORD] = word.try_into().expect("a word's length");
        // The whole word is stored whatever it holds; only what is clean of it counts.
        spare[written..written + WORD].copy_from_slice(&word);
        let special = specials(u64::from_le_bytes(word));
        if special == 0 {
            at += WORD;
            written += WORD;
        } else {
            let clean = special.trailing_zeros() as usize / 8;
            written += clean;
            written += put_escape(&mut spare[written..], word[clean]);
            at += clean + 1;
        }
    }
    for byte in &part[at..] {
        if is_special(*byte) {
            written += put_escape(&mut spare[written..], *byte);
        } else {
            spare[written] = *byte;
            written += 1;
        }
    }
    out.advance(written);
}

/// How many bytes, in steps of [`WIDE`], hold nothing to escape.
#[inline]
fn clean_prefix(part: &[u8]) -> usize {
    let clean = part
        .chunks_exact(WIDE)
        .take_while(|wide| !wide.iter().fold(false, |any, byte| any | is_special(*byte)));
    clean.count() * WIDE
}

#[inline]
fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// The high bit of each byte that needs escaping; exact for every byte, so that the lowest one can be trusted.
#[inline]
fn specials(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Adding to seven bits never carries into the next byte; the eighth bit is looked at separately.
    let not_zero = |word: u64| ((word & LOW) + LOW) | word;
    let not_control = ((word & LOW) + 0x60 * ONES) | word;
    let not_quote = not_zero(word ^ (u64::from(b'"') * ONES));
    let not_backslash = not_zero(word ^ (u64::from(b'\\') * ONES));
    !(not_control & not_quote & not_backslash) & HIGH
}

/// Writes the escape of one special byte and says how long it is.
#[inline]
fn put_escape(spare: &mut [u8], byte: u8) -> usize {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => return put_unicode(spare, byte),
    };
    spare[..2].copy_from_slice(&[b'\\', short]);
    2
}

#[cold]
fn put_unicode(spare: &mut [u8], byte: u8) -> usize {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let text = [b'\\', b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
    spare[..6].copy_from_slice(&text);
    6
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(body: &str) -> String {
        let mut out = Out::new();
        escape_into(&mut out, body.as_bytes());
        format!("\"{}\"", std::str::from_utf8(&out.take()).unwrap())
    }

    fn check(body: &str) {
        assert_eq!(escaped(body), serde_json::to_string(body).unwrap());
    }

    #[test]
    fn every_byte_at_every_place_in_a_word_is_escaped_as_serde_json_does() {
        for byte in 0..128_u8 {
            for place in 0..40 {
                let mut body = "é".repeat(20).into_bytes();
                body[place / 2 * 2] = byte;
                body[place / 2 * 2 + 1] = byte;
                check(std::str::from_utf8(&body).unwrap());
            }
        }
    }

    #[test]
    fn a_long_body_of_nothing_but_controls_has_room() {
        check(&"\u{1}".repeat(3 * STRIDE + 5));
        check(&"\"".repeat(3 * STRIDE + 5));
        check("");
    }

    proptest! {
        #[test]
        fn any_text_is_escaped_as_serde_json_does(body in "(?s).{0,200}") {
            prop_assert_eq!(escaped(&body), serde_json::to_string(&body).unwrap());
        }

        #[test]
        fn any_mix_of_quotes_and_controls_is_escaped_as_serde_json_does(
            body in proptest::collection::vec(prop_oneof![Just('"'), Just('\\'), Just('\n'), Just('\u{1b}'), Just('\u{7f}'), Just('a'), Just('ä'), Just('🐳')], 0..300)
        ) {
            let body: String = body.into_iter().collect();
            prop_assert_eq!(escaped(&body), serde_json::to_string(&body).unwrap());
        }
    }
}
