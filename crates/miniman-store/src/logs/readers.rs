//! Connections that only read. A read takes one for one block and gives it back, so no read transaction outlives a block
//! and the write-ahead log can always start anew.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};

use super::codec::DecodeError;
use super::codec::block::{BlockDecoder, Payload, Place};
use super::codec::columns::read_counts;
use super::damage::Damage;
use super::search::CountedBlock;
use super::{LogId, Mark, StoreError, Taken, database, lock};
use miniman_log::{RecordBatch, Timestamp};

pub(super) struct ReaderPool {
    path: PathBuf,
    damage: Arc<Damage>,
    max: usize,
    pool: Mutex<Pool>,
    freed: Condvar,
}

struct Pool {
    idle: Vec<Reader>,
    out: usize,
    closed: bool,
}

pub(super) struct Reader {
    connection: Connection,
    decoder: BlockDecoder,
    damage: Arc<Damage>,
}

/// A reader on loan.
pub(super) struct Borrowed<'a> {
    pool: &'a ReaderPool,
    reader: Option<Reader>,
}

/// A block's row, as far as reading needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockRow {
    pub(super) id: i64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) min_time: i64,
    pub(super) max_time: i64,
}

/// What a block takes, and when it is too old.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockCost {
    pub(super) first: i64,
    /// Time of the last record, but not later than when it was stored.
    pub(super) age_time: i64,
    pub(super) taken: Taken,
}

impl ReaderPool {
    pub(super) fn new(path: PathBuf, max: usize, damage: Arc<Damage>) -> Self {
        let pool = Pool { idle: Vec::new(), out: 0, closed: false };
        Self { path, damage, max: max.max(1), pool: Mutex::new(pool), freed: Condvar::new() }
    }

    /// A reader, waiting for one while all are out.
    pub(super) fn take(&self) -> Result<Borrowed<'_>, StoreError> {
        let pool = lock(&self.pool);
        let mut pool = self
            .freed
            .wait_while(pool, |pool| !pool.closed && pool.idle.is_empty() && pool.out >= self.max)
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if pool.closed {
            return Err(StoreError::Closed);
        }
        pool.out += 1;
        let mut borrowed = Borrowed { pool: self, reader: pool.idle.pop() };
        drop(pool);
        if borrowed.reader.is_none() {
            let connection = database::open_reader(&self.path).map_err(StoreError::Read)?;
            let decoder = BlockDecoder::new().map_err(StoreError::Memory)?;
            borrowed.reader = Some(Reader { connection, decoder, damage: Arc::clone(&self.damage) });
        }
        Ok(borrowed)
    }

    /// Drops idle connections and refuses new loans.
    pub(super) fn close(&self) {
        let mut pool = lock(&self.pool);
        pool.closed = true;
        pool.idle.clear();
        self.freed.notify_all();
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let mut pool = lock(&self.pool.pool);
        pool.out -= 1;
        if !pool.closed {
            pool.idle.extend(self.reader.take());
        }
        self.pool.freed.notify_one();
    }
}

impl Deref for Borrowed<'_> {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        self.reader.as_ref().expect("a loan holds its reader until it is dropped")
    }
}

impl DerefMut for Borrowed<'_> {
    fn deref_mut(&mut self) -> &mut Reader {
        self.reader.as_mut().expect("a loan holds its reader until it is dropped")
    }
}

impl Reader {
    /// The last block that starts at or before `seq`.
    pub(super) fn block_at(&self, log: LogId, seq: i64) -> rusqlite::Result<Option<BlockRow>> {
        self.block(
            "SELECT id, first_seq, last_seq, min_time, max_time FROM blocks
             WHERE log_id = ?1 AND first_seq <= ?2 ORDER BY first_seq DESC LIMIT 1",
            log,
            seq,
        )
    }

