use std::sync::Arc;

use miniman_engine::{Container, ContainerId, ContainerState, Health};
use miniman_log::query::Query;
use miniman_log::{PART_BYTES, RecordBatch, Timestamp};

use super::lane::{Feed, last_time};
use super::tail::Tail;
use super::{Asked, Item};

const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const MILLI: i64 = 1_000_000;

fn container() -> Arc<Container> {
    Arc::new(Container {
        id: ContainerId::parse(&"a".repeat(64)).unwrap(),
        name: "web".to_owned(),
        image: String::new(),
        image_id: String::new(),
        state: ContainerState::Running,
        health: Health::None,
        exit_code: None,
        oom_killed: false,
        restart_count: 0,
        created: Timestamp(0),
        started_at: None,
        finished_at: None,
        tty: false,
        log_driver: "json-file".to_owned(),
        log_options: Default::default(),
        stack: None,
        service: None,
        number: None,
        ports: Vec::new(),
        retention: None,
        redact: None,
        multiline: None,
        own_labels: Default::default(),
        hide: None,
        message: None,
        is_self: false,
    })
}

/// A message as the engine frames it.
fn frame(stream: u8, millis: i64, text: &str) -> Vec<u8> {
    let message = format!("{} {text}", Timestamp(millis * MILLI));
    let mut frame = vec![stream, 0, 0, 0];
    frame.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(message.as_bytes());
    frame
}

fn searching(query: &str) -> Asked {
    Asked { query: Some(Query::parse(query).unwrap()), ..Asked::default() }
}

/// The bodies that are there to be given; `+` before those that are context.
fn bodies(feed: &mut Feed) -> Vec<String> {
    let rows = std::iter::from_fn(|| feed.take());
    rows.map(|row| format!("{}{}", if row.context { "+" } else { "" }, row.record().body)).collect()
}

/// All of a log, a millisecond between its lines.
fn whole(asked: &Asked, lines: &[&str]) -> Vec<String> {
    let mut feed = Feed::new(&container(), asked, None);
    for (at, line) in lines.iter().enumerate() {
        assert_eq!(feed.feed(&frame(STDOUT, at as i64, &format!("{line}\n"))), None);
    }
    assert_eq!(feed.end(true), None);
    bodies(&mut feed)
}

#[test]
fn lines_are_the_same_however_the_stream_is_cut() {
    let long = "x".repeat(PART_BYTES);
    let stream = [
        frame(STDOUT, 1, &long),
        frame(STDERR, 2, "between\n"),
        frame(STDOUT, 1, "end\n"),
        frame(STDOUT, 3, "no newline"),
    ]
    .concat();
    let read = |size: usize| {
        let mut feed = Feed::new(&container(), &Asked::default(), None);
        stream.chunks(size).for_each(|piece| assert_eq!(feed.feed(piece), None));
        feed.end(true);
        bodies(&mut feed)
    };
    let expected = ["between".to_owned(), format!("{long}end"), "no newline".to_owned()];
    for size in [1, 7, 4_096, stream.len()] {
        assert_eq!(read(size), expected, "{size}");
    }
}

#[test]
fn a_stream_that_breaks_gives_no_half_line() {
    let mut feed = Feed::new(&container(), &Asked::default(), None);
    feed.feed(&frame(STDOUT, 1, "whole\n"));
    feed.feed(&frame(STDOUT, 2, &"x".repeat(PART_BYTES)));
    feed.end(false);
    assert_eq!(bodies(&mut feed), ["whole"]);
    let mut feed = Feed::new(&container(), &Asked::default(), None);
    feed.feed(&frame(STDOUT, 1, "whole\n"));
    assert!(feed.feed(b"the daemon is unwell").is_some(), "that is no stream");
    assert_eq!(feed.feed(&frame(STDOUT, 2, "what follows is none either\n")), None);
    assert_eq!(feed.end(true), None);
    assert_eq!(bodies(&mut feed), ["whole"]);
}

#[test]
fn times_that_go_back_do_not_end_a_reading_by_time() {
    let until = Some(Timestamp(5 * MILLI));
    let mut feed = Feed::new(&container(), &Asked { until, ..Asked::default() }, None);
    for (millis, text) in [(4, "one\n"), (3, "two\n"), (5, "three\n"), (2, "four\n")] {
        feed.feed(&frame(STDOUT, millis, text));
    }
    feed.end(true);
    assert_eq!(bodies(&mut feed), ["one", "two"]);
}

