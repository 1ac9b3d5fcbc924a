use super::*;
use crate::PART_BYTES;
use crate::testing::Found;

const TIME: &str = "2026-11-21T14:02:07.113000000Z";

fn frame(stream: u8, payload: &[u8]) -> Vec<u8> {
    [&[stream, 0, 0, 0], &(payload.len() as u32).to_be_bytes()[..], payload].concat()
}

fn read(tty: bool, chunks: &[&[u8]]) -> (Found, Result<(), DemuxError>) {
    let (mut parser, mut found, mut result) = (ApiLogParser::new(tty), Found::default(), Ok(()));
    for chunk in chunks {
        result = result.and(parser.feed(chunk, &mut found));
    }
    parser.finish(&mut found);
    (found, result)
}

fn texts(found: &Found) -> Vec<(String, bool)> {
    found.parts.iter().map(|part| (String::from_utf8_lossy(&part.bytes).into_owned(), part.newline)).collect()
}

#[test]
fn frames_lose_their_time_and_newline() {
    let bytes = [
        frame(1, format!("{TIME} hello world\n").as_bytes()),
        frame(2, format!("{TIME} \n").as_bytes()),
        frame(1, format!("{TIME} no newline").as_bytes()),
        frame(1, b"2026-11-21T14:02:08+01:00 from Podman\n"),
    ]
    .concat();
    let (found, result) = read(false, &[&bytes]);
    assert_eq!(result, Ok(()));
    let expected = [("hello world", true), ("", true), ("no newline", false), ("from Podman", true)];
    assert_eq!(texts(&found), expected.map(|(text, newline)| (text.to_owned(), newline)));
    assert_eq!(found.parts[1].iostream, IoStream::Stderr);
    assert_eq!(found.parts[0].timestamp.to_string(), TIME);
    assert_eq!(found.parts[3].timestamp.to_string(), "2026-11-21T13:02:08.000000000Z");
    assert_eq!(found.covered(), bytes.len() as u64);
}

#[test]
fn text_without_a_time_takes_the_one_before_or_is_damage() {
    let first = frame(1, b"lost\n");
    let bytes = [&first[..], &frame(1, format!("{TIME} a\n").as_bytes()), &frame(1, b"b\n")].concat();
    let (found, _) = read(false, &[&bytes]);
    assert_eq!(found.damage, [(0, first.len() as u64)]);
    assert_eq!(texts(&found), [("a".to_owned(), true), ("b".to_owned(), true)]);
    let (found, _) = read(true, &[format!("lost\n{TIME} a\r\nno time\n").as_bytes()]);
    assert_eq!(found.damage, [(0, 5)]);
    assert_eq!(texts(&found), [("a\r".to_owned(), true), ("no time".to_owned(), true)]);
}

#[test]
fn a_terminals_parts_are_told_by_their_lines_time() {
    let full = "x".repeat(PART_BYTES);
    let grown = format!("{}{}", "x".repeat(PART_BYTES - 10), "\u{fffd}".repeat(10));
    let text = format!(
        "{TIME} {full}{TIME} {grown}{TIME} end\r\n{TIME} next\r\n{TIME} {full}{TIME} \n{TIME} prompt> "
    );
    let (whole, result) = read(true, &[text.as_bytes()]);
    assert_eq!(result, Ok(()));
    let expected = [
        (&full[..], false),
        (&grown, false),
        ("end\r", true),
        ("next\r", true),
        (&full, false),
        ("", true),
        ("prompt> ", false),
    ];
    assert_eq!(texts(&whole), expected.map(|(text, newline)| (text.to_owned(), newline)));
    assert_eq!(whole.covered(), text.len() as u64);
    for chunk in [1, 7, 31, 4096, 16_383, 16_384, 16_385] {
        let chunks: Vec<_> = text.as_bytes().chunks(chunk).collect();
        let (found, _) = read(true, &chunks);
        assert_eq!(texts(&found), texts(&whole), "{chunk}");
    }
}

#[test]
fn the_time_in_a_terminals_short_line_is_text() {
    let (found, _) = read(true, &[format!("{TIME} see {TIME} there\n").as_bytes()]);
    assert_eq!(texts(&found), [(format!("see {TIME} there"), true)]);
}

#[test]
fn a_huge_message_comes_in_pieces_that_continue_each_other() {
    let text = format!("{TIME} {}\n", "y".repeat(PIECE_BYTES * 5 + 3));
    let framed = frame(1, text.as_bytes());
    for (tty, bytes) in [(false, &framed[..]), (true, text.as_bytes())] {
        for chunk in [1000, bytes.len()] {
            let chunks: Vec<_> = bytes.chunks(chunk).collect();
            let (found, _) = read(tty, &chunks);
            assert!(found.parts.len() > 3);
            assert!(
                found
                    .parts
                    .iter()
                    .all(|part| part.bytes.len() >= PART_BYTES && part.bytes.len() <= OPEN_BYTES_MAX)
            );
            assert_eq!(found.parts.iter().map(|part| part.bytes.len()).sum::<usize>(), PIECE_BYTES * 5 + 3);
            assert_eq!(found.parts.iter().filter(|part| part.newline).count(), 1);
            assert_eq!(found.covered(), bytes.len() as u64);
        }
    }
}

#[test]
fn the_daemons_error_ends_the_stream() {
    let error = Err(DemuxError::Daemon("Error grabbing logs: invalid character 'x'".to_owned()));
    let text = format!("{TIME} a\nError grabbing logs: invalid character 'x'\n");
    for chunk in [1, 10, text.len()] {
        let chunks: Vec<_> = text.as_bytes().chunks(chunk).collect();
        assert_eq!(read(true, &chunks).1, error, "{chunk}");
    }
    assert_eq!(read(false, &[&frame(3, b"Error grabbing logs: invalid character 'x'\n")]).1, error);
    // With its time before it, the container said it.
    let (found, result) = read(true, &[format!("{TIME} Error grabbing logs: x\n").as_bytes()]);
    assert_eq!((found.parts.len(), result), (1, Ok(())));
}

#[test]
fn half_a_time_at_the_end_is_no_line() {
    let (found, _) = read(true, &[format!("{TIME} a\n2026-11-").as_bytes()]);
    assert_eq!(found.parts.len(), 1);
    assert_eq!(found.damage.len(), 1);
}
