//! The same lines give the same records, whichever source they are read from and however its bytes arrive.

use miniman_log::{
    ApiLogParser, IoStream, JsonFileParser, LINE_BYTES_MAX, LineJoiner, LocalParser, PART_BYTES, Part,
    PartSink, RecordBatch, Timestamp,
};
use proptest::prelude::*;

/// What a container wrote in one go, ended by a newline or by the container's end.
#[derive(Debug, Clone)]
struct Line {
    stderr: bool,
    text: Vec<u8>,
}

/// One message as the daemon's copier hands it to a log driver.
struct Message<'a> {
    nanos: i64,
    stream: IoStream,
    bytes: &'a [u8],
    newline: bool,
    long: bool,
}

fn messages(lines: &[Line]) -> Vec<Message<'_>> {
    let mut messages = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let stream = if line.stderr { IoStream::Stderr } else { IoStream::Stdout };
        let nanos = 1_763_733_727_000_000_000 + index as i64 * 1_000_003;
        let (mut rest, long) = (&line.text[..], line.text.len() >= PART_BYTES);
        while rest.len() >= PART_BYTES {
            let (bytes, behind) = rest.split_at(PART_BYTES);
            messages.push(Message { nanos, stream, bytes, newline: false, long });
            rest = behind;
        }
        messages.push(Message { nanos, stream, bytes: rest, newline: true, long });
    }
    messages
}

fn json_file(messages: &[Message<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        let mut text = String::from_utf8_lossy(message.bytes).into_owned();
        if message.newline {
            text.push('\n');
        }
        let log = serde_json::to_string(&text).expect("text is JSON");
        let (stream, time) = (message.stream.as_str(), Timestamp(message.nanos));
        out.extend(format!("{{\"log\":{log},\"stream\":\"{stream}\",\"time\":\"{time}\"}}\n").bytes());
    }
    out
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn local(messages: &[Message<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        let mut entry = vec![0x0a, 6];
        entry.extend(message.stream.as_str().bytes());
        entry.push(0x10);
        varint(&mut entry, message.nanos as u64);
        if !message.bytes.is_empty() {
            entry.push(0x1a);
            varint(&mut entry, message.bytes.len() as u64);
            entry.extend(message.bytes);
        }
        if message.long {
            entry.extend([0x20, 1, 0x2a, 2, 0x08, u8::from(message.newline)]);
        }
        let length = (entry.len() as u32).to_be_bytes();
        out.extend([&length[..], &entry, &length].concat());
    }
    out
}

fn api(messages: &[Message<'_>], tty: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        let end: &[u8] = if message.newline { b"\n" } else { b"" };
        let payload = [Timestamp(message.nanos).to_string().as_bytes(), b" ", message.bytes, end].concat();
        if !tty {
            out.extend([message.stream as u8, 0, 0, 0]);
            out.extend((payload.len() as u32).to_be_bytes());
        }
        out.extend(payload);
    }
    out
}

struct Join {
    joiner: LineJoiner,
    batch: RecordBatch,
}

impl PartSink for Join {
    fn part(&mut self, part: Part<'_>, _start: u64, _end: u64) {
        self.joiner.push(part, &mut self.batch);
    }

    fn damage(&mut self, from: u64, to: u64) {
        panic!("damage at {from}..{to}");
    }
}

/// Feeds what was not consumed again, with the next chunk behind it.
fn records(
    tty: bool,
    bytes: &[u8],
    chunk: usize,
    mut feed: impl FnMut(&[u8], &mut Join) -> usize,
) -> RecordBatch {
    let mut join = Join { joiner: LineJoiner::new(LINE_BYTES_MAX, tty), batch: RecordBatch::new() };
    let (mut consumed, mut read) = (0, 0);
    while read < bytes.len() {
        read = bytes.len().min(read + chunk);
        consumed += feed(&bytes[consumed..read], &mut join);
    }
    assert_eq!(consumed, bytes.len());
    join.joiner.flush(&mut join.batch);
    join.batch
}

fn check(lines: &[Line], tty: bool, chunk: usize) {
    let messages = messages(lines);
    let mut expected = RecordBatch::new();
    // The order in which lines end is the log's; here every line ends before the next starts.
    for message in messages.iter().filter(|message| message.newline) {
        let line = &lines[((message.nanos - 1_763_733_727_000_000_000) / 1_000_003) as usize];
        let text = if tty { line.text.strip_suffix(b"\r").unwrap_or(&line.text) } else { &line.text };
        let severity = miniman_log::severity_of(&String::from_utf8_lossy(text));
        expected.push(Timestamp(message.nanos), message.stream, severity, text, 0);
    }
    let mut json = JsonFileParser::new(0);
    assert_eq!(records(tty, &json_file(&messages), chunk, |bytes, sink| json.feed(bytes, sink)), expected);
    let mut frames = LocalParser::new(0);
    assert_eq!(records(tty, &local(&messages), chunk, |bytes, sink| frames.feed(bytes, sink)), expected);
    let mut stream = ApiLogParser::new(tty);
    let from_api = records(tty, &api(&messages, tty), chunk, |bytes, sink| {
        stream.feed(bytes, sink).expect("the stream is whole");
        bytes.len()
    });
    assert_eq!(from_api, expected);
}

fn line(tty: bool) -> impl Strategy<Value = Line> {
    let near = |parts: usize| (parts * PART_BYTES).saturating_sub(2)..=parts * PART_BYTES + 2;
    let len = prop_oneof![5 => 0_usize..200, 1 => near(1), 1 => near(2), 1 => near(5)];
    let alphabet = prop::sample::select(&b"abc \"\\\t<>&\x1b\x00\r:-2026"[..]);
    (len, proptest::collection::vec(alphabet, 37), any::<bool>()).prop_map(move |(len, pattern, stderr)| {
        Line { stderr: stderr && !tty, text: pattern.iter().cycle().take(len).copied().collect() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_source_gives_the_same_records(lines in proptest::collection::vec(line(false), 0..12), chunk in 1_usize..40_000) {
        check(&lines, false, chunk);
    }

    #[test]
    fn every_source_of_a_terminal_gives_the_same_records(lines in proptest::collection::vec(line(true), 0..12), chunk in 1_usize..40_000) {
        check(&lines, true, chunk);
    }
}

#[test]
fn a_line_of_ten_megabytes_is_one_record_from_every_source() {
    let line = Line { stderr: false, text: vec![b'x'; 10_000_000] };
    let messages = messages(std::slice::from_ref(&line));
    let mut json = JsonFileParser::new(0);
    let mut stream = ApiLogParser::new(false);
    for batch in [
        records(false, &json_file(&messages), 65_536, |bytes, sink| json.feed(bytes, sink)),
        records(false, &api(&messages, false), 65_536, |bytes, sink| {
            stream.feed(bytes, sink).expect("the stream is whole");
            bytes.len()
        }),
    ] {
        assert_eq!(batch.len(), 1);
        assert_eq!(batch.get(0).body.len(), LINE_BYTES_MAX);
        assert_eq!(batch.get(0).cut, (10_000_000 - LINE_BYTES_MAX) as u64);
    }
}
