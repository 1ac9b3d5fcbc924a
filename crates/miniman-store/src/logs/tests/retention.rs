//! What is taken, from whom, and what stays in its place.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use miniman_log::Timestamp;

use super::{bodies, chunks, identity, lines, manual, noise, noise_at, now, open};
use crate::logs::{
    Chunk, Gap, GapReason, Log, LogRetention, LogStore, LogStoreOptions, Mark, ReadMax, RetentionPolicy,
    StoreError,
};

const DAY: i64 = 86_400_000_000_000;
/// What a block of one `noise(300_000)` takes, at least.
const BLOCK: u64 = 200_000;

fn keeping(total_bytes: u64) -> RetentionPolicy {
    RetentionPolicy { total_bytes, age: None }
}

/// `blocks` blocks of a line each, all on disk.
fn fill(store: &LogStore, name: &str, blocks: usize) -> Log {
    let log = store.log(&identity(name)).unwrap();
    let line = noise(300_000);
    for _ in 0..blocks {
        log.append(&line, None).unwrap();
    }
    store.commit().unwrap();
    log
}

fn only_gap(log: &Log) -> Gap {
    let gaps = log.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    gaps[0]
}

fn count(dir: &Path, table: &str) -> i64 {
    let reader = rusqlite::Connection::open(dir.join("logs.db")).unwrap();
    reader.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn what_is_taken_is_a_gap_and_numbers_stay() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = fill(&store, "a", 10);
    log.append(&lines(10, 5), None).unwrap();
    let before = (log.stored(), store.stats());
    store.set_retention(keeping(4 * before.0.stored_bytes / 10 + before.1.journal_bytes + BLOCK / 2));
    store.settle();
    let gap = only_gap(&log);
    assert_eq!((gap.from, gap.to, gap.missed, gap.reason), (0, 5, Some(6), GapReason::Retention));
    assert_eq!((gap.since, gap.until), (Some(Timestamp(0)), Some(Timestamp(0))));
    assert_eq!((log.bounds().first, log.bounds().next), (0, 15));
    assert_eq!(chunks(&log, ReadMax::default())[0].next(), 6);
    assert_eq!(log.read(3, ReadMax::default()).unwrap().unwrap().next(), 6, "a cursor below meets the gap");
    assert_eq!(log.read_back(6, ReadMax::default()).unwrap().unwrap().first(), 0);
    let (stored, stats) = (log.stored(), store.stats());
    assert_eq!((stored.records, stats.taken.records, stats.taken.blocks), (9, 6, 6));
    assert_eq!(stored.raw_bytes + stats.taken.raw_bytes, before.0.raw_bytes);
    assert_eq!(stored.stored_bytes + stats.taken.stored_bytes, before.0.stored_bytes);
    assert_eq!(stored.severities.iter().sum::<u64>(), 9);
    // More of it makes the same gap longer, also after a restart.
    store.close().unwrap();
    let store = LogStore::open(dir.path(), LogStoreOptions { retention: keeping(0), ..manual() }).unwrap();
    store.settle();
    let log = store.get(log.id()).unwrap();
    assert_eq!((only_gap(&log).to, only_gap(&log).missed), (9, Some(10)));
    assert_eq!(count(dir.path(), "payloads") + count(dir.path(), "filters") + count(dir.path(), "blocks"), 0);
    assert_eq!(count(dir.path(), "gaps"), 1);
    assert_eq!(log.append(&lines(15, 1), None).unwrap(), 15);
}

#[test]
fn a_flood_leaves_twenty_quiet_logs_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let quiet: Vec<_> = (0..20).map(|n| fill(&store, &format!("quiet {n}"), 1 + n % 2)).collect();
    store.set_retention(keeping(60 * 230_000));
    let flood = store.log(&identity("flood")).unwrap();
    let line = noise(300_000);
    for n in 0..200 {
        flood.append(&line, None).unwrap();
        if n % 20 == 0 {
            store.settle();
        }
    }
    store.settle();
    for (n, log) in quiet.iter().enumerate() {
        assert_eq!((log.gaps(), log.stored().records), (Vec::new(), 1 + n as u64 % 2));
    }
    let kept = flood.stored();
    assert!((20..40).contains(&kept.records), "{kept:?}");
    assert_eq!(only_gap(&flood).missed, Some(200 - kept.records));
    let stats = store.stats();
    assert!(stats.stored_bytes + stats.journal_bytes <= stats.retention.total_bytes, "{stats:?}");
}

