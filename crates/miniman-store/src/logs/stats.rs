//! Figures of a log and of the store.

use miniman_log::{Severity, Timestamp};

use super::{Health, RetentionPolicy, Taken};

/// What one log holds, in memory and on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    pub records: u64,
    /// Of bodies, with a newline each.
    pub raw_bytes: u64,
    /// What its blocks and filters take in the file; records that are not in a block yet count nothing.
    pub stored_bytes: u64,
    /// Records by severity number.
    pub severities: [u64; Severity::COUNT],
    /// Of the record with the lowest number that is held.
    pub first_timestamp: Option<Timestamp>,
    /// Of the record with the highest number; when retention took them all, of the latest that it took.
    pub last_timestamp: Option<Timestamp>,
}

/// The whole store at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreStats {
    pub logs: u64,
    pub records: u64,
    pub raw_bytes: u64,
    /// Blocks and filters, without SQLite's own pages.
    pub stored_bytes: u64,
    /// The database file and its write-ahead log.
    pub file_bytes: u64,
    /// Bytes that are free on the disk for this user; `None` when it does not say.
    pub free_bytes: Option<u64>,
    /// Bytes that are to stay free ([`super::LogStoreOptions::reserve_bytes`]).
    pub reserve_bytes: u64,
    /// What the ballast takes, which a full disk gets.
    pub ballast_bytes: u64,
    /// Raw bytes in open blocks.
    pub open_bytes: u64,
    /// Raw bytes in sealed blocks that wait for their commit.
    pub uncommitted_bytes: u64,
    pub journal_bytes: u64,
    pub cache_bytes: u64,
    pub commits: u64,
    /// How long the last commit took.
    pub last_commit_micros: u64,
    /// The lowest of all logs' first times.
    pub oldest: Option<Timestamp>,
    /// What is kept, as set last.
    pub retention: RetentionPolicy,
    /// What retention took since the store was opened.
    pub taken: Taken,
    pub health: Health,
}
