//! Bringing the file's state into memory: logs, their bounds and totals, gaps, and the journal's records, which become
//! open blocks again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use miniman_log::{HeadPattern, RecordBatch, Timestamp};
use rusqlite::Connection;

use super::codec::columns::read_counts;
use super::codec::journal::{self, JournalEntry};
use super::log::LogInner;
use super::registry::Registry;
use super::shared::Shared;
use super::state::LogState;
use super::writer::{OnDisk, Progress, RowContents};
use super::{Gap, GapReason, LogFigures, LogId, LogIdentity, LogRetention};

/// A log while it is being loaded.
struct Loading {
    state: LogState,
    on_disk: OnDisk,
    /// The journal row that the resume state in `state` is as new as.
    resume_row: i64,
    /// The file lacks something that `state` has by now.
    unsaved: bool,
}

pub(super) fn load(
    connection: &Connection,
    shared: &Arc<Shared>,
    registry: &Registry,
) -> rusqlite::Result<Progress> {
    let mut progress = Progress::default();
    // From 1: 0 in a log means that no row was flushed into it.
    progress.journal.reserve(0);
    let mut logs = load_logs(connection)?;
    progress.next_block = load_blocks(connection, &mut logs)? + 1;
    load_gaps(connection, &mut logs)?;
    for log in logs.values_mut() {
        log.state.open_first = log.state.next;
        log.on_disk.sealed_end = log.state.next;
        progress.journal.reserve(log.resume_row);
    }
    replay_journal(connection, shared, &mut logs, &mut progress)?;
    let last_mark: Option<i64> = connection.query_row("SELECT max(id) FROM marks", [], |row| row.get(0))?;
    shared.next_mark.store(last_mark.unwrap_or(0) + 1, Ordering::Relaxed);
    shared.journal_bytes.store(progress.journal.bytes(), Ordering::Relaxed);
    let last_log: Option<u32> =
        connection
            .query_row("SELECT max(seq) FROM sqlite_sequence WHERE name = 'logs'", [], |row| row.get(0))?;
    registry.reserve(last_log.unwrap_or(0));
    for (id, mut log) in logs {
        log.state.set_journaled();
        log.state.listed = log.unsaved;
        if log.state.stored.records == 0 {
            log.state.stored.last_timestamp = log.state.last_taken();
        }
        progress.logs.insert(id, log.on_disk);
        let inner = Arc::new(LogInner::new(id, Arc::clone(shared), log.state));
        if log.unsaved {
            shared.put_back([Arc::clone(&inner)]);
        }
        registry.reserve(id.0);
        registry.insert(inner);
    }
    Ok(progress)
}

