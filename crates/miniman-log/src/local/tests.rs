use proptest::prelude::*;

use super::*;
use crate::testing::{Found, feed_all, feed_chunks};

/// Written out by hand from the format, so that a mistake in reading isn't mirrored.
fn frame(source: &str, nanos: u64, line: &[u8], partial: Option<bool>) -> Vec<u8> {
    fn varint(out: &mut Vec<u8>, mut value: u64) {
        while value >= 0x80 {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }
    let mut entry = vec![0x0a, source.len() as u8];
    entry.extend(source.as_bytes());
    if nanos != 0 {
        entry.push(0x10);
        varint(&mut entry, nanos);
    }
    if !line.is_empty() {
        entry.push(0x1a);
        varint(&mut entry, line.len() as u64);
        entry.extend(line);
    }
    if let Some(last) = partial {
        entry.extend([0x20, 1, 0x2a]);
        let metadata: &[u8] =
            if last { &[0x08, 1, 0x12, 2, b'i', b'd', 0x18, 2] } else { &[0x12, 2, b'i', b'd', 0x18, 1] };
        entry.push(metadata.len() as u8);
        entry.extend(metadata);
    }
    let length = (entry.len() as u32).to_be_bytes();
    [&length[..], &entry, &length].concat()
}

fn read(bytes: &[u8]) -> Found {
    feed_all(bytes, |bytes, sink| LocalParser::new(0).feed(bytes, sink))
}

const NANOS: u64 = 1_763_733_727_113_000_000;

#[test]
fn entries_are_read_with_stream_time_line_and_ending() {
    let bytes = [
        frame("stdout", NANOS, b"hello", None),
        frame("stderr", 0, b"", None),
        frame("stdout", NANOS, b"part", Some(false)),
        frame("stdout", NANOS, b"", Some(true)),
    ]
    .concat();
    let found = read(&bytes);
    assert_eq!(found.damage, []);
    assert_eq!(found.covered(), bytes.len() as u64);
    let seen: Vec<_> = found
        .parts
        .iter()
        .map(|part| (part.iostream, part.timestamp.0, &part.bytes[..], part.newline))
        .collect();
    let nanos = NANOS as i64;
    assert_eq!(
        seen,
        [
            (IoStream::Stdout, nanos, &b"hello"[..], true),
            (IoStream::Stderr, 0, b"", true),
            (IoStream::Stdout, nanos, b"part", false),
            (IoStream::Stdout, nanos, b"", true),
        ]
    );
}

#[test]
fn fields_that_came_later_are_skipped() {
    let mut entry = vec![0x0a, 6];
    entry.extend(b"stdout");
    entry.extend([0x1a, 1, b'x', 0x32, 4, 0x0a, 0, 0x12, 0, 0x39, 1, 2, 3, 4, 5, 6, 7, 8, 0x45, 1, 2, 3, 4]);
    let length = (entry.len() as u32).to_be_bytes();
    let found = read(&[&length[..], &entry, &length].concat());
    assert_eq!(found.parts[0].bytes, b"x");
}

#[test]
fn a_time_before_1970_is_read() {
    let found = read(&frame("stdout", (-5_i64) as u64, b"x", None));
    assert_eq!(found.parts[0].timestamp, Timestamp(-5));
}

#[test]
fn damage_ends_where_the_next_whole_frame_starts() {
    let good = frame("stdout", NANOS, b"good", None);
    let mut mangled = frame("stdout", NANOS, b"mangled", None);
    *mangled.last_mut().unwrap() ^= 1;
    let mut overlong = good.clone();
    overlong[0] = 0x7f;
    for bad in [
        b"\0\0\0\0\0\0\0\0\0".to_vec(),
        b"garbage\xff".to_vec(),
        mangled,
        overlong,
        frame("stdxyz", 1, b"", None),
    ] {
        let found = read(&[&good[..], &bad, &good].concat());
        assert_eq!(found.parts.len(), 2, "{bad:?}");
        assert_eq!(found.merged_damage(), [(good.len() as u64, (good.len() + bad.len()) as u64)], "{bad:?}");
    }
}

#[test]
fn a_torn_frame_costs_only_itself() {
    let good = frame("stdout", NANOS, b"x", None);
    let torn = frame("stdout", NANOS, b"torn", None);
    for cut in 1..torn.len() {
        let found = read(&[&torn[..cut], &good, &good].concat());
        assert_eq!(found.merged_damage(), [(0, cut as u64)], "{cut}");
        assert_eq!(found.parts.len(), 2);
    }
}

#[test]
fn a_wrong_length_makes_nobody_wait() {
    let bytes = [
        &(ENTRY_BYTES_MAX as u32).to_be_bytes()[..],
        b"no entry starts like this",
        &frame("stdout", 1, b"x", None),
    ]
    .concat();
    assert_eq!(read(&bytes).parts.len(), 1);
}

#[test]
fn the_first_entry_is_found_from_the_middle_of_another() {
    let frame = frame("stdout", NANOS, b"hello", None);
    let bytes = [&frame[..], &frame, &frame].concat();
    assert_eq!(first_entry(&bytes), Some(0));
    for from in 1..=frame.len() {
        assert_eq!(first_entry(&bytes[from..]), Some(frame.len() - from));
    }
    assert_eq!(first_entry(&frame[1..]), None);
    assert_eq!(first_entry(b""), None);
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let whole =
        (proptest::collection::vec(any::<u8>(), 0..40), any::<bool>(), proptest::option::of(any::<bool>()))
            .prop_map(|(line, err, partial)| {
                frame(if err { "stderr" } else { "stdout" }, NANOS, &line, partial)
            });
    prop_oneof![
        6 => whole.clone(),
        1 => (whole, any::<prop::sample::Index>()).prop_map(|(frame, at)| frame[..at.index(frame.len())].to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
        1 => Just(b"\0\0\0\x20\x0a\x06stdout\x0a\x06stderr".to_vec()),
        1 => (1_usize..9).prop_map(|len| vec![0; len]),
    ]
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same(pieces in proptest::collection::vec(piece(), 0..12), cuts in proptest::collection::vec(1_usize..90, 1..40)) {
        let bytes = pieces.concat();
        let whole = read(&bytes);
        let mut parser = LocalParser::new(0);
        let (chunked, consumed) = feed_chunks(&bytes, &cuts, |bytes, sink| parser.feed(bytes, sink));
        prop_assert_eq!(&whole.parts, &chunked.parts);
        prop_assert_eq!(whole.merged_damage(), chunked.merged_damage());
        prop_assert_eq!(whole.covered(), consumed as u64);
    }

    #[test]
    fn no_bytes_panic_and_all_are_accounted_for(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes);
        first_entry(&bytes);
    }
}
