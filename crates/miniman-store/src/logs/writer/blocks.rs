//! Sealed blocks into their three tables, merged with a small neighbour.

use miniman_log::RecordBatch;
use rusqlite::{OptionalExtension, Transaction, params};

use super::CommitError;
use crate::logs::LogId;
use crate::logs::codec::block::{BlockDecoder, BlockEncoder, Payload, Place};
use crate::logs::codec::columns::write_counts;
use crate::logs::codec::filter;
use crate::logs::figures::BlockFigures;
use crate::logs::readers::readable;
use crate::logs::state::TIME_STEP_BACK;

/// A block on disk takes a neighbour in while it holds less than this.
const MERGE_RAW_BYTES: i64 = 128 << 10;
/// … and fewer records than this.
const MERGE_RECORDS: i64 = 8_192;

pub(super) struct BlockWriter<'a> {
    tx: &'a Transaction<'a>,
    encoder: &'a mut BlockEncoder,
    decoder: &'a mut BlockDecoder,
    next_id: i64,
    now_seconds: i64,
    span_max: i64,
}

/// A block on disk that may take a new one in.
struct Neighbour {
    id: i64,
    first: i64,
    last: i64,
    min_time: i64,
    max_time: i64,
    raw_bytes: i64,
    stored_bytes: i64,
}

impl<'a> BlockWriter<'a> {
    pub(super) fn new(
        tx: &'a Transaction<'a>,
        encoder: &'a mut BlockEncoder,
        decoder: &'a mut BlockDecoder,
        next_id: i64,
        now_seconds: i64,
    ) -> Self {
        Self { tx, encoder, decoder, next_id, now_seconds, span_max: i64::MAX }
    }

    /// Nanoseconds that blocks of the next log may grow to by merging.
    pub(super) fn set_span_max(&mut self, span_max: i64) {
        self.span_max = span_max;
    }

    /// The id of the next block written; ids are never used twice.
    pub(super) fn next_id(&self) -> i64 {
        self.next_id
    }

    /// Writes one block, alone or together with the one before or behind it. Answers the bytes that the log's blocks and
    /// filters take more than before.
    pub(super) fn write(&mut self, log: LogId, first: i64, batch: &RecordBatch) -> Result<i64, CommitError> {
        let (min, max) = time_range(batch);
        if let Some(before) = self.block_ending(log, first)?
            && min >= before.max_time.saturating_sub(TIME_STEP_BACK)
            && self.may_span(min.min(before.min_time), max.max(before.max_time))
            && let Some(mut merged) = self.records(log, &before)?
        {
            merged.extend_from(batch, 0..batch.len());
            self.delete(log, &before)?;
            return Ok(self.insert(log, before.first, &merged)? - before.stored_bytes);
        }
        if let Some(behind) = self.block_starting(log, first + batch.len() as i64)?
            && behind.min_time >= max.saturating_sub(TIME_STEP_BACK)
            && self.may_span(min.min(behind.min_time), max.max(behind.max_time))
            && let Some(records) = self.records(log, &behind)?
        {
            let mut merged = batch.clone();
            merged.extend_from(&records, 0..records.len());
            self.delete(log, &behind)?;
            return Ok(self.insert(log, first, &merged)? - behind.stored_bytes);
        }
        self.insert(log, first, batch)
    }

    fn may_span(&self, min: i64, max: i64) -> bool {
        max.saturating_sub(min) <= self.span_max
    }

