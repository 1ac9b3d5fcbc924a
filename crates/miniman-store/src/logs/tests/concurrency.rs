//! Readers beside an appender, a prepender and commits: every record once, in order, wherever it lives at the moment.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{identity, lines};
use crate::logs::{Chunk, Log, LogStore, LogStoreOptions, ReadMax};

const LIVE: i64 = 60_000;
const HISTORY: i64 = 20_000;

fn check(chunk: &Chunk) -> (i64, i64) {
    let Chunk::Records { first, batch, range } = chunk else { panic!("there is no gap") };
    for (seq, index) in (*first..).zip(range.clone()) {
        assert_eq!(batch.get(index).body, format!("line {seq}"));
    }
    (chunk.first(), chunk.next())
}

fn follow(log: &Log, from: i64, max: ReadMax) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut grown = log.watch();
    let mut next = from;
    while next < LIVE {
        let chunk = match log.read_memory(next, max) {
            Some(chunk) => Some(chunk),
            None => log.read(next, max).unwrap(),
        };
        match chunk {
            Some(chunk) => {
                let (first, end) = check(&chunk);
                assert_eq!(first, next);
                next = end;
            }
            None => runtime.block_on(grown.wait_for(|end| *end > next)).map(drop).unwrap(),
        }
    }
}

fn read_down(log: &Log, done: &AtomicBool, max: ReadMax) {
    loop {
        let last_round = done.load(Ordering::SeqCst);
        let mut before = log.bounds().next;
        while let Some(chunk) = log.read_back(before, max).unwrap() {
            let (first, end) = check(&chunk);
            assert_eq!(end, before);
            before = first;
        }
        if last_round {
            assert_eq!(before, -HISTORY);
            return;
        }
    }
}

#[test]
fn reads_across_the_seal_boundary_miss_and_double_nothing() {
    let dir = tempfile::tempdir().unwrap();
    // Small bounds: blocks move from open to sealed to disk and merge all the time.
    let options = LogStoreOptions {
        commit_interval: std::time::Duration::from_millis(2),
        open_age_max: std::time::Duration::ZERO,
        uncommitted_bytes_max: 64 << 10,
        cache_bytes_max: 1_000_000,
        readers_max: 2,
        ..LogStoreOptions::default()
    };
    let store = LogStore::open(dir.path(), options).unwrap();
    let log = store.log(&identity("a")).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let small = ReadMax { records: 70, bytes: 10_000 };
        for max in [small, ReadMax::default(), ReadMax::BLOCK] {
            let log = &log;
            scope.spawn(move || follow(log, 0, max));
        }
        scope.spawn(|| read_down(&log, &done, ReadMax::default()));
        scope.spawn(|| {
            for step in 1..=HISTORY / 100 {
                log.prepend(lines(-step * 100, 100), None).unwrap();
            }
        });
        let mut at = 0;
        let mut length = 1;
        while at < LIVE {
            let count = length.min(LIVE - at);
            assert_eq!(log.append(&lines(at, count), None).unwrap(), at);
            at += count;
            length = length * 5 % 211 + 1;
        }
        while log.bounds().first > -HISTORY {
            std::thread::yield_now();
        }
        done.store(true, Ordering::SeqCst);
    });
    store.close().unwrap();
    let store = LogStore::open(dir.path(), LogStoreOptions::default()).unwrap();
    let log = store.log(&identity("a")).unwrap();
    read_down(&log, &AtomicBool::new(true), ReadMax::BLOCK);
}

#[test]
fn many_logs_share_commits_and_all_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = LogStore::open(dir.path(), super::manual()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = &store;
            scope.spawn(move || {
                for n in 0..100 {
                    let log = store.log(&identity(&format!("{thread} {n}"))).unwrap();
                    log.append(&lines(0, n + 1), Some(vec![n as u8])).unwrap();
                    if n % 25 == 0 {
                        store.commit().unwrap();
                    }
                }
            });
        }
    });
    store.commit().unwrap();
    store.crash();
    let store = LogStore::open(dir.path(), super::manual()).unwrap();
    let logs = store.logs();
    assert_eq!(logs.len(), 400);
    for log in logs {
        let next = i64::from(log.resume().unwrap()[0]) + 1;
        assert_eq!(log.bounds().next, next);
    }
}
