//! Followers, marks, memory reads and figures.

use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};

use super::{bodies, identity, lines, long_line, noise, open};
use crate::logs::{Chunk, Mark, ReadMax};

#[test]
fn a_follower_is_told_once_an_append() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    let mut next = log.watch();
    assert_eq!(*next.borrow_and_update(), 0);
    log.append(&lines(0, 5), None).unwrap();
    assert!(next.has_changed().unwrap());
    assert_eq!(*next.borrow_and_update(), 5);
    log.append(&lines(5, 0), Some(vec![1])).unwrap();
    log.prepend(lines(-3, 3), None).unwrap();
    assert!(!next.has_changed().unwrap(), "nothing came at the live end");
}

#[test]
fn what_was_just_appended_is_read_from_memory() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    assert!(log.read_memory(0, ReadMax::default()).is_none());
    log.append(&lines(0, 10), None).unwrap();
    let Some(Chunk::Records { first, batch, range }) =
        log.read_memory(4, ReadMax { records: 3, bytes: 1_000 })
    else {
        panic!("the open block is in memory");
    };
    assert_eq!((first, range.len()), (4, 3));
    assert_eq!(batch.get(range.start).body, "line 4");
    assert!(log.read_memory(10, ReadMax::default()).is_none());
    // Sealed and committed: still there for those who follow closely.
    log.append(&long_line(300_000), None).unwrap();
    store.commit().unwrap();
    assert!(log.read_memory(0, ReadMax::default()).is_some());
}

#[test]
fn a_line_longer_than_the_limit_of_a_read_is_read_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    log.append(&long_line(200_000), None).unwrap();
    log.append(&lines(1, 3), None).unwrap();
    let max = ReadMax { records: 100, bytes: 1_000 };
    assert_eq!(log.read(0, max).unwrap().unwrap().next(), 1);
    assert_eq!(log.read_back(4, max).unwrap().unwrap().first(), 1);
}

#[test]
fn marks_stand_behind_the_last_record_and_survive() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    let mark = |time: i64, kind: &str| Mark {
        timestamp: Timestamp(time),
        kind: kind.to_owned(),
        after_seq: 99,
        detail: "{}".to_owned(),
    };
    log.mark(mark(-5, "start")).unwrap();
    log.append(&lines(0, 4), None).unwrap();
    log.mark(mark(9_000_000, "exit")).unwrap();
    store.commit().unwrap();
    log.mark(mark(7_000_000, "oom")).unwrap();
    let kinds = |since, until, limit| {
        let marks = log.marks(since, until, limit).unwrap();
        marks.into_iter().map(|mark| (mark.kind, mark.after_seq)).collect::<Vec<_>>()
    };
    let (start, oom, exit) = (("start".to_owned(), -1), ("oom".to_owned(), 3), ("exit".to_owned(), 3));
    assert_eq!(kinds(None, None, 10), [start, oom.clone(), exit.clone()]);
    assert_eq!(kinds(None, None, 2), [oom.clone(), exit]);
    assert_eq!(kinds(Some(Timestamp(6_000_000)), Some(Timestamp(8_000_000)), 10), [oom]);
    store.close().unwrap();
    let store = open(dir.path());
    assert_eq!(store.log(&identity("a")).unwrap().marks(None, None, 10).unwrap().len(), 3);
}

#[test]
fn a_mark_told_late_stands_before_the_lines_after_it() {
    const SECOND: i64 = 1_000_000_000;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    let mut batch = RecordBatch::new();
    for time in [100, 102, 101, 103] {
        batch.push_str(Timestamp(time * SECOND), IoStream::Stdout, Severity::UNSPECIFIED, "line", 0);
    }
    log.append(&batch, None).unwrap();
    for time in [104, 102, 101, 99, 80] {
        let mark = Mark {
            timestamp: Timestamp(time * SECOND),
            kind: time.to_string(),
            after_seq: 0,
            detail: "{}".to_owned(),
        };
        log.mark(mark).unwrap();
    }
    let placed: Vec<_> =
        log.marks(None, None, 10).unwrap().into_iter().map(|mark| (mark.kind, mark.after_seq)).collect();
    let expected = [("80", 3), ("99", -1), ("101", 2), ("102", 2), ("104", 3)];
    assert_eq!(placed, expected.map(|(kind, seq)| (kind.to_owned(), seq)), "a clock set back moves no mark");
}

#[test]
fn small_blocks_merge_into_larger_ones() {
    let dir = tempfile::tempdir().unwrap();
    let options = crate::logs::LogStoreOptions { open_age_max: std::time::Duration::ZERO, ..super::manual() };
    let store = crate::logs::LogStore::open(dir.path(), options).unwrap();
    let log = store.log(&identity("a")).unwrap();
    for n in 0..50 {
        log.append(&lines(n * 10, 10), None).unwrap();
        log.prepend(lines(-n - 1, 1), None).unwrap();
        store.commit().unwrap();
    }
    assert_eq!(bodies(&log).len(), 550);
    let reader = rusqlite::Connection::open(dir.path().join("logs.db")).unwrap();
    let count = |table: &str| {
        reader.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!((count("blocks"), count("payloads"), count("filters")), (1, 1, 1));
}

#[test]
fn the_journal_stays_short_and_keeps_every_resume_state() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let quiet = store.log(&identity("quiet")).unwrap();
    quiet.append(&lines(0, 1), Some(b"quiet".to_vec())).unwrap();
    store.commit().unwrap();
    let busy = store.log(&identity("busy")).unwrap();
    // Lines that do not compress, so that the journal grows as fast as it can: 100 × 200 KB are over 8 MiB.
    for n in 0..100_u8 {
        let other = store.log(&identity(&format!("other {n}"))).unwrap();
        other.append(&noise(200_000), Some(vec![n])).unwrap();
        busy.append(&long_line(300_000), Some(vec![n])).unwrap();
        store.commit().unwrap();
        assert!(store.stats().journal_bytes < 33 << 20);
    }
    store.crash();
    let store = open(dir.path());
    assert_eq!(store.log(&identity("quiet")).unwrap().resume(), Some(b"quiet".to_vec()));
    assert_eq!(bodies(&store.log(&identity("quiet")).unwrap()), [(0, "line 0".to_owned())]);
    assert_eq!(store.log(&identity("busy")).unwrap().resume(), Some(vec![99]));
    for n in 0..100_u8 {
        let other = store.log(&identity(&format!("other {n}"))).unwrap();
        assert_eq!((other.resume(), other.bounds().next), (Some(vec![n]), 1));
    }
}
