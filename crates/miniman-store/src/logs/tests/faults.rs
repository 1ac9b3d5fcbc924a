//! Damaged blocks, lost rows, full disks.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::{alter, bodies, chunks, identity, lines, long_line, noise, open};
use crate::logs::{Chunk, Gap, GapReason, ReadMax, StoreError};

/// Three blocks: numbers 0, 1 and 2, then ten lines in the journal.
fn three_blocks(dir: &std::path::Path) {
    let store = open(dir);
    let log = store.log(&identity("a")).unwrap();
    for _ in 0..3 {
        log.append(&long_line(300_000), None).unwrap();
    }
    log.append(&lines(0, 10), None).unwrap();
    store.close().unwrap();
}

/// The gap, and how many records were told to be damaged, after reading them more than once.
fn gap_in(dir: &std::path::Path) -> (Gap, u64) {
    let store = open(dir);
    let log = store.log(&identity("a")).unwrap();
    let found = chunks(&log, ReadMax::default());
    let numbers: Vec<_> = found.iter().map(|chunk| (chunk.first(), chunk.next())).collect();
    assert_eq!(numbers, [(0, 1), (1, 2), (2, 3), (3, 13)]);
    assert_eq!(log.read_back(2, ReadMax::default()).unwrap().unwrap().first(), 1);
    log.seek(miniman_log::Timestamp(i64::MAX)).unwrap();
    let gaps = found.into_iter().filter_map(|chunk| match chunk {
        Chunk::Gap(gap) => Some(gap),
        Chunk::Records { .. } => None,
    });
    let gaps: Vec<_> = gaps.collect();
    assert_eq!(gaps.len(), 1);
    (gaps[0], store.health().damaged_records)
}

#[test]
fn a_block_that_fails_its_checksum_is_a_gap_and_the_rest_is_read() {
    let dir = tempfile::tempdir().unwrap();
    three_blocks(dir.path());
    alter(dir.path(), "UPDATE payloads SET bodies = CAST(bodies || 'x' AS BLOB) WHERE id = 2");
    let (gap, told) = gap_in(dir.path());
    assert_eq!(told, 1);
    assert_eq!((gap.from, gap.to, gap.missed, gap.reason), (1, 1, Some(1), GapReason::Damaged));
    assert!(gap.since.is_some());
}

#[test]
fn a_payload_that_is_gone_is_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    three_blocks(dir.path());
    alter(dir.path(), "DELETE FROM payloads WHERE id = 2");
    let (gap, told) = gap_in(dir.path());
    assert_eq!((gap.missed, told), (Some(1), 1));
}

#[test]
fn a_block_row_that_is_gone_is_a_gap_between_its_neighbours() {
    let dir = tempfile::tempdir().unwrap();
    three_blocks(dir.path());
    alter(dir.path(), "DELETE FROM blocks WHERE id = 2");
    let (gap, _) = gap_in(dir.path());
    assert_eq!((gap.from, gap.to, gap.missed), (1, 1, Some(1)));
}

#[test]
fn a_damaged_journal_row_is_a_gap_before_what_the_next_row_has() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    for n in 0..3_u8 {
        log.append(&lines(i64::from(n) * 5, 5), Some(vec![n])).unwrap();
        store.commit().unwrap();
    }
    store.crash();
    alter(dir.path(), "UPDATE journal SET entries = CAST(entries || 'x' AS BLOB) WHERE id = 2");
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    assert_eq!(log.resume(), Some(vec![2]));
    let gaps = log.gaps();
    assert_eq!(
        (gaps[0].from, gaps[0].to, gaps[0].missed, gaps[0].reason),
        (5, 9, Some(5), GapReason::Damaged)
    );
    assert_eq!(bodies(&log).len(), 10);
    store.close().unwrap();
    assert_eq!(open(dir.path()).log(&identity("a")).unwrap().gaps(), gaps);
}

#[test]
fn a_full_disk_loses_nothing_and_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    store.commit().unwrap();
    store.shared().pages_max.store(1, Ordering::SeqCst);
    for n in 0..4 {
        log.append(&lines(n * 20_000, 20_000), Some(vec![n as u8])).unwrap();
    }
    let StoreError::Commit(error) = store.commit().unwrap_err() else { panic!("commits fail") };
    let failing = store.health().failing.unwrap();
    assert_eq!(failing.error, error);
    assert!(error.contains("full"), "{error}");
    assert_eq!(bodies(&log).len(), 80_000, "all is readable meanwhile");
    store.shared().pages_max.store(1 << 20, Ordering::SeqCst);
    // Without being asked: the writer tries again by itself.
    let deadline = Instant::now() + Duration::from_secs(30);
    while store.health().failing.is_some() {
        assert!(Instant::now() < deadline, "the writer tries again");
        std::thread::yield_now();
    }
    store.crash();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    assert_eq!((bodies(&log).len(), log.resume()), (80_000, Some(vec![3])));
}

#[test]
fn appends_wait_on_a_full_disk_and_closing_ends_the_wait() {
    let dir = tempfile::tempdir().unwrap();
    let options = crate::logs::LogStoreOptions { uncommitted_bytes_max: 1 << 20, ..super::manual() };
    let store = crate::logs::LogStore::open(dir.path(), options).unwrap();
    let log = store.log(&identity("a")).unwrap();
    store.commit().unwrap();
    store.shared().pages_max.store(1, Ordering::SeqCst);
    std::thread::scope(|scope| {
        let appends = scope.spawn(|| {
            let mut appends = 0;
            while log.append(&noise(300_000), None).inspect_err(|error| assert!(is_closed(error))).is_ok() {
                appends += 1;
            }
            appends
        });
        let deadline = Instant::now() + Duration::from_secs(30);
        while store.stats().uncommitted_bytes < 1 << 20 || store.health().failing.is_none() {
            assert!(Instant::now() < deadline || appends.is_finished(), "the bound is reached");
            std::thread::yield_now();
        }
        assert!(!appends.is_finished());
        assert!(store.close().is_err(), "the last commit does not succeed either");
        assert_eq!(appends.join().unwrap(), 4, "1 MiB of blocks of 300 KB");
    });
}

fn is_closed(error: &StoreError) -> bool {
    matches!(error, StoreError::Closed)
}
