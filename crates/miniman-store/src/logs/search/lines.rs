//! The records around the place where a search looks, decoded: a few stretches, whatever block they are of.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use miniman_log::{RecordBatch, RecordRef};

use super::super::readers::{BlockRow, Borrowed};
use super::super::shared::lock;
use super::super::{Log, LogId, StoreError};

/// Stretches held: the one that is searched, one to either side, and one that a long group reaches. Four blocks are 1 MiB.
const HELD_MAX: usize = 4;
/// How much of the open block is copied around a number: it is looked at near the end again and again.
const OPEN_BEFORE: usize = 64;
const OPEN_BEHIND: usize = 4_096;

/// Records that follow each other; the first has number `first`.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    pub(super) first: i64,
    pub(super) batch: Arc<RecordBatch>,
}

/// See the module's words.
pub(super) struct Lines {
    pub(super) log: Log,
    /// Records from here on are not looked at.
    pub(super) horizon: i64,
    /// Used lately first.
    held: VecDeque<Stretch>,
}

impl Stretch {
    pub(super) fn covers(&self, seq: i64) -> bool {
        (self.first..self.next()).contains(&seq)
    }

    /// The number behind the last.
    pub(super) fn next(&self) -> i64 {
        self.first + self.batch.len() as i64
    }

    /// Where a number that it covers stands in its batch.
    pub(super) fn index(&self, seq: i64) -> usize {
        (seq - self.first) as usize
    }

    pub(super) fn get(&self, seq: i64) -> RecordRef<'_> {
        self.batch.get(self.index(seq))
    }

    /// The indexes of those of its records that `numbers` has.
    pub(super) fn range(&self, numbers: &Range<i64>) -> Range<usize> {
        let index = |seq: i64| (seq - self.first).clamp(0, self.batch.len() as i64) as usize;
        index(numbers.start)..index(numbers.end)
    }
}

impl Lines {
    pub(super) fn new(log: Log, horizon: i64) -> Self {
        Self { log, horizon, held: VecDeque::new() }
    }

    pub(super) fn release(&mut self) {
        self.held.clear();
    }

    /// Keeps what was decoded anyway.
    pub(super) fn hold(&mut self, stretch: Stretch) {
        self.held.retain(|held| held.first != stretch.first);
        self.held.truncate(HELD_MAX - 1);
        self.held.push_front(stretch);
    }

    /// The records around `seq`; `None` where there are none: a gap, a damaged block, outside of the log.
    pub(super) fn at(&mut self, seq: i64) -> Result<Option<Stretch>, StoreError> {
        if seq >= self.horizon {
            return Ok(None);
        }
        if let Some(at) = self.held.iter().position(|stretch| stretch.covers(seq)) {
            if at > 0
                && let Some(stretch) = self.held.remove(at)
            {
                self.held.push_front(stretch);
            }
            return Ok(self.held.front().cloned());
        }
        let read = self.read(seq)?;
        if let Some(stretch) = &read {
            self.hold(stretch.clone());
        }
        Ok(read)
    }

    fn read(&self, seq: i64) -> Result<Option<Stretch>, StoreError> {
        let inner = &self.log.inner;
        {
            let state = lock(&inner.state);
            if !(state.first..state.next).contains(&seq) {
                return Ok(None);
            }
            if seq >= state.open_first {
                let at = (seq - state.open_first) as usize;
                let range = at.saturating_sub(OPEN_BEFORE)..(at + OPEN_BEHIND).min(state.open.len());
                let first = state.open_first + range.start as i64;
                let mut batch = RecordBatch::new();
                batch.extend_from(&state.open, range);
                return Ok(Some(Stretch { first, batch: Arc::new(batch) }));
            }
            if let Some((first, batch)) = state.sealed_at(seq) {
                return Ok(Some(Stretch { first, batch }));
            }
            if state.gap_at(seq).is_some() {
                return Ok(None);
            }
        }
        if let Some((first, batch)) = lock(&inner.shared.cache).get(self.log.id(), seq) {
            return Ok(Some(Stretch { first, batch }));
        }
        let mut reader = inner.shared.readers.take()?;
        let Some(block) = reader.block_at(self.log.id(), seq)?.filter(|block| block.last >= seq) else {
            return Ok(None);
        };
        let batch = records(&mut reader, self.log.id(), block)?;
        Ok(batch.map(|batch| Stretch { first: block.first, batch: Arc::new(batch) }))
    }
}

/// The block's records, also where a commit has merged it since its row was read and given it another id.
pub(super) fn records(
    reader: &mut Borrowed<'_>,
    log: LogId,
    block: BlockRow,
) -> Result<Option<RecordBatch>, StoreError> {
    if let Some(records) = reader.records(log, block)? {
        return Ok(Some(records));
    }
    Ok(match reader.block_at(log, block.first)? {
        Some(now) if now.id != block.id && now.first == block.first => reader.records(log, now)?,
        _ => None,
    })
}
