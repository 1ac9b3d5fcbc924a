//! Terminal sequences, for places that show plain text.
//!
//! Only takes out; what colours mean is for whoever paints.

use std::borrow::Cow;

use anstyle_parse::state::{State, state_change};

/// The text without terminal sequences and control characters; tabs and newlines stay.
///
/// A string sequence (as a window title's) that the line does not end loses its introducer only: no program can
/// swallow the rest of its line.
pub fn strip(body: &str) -> Cow<'_, str> {
    if !may_hold_control(body.as_bytes()) || next_control(body).is_none() {
        return Cow::Borrowed(body);
    }
    let mut out = String::with_capacity(body.len());
    strip_into(body, &mut out);
    Cow::Owned(out)
}

/// Appends what [`strip`] leaves of `body`: for callers that keep one buffer for many lines.
pub fn strip_into(body: &str, out: &mut String) {
    let mut rest = body;
    while let Some(at) = next_control(rest) {
        let (clean, from_control) = rest.split_at(at);
        out.push_str(clean);
        let control = from_control.chars().next().unwrap_or_default();
        let taken =
            if control == '\x1b' { sequence_len(from_control.as_bytes()) } else { control.len_utf8() };
        rest = &from_control[taken..];
    }
    out.push_str(rest);
}

/// Whether [`strip`] leaves these bytes as they are, told in one fast pass over a whole buffer of bodies; `false` also when
/// it would take a closer look to tell.
pub fn is_plain(bodies: &[u8]) -> bool {
    !may_hold_control(bodies)
}

/// Looks at every byte without leaving early, which the compiler turns into vector code; most lines hold none.
fn may_hold_control(bytes: &[u8]) -> bool {
    let control =
        |byte: u8| (byte < 0x20) & (byte != b'\t') & (byte != b'\n') | (byte == 0x7f) | (byte == 0xc2);
    bytes.iter().fold(false, |found, byte| found | control(*byte))
}

/// Where the next control character stands, C0, DEL or C1 (U+0080 to U+009F, C2 80 to C2 9F in UTF-8).
fn next_control(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|at| match bytes[*at] {
        b'\t' | b'\n' => false,
        0..0x20 | 0x7f => true,
        0xc2 => bytes[at + 1] < 0xa0,
        _ => false,
    })
}

/// Length of the sequence that `bytes` start with; ends at a character's boundary.
fn sequence_len(bytes: &[u8]) -> usize {
    let mut state = State::Escape;
    for (at, byte) in bytes.iter().enumerate().skip(1) {
        let string = in_string(state);
        if !byte.is_ascii() {
            if string {
                continue;
            }
            // No sequence goes on with text: this one was broken off.
            return at;
        }
        match state_change(state, *byte).0 {
            State::Anywhere => {}
            State::Ground => return at + 1,
            next => state = next,
        }
    }
    // The bracket that began the string is ASCII, so the text behind it starts at a boundary.
    if in_string(state) || bytes.get(1).is_some_and(|byte| b"]PX^_".contains(byte)) { 2 } else { bytes.len() }
}

fn in_string(state: State) -> bool {
    matches!(state, State::OscString | State::SosPmApcString | State::DcsPassthrough | State::DcsIgnore)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, plain: &str) {
        assert_eq!(strip(text), plain, "{text:?}");
    }

    #[test]
    fn sequences_go_and_text_stays() {
        check("plain ä 😀\twith tab", "plain ä 😀\twith tab");
        check("\x1b[32mINFO\x1b[0m x", "INFO x");
        check("\x1b[38;2;1;2;3;48:5:7mx\x1b[m", "x");
        check("a\x1b[2Kb\x1b[1Ac\x1b[?25ld", "abcd");
        check("\x1b]0;title\x07text", "text");
        check("\x1b]8;;http://x\x1b\\link ä\x1b]8;;\x1b\\", "link ä");
        check("\x1bPq#0;2;0\x1b\\text", "text");
        check("\x1b(Bx\x1b=y", "xy");
        check("a\x07b\x08c\rd\x7fe\u{9b}f\u{a0}", "abcdef\u{a0}");
    }

    #[test]
    fn broken_sequences_swallow_no_text() {
        check("text\x1b", "text");
        check("text\x1b[31", "text");
        check("\x1b[31ä", "ä");
        check("\x1bä", "ä");
        check("\x1b]0;title without end", "0;title without end");
        check("\x1bPq without end", "q without end");
        check("\x1b]0;title\x1b[31mred", "red");
        check("\x1b[3\x1b[32mgreen", "green");
        check("\x1b]0;ä\x18x", "x");
    }

    proptest! {
        #[test]
        fn what_is_left_holds_no_control(text in "[\\x00-\\x7f\u{80}-\u{a1}ä]{0,40}") {
            let plain = strip(&text);
            prop_assert!(plain.chars().all(|char| matches!(char, '\t' | '\n') || !char.is_control()));
            prop_assert_eq!(strip(&plain), plain.clone());
        }

        #[test]
        fn sequences_of_any_pieces_do_not_panic(pieces in proptest::collection::vec(prop::sample::select(vec![
            "\x1b", "[", "]", "P", "\\", "\x07", "3", ";", "m", "x", "ä", "\u{9c}", "\x18", "(", "?", " ",
        ]), 0..20)) {
            strip(&pieces.concat());
        }
    }
}
