//! How many errors each log had in the last 15 minutes, and which was its last of all.
//!
//! Counted when somebody looks, never while lines come in: a look reads what was appended since the last one and adds
//! to a count a minute. Each look reads a bounded amount, so that the first one after a flood is an undercount that the
//! next ones complete, not a wait. A last error that is older is searched for once, newest blocks first.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use miniman_hub::Entry;
use miniman_log::query::Query;
use miniman_log::{RecordBatch, Severity, Timestamp};
use miniman_store::logs::{Bounds, Chunk, Found, Log, LogId, ReadMax, StoreError};

use crate::state::AppState;

const MINUTE: i64 = 60_000_000_000;
const WINDOW_MINUTES: i64 = 15;
/// Lines read in one look over all logs: 16 MiB decompress and count in ~20 ms.
const LOOK_BYTES_MAX: u64 = 16 << 20;
/// What searching for one log's last error counts as: it expands a block, and rules out others unread.
const SEARCH_BYTES: u64 = 256 << 10;
/// Steps of a search for it; each rules out up to 256 blocks, 64 MiB of lines.
const SEARCH_STEPS_MAX: usize = 64;
/// Of its text: a cell of a table holds less.
const TEXT_BYTES_MAX: usize = 300;

/// Counts of all logs that were looked at; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecentErrors(Arc<Mutex<HashMap<LogId, Count>>>);

#[derive(Debug, Default, Clone)]
struct Count {
    /// Where the next look goes on; `None` before the first.
    next: Option<i64>,
    /// The log's lowest number at the last look: history that came below it is counted anew with the rest.
    first: i64,
    /// Errors by minute since 1970.
    minutes: BTreeMap<i64, u64>,
    last: Option<LastError>,
    /// Whether the lines before the first look were searched for `last`.
    searched: bool,
}

/// What is told of a log's errors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Errors {
    pub(crate) recent: u64,
    pub(crate) last: Option<LastError>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastError {
    pub(crate) seq: i64,
    pub(crate) timestamp: Timestamp,
    /// The beginning of the line.
    pub(crate) text: String,
}

impl LastError {
    fn of(batch: &RecordBatch, index: usize, seq: i64) -> Self {
        let record = batch.get(index);
        let text = record.body[..record.body.floor_char_boundary(TEXT_BYTES_MAX)].to_owned();
        Self { seq, timestamp: record.timestamp, text }
    }
}

impl RecentErrors {
    /// Brings the counts of these logs up to date.
    pub(crate) async fn count(&self, state: &AppState, entries: &[Arc<Entry>]) -> HashMap<LogId, Errors> {
        let logs: Vec<Log> = entries.iter().map(|entry| entry.log.clone()).collect();
        let (errors, now) = (self.clone(), state.clock.now());
        // A panic in there is reported by the runtime; the page shows no badges then.
        tokio::task::spawn_blocking(move || errors.look(&logs, now)).await.unwrap_or_default()
    }

    fn look(&self, logs: &[Log], now: Timestamp) -> HashMap<LogId, Errors> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut budget = LOOK_BYTES_MAX;
        let counted = logs.iter().map(|log| {
            let count = counts.entry(log.id()).or_default();
            if let Err(error) = count.read_on(log, now, &mut budget) {
                tracing::warn!(error = &error as &dyn std::error::Error, log = %log.id(), "errors are not counted");
            }
            (log.id(), count.errors(log, now))
        });
        counted.collect()
    }
}

impl Count {
    fn read_on(&mut self, log: &Log, now: Timestamp, budget: &mut u64) -> Result<(), StoreError> {
        let Bounds { first, next: end } = log.bounds();
        if first < self.first {
            *self = Self::default();
        }
        self.first = first;
        let oldest = Timestamp((now.0.div_euclid(MINUTE) - WINDOW_MINUTES + 1) * MINUTE);
        let mut next = match self.next {
            Some(next) => next,
            // A log without errors, or whose last line is too old, needs no reading.
            None if !may_hold_errors(log, oldest) => end,
            None => log.seek(oldest)?,
        };
        while next < end && *budget > 0 {
            let Some(chunk) = log.read(next, ReadMax::BLOCK)? else { break };
            if let Chunk::Records { batch, range, .. } = &chunk {
                let records =
                    batch.severities()[range.clone()].iter().zip(&batch.timestamps()[range.clone()]);
                let errors =
                    records.enumerate().filter(|(_, (severity, _))| **severity >= Severity::ERROR.number());
                let mut last = None;
                for (offset, (_, time)) in errors {
                    *self.minutes.entry(time.div_euclid(MINUTE)).or_default() += 1;
                    last = Some(offset);
                }
                if let Some(offset) = last {
                    let seq = chunk.first() + offset as i64;
                    self.last = Some(LastError::of(batch, range.start + offset, seq));
                }
                let read = (batch.body_bytes() as u64).max(1);
                *budget = budget.saturating_sub(read);
            }
            next = chunk.next();
        }
        self.next = Some(next);
        if self.last.is_none() && !self.searched && *budget > 0 {
            self.last = search_last(log)?;
            self.searched = true;
            *budget = budget.saturating_sub(SEARCH_BYTES);
        }
        self.minutes = self.minutes.split_off(&(oldest.0 / MINUTE));
        Ok(())
    }

    fn errors(&self, log: &Log, now: Timestamp) -> Errors {
        let newest = now.0.div_euclid(MINUTE);
        let recent = self.minutes.range(newest - WINDOW_MINUTES + 1..=newest).map(|(_, count)| count).sum();
        // Retention may have taken it.
        let last = self.last.clone().filter(|last| last.seq >= log.bounds().first);
        Errors { recent, last }
    }
}

/// How many errors a log holds.
pub(crate) fn stored_errors(log: &Log) -> u64 {
    log.stored().severities[usize::from(Severity::ERROR.number())..].iter().sum()
}

/// The log's last error, newest blocks first. A block without one is ruled out by its figures alone.
fn search_last(log: &Log) -> Result<Option<LastError>, StoreError> {
    let Ok(query) = Query::parse("level:>=error") else { return Ok(None) };
    if stored_errors(log) == 0 {
        return Ok(None);
    }
    let (mut search, Bounds { first, next: mut end }) = (log.search(&query), log.bounds());
    for _ in 0..SEARCH_STEPS_MAX {
        let Some(searched) = search.backward(first..end)? else { break };
        if let Found::Records { first, batch, matches } = &searched.found {
            let is_error = |index: &&u32| batch.severities()[**index as usize] >= Severity::ERROR.number();
            // A match brings its group, in which other lines are no errors.
            if let Some(index) = matches.iter().rev().find(is_error) {
                return Ok(Some(LastError::of(batch, *index as usize, first + i64::from(*index))));
            }
        }
        end = searched.covered.start;
    }
    Ok(None)
}

fn may_hold_errors(log: &Log, oldest: Timestamp) -> bool {
    let stored = log.stored();
    stored_errors(log) > 0 && stored.last_timestamp.is_some_and(|last| last >= oldest)
}