    /// The first `limit` blocks from the one on that covers `seq`, or follows it.
    pub(super) fn counted_blocks(
        &self,
        log: LogId,
        seq: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<CountedBlock>> {
        let from = self.block_at(log, seq)?.map_or(seq, |block| block.first);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(
                "SELECT id, first_seq, last_seq, min_time, max_time, stderr, severities FROM blocks
                 WHERE log_id = ?1 AND first_seq >= ?2 ORDER BY first_seq LIMIT ?3",
            )?
            .query_map(params![log.0, from, limit], counted_block)?
            .collect()
    }

    /// The last `limit` blocks up to the one that covers `seq`, or precedes it, last first.
    pub(super) fn counted_blocks_back(
        &self,
        log: LogId,
        seq: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<CountedBlock>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(
                "SELECT id, first_seq, last_seq, min_time, max_time, stderr, severities FROM blocks
                 WHERE log_id = ?1 AND first_seq <= ?2 ORDER BY first_seq DESC LIMIT ?3",
            )?
            .query_map(params![log.0, seq, limit], counted_block)?
            .collect()
    }

    /// The first `limit` blocks that start behind `seq`, and what they take; none when a row cannot be read.
    pub(super) fn block_costs(&self, log: LogId, seq: i64, limit: usize) -> rusqlite::Result<Vec<BlockCost>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let costs = self
            .connection
            .prepare_cached(
                "SELECT first_seq, last_seq, max_time, committed, raw_bytes, stored_bytes FROM blocks
                 WHERE log_id = ?1 AND first_seq > ?2 ORDER BY first_seq LIMIT ?3",
            )?
            .query_map(params![log.0, seq, limit], block_cost)?
            .collect();
        Ok(readable(costs)?.unwrap_or_default())
    }

    /// A block's filter; `None` when it has none, or it cannot be read: then nothing is ruled out by it.
    pub(super) fn filter(&self, block: i64) -> rusqlite::Result<Option<Vec<u8>>> {
        let bits = self
            .connection
            .prepare_cached("SELECT bits FROM filters WHERE id = ?1")?
            .query_row([block], |row| row.get(0));
        readable(bits)
    }

    /// The first block that starts behind `seq`.
    pub(super) fn block_after(&self, log: LogId, seq: i64) -> rusqlite::Result<Option<BlockRow>> {
        self.block(
            "SELECT id, first_seq, last_seq, min_time, max_time FROM blocks
             WHERE log_id = ?1 AND first_seq > ?2 ORDER BY first_seq LIMIT 1",
            log,
            seq,
        )
    }

    /// The first block, in order of number, with a record at or after `time`. Scans small rows: 7,000 for 10M lines.
    pub(super) fn block_reaching(&self, log: LogId, time: Timestamp) -> rusqlite::Result<Option<BlockRow>> {
        self.block(
            "SELECT id, first_seq, last_seq, min_time, max_time FROM blocks
             WHERE log_id = ?1 AND max_time >= ?2 ORDER BY first_seq LIMIT 1",
            log,
            time.0,
        )
    }

    fn block(&self, sql: &str, log: LogId, bound: i64) -> rusqlite::Result<Option<BlockRow>> {
        self.connection.prepare_cached(sql)?.query_row(params![log.0, bound], block_row).optional()
    }

    /// Highest time in the blocks that end before `seq`.
    pub(super) fn max_time_before(&self, log: LogId, seq: i64) -> rusqlite::Result<Option<i64>> {
        self.connection
            .prepare_cached(
                "SELECT max(max_time) FROM blocks WHERE log_id = ?1 AND first_seq < ?2 AND last_seq < ?2",
            )?
            .query_row(params![log.0, seq], |row| row.get(0))
    }

    /// The block's records; `None` when they are damaged or were replaced since its row was read.
    pub(super) fn records(&mut self, log: LogId, block: BlockRow) -> rusqlite::Result<Option<RecordBatch>> {
        let payload = self
            .connection
            .prepare_cached("SELECT columns, bodies FROM payloads WHERE id = ?1")?
            .query_row([block.id], |row| Ok(Payload { columns: row.get(0)?, bodies: row.get(1)? }));
        let Some(payload) = readable(payload)? else { return Ok(None) };
        let place = Place { log: log.0, first_seq: block.first };
        let batch = self.decoder.decode(place, &payload);
        Ok(self.told(batch, log, block).filter(|batch| batch.len() as i64 == block.last - block.first + 1))
    }

