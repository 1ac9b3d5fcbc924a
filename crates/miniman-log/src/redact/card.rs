//! Card numbers: 13 to 19 digits of a known issuer's range and length, with a valid check digit, in a row or in the groups
//! that cards are printed in.

use std::ops::Range;

const DIGITS_MIN: usize = 13;
const DIGITS_MAX: usize = 19;

/// Groups between spaces or dashes: most cards, 19 digits, American Express, Diners Club.
const GROUPS: [&[usize]; 4] = [&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4]];

/// Calls `found` for the places where a card number may stand, rising.
///
/// Among any 13 digits in a row, and in each of [`GROUPS`] but for none, four digits begin at a multiple of four, wherever
/// the first one stands; so words of eight bytes are looked at, and what stands around only where four are digits.
pub(super) fn candidates(bytes: &[u8], mut found: impl FnMut(usize, usize)) {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut looked = 0;
    let mut look = |at: usize| {
        if at >= looked {
            let run = run_around(bytes, at);
            looked = run.end;
            if may_be(bytes, &run) {
                found(run.start, run.end);
            }
        }
    };
    for (index, word) in words.iter().enumerate() {
        let others = not_digits(u64::from_le_bytes(*word));
        if others as u32 == 0 {
            look(index * 8);
        }
        if others >> 32 == 0 {
            look(index * 8 + 4);
        }
    }
    if rest.len() >= 4 && rest[..4].iter().all(u8::is_ascii_digit) {
        look(words.len() * 8);
    }
}

/// The high bit of each byte that is no ASCII digit.
fn not_digits(word: u64) -> u64 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // Digits become 0 to 9, and only those stay below 0x80 when 0x76 is added.
    let from_zero = word ^ 0x3030_3030_3030_3030;
    (((from_zero & !HIGH) + 0x7676_7676_7676_7676) | from_zero) & HIGH
}

/// The digits in a row of which `at` is one.
fn run_around(bytes: &[u8], at: usize) -> Range<usize> {
    let before = bytes[..at].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let behind = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    at - before..at + behind
}

/// Digits of the line before or behind may stand in the same row, so a long one is not ruled out.
fn may_be(bytes: &[u8], run: &Range<usize>) -> bool {
    let four = |digits: Option<&[u8]>| digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_digit));
    let behind = bytes.get(run.end).copied().is_some_and(is_separator);
    let before = run.start.checked_sub(1).is_some_and(|at| is_separator(bytes[at]));
    run.len() >= DIGITS_MIN
        || (behind && four(bytes.get(run.end + 1..run.end + 5)))
        || (before && four(run.start.checked_sub(5).map(|at| &bytes[at..run.start - 1])))
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-')
}

/// Whether a card number stands at a candidate's place in its line.
pub(super) fn is_in(line: &[u8], run: Range<usize>) -> bool {
    // In groups, it may begin three of them before.
    run.len() < DIGITS_MIN && find(line, run.start.saturating_sub(DIGITS_MAX)).is_some()
        || run.len() >= DIGITS_MIN && card_at(line, &run).is_some()
}

/// The first card number at or behind `from`.
pub(super) fn find(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(u8::is_ascii_digit)?;
        let run = run_around(bytes, at);
        // From the middle of a run nothing begins.
        if run.start == at
            && let Some(end) = card_at(bytes, &run)
        {
            return Some(at..end);
        }
        at = run.end;
    }
}

/// Where the card number ends that begins with `run`.
fn card_at(bytes: &[u8], run: &Range<usize>) -> Option<usize> {
    if !begins_number(bytes, run.start) {
        return None;
    }
    if run.len() >= DIGITS_MIN {
        let is_card = run.len() <= DIGITS_MAX && ends_number(bytes, run.end) && is_card(&bytes[run.clone()]);
        return is_card.then_some(run.end);
    }
    let separator = bytes.get(run.end).copied().filter(|byte| is_separator(*byte))?;
    let mut digits = [0; DIGITS_MAX];
    GROUPS.iter().find_map(|groups| {
        let (mut at, mut len) = (run.start, 0);
        for (index, group) in groups.iter().enumerate() {
            if index > 0 {
                at += usize::from(bytes.get(at) == Some(&separator));
            }
            if run_from(bytes, at) != *group {
                return None;
            }
            digits[len..len + group].copy_from_slice(&bytes[at..at + group]);
            (at, len) = (at + group, len + group);
        }
        (ends_number(bytes, at) && is_card(&digits[..len])).then_some(at)
    })
}

