//! The store against a simple model, against itself in many threads, and in the face of what disks and people do.

mod check;
mod concurrency;
mod disk;
mod faults;
mod hiding;
mod model;
mod opening;
mod power;
mod reading;
mod retention;
mod scanning;
mod searching;
mod versions;

use std::path::Path;
use std::time::Duration;

use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};
use proptest::prelude::*;

use super::{Chunk, Log, LogIdentity, LogStore, LogStoreOptions, ReadMax};

pub(super) fn any_batch(records: std::ops::Range<usize>) -> impl Strategy<Value = RecordBatch> {
    let cut = prop_oneof![9 => Just(0_u64), 1 => any::<u64>()];
    let record = (any::<i64>(), any::<bool>(), 0..25_u8, ".{0,12}", cut);
    prop::collection::vec(record, records).prop_map(|records| {
        let mut batch = RecordBatch::new();
        for (time, stderr, severity, body, cut) in records {
            let iostream = if stderr { IoStream::Stderr } else { IoStream::Stdout };
            batch.push(
                Timestamp(time),
                iostream,
                Severity::from_number(severity).unwrap(),
                body.as_bytes(),
                cut,
            );
        }
        batch
    })
}

/// Commits only when told to.
fn manual() -> LogStoreOptions {
    let commit_interval = Duration::from_secs(86_400);
    LogStoreOptions { commit_interval, ballast_bytes: 1 << 20, ..LogStoreOptions::default() }
}

fn alter(dir: &Path, sql: &str) {
    rusqlite::Connection::open(dir.join("logs.db")).unwrap().execute_batch(sql).unwrap();
}

pub(super) fn open(dir: &Path) -> LogStore {
    LogStore::open(dir, manual()).unwrap()
}

pub(super) fn identity(name: &str) -> LogIdentity {
    LogIdentity {
        engine: "local".to_owned(),
        container_id: format!("{name:0>64}"),
        name: name.to_owned(),
        image: "busybox".to_owned(),
        stack: None,
        service: Some("web".to_owned()),
        number: Some(1),
        created: Timestamp(7),
    }
}

/// `count` lines `line <n>`, a millisecond apart, counting from `from`.
fn lines(from: i64, count: i64) -> RecordBatch {
    let mut batch = RecordBatch::new();
    for n in from..from + count {
        let body = format!("line {n}");
        batch.push(Timestamp(n * 1_000_000), IoStream::Stdout, Severity::INFO, body.as_bytes(), 0);
    }
    batch
}

/// One line of `bytes` bytes.
fn long_line(bytes: usize) -> RecordBatch {
    let mut batch = RecordBatch::new();
    batch.push(Timestamp(0), IoStream::Stdout, Severity::UNSPECIFIED, &vec![b'x'; bytes], 0);
    batch
}

/// One line of `bytes` bytes that compress to three quarters.
fn noise(bytes: usize) -> RecordBatch {
    noise_at(Timestamp(0), bytes)
}

fn noise_at(time: Timestamp, bytes: usize) -> RecordBatch {
    let mut random = Random(1);
    let body: Vec<u8> = (0..bytes).map(|_| b' ' + random.below(64) as u8).collect();
    let mut batch = RecordBatch::new();
    batch.push(time, IoStream::Stdout, Severity::UNSPECIFIED, &body, 0);
    batch
}

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) % end
    }
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(since.as_nanos() as i64)
}

/// All chunks from the lowest number up.
fn chunks(log: &Log, max: ReadMax) -> Vec<Chunk> {
    let mut from = i64::MIN;
    std::iter::from_fn(|| {
        let chunk = log.read(from, max).unwrap()?;
        from = chunk.next();
        Some(chunk)
    })
    .collect()
}

/// All bodies with their numbers, gaps left out.
fn bodies(log: &Log) -> Vec<(i64, String)> {
    let mut bodies = Vec::new();
    for chunk in chunks(log, ReadMax::default()) {
        if let Chunk::Records { first, batch, range } = chunk {
            let records = range.map(|index| batch.get(index).body.to_owned());
            bodies.extend((first..).zip(records));
        }
    }
    bodies
}