    /// The times of the block's records; `None` as for [`Reader::records`].
    pub(super) fn times(&mut self, log: LogId, block: BlockRow) -> rusqlite::Result<Option<Vec<i64>>> {
        let Some(columns) = self.columns(block)? else { return Ok(None) };
        let place = Place { log: log.0, first_seq: block.first };
        let times = self.decoder.decode_times(place, &columns);
        Ok(self.told(times, log, block))
    }

    /// Time and severity of each of the block's records; `None` as for [`Reader::records`].
    pub(super) fn times_and_severities(
        &mut self,
        log: LogId,
        block: BlockRow,
    ) -> rusqlite::Result<Option<Vec<(i64, u8)>>> {
        let Some(columns) = self.columns(block)? else { return Ok(None) };
        let place = Place { log: log.0, first_seq: block.first };
        let read = self.decoder.decode_times_and_severities(place, &columns);
        Ok(self.told(read, log, block))
    }

    /// The block's columns as stored.
    fn columns(&self, block: BlockRow) -> rusqlite::Result<Option<Vec<u8>>> {
        let columns = self
            .connection
            .prepare_cached("SELECT columns FROM payloads WHERE id = ?1")?
            .query_row([block.id], |row| row.get(0));
        readable(columns)
    }

    fn told<T>(&self, decoded: Result<T, DecodeError>, log: LogId, block: BlockRow) -> Option<T> {
        decoded.inspect_err(|error| self.damage.tell(log, block, error)).ok()
    }

    /// The last `limit` committed marks of a range, newest first, with their ids.
    pub(super) fn marks(
        &self,
        log: LogId,
        since: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> rusqlite::Result<Vec<(i64, Mark)>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(
                "SELECT id, timestamp, kind, after_seq, detail FROM marks
                 WHERE log_id = ?1 AND timestamp BETWEEN ?2 AND ?3 ORDER BY timestamp DESC, id DESC LIMIT ?4",
            )?
            .query_map(params![log.0, since.0, until.0, limit], |row| {
                let mark = Mark {
                    timestamp: Timestamp(row.get(1)?),
                    kind: row.get(2)?,
                    after_seq: row.get(3)?,
                    detail: row.get(4)?,
                };
                Ok((row.get(0)?, mark))
            })?
            .collect()
    }
}

fn counted_block(row: &Row<'_>) -> rusqlite::Result<CountedBlock> {
    Ok(CountedBlock {
        row: block_row(row)?,
        stderr: row.get::<_, i64>(5)?.max(0) as u64,
        severities: read_counts(row.get_ref(6)?.as_blob()?).ok(),
    })
}

fn block_cost(row: &Row<'_>) -> rusqlite::Result<BlockCost> {
    let (first, last): (i64, i64) = (row.get(0)?, row.get(1)?);
    let (max_time, committed): (i64, i64) = (row.get(2)?, row.get(3)?);
    Ok(BlockCost {
        first,
        age_time: max_time.min(committed.saturating_mul(1_000_000_000)),
        taken: Taken {
            blocks: 1,
            records: last.saturating_sub(first).saturating_add(1).unsigned_abs(),
            raw_bytes: row.get::<_, i64>(4)?.unsigned_abs(),
            stored_bytes: row.get::<_, i64>(5)?.unsigned_abs(),
        },
    })
}

fn block_row(row: &Row<'_>) -> rusqlite::Result<BlockRow> {
    Ok(BlockRow {
        id: row.get(0)?,
        first: row.get(1)?,
        last: row.get(2)?,
        min_time: row.get(3)?,
        max_time: row.get(4)?,
    })
}

/// A missing row, and pages that SQLite itself finds damaged, are no failure of the read: the block is unreadable.
pub(super) fn readable<T>(read: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => Ok(None),
        Err(rusqlite::Error::QueryReturnedNoRows | rusqlite::Error::InvalidColumnType(..)) => Ok(None),
        Err(error) => Err(error),
    }
}
