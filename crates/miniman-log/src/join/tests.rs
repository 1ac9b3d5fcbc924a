use proptest::prelude::*;

use super::*;
use crate::LINE_BYTES_MAX;

fn part(at: i64, bytes: &[u8], newline: bool) -> Part<'_> {
    Part { timestamp: Timestamp(at), iostream: IoStream::Stdout, bytes, newline }
}

fn join(max: usize, tty: bool, parts: &[Part<'_>]) -> RecordBatch {
    let (mut joiner, mut out) = (LineJoiner::new(max, tty), RecordBatch::new());
    for part in parts {
        let open = joiner.push(*part, &mut out);
        assert_eq!(open, joiner.pending(part.iostream));
    }
    joiner.flush(&mut out);
    out
}

fn bodies(batch: &RecordBatch) -> Vec<&str> {
    batch.iter().map(|record| record.body).collect()
}

#[test]
fn a_full_part_without_newline_continues_and_the_first_time_counts() {
    let full = vec![b'a'; PART_BYTES];
    let batch =
        join(LINE_BYTES_MAX, false, &[part(1, &full, false), part(2, b"b", true), part(3, b"c", true)]);
    assert_eq!(batch.timestamps(), [1, 3]);
    assert_eq!(batch.get(0).body.len(), PART_BYTES + 1);
    assert_eq!(batch.get(1).body, "c");
}

#[test]
fn a_line_of_exactly_one_part_ends_with_the_empty_part_after_it() {
    let full = vec![b'a'; PART_BYTES];
    let batch =
        join(LINE_BYTES_MAX, false, &[part(1, &full, false), part(1, b"", true), part(2, b"next", true)]);
    assert_eq!(batch.len(), 2);
    assert_eq!(batch.get(0).body.len(), PART_BYTES);
}

#[test]
fn a_short_part_without_newline_ends_the_line() {
    let short = vec![b'a'; PART_BYTES - 1];
    let batch =
        join(LINE_BYTES_MAX, false, &[part(1, &short, false), part(2, b"next", true), part(3, b"", false)]);
    assert_eq!(batch.len(), 2);
    assert_eq!(batch.get(1).body, "next");
}

#[test]
fn streams_are_joined_apart() {
    let full = vec![b'a'; PART_BYTES];
    let other = Part { iostream: IoStream::Stderr, ..part(2, b"err", true) };
    let batch = join(LINE_BYTES_MAX, false, &[part(1, &full, false), other, part(3, b"b", true)]);
    assert_eq!(batch.iostreams(), [2, 1]);
    assert_eq!(batch.get(0).body, "err");
}

#[test]
fn an_exit_ends_both_streams_lines() {
    let full = vec![b'a'; PART_BYTES];
    let other = Part { iostream: IoStream::Stderr, ..part(2, &full, false) };
    let batch = join(LINE_BYTES_MAX, false, &[part(1, &full, false), other]);
    assert_eq!(batch.iostreams(), [1, 2]);
}

#[test]
fn the_cap_counts_what_it_cut_and_splits_no_character() {
    let batch = join(
        8,
        false,
        &[part(1, b"12345678", true), part(2, b"123456789", true), part(3, "1234567ä!".as_bytes(), true)],
    );
    assert_eq!(bodies(&batch), ["12345678", "12345678", "1234567"]);
    assert_eq!(batch.cuts(), [(1, 1), (2, 3)]);
    let full = vec![b'a'; PART_BYTES];
    let batch =
        join(PART_BYTES + 2, false, &[part(1, &full, false), part(1, &full, false), part(1, b"tail", true)]);
    assert_eq!(batch.get(0).body.len(), PART_BYTES + 2);
    assert_eq!(batch.get(0).cut, (PART_BYTES - 2 + 4) as u64);
}

#[test]
fn text_that_grows_when_repaired_keeps_to_the_cap() {
    let batch = join(8, false, &[part(1, &[0xff; 8], true)]);
    assert_eq!(batch.get(0).body, "\u{fffd}\u{fffd}");
    assert_eq!(batch.get(0).cut, 18);
}

#[test]
fn a_terminals_carriage_return_goes_once_and_only_before_a_newline() {
    let batch =
        join(LINE_BYTES_MAX, true, &[part(1, b"a\r", true), part(2, b"b\r\r", true), part(3, b"c\r", false)]);
    assert_eq!(bodies(&batch), ["a", "b\r", "c\r"]);
    let batch = join(LINE_BYTES_MAX, false, &[part(1, b"a\r", true)]);
    assert_eq!(bodies(&batch), ["a\r"]);
    // The `\r` is the last byte of a full part, its newline comes alone.
    let mut full = vec![b'a'; PART_BYTES];
    full[PART_BYTES - 1] = b'\r';
    let batch = join(LINE_BYTES_MAX, true, &[part(1, &full, false), part(1, b"", true)]);
    assert_eq!(batch.get(0).body.len(), PART_BYTES - 1);
    let batch = join(16, true, &[part(1, &full, false), part(1, b"", true)]);
    assert_eq!(batch.get(0).cut, (PART_BYTES - 16 - 1) as u64);
}

#[test]
fn a_newline_inside_a_part_ends_a_line() {
    let batch =
        join(LINE_BYTES_MAX, false, &[part(1, b"a\nb", true), part(2, b"c\n", false), part(3, b"d\n", true)]);
    assert_eq!(bodies(&batch), ["a", "b", "c", "d", ""]);
}

#[test]
fn severity_is_the_joined_lines() {
    let mut first = b"{\"message\":\"".to_vec();
    first.resize(PART_BYTES, b'a');
    let batch =
        join(LINE_BYTES_MAX, false, &[part(1, &first, false), part(1, b"\",\"level\":\"error\"}", true)]);
    assert_eq!(batch.get(0).severity, crate::Severity::ERROR);
}

#[test]
fn a_long_lines_buffer_is_given_back() {
    let full = vec![b'a'; PART_BYTES];
    let (mut joiner, mut out) = (LineJoiner::new(LINE_BYTES_MAX, false), RecordBatch::new());
    for _ in 0..100 {
        joiner.push(part(1, &full, false), &mut out);
    }
    assert!(joiner.open[0].bytes.len() <= LINE_BYTES_MAX);
    joiner.flush(&mut out);
    assert!(joiner.open[0].bytes.capacity() <= KEPT_BUFFER_BYTES);
    assert_eq!(out.get(0).cut, (100 * PART_BYTES - LINE_BYTES_MAX) as u64);
}

proptest! {
    #[test]
    fn every_byte_is_kept_or_counted(lens in proptest::collection::vec((0_usize..40_000, any::<bool>()), 0..12), max in 1_usize..50_000) {
        let bytes = vec![b'x'; 40_000];
        let parts: Vec<_> = lens.iter().map(|(len, newline)| part(1, &bytes[..*len], *newline)).collect();
        let batch = join(max, false, &parts);
        let kept: u64 = batch.iter().map(|record| record.body.len() as u64 + record.cut).sum();
        prop_assert_eq!(kept, lens.iter().map(|len| len.0 as u64).sum::<u64>());
        prop_assert!(batch.iter().all(|record| record.body.len() <= max));
    }
}
