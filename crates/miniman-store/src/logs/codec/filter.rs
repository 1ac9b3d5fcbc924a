//! A block's filter: which 4-byte windows occur in its lines, as a bitmap. It prunes substrings, not only words.
//!
//! Of a line its visible text counts, without terminal sequences, as queries match it. It is folded as ASCII (`A`–`Z` to
//! `a`–`z`, all else as it is); a window never spans two lines. The bit of a window, read as a big-endian `u32`, is the
//! upper 16 bits of its product with [`MULTIPLIER`]. While under a quarter of the bits are set, the upper half is ORed onto
//! the lower. Stored: version, log2 of the bits, the bits (bit `n` is bit `n % 8` of byte `n / 8`).

use miniman_log::{RecordBatch, ansi};

/// Version 1 took bodies with their terminal sequences; it says nothing about what people see.
const VERSION: u8 = 2;
/// 2^32 divided by the golden ratio, odd: neighbouring windows land far apart.
const MULTIPLIER: u32 = 0x9E37_79B1;
/// A shorter word is in no window.
pub(in crate::logs) const WINDOW_BYTES: usize = 4;
const LOG2_BITS_MAX: u32 = 16;
/// One 64-bit word.
const LOG2_BITS_MIN: u32 = 6;

/// The filter of a block's bodies, as stored.
pub(in crate::logs) fn build(batch: &RecordBatch) -> Vec<u8> {
    let mut words = bitmap(batch);
    let mut log2_bits = LOG2_BITS_MAX;
    while log2_bits > LOG2_BITS_MIN
        && words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>() * 4 < 1 << log2_bits
    {
        fold(&mut words);
        log2_bits -= 1;
    }
    let mut stored = Vec::with_capacity(2 + words.len() * 8);
    stored.extend_from_slice(&[VERSION, log2_bits as u8]);
    words.iter().for_each(|word| stored.extend_from_slice(&word.to_le_bytes()));
    stored
}

/// Whether a stored filter can be read and has every window of the block.
pub(in crate::logs) fn covers(stored: &[u8], batch: &RecordBatch) -> bool {
    let Some((log2_bits, bits)) = parts(stored) else { return false };
    let mut words = bitmap(batch);
    while words.len() > 1 << (log2_bits - 6) {
        fold(&mut words);
    }
    let (stored, _) = bits.as_chunks::<8>();
    words.iter().zip(stored).all(|(word, stored)| word & !u64::from_le_bytes(*stored) == 0)
}

/// Log2 of the bits, and the bits; `None` of what this version did not write.
fn parts(stored: &[u8]) -> Option<(u32, &[u8])> {
    let [VERSION, log2_bits, bits @ ..] = stored else { return None };
    let log2_bits = u32::from(*log2_bits);
    let right = (LOG2_BITS_MIN..=LOG2_BITS_MAX).contains(&log2_bits) && bits.len() == 1 << (log2_bits - 3);
    right.then_some((log2_bits, bits))
}

/// The windows of all lines, not folded.
fn bitmap(batch: &RecordBatch) -> Vec<u64> {
    let mut words = vec![0_u64; 1 << (LOG2_BITS_MAX - 6)];
    if ansi::is_plain(batch.bodies()) {
        let mut start = 0;
        for end in batch.ends() {
            set_windows(&batch.bodies()[start..*end as usize], &mut words);
            start = *end as usize;
        }
    } else {
        let mut visible = String::new();
        for record in batch.iter() {
            visible.clear();
            ansi::strip_into(record.body, &mut visible);
            set_windows(visible.as_bytes(), &mut words);
        }
    }
    words
}

fn fold(words: &mut Vec<u64>) {
    let upper = words.split_off(words.len() / 2);
    words.iter_mut().zip(upper).for_each(|(low, high)| *low |= high);
}