#[test]
fn what_is_too_old_goes_and_its_marks_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    let mark =
        |kind: &str| Mark { timestamp: now(), kind: kind.to_owned(), after_seq: 0, detail: String::new() };
    for days in [9, 8, 7, 2, 1] {
        log.mark(mark(&format!("{days} days ago"))).unwrap();
        log.append(&noise_at(Timestamp(now().0 - days * DAY), 300_000), None).unwrap();
    }
    store.settle();
    assert_eq!(log.gaps(), []);
    store.set_retention(RetentionPolicy { age: Some(Duration::from_secs(5 * 86_400)), ..store.retention() });
    store.settle();
    assert_eq!((only_gap(&log).to, log.stored().records), (2, 2));
    let kinds: Vec<_> = log.marks(None, None, 10).unwrap().into_iter().map(|mark| mark.kind).collect();
    assert_eq!(kinds, ["2 days ago", "1 days ago"]);
    assert_eq!(store.stats().oldest, log.stored().first_timestamp);
    assert!(log.stored().first_timestamp.unwrap().0 > now().0 - 3 * DAY);
    // Its own age counts instead of the store's.
    let longer = store.log(&identity("longer")).unwrap();
    longer.set_retention("20d".parse().unwrap()).unwrap();
    longer.append(&noise_at(Timestamp(now().0 - 10 * DAY), 300_000), None).unwrap();
    log.set_retention("36h".parse().unwrap()).unwrap();
    store.settle();
    assert_eq!((log.stored().records, longer.stored().records), (1, 1));
}

#[test]
fn what_a_policy_would_take_is_what_it_takes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (own, flood) = (fill(&store, "own", 6), fill(&store, "flood", 80));
    fill(&store, "small", 1);
    own.set_retention("36h,700kB".parse().unwrap()).unwrap();
    store.settle();
    let old = store.log(&identity("old")).unwrap();
    for days in (1..9).rev() {
        old.append(&noise_at(Timestamp(now().0 - days * DAY), 300_000), None).unwrap();
    }
    store.commit().unwrap();
    // More than a read of rows, and than a step of the writer.
    fill(&store, "flood", 80);
    let day = |days: u64| Some(Duration::from_secs(days * 86_400));
    for (total_bytes, age) in [
        (u64::MAX, None),
        (u64::MAX, day(60)),
        (u64::MAX, day(5)),
        (20_000_000, day(5)),
        (1_200_000, None),
        (0, None),
    ] {
        let policy = RetentionPolicy { total_bytes, age };
        let before = store.stats().taken;
        let told = store.forecast(policy).unwrap();
        let held: Vec<_> = store.logs().iter().map(|log| log.stored().records).collect();
        store.set_retention(policy);
        store.settle();
        let mut taken = before;
        taken += told.taken;
        assert_eq!(store.stats().taken, taken, "{policy:?}");
        let gave = store.logs().iter().zip(held).filter(|(log, held)| log.stored().records < *held).count();
        assert_eq!(told.logs, gave as u64, "{policy:?}");
    }
    assert_eq!(flood.stored().records, 0);
}

#[test]
fn lines_of_a_quiet_log_go_soon_after_their_age() {
    let dir = tempfile::tempdir().unwrap();
    let policy = RetentionPolicy { age: Some(Duration::from_secs(16 * 86_400)), ..Default::default() };
    let options = LogStoreOptions { retention: policy, open_age_max: Duration::ZERO, ..manual() };
    let store = LogStore::open(dir.path(), options).unwrap();
    let log = store.log(&identity("a")).unwrap();
    for day in (0..32).rev() {
        log.append(&noise_at(Timestamp(now().0 - day * DAY), 100), None).unwrap();
        store.commit().unwrap();
    }
    // Looked at now, not within the minute.
    store.set_retention(policy);
    store.settle();
    let kept = log.stored().records;
    assert!((16..=18).contains(&kept), "{kept} of a line a day are kept");
}

#[test]
fn a_clock_that_ran_ahead_does_not_keep_a_block_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    log.append(&noise_at(Timestamp(i64::MAX), 300_000), None).unwrap();
    store.close().unwrap();
    let file = rusqlite::Connection::open(dir.path().join("logs.db")).unwrap();
    file.execute("UPDATE blocks SET committed = committed - 864000", []).unwrap();
    drop(file);
    let policy = RetentionPolicy { age: Some(Duration::from_secs(86_400)), ..Default::default() };
    let store = LogStore::open(dir.path(), LogStoreOptions { retention: policy, ..manual() }).unwrap();
    store.settle();
    assert_eq!(store.get(log.id()).unwrap().stored().records, 0);
}

#[test]
fn a_logs_own_size_holds_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (own, other) = (fill(&store, "own", 6), fill(&store, "other", 6));
    let limit = LogRetention { bytes: Some(own.stored().stored_bytes / 2), age: None };
    own.set_retention(limit).unwrap();
    store.settle();
    assert_eq!((own.stored().records, other.stored().records), (3, 6));
    store.close().unwrap();
    let store = open(dir.path());
    let own = store.get(own.id()).unwrap();
    assert_eq!(own.retention(), limit);
    fill(&store, "own", 4);
    store.settle();
    assert_eq!(own.stored().records, 3);
    own.set_retention(LogRetention::default()).unwrap();
    store.close().unwrap();
    assert_eq!(open(dir.path()).get(own.id()).unwrap().retention(), LogRetention::default());
}