    fn insert(&mut self, log: LogId, first: i64, batch: &RecordBatch) -> Result<i64, CommitError> {
        let payload = self.encoder.encode(Place { log: log.0, first_seq: first }, batch)?;
        let filter = filter::build(batch);
        let stored = (payload.columns.len() + payload.bodies.len() + filter.len()) as i64;
        let id = self.next_id;
        self.next_id += 1;
        let figures = BlockFigures::of(batch);
        self.tx
            .prepare_cached(
                "INSERT INTO blocks (log_id, first_seq, last_seq, id, first_time, last_time, min_time, max_time,
                 raw_bytes, stored_bytes, stderr, severities, committed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                log.0,
                first,
                first + batch.len() as i64 - 1,
                id,
                figures.first_time,
                figures.last_time,
                figures.min_time,
                figures.max_time,
                figures.raw_bytes,
                stored,
                figures.stderr,
                write_counts(&figures.severities),
                self.now_seconds
            ])?;
        self.tx
            .prepare_cached("INSERT INTO payloads (id, columns, bodies) VALUES (?1, ?2, ?3)")?
            .execute(params![id, payload.columns, payload.bodies])?;
        self.tx
            .prepare_cached("INSERT INTO filters (id, bits) VALUES (?1, ?2)")?
            .execute(params![id, filter])?;
        Ok(stored)
    }

    fn delete(&self, log: LogId, block: &Neighbour) -> rusqlite::Result<()> {
        self.tx
            .prepare_cached("DELETE FROM blocks WHERE log_id = ?1 AND first_seq = ?2")?
            .execute(params![log.0, block.first])?;
        self.tx.prepare_cached("DELETE FROM payloads WHERE id = ?1")?.execute([block.id])?;
        self.tx.prepare_cached("DELETE FROM filters WHERE id = ?1")?.execute([block.id])?;
        Ok(())
    }

    /// A block whose last number precedes `seq`, when it is small.
    fn block_ending(&self, log: LogId, seq: i64) -> rusqlite::Result<Option<Neighbour>> {
        let found = self.neighbour(
            "SELECT id, first_seq, last_seq, min_time, max_time, raw_bytes, stored_bytes FROM blocks
             WHERE log_id = ?1 AND first_seq < ?2 ORDER BY first_seq DESC LIMIT 1",
            log,
            seq,
        )?;
        Ok(found.filter(|block| block.last + 1 == seq))
    }

    /// A block that starts at `seq`, when it is small.
    fn block_starting(&self, log: LogId, seq: i64) -> rusqlite::Result<Option<Neighbour>> {
        self.neighbour(
            "SELECT id, first_seq, last_seq, min_time, max_time, raw_bytes, stored_bytes FROM blocks
             WHERE log_id = ?1 AND first_seq = ?2",
            log,
            seq,
        )
    }

    fn neighbour(&self, sql: &str, log: LogId, seq: i64) -> rusqlite::Result<Option<Neighbour>> {
        let found = self.tx.prepare_cached(sql)?.query_row(params![log.0, seq], |row| {
            Ok(Neighbour {
                id: row.get(0)?,
                first: row.get(1)?,
                last: row.get(2)?,
                min_time: row.get(3)?,
                max_time: row.get(4)?,
                raw_bytes: row.get(5)?,
                stored_bytes: row.get(6)?,
            })
        });
        let small = |block: &Neighbour| {
            block.raw_bytes < MERGE_RAW_BYTES && block.last - block.first + 1 < MERGE_RECORDS
        };
        Ok(found.optional()?.filter(small))
    }

    /// The neighbour's records; `None` when they are damaged, which is then left as it is.
    fn records(&mut self, log: LogId, block: &Neighbour) -> rusqlite::Result<Option<RecordBatch>> {
        let payload = self
            .tx
            .prepare_cached("SELECT columns, bodies FROM payloads WHERE id = ?1")?
            .query_row([block.id], |row| Ok(Payload { columns: row.get(0)?, bodies: row.get(1)? }));
        let Some(payload) = readable(payload)? else { return Ok(None) };
        let batch = self.decoder.decode(Place { log: log.0, first_seq: block.first }, &payload).ok();
        Ok(batch.filter(|batch| batch.len() as i64 == block.last - block.first + 1))
    }
}

/// Earliest and latest time; a sealed block is never empty.
fn time_range(batch: &RecordBatch) -> (i64, i64) {
    batch.timestamps().iter().fold((i64::MAX, i64::MIN), |(min, max), time| (min.min(*time), max.max(*time)))
}