/// What blocks and gaps say of each log, without the journal, for looking at the file from outside.
pub(super) fn read_logs(connection: &Connection) -> rusqlite::Result<Vec<LogFigures>> {
    let mut logs = load_logs(connection)?;
    load_blocks(connection, &mut logs)?;
    load_gaps(connection, &mut logs)?;
    let mut blocks: HashMap<LogId, i64> = connection
        .prepare("SELECT log_id, count(*) FROM blocks GROUP BY log_id")?
        .query_map([], |row| Ok((LogId(row.get(0)?), row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let figures = logs.into_iter().map(|(id, Loading { state, .. })| LogFigures {
        id,
        bounds: state.bounds(),
        stored: state.stored,
        blocks: blocks.remove(&id).unwrap_or_default().unsigned_abs(),
        gaps: state.gaps.len() as u64,
        missed: state.gaps.iter().try_fold(0, |sum: u64, gap| Some(sum.saturating_add(gap.missed?))),
        retention: state.own,
        identity: state.identity,
    });
    Ok(figures.collect())
}

fn load_logs(connection: &Connection) -> rusqlite::Result<HashMap<LogId, Loading>> {
    let mut query = connection.prepare(
        "SELECT id, engine, container_id, name, image, stack, service, number, created, resume, resume_row,
         retention, multiline, message FROM logs",
    )?;
    query
        .query_map([], |row| {
            let identity = LogIdentity {
                engine: row.get(1)?,
                container_id: row.get(2)?,
                name: row.get(3)?,
                image: row.get(4)?,
                stack: row.get(5)?,
                service: row.get(6)?,
                number: row.get(7)?,
                created: Timestamp(row.get(8)?),
            };
            let resume: Option<Arc<[u8]>> = row.get::<_, Option<Vec<u8>>>(9)?.map(Arc::from);
            let mut state = LogState::new(Arc::new(identity));
            state.resume = resume.clone();
            state.own = own_retention(row.get(11)?);
            state.head_pattern = head_pattern(row.get(12)?);
            state.message_field = row.get(13)?;
            let on_disk = OnDisk { resume, resume_row: 0, sealed_end: 0 };
            Ok((LogId(row.get(0)?), Loading { state, on_disk, resume_row: row.get(10)?, unsaved: false }))
        })?
        .collect()
}

/// A text that is no retention limits nothing, so that nothing goes by mistake.
fn own_retention(text: Option<String>) -> LogRetention {
    let parsed = text.map(|text| text.parse::<LogRetention>()).transpose();
    parsed
        .inspect_err(|error| tracing::warn!(%error, "a log's own retention cannot be read"))
        .ok()
        .flatten()
        .unwrap_or_default()
}

/// Without a pattern that is understood, groups are told by what they look like.
fn head_pattern(text: Option<String>) -> Option<HeadPattern> {
    let parsed = text.map(|text| HeadPattern::new(&text)).transpose();
    parsed.inspect_err(|error| tracing::warn!(%error, "a log's own pattern cannot be read")).ok().flatten()
}

/// Answers the highest block id.
fn load_blocks(connection: &Connection, logs: &mut HashMap<LogId, Loading>) -> rusqlite::Result<i64> {
    let mut query = connection.prepare(
        "SELECT log_id, first_seq, last_seq, id, first_time, last_time, raw_bytes, stored_bytes, severities
         FROM blocks ORDER BY log_id, first_seq",
    )?;
    let mut rows = query.query([])?;
    let mut last_id = 0;
    while let Some(row) = rows.next()? {
        last_id = last_id.max(row.get(3)?);
        let Some(log) = logs.get_mut(&LogId(row.get(0)?)) else { continue };
        let (first, last): (i64, i64) = (row.get(1)?, row.get(2)?);
        log.state.first = log.state.first.min(first);
        log.state.next = log.state.next.max(last + 1);
        let stored = &mut log.state.stored;
        stored.records += (last - first + 1) as u64;
        stored.raw_bytes += row.get::<_, i64>(6)? as u64;
        stored.stored_bytes += row.get::<_, i64>(7)? as u64;
        // Counts that cannot be read are left out of the total; the block itself tells when it is read.
        if let Ok(counts) = read_counts(row.get_ref(8)?.as_blob().unwrap_or_default()) {
            stored.severities.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        }
        stored.first_timestamp.get_or_insert(Timestamp(row.get(4)?));
        stored.last_timestamp = Some(Timestamp(row.get(5)?));
    }
    Ok(last_id)
}

fn load_gaps(connection: &Connection, logs: &mut HashMap<LogId, Loading>) -> rusqlite::Result<()> {
    let mut query = connection.prepare(
        "SELECT log_id, from_seq, to_seq, missed, since_time, until_time, reason FROM gaps ORDER BY log_id, from_seq",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let Some(log) = logs.get_mut(&LogId(row.get(0)?)) else { continue };
        let gap = Gap {
            from: row.get(1)?,
            to: row.get(2)?,
            missed: row.get::<_, Option<i64>>(3)?.map(i64::unsigned_abs),
            since: row.get::<_, Option<i64>>(4)?.map(Timestamp),
            until: row.get::<_, Option<i64>>(5)?.map(Timestamp),
            reason: GapReason::from_number(row.get(6)?).unwrap_or(GapReason::Damaged),
        };
        log.state.first = log.state.first.min(gap.from);
        log.state.next = log.state.next.max(gap.to + 1);
        log.state.gaps.push(gap);
    }
    Ok(())
}

fn replay_journal(
    connection: &Connection,
    shared: &Shared,
    logs: &mut HashMap<LogId, Loading>,
    progress: &mut Progress,
) -> rusqlite::Result<()> {
    let mut query = connection.prepare("SELECT id, entries FROM journal ORDER BY id")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (id, bytes): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let mut contents = RowContents::default();
        match journal::decode(&bytes) {
            Ok(entries) => {
                for entry in entries {
                    let Some(log) = logs.get_mut(&entry.log) else { continue };
                    log.replay(id, entry, shared, &mut contents);
                }
            }
            // Later rows tell by their numbers how much it held; after the last row the source is read again from
            // the resume state before.
            Err(error) => tracing::warn!(row = id, %error, "a journal row is damaged"),
        }
        progress.journal.add(id, bytes.len() as u64, contents);
    }
    Ok(())
}

impl Loading {
    fn replay(&mut self, row: i64, entry: JournalEntry, shared: &Shared, contents: &mut RowContents) {
        if let Some(resume) = entry.resume
            && row > self.resume_row
        {
            let resume: Arc<[u8]> = resume.into();
            self.state.resume = Some(Arc::clone(&resume));
            self.on_disk.resume = Some(resume);
            self.on_disk.resume_row = row;
            contents.resumes.push(entry.log);
        }
        let Some((first, batch)) = entry.records else { return };
        contents.lasts.push((entry.log, first + batch.len() as i64 - 1));
        if let Err(error) = self.replay_records(first, &batch, shared) {
            tracing::warn!(log = entry.log.0, first, %error, "records of the journal cannot be taken over");
        }
    }

    /// Those of the records that are not in a block yet. What a damaged row left out becomes a gap.
    fn replay_records(
        &mut self,
        first: i64,
        batch: &RecordBatch,
        shared: &Shared,
    ) -> Result<(), super::StoreError> {
        let state = &mut self.state;
        if first > state.next {
            let missing = first - state.next;
            let gap = Gap {
                from: 0,
                to: 0,
                missed: Some(missing as u64),
                since: None,
                until: None,
                reason: GapReason::Damaged,
            };
            shared.count(state.append_gap(gap, missing)?);
            self.unsaved = true;
        }
        let known = usize::try_from(state.next - first).unwrap_or(0).min(batch.len());
        let mut fresh = RecordBatch::new();
        fresh.extend_from(batch, known..batch.len());
        shared.count(state.append(&fresh)?);
        self.unsaved |= !state.sealed.is_empty();
        Ok(())
    }
}
