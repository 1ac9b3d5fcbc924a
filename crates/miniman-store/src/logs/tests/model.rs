//! Any order of appending, prepending, gaps, commits, restarts and kills, against a map of records.

use std::collections::BTreeMap;
use std::path::Path;

use miniman_log::{IoStream, LogRecord, RecordBatch, Severity, Timestamp};
use proptest::prelude::*;

use super::{identity, manual};
use crate::logs::{Chunk, Gap, GapReason, Log, LogStore, LogStoreOptions, ReadMax, RetentionPolicy};

#[derive(Debug, Clone)]
enum Step {
    Append(Vec<LogRecord>),
    Prepend(Vec<LogRecord>),
    Gap {
        missed: Option<u64>,
        live: bool,
        rotated: bool,
    },
    Commit,
    Restart,
    Kill,
    /// Retention, with a kill in the middle or without.
    Retain {
        total_bytes: u64,
        kill: bool,
    },
    Seek(i64),
    Read(i64),
}

/// Few large bodies, so that blocks fill, and times that step back, so that they end early.
fn record() -> impl Strategy<Value = LogRecord> {
    let body = prop_oneof![
        20 => "[a-zA-Z0-9 äß]{0,40}".boxed(),
        1 => (60_000..150_000_usize).prop_map(|len| "0123456789".repeat(len / 10)).boxed()
    ];
    (0..200_000_000_000_i64, any::<bool>(), 0..25_u8, body, prop_oneof![9 => Just(0), 1 => 1..1_000_u64])
        .prop_map(|(time, stderr, severity, body, cut)| LogRecord {
            timestamp: Timestamp(time),
            iostream: if stderr { IoStream::Stderr } else { IoStream::Stdout },
            severity: Severity::from_number(severity).unwrap(),
            body,
            cut,
        })
}

fn step() -> impl Strategy<Value = Step> {
    let records = || prop::collection::vec(record(), 0..12);
    prop_oneof![
        6 => records().prop_map(Step::Append),
        3 => records().prop_map(Step::Prepend),
        2 => (prop_oneof![Just(None), (0..50_u64).prop_map(Some)], any::<bool>(), any::<bool>())
            .prop_map(|(missed, live, rotated)| Step::Gap { missed, live, rotated }),
        3 => Just(Step::Commit),
        1 => Just(Step::Restart),
        2 => Just(Step::Kill),
        2 => (0..30_000_u64, prop::bool::weighted(0.3)).prop_map(|(total_bytes, kill)| Step::Retain { total_bytes, kill }),
        2 => (0..210_000_000_000_i64).prop_map(Step::Seek),
        2 => (-300..300_i64).prop_map(Step::Read),
    ]
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    first: i64,
    next: i64,
    records: BTreeMap<i64, LogRecord>,
    gaps: Vec<Gap>,
    /// Which step it is after: the resume state.
    step: u64,
}

impl Model {
    fn append(&mut self, records: &[LogRecord]) {
        self.records.extend((self.next..).zip(records.iter().cloned()));
        self.next += records.len() as i64;
    }

    fn prepend(&mut self, records: &[LogRecord]) {
        self.first -= records.len() as i64;
        self.records.extend((self.first..).zip(records.iter().cloned()));
    }

    fn gap(&mut self, missed: Option<u64>, live: bool, reason: GapReason) {
        let numbers = missed.unwrap_or(1 << 24) as i64;
        if numbers == 0 {
            return;
        }
        let gap =
            Gap { from: self.next, to: self.next + numbers - 1, missed, since: None, until: None, reason };
        if !live {
            self.gaps.insert(0, Gap { from: self.first - numbers, to: self.first - 1, ..gap });
            self.first -= numbers;
            return;
        }
        self.next += numbers;
        match self.gaps.last_mut() {
            Some(last) if last.to + 1 == gap.from && last.reason == reason => {
                last.to = gap.to;
                last.missed = last.missed.zip(missed).map(|(a, b)| a + b);
            }
            _ => self.gaps.push(gap),
        }
    }