fn set_windows(body: &[u8], words: &mut [u64]) {
    let Some((first, rest)) = body.split_first_chunk::<3>() else { return };
    let mut window =
        first.iter().fold(0_u32, |window, byte| window << 8 | u32::from(byte.to_ascii_lowercase()));
    // A fixed length spares the bounds check of each store.
    let words: &mut [u64; 1 << (LOG2_BITS_MAX - 6)] = words.try_into().expect("made with this length");
    for byte in rest {
        window = window << 8 | u32::from(byte.to_ascii_lowercase());
        let bit = window.wrapping_mul(MULTIPLIER) >> 16;
        words[(bit >> 6) as usize] |= 1 << (bit & 63);
    }
}

/// Whether a block with this filter may hold `word` in the visible text of a line; `true` when the filter cannot tell.
pub(in crate::logs) fn may_contain(stored: &[u8], word: &[u8]) -> bool {
    let Some((log2_bits, bits)) = parts(stored) else { return true };
    word.windows(WINDOW_BYTES).all(|window| {
        let window =
            window.iter().fold(0_u32, |window, byte| window << 8 | u32::from(byte.to_ascii_lowercase()));
        let bit = (window.wrapping_mul(MULTIPLIER) >> 16) & ((1 << log2_bits) - 1);
        bits[bit as usize / 8] >> (bit % 8) & 1 == 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniman_log::{IoStream, Severity, Timestamp};
    use proptest::prelude::*;

    fn batch_of<'a>(bodies: impl IntoIterator<Item = &'a str>) -> RecordBatch {
        let mut batch = RecordBatch::new();
        for body in bodies {
            batch.push(Timestamp(0), IoStream::Stdout, Severity::UNSPECIFIED, body.as_bytes(), 0);
        }
        batch
    }

    proptest! {
        #[test]
        fn every_substring_passes(bodies in prop::collection::vec(".{0,60}", 1..20), pick in any::<prop::sample::Index>(), a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
            let filter = build(&batch_of(bodies.iter().map(String::as_str)));
            let body = ansi::strip(pick.get::<String>(&bodies)).to_ascii_uppercase();
            let (a, b) = (a.index(body.len() + 1), b.index(body.len() + 1));
            prop_assert!(may_contain(&filter, &body.as_bytes()[a.min(b)..a.max(b)]));
        }
    }

    #[test]
    fn a_filter_that_misses_a_window_is_found_out() {
        let batch = batch_of(["a line of this block"]);
        let mut filter = build(&batch);
        assert!(covers(&filter, &batch));
        assert!(!covers(&filter, &batch_of(["and another line"])));
        assert!(!covers(&filter[1..], &batch) && !covers(&filter[..9], &batch) && !covers(&[1, 255], &batch));
        let set = filter.iter().skip(2).position(|byte| *byte != 0).unwrap();
        filter[2 + set] = 0;
        assert!(!covers(&filter, &batch));
    }

    #[test]
    fn what_is_absent_is_mostly_pruned() {
        let lines: Vec<String> = (0..1_500)
            .map(|i| format!("request {i} took {} ms path=/api/items/{}", i * 7 % 913, i * 31 % 777))
            .collect();
        let filter = build(&batch_of(lines.iter().map(String::as_str)));
        assert!(may_contain(&filter, b"PATH=/API"));
        assert!(!may_contain(&filter, b"connection refused"));
        assert!(!may_contain(&filter, b"9f8e7d6c"));
        assert!(filter.len() < 8_194, "a filter under a quarter full is folded");
    }

    #[test]
    fn colours_do_not_cut_what_is_seen() {
        let filter = build(&batch_of(["plain", "\x1b[3mstatus\x1b[0m\x1b[2m=\x1b[0m500"]));
        assert!(may_contain(&filter, b"status=500") && may_contain(&filter, b"plain"));
        assert!(!may_contain(&filter, b"[3mstatus"));
    }

    #[test]
    fn a_filter_that_is_none_rules_nothing_out() {
        for stored in [&[][..], &[1, 6, 0, 0, 0, 0, 0, 0, 0, 0], &[2, 40], &[2, 6, 0]] {
            assert!(may_contain(stored, b"words"));
        }
    }

    #[test]
    fn windows_do_not_span_bodies() {
        assert!(!may_contain(&build(&batch_of(["abc", "def"])), b"bcde"));
    }
}