#[test]
fn what_was_there_has_passed_with_its_last_message() {
    let messages = [frame(STDOUT, 1, "one\n"), frame(STDOUT, 2, &"x".repeat(PART_BYTES))];
    let pieces: Vec<_> = messages.iter().map(|message| message.clone().into()).collect();
    let last = last_time(false, &pieces);
    assert_eq!(last, Some(Timestamp(2 * MILLI)));
    let mut feed = Feed::new(&container(), &Asked { follow: true, ..Asked::default() }, last);
    feed.feed(&messages[0]);
    assert!(!feed.passed());
    feed.feed(&messages[1]);
    assert!(feed.passed(), "though its line may go on for long");
    assert!(Feed::new(&container(), &Asked { follow: true, ..Asked::default() }, None).passed());
    assert!(!Feed::new(&container(), &Asked::default(), None).passed());
}

#[test]
fn a_reading_that_begins_within_a_private_key_gives_none_of_it() {
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let since = Some(Timestamp(0));
    let given =
        whole(&Asked { since, ..Asked::default() }, &[key, key, "-----END PRIVATE KEY-----", "after"]);
    assert!(given.iter().all(|line| !line.contains("MII")), "{given:?}");
    assert_eq!(given.last().unwrap(), "after");
}

#[test]
fn a_match_brings_its_group() {
    let trace =
        ["ready", "Traceback (most recent call last):", "  File \"a.py\", line 1", "ValueError: no", "on"];
    assert_eq!(whole(&searching("ValueError"), &trace), trace[1..4]);
    assert_eq!(whole(&searching("level:error"), &trace), trace[1..4]);
    assert_eq!(whole(&searching("level:none"), &trace), ["ready", "on"]);
    assert_eq!(whole(&searching("nothing"), &trace), [""; 0]);
}

#[test]
fn lines_around_a_match_are_given_once() {
    let lines = ["a", "b", "c", "hit 1", "d", "hit 2", "e", "f", "g", "h", "hit 3"];
    let context = |context| whole(&Asked { context, ..searching("hit") }, &lines);
    assert_eq!(context(0), ["hit 1", "hit 2", "hit 3"]);
    assert_eq!(context(1), ["+c", "hit 1", "+d", "hit 2", "+e", "+h", "hit 3"]);
    assert_eq!(context(2), ["+b", "+c", "hit 1", "+d", "hit 2", "+e", "+f", "+g", "+h", "hit 3"]);
}

#[test]
fn a_live_match_goes_out_at_once_and_what_belongs_to_it_with_it() {
    let mut feed = Feed::new(&container(), &Asked { follow: true, ..searching("File") }, None);
    feed.go_live();
    let mut at = 0;
    let mut say = |stream: u8, line: &str| {
        at += 1;
        feed.feed(&frame(stream, at, &format!("{line}\n")));
        bodies(&mut feed)
    };
    assert_eq!(say(STDERR, "Traceback (most recent call last):"), [""; 0]);
    assert_eq!(say(STDOUT, "File of the other stream"), ["File of the other stream"]);
    assert_eq!(
        say(STDERR, "  File \"a.py\", line 1"),
        ["Traceback (most recent call last):", "  File \"a.py\", line 1"]
    );
    assert_eq!(say(STDERR, "ValueError: no"), ["ValueError: no"]);
    assert_eq!(say(STDERR, "on"), [""; 0]);
}

#[test]
fn a_group_that_does_not_end_is_not_waited_for() {
    let mut feed = Feed::new(&container(), &searching("wanted"), None);
    feed.feed(&frame(STDERR, 0, "nothing follows this\n"));
    let mut given = 0;
    for at in 0..10_000 {
        feed.feed(&frame(STDOUT, at, "wanted\n"));
        given += bodies(&mut feed).len();
    }
    assert!(given > 7_000, "{given}");
    feed.end(true);
    assert_eq!(given + bodies(&mut feed).len(), 10_000);
}

#[test]
fn the_last_lines_are_kept_alone_and_within_a_bound() {
    let item = |body: &[u8]| {
        let mut batch = RecordBatch::new();
        for _ in 0..3 {
            batch.push(Timestamp(0), miniman_log::IoStream::Stdout, miniman_log::Severity::INFO, body, 0);
        }
        Item::Record { log: 0, seq: 0, batch: Arc::new(batch), index: 1, context: false }
    };
    let mut tail = Tail::new(2, 1 << 20);
    for body in [b"a", b"b", b"c"] {
        tail.push(item(body)).unwrap();
    }
    let kept = tail.into_items().into_iter().map(|item| match item {
        Item::Record { batch, index, .. } => {
            assert_eq!(batch.len(), 1);
            batch.body(index).to_vec()
        }
        Item::Broken { why, .. } => panic!("{why}"),
    });
    assert_eq!(kept.collect::<Vec<_>>(), [b"b", b"c"]);

    let mut tail = Tail::new(u64::MAX, 4_000);
    let pushed = (0..10).map(|_| tail.push(item(b"d")));
    assert!(pushed.last().unwrap().is_err());
}