    /// What retention took from the bottom, as the log tells it, is a gap for all that was there.
    fn take_what_is_gone(&mut self, log: &Log) {
        let told = log.gaps().first().copied();
        let Some(told) = told.filter(|gap| gap.reason == GapReason::Retention && gap.from == self.first)
        else {
            return;
        };
        let kept = self.records.split_off(&(told.to + 1));
        let taken = std::mem::replace(&mut self.records, kept);
        let (among, gaps): (Vec<Gap>, Vec<Gap>) = self.gaps.iter().partition(|gap| gap.to <= told.to);
        let times = || taken.values().map(|record| record.timestamp);
        let missed = among.iter().try_fold(taken.len() as u64, |sum, gap| Some(sum + gap.missed?));
        let since = times().chain(among.iter().filter_map(|gap| gap.since)).min();
        let until = times().chain(among.iter().filter_map(|gap| gap.until)).max();
        self.gaps = vec![Gap { missed, since, until, ..told }];
        self.gaps.extend(gaps);
    }

    fn last_timestamp(&self) -> Option<Timestamp> {
        let held = self.records.values().next_back().map(|record| record.timestamp);
        let taken = || self.gaps.iter().rev().find(|gap| gap.reason == GapReason::Retention);
        held.or_else(|| taken()?.until)
    }

    fn seek(&self, at: i64) -> i64 {
        self.records.iter().find(|(_, record)| record.timestamp.0 >= at).map_or(self.next, |(seq, _)| *seq)
    }

    fn running_max(&self, before: i64) -> Option<Timestamp> {
        self.records.range(..before).map(|(_, record)| record.timestamp).max()
    }

    /// The log must be exactly this, read either way in pieces of any size.
    fn check(&self, log: &Log, max: ReadMax) {
        assert_eq!((log.bounds().first, log.bounds().next), (self.first, self.next));
        assert_eq!(log.gaps(), self.gaps);
        let stored = log.stored();
        assert_eq!(stored.records, self.records.len() as u64);
        assert_eq!(
            stored.raw_bytes,
            self.records.values().map(|record| record.body.len() as u64 + 1).sum::<u64>()
        );
        assert_eq!(stored.severities.iter().sum::<u64>(), stored.records);
        assert_eq!(stored.first_timestamp, self.records.values().next().map(|record| record.timestamp));
        assert_eq!(stored.last_timestamp, self.last_timestamp());
        let mut upwards = Seen::default();
        let mut from = i64::MIN;
        while let Some(chunk) = log.read(from, max).unwrap() {
            assert!(from == i64::MIN || chunk.first() == from, "a read goes on where the last one ended");
            from = chunk.next();
            upwards.add(chunk);
        }
        assert_eq!(from == i64::MIN, self.first == self.next);
        upwards.check(self);
        let mut downwards = Seen::default();
        let mut before = i64::MAX;
        while let Some(chunk) = log.read_back(before, max).unwrap() {
            assert!(before == i64::MAX || chunk.next() == before);
            before = chunk.first();
            downwards.add(chunk);
        }
        downwards.check(self);
    }
}

#[derive(Default)]
struct Seen {
    records: BTreeMap<i64, LogRecord>,
    gaps: Vec<Gap>,
}

impl Seen {
    fn add(&mut self, chunk: Chunk) {
        match chunk {
            Chunk::Gap(gap) => self.gaps.push(gap),
            Chunk::Records { first, batch, range } => {
                assert!(!range.is_empty());
                for (seq, index) in (first..).zip(range) {
                    let record = batch.get(index);
                    let record = LogRecord {
                        timestamp: record.timestamp,
                        iostream: record.iostream,
                        severity: record.severity,
                        body: record.body.to_owned(),
                        cut: record.cut,
                    };
                    assert_eq!(self.records.insert(seq, record), None, "record {seq} was read twice");
                }
            }
        }
    }

    fn check(mut self, model: &Model) {
        self.gaps.sort_by_key(|gap| gap.from);
        assert_eq!(self.gaps, model.gaps);
        assert!(
            self.records == model.records,
            "records differ: {} read, {} expected",
            self.records.len(),
            model.records.len()
        );
    }
}

fn batch_of(records: &[LogRecord]) -> RecordBatch {
    let mut batch = RecordBatch::new();
    records.iter().for_each(|record| batch.push_record(record));
    batch
}

/// A store and every state its log went through since the last commit that was waited for.
struct Run<'a> {
    dir: &'a Path,
    options: LogStoreOptions,
    store: LogStore,
    log: Log,
    model: Model,
    since_commit: Vec<Model>,
    max: ReadMax,
}

