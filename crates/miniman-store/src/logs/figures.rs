//! Figures of a store on disk, beside a running server or without one.

use std::path::Path;
use std::sync::Arc;

use miniman_log::{IoStream, RecordBatch, Severity};
use rusqlite::Connection;

use super::codec::columns::count_severities;
use super::state::raw_bytes;
use super::{Bounds, LogId, LogIdentity, LogRetention, OpenError, Stored, database, load};

/// What a store's file holds.
#[derive(Debug, Clone)]
pub struct StoreFigures {
    /// The format's version.
    pub format: i64,
    /// The database file and its write-ahead log.
    pub file_bytes: u64,
    /// Pages of the file that hold nothing at present.
    pub unused_bytes: u64,
    pub journal_rows: u64,
    pub journal_bytes: u64,
    pub marks: u64,
    /// Those that take most first.
    pub logs: Vec<LogFigures>,
}

/// What the file holds of one log. Records that are in the journal alone are left out.
#[derive(Debug, Clone)]
pub struct LogFigures {
    pub id: LogId,
    pub identity: Arc<LogIdentity>,
    pub bounds: Bounds,
    pub stored: Stored,
    pub blocks: u64,
    pub gaps: u64,
    /// Records that the gaps stand for; `None` when one of them doesn't know.
    pub missed: Option<u64>,
    /// The log's own limits.
    pub retention: LogRetention,
}

pub(super) fn read(dir: &Path) -> Result<StoreFigures, OpenError> {
    let path = dir.join(database::FILE_NAME);
    let connection = database::open_offline(&path)?;
    figures(&connection, &path).map_err(|error| database::open_error(path, error))
}

fn figures(connection: &Connection, path: &Path) -> rusqlite::Result<StoreFigures> {
    let pragma =
        |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
    // All of one moment, though a server goes on writing; short, as only small rows are read.
    let snapshot = connection.unchecked_transaction()?;
    let mut logs = load::read_logs(connection)?;
    logs.sort_by_key(|log| (std::cmp::Reverse(log.stored.stored_bytes), log.id));
    let figures = StoreFigures {
        format: database::FORMAT_VERSION,
        file_bytes: database::file_bytes(path),
        unused_bytes: pragma("freelist_count")? * pragma("page_size")?,
        journal_rows: number("SELECT count(*) FROM journal")?,
        journal_bytes: number("SELECT coalesce(sum(length(entries)), 0) FROM journal")?,
        marks: number("SELECT count(*) FROM marks")?,
        logs,
    };
    snapshot.finish()?;
    Ok(figures)
}

/// What a block's row says of its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockFigures {
    pub(super) first_time: i64,
    pub(super) last_time: i64,
    pub(super) min_time: i64,
    pub(super) max_time: i64,
    pub(super) raw_bytes: i64,
    pub(super) stderr: i64,
    pub(super) severities: [u64; Severity::COUNT],
}

impl BlockFigures {
    /// Of a batch that is not empty.
    pub(super) fn of(batch: &RecordBatch) -> Self {
        let times = batch.timestamps();
        let stderr = batch.iostreams().iter().filter(|stream| **stream == IoStream::Stderr as u8).count();
        Self {
            first_time: times.first().copied().unwrap_or_default(),
            last_time: times.last().copied().unwrap_or_default(),
            min_time: times.iter().min().copied().unwrap_or_default(),
            max_time: times.iter().max().copied().unwrap_or_default(),
            raw_bytes: raw_bytes(batch) as i64,
            stderr: stderr as i64,
            severities: count_severities(batch.severities()),
        }
    }
}