#[test]
fn a_removed_containers_log_disappears_with_its_last_block() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (gone, stays) = (fill(&store, "gone", 2), fill(&store, "stays", 2));
    let silent = store.log(&identity("silent")).unwrap();
    for log in [&gone, &stays] {
        log.append_gap(Some(3), None, None, GapReason::SourceLost, Some(vec![1])).unwrap();
        log.mark(Mark { timestamp: now(), kind: "exit".to_owned(), after_seq: 0, detail: String::new() })
            .unwrap();
    }
    let mut forgotten = store.forgotten();
    gone.set_removed(true);
    silent.set_removed(true);
    store.settle();
    assert!(!forgotten.has_changed().unwrap(), "it has records; the silent one has a day");
    store.set_retention(keeping(0));
    store.settle();
    assert_eq!(*forgotten.borrow_and_update(), 1);
    assert!(gone.is_forgotten() && !stays.is_forgotten());
    assert!(store.get(gone.id()).is_none());
    assert!(matches!(gone.append(&lines(0, 1), None), Err(StoreError::Forgotten)));
    assert_eq!(
        gone.read(0, ReadMax::default()).unwrap().unwrap().next(),
        2,
        "who still has it gets its gaps"
    );
    for (table, rows) in [("logs", 2), ("gaps", 2), ("marks", 1)] {
        assert_eq!(count(dir.path(), table), rows, "{table}");
    }
    // The same container again: a new log, and the old number is not used twice.
    store.set_retention(RetentionPolicy::default());
    let again = fill(&store, "gone", 1);
    assert!(again.id() > stays.id());
    assert_eq!((again.bounds().first, again.bounds().next, again.resume()), (0, 1, None));
    store.crash();
    let store = open(dir.path());
    assert_eq!(store.logs().len(), 3);
    assert_eq!(store.get(stays.id()).unwrap().resume(), Some(vec![1]));
    assert!(store.get(gone.id()).is_none());
}

#[test]
fn a_container_that_comes_back_keeps_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = fill(&store, "a", 1);
    log.set_removed(true);
    assert_eq!(store.log(&identity("a")).unwrap().id(), log.id());
    store.set_retention(keeping(0));
    store.settle();
    assert!(!log.is_forgotten());
    assert_eq!(log.append(&lines(1, 1), None).unwrap(), 1);
}

#[test]
fn gaps_below_what_is_kept_become_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = fill(&store, "a", 1);
    log.append_gap(Some(5), None, Some(Timestamp(9)), GapReason::RotatedAway, None).unwrap();
    fill(&store, "a", 1);
    log.prepend_gap(Some(2), Some(Timestamp(-9)), None, GapReason::Damaged, None).unwrap();
    log.append_gap(Some(4), None, None, GapReason::DaemonSkipped, None).unwrap();
    store.commit().unwrap();
    store.set_retention(keeping(0));
    store.settle();
    let gaps = log.gaps();
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert_eq!((gaps[0].from, gaps[0].to, gaps[0].missed), (-2, 6, Some(9)));
    assert_eq!((gaps[0].since, gaps[0].until), (Some(Timestamp(-9)), Some(Timestamp(9))));
    assert_eq!((gaps[1].from, gaps[1].to, gaps[1].reason), (7, 10, GapReason::DaemonSkipped));
    assert_eq!(log.stored().last_timestamp, Some(Timestamp(9)));
    store.crash();
    let log = open(dir.path()).get(log.id()).unwrap();
    assert_eq!((log.gaps(), log.stored().last_timestamp), (gaps, Some(Timestamp(9))));
}

#[test]
fn the_journal_goes_only_when_it_alone_is_too_much() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = fill(&store, "a", 2);
    log.append(&noise(100_000), None).unwrap();
    store.settle();
    store.set_retention(keeping(store.stats().journal_bytes));
    store.settle();
    assert_eq!((only_gap(&log).to, log.stored().records), (1, 1));
    store.set_retention(keeping(store.stats().journal_bytes - 1));
    store.settle();
    store.settle();
    assert_eq!((only_gap(&log).to, log.stored().records), (2, 0));
    assert!(store.stats().journal_bytes <= store.stats().retention.total_bytes);
}

#[test]
fn space_is_given_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    fill(&store, "a", 120);
    let pages = || {
        let reader = rusqlite::Connection::open(dir.path().join("logs.db")).unwrap();
        reader.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0)).unwrap()
    };
    assert!(pages() > 6_000);
    store.set_retention(keeping(BLOCK));
    store.settle();
    assert!(pages() < 4_300, "16 MiB stay for the next blocks: {}", pages());
}

#[test]
fn readers_beside_retention_get_records_or_the_gap() {
    let dir = tempfile::tempdir().unwrap();
    let options = LogStoreOptions { cache_bytes_max: 0, ..manual() };
    let store = LogStore::open(dir.path(), options).unwrap();
    let log = fill(&store, "a", 60);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    let read = chunks(&log, ReadMax::default());
                    assert_eq!(read.last().map(Chunk::next), Some(60));
                    let damaged = read
                        .iter()
                        .find(|chunk| matches!(chunk, Chunk::Gap(gap) if gap.reason != GapReason::Retention));
                    assert!(damaged.is_none(), "{damaged:?}");
                }
            });
        }
        for kept in (0..60).rev() {
            store.set_retention(keeping(kept * 235_000));
            store.settle();
        }
        done.store(true, Ordering::SeqCst);
    });
    assert_eq!(bodies(&log), []);
}
