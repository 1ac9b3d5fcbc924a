//! How many errors each log had in the last 15 minutes.
//!
//! Counted when somebody looks, never while lines come in: a look reads what was appended since the last one and adds
//! to a count a minute. Each look reads a bounded amount, so that the first one after a flood is an undercount that the
//! next ones complete, not a wait.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use miniman_hub::Entry;
use miniman_log::{Severity, Timestamp};
use miniman_store::logs::{Bounds, Chunk, Log, LogId, ReadMax, StoreError};

use crate::state::AppState;

const MINUTE: i64 = 60_000_000_000;
const WINDOW_MINUTES: i64 = 15;
/// Lines read in one look over all logs: 16 MiB decompress and count in ~20 ms.
const LOOK_BYTES_MAX: u64 = 16 << 20;

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
}

impl RecentErrors {
    /// Brings the counts of these logs up to date.
    pub(crate) async fn count(&self, state: &AppState, entries: &[Arc<Entry>]) -> HashMap<LogId, u64> {
        let logs: Vec<Log> = entries.iter().map(|entry| entry.log.clone()).collect();
        let (errors, now) = (self.clone(), state.clock.now());
        // A panic in there is reported by the runtime; the page shows no badges then.
        tokio::task::spawn_blocking(move || errors.look(&logs, now)).await.unwrap_or_default()
    }

    fn look(&self, logs: &[Log], now: Timestamp) -> HashMap<LogId, u64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut budget = LOOK_BYTES_MAX;
        let counted = logs.iter().map(|log| {
            let count = counts.entry(log.id()).or_default();
            if let Err(error) = count.read_on(log, now, &mut budget) {
                tracing::warn!(error = &error as &dyn std::error::Error, log = %log.id(), "errors are not counted");
            }
            (log.id(), count.sum(now))
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
                for (_, time) in records.filter(|(severity, _)| **severity >= Severity::ERROR.number()) {
                    *self.minutes.entry(time.div_euclid(MINUTE)).or_default() += 1;
                }
                let read = (batch.body_bytes() as u64).max(1);
                *budget = budget.saturating_sub(read);
            }
            next = chunk.next();
        }
        self.next = Some(next);
        self.minutes = self.minutes.split_off(&(oldest.0 / MINUTE));
        Ok(())
    }

    fn sum(&self, now: Timestamp) -> u64 {
        let newest = now.0.div_euclid(MINUTE);
        self.minutes.range(newest - WINDOW_MINUTES + 1..=newest).map(|(_, count)| count).sum()
    }
}

fn may_hold_errors(log: &Log, oldest: Timestamp) -> bool {
    let stored = log.stored();
    let errors: u64 = stored.severities[usize::from(Severity::ERROR.number())..].iter().sum();
    errors > 0 && stored.last_timestamp.is_some_and(|last| last >= oldest)
}
