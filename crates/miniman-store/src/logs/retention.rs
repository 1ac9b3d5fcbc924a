//! How much is kept: in all, by age, and of single logs.
//!
//! Retention takes whole blocks, the oldest of a log first, and leaves a [`super::Gap`] in their place, so numbers never
//! move and a cursor below learns what happened. Among logs it takes from the one that is furthest over its fair share
//! (`shares`): a flood in one cannot erase the others. Records of the journal and of open blocks stay.
//!
//! Here are the settings and the choice; the writer thread does the taking (`writer/retain.rs`).

pub(super) mod forecast;
pub(super) mod own;
pub(super) mod shares;

use std::time::Duration;

use miniman_log::Timestamp;

use super::Gap;
pub use forecast::Forecast;
pub use own::{LogRetention, LogRetentionError};

/// What blocks, filters and journal may take in all unless set otherwise: 2 GiB are some 60M lines of 173 bytes.
pub const RETENTION_BYTES_DEFAULT: u64 = 2 << 30;
/// Where an age applies, a block spans at most this part of it, so that a line goes at most so much later than it says.
const AGE_PARTS: u32 = 8;

/// What the store keeps as a whole. It can be changed at any time ([`super::LogStore::set_retention`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// Compressed bytes of all blocks, their filters and the journal. SQLite's own pages and its write-ahead log, some
    /// 5% and up to 16 MiB, come on top. Journal and open blocks are taken only when they alone exceed it.
    pub total_bytes: u64,
    /// Lines older than this go; `None` keeps them. A log's own age counts instead of this one. Lines go by blocks: up
    /// to an eighth of the age later.
    pub age: Option<Duration>,
}

impl Default for RetentionPolicy {
    /// 2 GiB, of any age.
    fn default() -> Self {
        Self { total_bytes: RETENTION_BYTES_DEFAULT, age: None }
    }
}

impl From<LogRetention> for RetentionPolicy {
    /// What `limits` leaves out is as by default.
    fn from(limits: LogRetention) -> Self {
        let default = Self::default();
        Self { total_bytes: limits.bytes.unwrap_or(default.total_bytes), age: limits.age.or(default.age) }
    }
}

impl RetentionPolicy {
    /// The same as limits that can be shown and read back.
    pub fn limits(&self) -> LogRetention {
        LogRetention { age: self.age, bytes: Some(self.total_bytes) }
    }

    /// The age that applies to a log with these limits of its own.
    pub(super) fn age_of(&self, own: LogRetention) -> Option<Duration> {
        own.age.or(self.age)
    }
}

/// Nanoseconds that a block may span where `age` applies.
pub(super) fn span_max(age: Option<Duration>) -> i64 {
    age.map_or(i64::MAX, |age| nanos(age / AGE_PARTS))
}

/// Whole nanoseconds, at most 292 years.
pub(super) fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// What retention took since the store was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    pub blocks: u64,
    pub records: u64,
    /// Of bodies, with a newline each.
    pub raw_bytes: u64,
    /// What the blocks and their filters took in the file.
    pub stored_bytes: u64,
}

impl std::ops::AddAssign for Taken {
    fn add_assign(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.records += other.records;
        self.raw_bytes += other.raw_bytes;
        self.stored_bytes += other.stored_bytes;
    }
}

/// Neighbouring blocks on disk, the lowest of their log, on their way out.
#[derive(Debug, Clone)]
pub(super) struct BlockRun {
    /// Lowest and highest number.
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) min_time: i64,
    pub(super) max_time: i64,
    pub(super) ids: Vec<i64>,
    pub(super) taken: Taken,
    pub(super) severities: [u64; miniman_log::Severity::COUNT],
    /// First time of the block that is the log's lowest on disk afterwards.
    pub(super) rest_first_time: Option<i64>,
}

impl BlockRun {
    /// Becomes `gap` together with what it is merged with.
    pub(super) fn gap(&self) -> Gap {
        Gap {
            from: self.from,
            to: self.to,
            missed: Some((self.to - self.from + 1) as u64),
            since: Some(Timestamp(self.min_time)),
            until: Some(Timestamp(self.max_time)),
            reason: super::GapReason::Retention,
        }
    }
}
