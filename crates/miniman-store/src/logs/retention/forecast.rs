//! What a policy would take of what is stored now, without taking it.
//!
//! The same choice as the writer's (`writer/retain.rs`), over the blocks' small rows: some 7,000 for 10M lines. It can be
//! off by what changes while it is looked at, and by what a full disk makes go early.

use std::collections::VecDeque;
use std::sync::Arc;

use super::shares::Shares;
use super::{LogRetention, RetentionPolicy, Taken, nanos};
use crate::logs::readers::BlockCost;
use crate::logs::registry::Registry;
use crate::logs::shared::{Shared, lock};
use crate::logs::{LogId, StoreError};

/// Rows that are read of a log at once: 64 × 56 B, for each of the logs.
const ROWS: usize = 64;

/// What would go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forecast {
    pub taken: Taken,
    /// How many logs it would be taken of.
    pub logs: u64,
}

/// A log's blocks that are left, the oldest first.
struct Queue {
    log: LogId,
    own: LogRetention,
    bytes: u64,
    above: i64,
    rows: VecDeque<BlockCost>,
    gave: bool,
}

impl Queue {
    fn oldest(&mut self, shared: &Shared) -> Result<Option<BlockCost>, StoreError> {
        if self.rows.is_empty() {
            let reader = shared.readers.take()?;
            self.rows.extend(reader.block_costs(self.log, self.above, ROWS).map_err(StoreError::Read)?);
            self.above = self.rows.back().map_or(self.above, |row| row.first);
        }
        Ok(self.rows.front().copied())
    }

    /// Takes the block that [`Queue::oldest`] told.
    fn give(&mut self, block: &BlockCost, forecast: &mut Forecast) {
        self.rows.pop_front();
        self.bytes = self.bytes.saturating_sub(block.taken.stored_bytes);
        forecast.taken += block.taken;
        forecast.logs += u64::from(!std::mem::replace(&mut self.gave, true));
    }
}

/// What `policy` would take at the time `now`, in nanoseconds since 1970.
pub(in crate::logs) fn forecast(
    shared: &Shared,
    registry: &Registry,
    policy: RetentionPolicy,
    now: i64,
) -> Result<Forecast, StoreError> {
    let mut forecast = Forecast::default();
    let mut queues = queues(registry);
    for queue in &mut queues {
        let expired_before = policy.age_of(queue.own).map(|age| now.saturating_sub(nanos(age)));
        while let Some(block) = queue.oldest(shared)? {
            let too_much = queue.own.bytes.is_some_and(|max| queue.bytes > max);
            let too_old = expired_before.is_some_and(|before| block.age_time < before);
            if !too_much && !too_old {
                break;
            }
            queue.give(&block, &mut forecast);
        }
    }
    let journal = shared.journal_bytes.load(std::sync::atomic::Ordering::Relaxed);
    let mut shares = Shares::new(queues.iter().map(|queue| (queue.log, queue.bytes)), journal);
    while shares.held() > policy.total_bytes {
        let Some(log) = shares.furthest_over() else { break };
        let queue = queues.binary_search_by_key(&log, |queue| queue.log).ok().map(|at| &mut queues[at]);
        let Some(queue) = queue else { break };
        match queue.oldest(shared)? {
            Some(block) => {
                queue.give(&block, &mut forecast);
                shares.gave(block.taken.stored_bytes);
            }
            None => shares.skip(),
        }
    }
    Ok(forecast)
}

/// All logs, by rising id.
fn queues(registry: &Registry) -> Vec<Queue> {
    let queue = |log: crate::logs::Log| {
        let log = Arc::clone(&log.inner);
        let state = lock(&log.state);
        Queue {
            log: log.id,
            own: state.own,
            bytes: state.stored.stored_bytes,
            above: i64::MIN,
            rows: VecDeque::new(),
            gave: false,
        }
    };
    registry.all().into_iter().map(queue).collect()
}