impl Run<'_> {
    fn take(&mut self, number: u64, step: &Step) {
        let resume = Some(number.to_le_bytes().to_vec());
        let mut after = Model { step: number, ..self.model.clone() };
        match step {
            Step::Append(records) => {
                assert_eq!(self.log.append(&batch_of(records), resume).unwrap(), self.model.next);
                after.append(records);
            }
            Step::Prepend(records) => {
                self.log.prepend(batch_of(records), resume).unwrap();
                after.prepend(records);
            }
            Step::Gap { missed, live, rotated } => {
                let reason = if *rotated { GapReason::RotatedAway } else { GapReason::SourceLost };
                if *live {
                    self.log.append_gap(*missed, None, None, reason, resume).unwrap();
                } else {
                    self.log.prepend_gap(*missed, None, None, reason, resume).unwrap();
                }
                after.gap(*missed, *live, reason);
            }
            Step::Commit => {
                self.store.commit().unwrap();
                self.since_commit = vec![self.model.clone()];
                return self.model.check(&self.log, self.max);
            }
            Step::Restart => return self.restart(),
            Step::Kill => return self.kill(),
            Step::Retain { total_bytes, kill } => return self.retain(*total_bytes, *kill),
            Step::Seek(at) => {
                assert_eq!(self.log.seek(Timestamp(*at)).unwrap(), self.model.seek(*at));
                return;
            }
            Step::Read(seq) => {
                assert_eq!(self.log.running_max(*seq).unwrap(), self.model.running_max(*seq));
                return;
            }
        }
        self.since_commit.push(after.clone());
        self.model = after;
    }

    fn reopen(&mut self) {
        self.store = LogStore::open(self.dir, self.options.clone()).unwrap();
        self.log = self.store.log(&identity("model")).unwrap();
    }

    fn restart(&mut self) {
        self.store.close().unwrap();
        self.reopen();
        self.since_commit = vec![self.model.clone()];
        self.model.check(&self.log, self.max);
    }

    fn retain(&mut self, total_bytes: u64, kill: bool) {
        self.store.commit().unwrap();
        self.since_commit = vec![self.model.clone()];
        self.store.set_retention(RetentionPolicy { total_bytes, age: None });
        if kill {
            return self.kill();
        }
        self.store.settle();
        // From here on everything may stay.
        self.store.set_retention(RetentionPolicy::default());
        self.store.settle();
        self.model.take_what_is_gone(&self.log);
        self.since_commit = vec![self.model.clone()];
        self.model.check(&self.log, self.max);
    }

    /// After a kill the log is as it was after one of the steps since the last commit, and its resume state says which.
    fn kill(&mut self) {
        self.store.clone().crash();
        self.reopen();
        let step = self.log.resume().map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap()));
        let model = self.since_commit.iter().find(|model| model.step == step);
        self.model = model.expect("a kill goes back to the last commit at most").clone();
        self.model.take_what_is_gone(&self.log);
        self.since_commit = vec![self.model.clone()];
        self.model.check(&self.log, self.max);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn the_store_is_what_was_appended(
        steps in prop::collection::vec(step(), 1..40),
        records in 1..40_usize,
        bytes in prop_oneof![1..100_usize, 1_000..400_000_usize],
        age in prop_oneof![Just(0_u64), Just(600)],
        open_bytes_max in prop_oneof![Just(40_000_usize), Just(32 << 20)],
    ) {
        let dir = tempfile::tempdir().unwrap();
        let options = LogStoreOptions {
            open_age_max: std::time::Duration::from_secs(age),
            open_bytes_max,
            cache_bytes_max: 300_000,
            ..manual()
        };
        let store = LogStore::open(dir.path(), options.clone()).unwrap();
        let log = store.log(&identity("model")).unwrap();
        let mut run = Run {
            dir: dir.path(), options, store, log, model: Model::default(),
            since_commit: vec![Model::default()], max: ReadMax { records, bytes },
        };
        for (number, step) in (1..).zip(&steps) {
            run.take(number, step);
        }
        run.restart();
        run.kill();
        run.store.close().unwrap();
        prop_assert_eq!(LogStore::check(dir.path(), |_| ()).unwrap().findings, []);
    }
}
