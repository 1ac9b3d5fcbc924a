//! Reading a log by number and by time.
//!
//! A number lives in memory until the commit that puts it on disk has ended, and never the other way round. So every
//! read looks into memory first and on disk after that: what it misses in memory is on disk by then, and nothing is met
//! twice, because numbers say where to go on.

use std::ops::Range;
use std::sync::Arc;

use miniman_log::{RecordBatch, Timestamp};

use super::readers::{BlockRow, Borrowed};
use super::shared::lock;
use super::state::LogState;
use super::{Chunk, Gap, GapReason, Log, ReadMax, StoreError};

/// Which way a read goes from its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Backward,
}

/// What the disk has for a number.
enum OnDisk {
    Records(i64, Arc<RecordBatch>),
    Damaged(Gap),
    /// No block covers it.
    Nothing,
}

impl Log {
    /// As [`Log::read`], but only from memory: open block, blocks before their commit, gaps, cached blocks. `None` when
    /// that does not have it, and at the end. Never touches the disk nor waits for the writer: fit for an async thread.
    pub fn read_memory(&self, from: i64, max: ReadMax) -> Option<Chunk> {
        let seq = {
            let state = lock(&self.inner.state);
            let seq = from.max(state.first);
            if seq >= state.next {
                return None;
            }
            if let Some(chunk) = in_memory(&state, seq, max, Direction::Forward) {
                return Some(chunk);
            }
            seq
        };
        let (first, batch) = lock(&self.inner.shared.cache).get(self.id(), seq)?;
        Some(part(first, batch, seq, max, Direction::Forward))
    }

    /// The records, or the gap, at `from` or behind it; `None` at the end. Blocking.
    ///
    /// # Errors
    /// When the file cannot be read. A damaged block is no error but a gap.
    pub fn read(&self, from: i64, max: ReadMax) -> Result<Option<Chunk>, StoreError> {
        let first = self.bounds().first;
        self.read_at(from.max(first), max, Direction::Forward)
    }

    /// The records, or the gap, that end before number `before`, in rising order; `None` at the start. Blocking.
    ///
    /// # Errors
    /// As for [`Log::read`].
    pub fn read_back(&self, before: i64, max: ReadMax) -> Result<Option<Chunk>, StoreError> {
        let next = self.bounds().next;
        self.read_at(before.min(next).saturating_sub(1), max, Direction::Backward)
    }