/// How many digits stand from `at` on.
fn run_from(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).map_or(0, |rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

/// Neither inside a word or a hexadecimal number, nor behind a decimal point.
fn begins_number(bytes: &[u8], start: usize) -> bool {
    match bytes[..start] {
        [.., before, b'.'] => !before.is_ascii_digit(),
        [.., before] => !before.is_ascii_alphanumeric(),
        [] => true,
    }
}

fn ends_number(bytes: &[u8], end: usize) -> bool {
    match bytes[end..] {
        [b'.', behind, ..] => !behind.is_ascii_digit(),
        [behind, ..] => !behind.is_ascii_alphanumeric(),
        [] => true,
    }
}

fn is_card(digits: &[u8]) -> bool {
    is_issued(digits) && passes_luhn(digits)
}

/// Whether an issuer has cards that begin so and are as long.
fn is_issued(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(4).fold(0_u16, |number, digit| number * 10 + u16::from(digit - b'0'));
    let len = digits.len();
    match prefix {
        // Visa.
        4000..=4999 => matches!(len, 13 | 16 | 19),
        // Mastercard.
        2221..=2720 | 5100..=5599 => len == 16,
        // American Express.
        3400..=3499 | 3700..=3799 => len == 15,
        // Diners Club.
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => matches!(len, 14 | 16),
        // JCB, Discover, UnionPay, Mir.
        3528..=3589 | 6011 | 6440..=6599 | 6200..=6299 | 8100..=8199 | 2200..=2204 => len >= 16,
        // Maestro.
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => true,
        _ => false,
    }
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            let digit = u32::from(digit - b'0') << (index % 2);
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(range) = find(text.as_bytes(), from) {
            from = range.end;
            found.push(&text[range]);
        }
        found
    }

    fn is_candidate(text: &str) -> bool {
        let mut any = false;
        candidates(text.as_bytes(), |_, _| any = true);
        any
    }

    /// Published test numbers of every issuer.
    const CARDS: [&str; 12] = [
        "4111111111111111",
        "4222222222222",
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "36227206271667",
        "6011111111111117",
        "3566002020360505",
        "6200000000000005",
        "6759649826438453",
        "4111 1111 1111 1111",
        "3782-822463-10005",
    ];

    #[test]
    fn cards_are_found_wherever_they_stand() {
        for card in CARDS {
            for text in [
                card.to_owned(),
                format!("card={card}, cvv=123"),
                format!("{{\"pan\":\"{card}\"}}"),
                format!("paid 12 {card} 123 ok"),
                format!("ü{card}ü"),
                format!("{card}."),
            ] {
                assert_eq!(found(&text), [card], "{text}");
                assert!(is_candidate(&text), "{text}");
            }
        }
        assert_eq!(found("4111111111111111 and 5555-5555-5555-4444").len(), 2);
    }

    #[test]
    fn other_numbers_are_none() {
        for text in [
            "4111111111111112",
            "1763733727113000000",
            "2026-11-21T14:02:07.113000000Z",
            "0.4111111111111111",
            "4111111111111111.25",
            "a4111111111111111",
            "4111111111111111f",
            "41111111111111111111",
            "4111 1111-1111 1111",
            "4111  1111  1111  1111",
            "4111 1111 1111",
            "0000000000000000",
            "550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_found_was_a_candidate(text in "[0-9 .a-]{0,60}") {
            prop_assert!(found(&text).is_empty() || is_candidate(&text), "{:?}", text);
        }

        #[test]
        fn cards_are_candidates_wherever_they_begin(before in "[a-z:]{0,9}", card in 0..CARDS.len(), after in "[a-z:]{0,9}") {
            let text = format!("{before} {} {after}", CARDS[card]);
            prop_assert!(is_candidate(&text));
        }
    }
}
