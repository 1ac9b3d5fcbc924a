//! Where two readings of one source overlap: what is stored already is dropped, once for each time it is stored.
//!
//! A source that can only be asked by time (the API after a lost connection, or another source taking over) is asked
//! from a little before the last record, because times go backwards: `since` the last record itself lost a line in 10 of
//! 10 reconnects.
//!
//! What is stored is redacted, and so is what comes: both sides are the same text only if the redactor knows whether the
//! first line that comes again is in the middle of a private key, and the stored text says that.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use miniman_log::redact::KeyText;
use miniman_log::{IoStream, RecordBatch, RecordRef, Timestamp};
use miniman_store::logs::{Chunk, Log, ReadMax, StoreError};

use super::resume::{Resume, oldest_pending};

/// How far before the last record a source is asked: inversions between two streams are milliseconds.
const OVERLAP_NANOS: i64 = 2_000_000_000;
/// Records that are remembered: at 200,000 lines/s, as fast as the API sends, 2 s. 400,000 × ~40 B = 16 MB for a moment.
const OVERLAP_RECORDS_MAX: usize = 400_000;
/// Once a record is this much newer than the last stored one, nothing older comes any more.
const PASSED_NANOS: i64 = 10_000_000_000;

/// Records near the end of a log, by time, stream and a hash of the body.
#[derive(Debug)]
pub(crate) struct Overlap {
    since: Timestamp,
    last: Timestamp,
    stored: HashMap<(i64, u8, u64), u32>,
    in_key: [bool; IoStream::ALL.len()],
    passed: bool,
}

impl Overlap {
    pub(crate) fn of(log: &Log) -> Result<Self, StoreError> {
        let last = log.running_max(log.bounds().next)?.unwrap_or(Timestamp(i64::MIN));
        let resume = log.resume().as_deref().and_then(Resume::decode).unwrap_or_default();
        let pending = oldest_pending(&resume);
        let since = pending.map_or(last, |pending| pending.min(last));
        let since = Timestamp(since.0.saturating_sub(OVERLAP_NANOS));
        let mut stored = HashMap::new();
        // Without a word of it in what is stored again, as it was at the end.
        let mut in_key = resume.keys.map(|key| key.is_some());
        let (mut before, mut count) = (log.bounds().next, 0);
        while let Some(chunk) = log.read_back(before, ReadMax::BLOCK)? {
            before = chunk.first();
            let Chunk::Records { batch, range, .. } = chunk else { continue };
            let mut any = false;
            let mut told = [None; IoStream::ALL.len()];
            for record in range.map(|index| batch.get(index)).filter(|record| record.timestamp >= since) {
                *stored.entry(key(record)).or_insert(0) += 1;
                (any, count) = (true, count + 1);
                let told = &mut told[record.iostream.index()];
                *told = told.or_else(|| KeyText::of(record.body));
            }
            // The oldest word counts, and this chunk is older than those before.
            for (in_key, told) in in_key.iter_mut().zip(told) {
                *in_key = told.map_or(*in_key, |told| told == KeyText::Continued);
            }
            if !any || count >= OVERLAP_RECORDS_MAX {
                break;
            }
        }
        Ok(Self { since, last, stored, in_key, passed: false })
    }

    /// From when on the source has to be read.
    pub(crate) fn since(&self) -> Timestamp {
        self.since
    }

    /// Whether the first line of `stream` that comes again is in the middle of a private key.
    pub(crate) fn begins_in_key(&self, stream: IoStream) -> bool {
        self.in_key[stream.index()]
    }

    /// Whether nothing more can overlap: what came is well past the last stored record.
    pub(crate) fn is_passed(&self) -> bool {
        self.passed
    }

    /// `batch` without what is stored already.
    pub(crate) fn fresh(&mut self, batch: RecordBatch) -> RecordBatch {
        let mut fresh = RecordBatch::new();
        for record in batch.iter() {
            if record.timestamp < self.since {
                continue;
            }
            self.passed |= record.timestamp.0.saturating_sub(self.last.0) > PASSED_NANOS;
            match self.stored.get_mut(&key(record)) {
                Some(times) if *times > 0 => *times -= 1,
                _ => fresh.push_ref(record),
            }
        }
        fresh
    }
}

fn key(record: RecordRef<'_>) -> (i64, u8, u64) {
    let mut hasher = DefaultHasher::new();
    record.body.hash(&mut hasher);
    (record.timestamp.0, record.iostream as u8, hasher.finish())
}