    /// The first number whose record, or one before it, is as late as `at`; the log's next number when none is.
    /// Blocking.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn seek(&self, at: Timestamp) -> Result<i64, StoreError> {
        // The first record at or after `at` is also the first whose running maximum is.
        let (next, in_memory) = {
            let state = lock(&self.inner.state);
            let reached = |first: i64, batch: &RecordBatch| {
                batch.timestamps().iter().position(|time| *time >= at.0).map(|index| first + index as i64)
            };
            let sealed = state.sealed.iter().find_map(|(first, batch)| reached(*first, batch));
            (state.next, sealed.or_else(|| reached(state.open_first, &state.open)))
        };
        let on_disk = self.seek_on_disk(at)?;
        Ok(on_disk.into_iter().chain(in_memory).min().unwrap_or(next))
    }

    /// The highest time of all records before number `before`; `None` when there is none. What orders a merged page
    /// that begins there. Blocking.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn running_max(&self, before: i64) -> Result<Option<Timestamp>, StoreError> {
        let highest = |first: i64, batch: &RecordBatch| {
            let records = (before.saturating_sub(first).max(0) as usize).min(batch.len());
            batch.timestamps()[..records].iter().max().copied()
        };
        let in_memory = {
            let state = lock(&self.inner.state);
            let sealed =
                state.sealed.range(..before).filter_map(|(first, batch)| highest(*first, batch)).max();
            sealed.max(highest(state.open_first, &state.open))
        };
        let mut reader = self.inner.shared.readers.take()?;
        let whole = reader.max_time_before(self.id(), before)?;
        let part = match reader.block_at(self.id(), before.saturating_sub(1))? {
            Some(block) if block.last >= before => match reader.times(self.id(), block)? {
                Some(times) => times.iter().take((before - block.first) as usize).max().copied(),
                None => Some(block.max_time),
            },
            _ => None,
        };
        Ok(in_memory.max(whole).max(part).map(Timestamp))
    }

    fn read_at(&self, seq: i64, max: ReadMax, direction: Direction) -> Result<Option<Chunk>, StoreError> {
        {
            let state = lock(&self.inner.state);
            if seq >= state.next || seq < state.first {
                return Ok(None);
            }
            if let Some(chunk) = in_memory(&state, seq, max, direction) {
                return Ok(Some(chunk));
            }
        }
        if let Some((first, batch)) = lock(&self.inner.shared.cache).get(self.id(), seq) {
            return Ok(Some(part(first, batch, seq, max, direction)));
        }
        let mut reader = self.inner.shared.readers.take()?;
        Ok(Some(match self.read_disk(&mut reader, seq)? {
            OnDisk::Records(first, batch) => {
                lock(&self.inner.shared.cache).insert(self.id(), first, Arc::clone(&batch));
                part(first, batch, seq, max, direction)
            }
            OnDisk::Damaged(gap) => Chunk::Gap(gap),
            OnDisk::Nothing => Chunk::Gap(self.hole(&reader, seq)?),
        }))
    }

    fn read_disk(&self, reader: &mut Borrowed<'_>, seq: i64) -> Result<OnDisk, StoreError> {
        let mut tried = None;
        loop {
            let Some(block) = reader.block_at(self.id(), seq)?.filter(|block| block.last >= seq) else {
                return Ok(OnDisk::Nothing);
            };
            if let Some(batch) = reader.records(self.id(), block)? {
                return Ok(OnDisk::Records(block.first, Arc::new(batch)));
            }
            // A commit may have merged the block between the two queries; then it has another id now.
            if tried.replace(block.id) == Some(block.id) {
                self.inner.shared.damage.tell(self.id(), block, &"its payload cannot be read");
                return Ok(OnDisk::Damaged(damaged(block)));
            }
        }
    }

    /// Numbers that no block covers: retention just took it, or rows of the file were lost. Then the gap ends where
    /// something is known again.
    fn hole(&self, reader: &Borrowed<'_>, seq: i64) -> Result<Gap, StoreError> {
        let before = reader.block_at(self.id(), seq)?;
        let after = reader.block_after(self.id(), seq)?;
        let state = lock(&self.inner.state);
        // Retention took the block since memory was looked into.
        if let Some(gap) = state.gap_at(seq).or_else(|| state.taking_at(seq)) {
            return Ok(gap);
        }
        let starts =
            [after.map(|block| block.first), state.sealed.range(seq..).next().map(|(first, _)| *first)];
        let gap_after = state.gaps.iter().map(|gap| gap.from).find(|from| *from > seq);
        let end = starts.into_iter().flatten().chain(gap_after).fold(state.open_first.max(seq + 1), i64::min);
        let gap_before = state.gaps.iter().rev().map(|gap| gap.to).find(|to| *to < seq);
        let sealed_before =
            state.sealed.range(..seq).next_back().map(|(first, batch)| first + batch.len() as i64 - 1);
        let ends = [before.map(|block| block.last), gap_before, sealed_before];
        let from = ends.into_iter().flatten().fold(state.first, |from, last| from.max(last + 1));
        let missed = Some((end - from) as u64);
        Ok(Gap { from, to: end - 1, missed, since: None, until: None, reason: GapReason::Damaged })
    }

    fn seek_on_disk(&self, at: Timestamp) -> Result<Option<i64>, StoreError> {
        let mut reader = self.inner.shared.readers.take()?;
        let mut tried = None;
        loop {
            let Some(block) = reader.block_reaching(self.id(), at)? else { return Ok(None) };
            if let Some(times) = reader.times(self.id(), block)? {
                let index = times.iter().position(|time| *time >= at.0).unwrap_or(0);
                return Ok(Some(block.first + index as i64));
            }
            if tried.replace(block.id) == Some(block.id) {
                return Ok(Some(block.first));
            }
        }
    }
}

pub(super) fn in_memory(state: &LogState, seq: i64, max: ReadMax, direction: Direction) -> Option<Chunk> {
    if seq >= state.open_first {
        // Copied, so that the appender never finds its buffer shared; at most what was asked for.
        let range = chunk_range(&state.open, (seq - state.open_first) as usize, max, direction);
        let first = state.open_first + range.start as i64;
        let mut batch = RecordBatch::new();
        batch.extend_from(&state.open, range.clone());
        return Some(Chunk::Records { first, batch: Arc::new(batch), range: 0..range.len() });
    }
    if let Some((first, batch)) = state.sealed_at(seq) {
        return Some(part(first, batch, seq, max, direction));
    }
    state.gap_at(seq).map(Chunk::Gap)
}

/// The part of a block that a read at `seq` answers.
fn part(first: i64, batch: Arc<RecordBatch>, seq: i64, max: ReadMax, direction: Direction) -> Chunk {
    let range = chunk_range(&batch, (seq - first) as usize, max, direction);
    Chunk::Records { first: first + range.start as i64, batch, range }
}

/// As many records as `max` allows, at least one, from `index` on or up to it.
fn chunk_range(batch: &RecordBatch, index: usize, max: ReadMax, direction: Direction) -> Range<usize> {
    let ends = batch.ends();
    let start_of = |index: usize| if index == 0 { 0 } else { ends[index - 1] as usize };
    let fits = |range: &Range<usize>| {
        let bytes = ends[range.end - 1] as usize - start_of(range.start) + range.len();
        range.len() <= max.records && bytes <= max.bytes
    };
    let mut range = index..index + 1;
    loop {
        let wider = match direction {
            Direction::Forward if range.end < batch.len() => range.start..range.end + 1,
            Direction::Backward if range.start > 0 => range.start - 1..range.end,
            _ => return range,
        };
        if !fits(&wider) {
            return range;
        }
        range = wider;
    }
}

pub(super) fn damaged(block: BlockRow) -> Gap {
    Gap {
        from: block.first,
        to: block.last,
        missed: Some((block.last - block.first + 1) as u64),
        since: Some(Timestamp(block.min_time)),
        until: Some(Timestamp(block.max_time)),
        reason: GapReason::Damaged,
    }
}
