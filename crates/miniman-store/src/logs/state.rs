//! What one log holds in memory: its bounds, its open block, sealed blocks until their commit, gaps, resume state.
//!
//! Invariant: every number of `first..next` lies in exactly one of the open block, a sealed block, a block on disk, or a
//! gap. Pure: the lock around it, and everything that waits or writes, is the caller's.

mod taking;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use miniman_log::{HeadPattern, RecordBatch, Timestamp};

use super::codec::columns::count_severities;
use super::retention::LogRetention;
use super::{Bounds, Gap, LogIdentity, Mark, StoreError, Stored};

/// An open block seals when its lines, newlines included, come to this.
pub(super) const BLOCK_RAW_BYTES: usize = 256 << 10;
/// … or at this many records: empty lines cost 14 bytes of columns each, so 16,384 × 14 = 229 KiB.
pub(super) const BLOCK_RECORDS_MAX: usize = 16_384;
/// A step back in time by more than this starts a block, so that a block's times stay a range worth pruning by.
pub(super) const TIME_STEP_BACK: i64 = 60_000_000_000;
/// Longest body: the line cap is 1 MiB, and bytes that are no UTF-8 triple. Longer ones could not be read back.
pub(super) const BODY_BYTES_MAX: usize = 16 << 20;
/// Marks of one log that may wait for a commit; far more than a second of events, little memory when commits fail.
const MARKS_WAITING_MAX: usize = 1_024;
/// How late a mark may be told: events come within milliseconds, of a busy daemon within seconds.
const MARK_LATE_NANOS_MAX: i64 = 10_000_000_000;

/// Bytes of lines as `docker logs` prints them: bodies and a newline each.
pub(super) fn raw_bytes(batch: &RecordBatch) -> usize {
    batch.body_bytes() + batch.len()
}

pub(super) struct LogState {
    pub(super) identity: Arc<LogIdentity>,
    /// The log's own limits.
    pub(super) own: LogRetention,
    /// What begins a group, where its owner says so.
    pub(super) head_pattern: Option<HeadPattern>,
    /// Which field of its JSON lines is the message, where its owner says so.
    pub(super) message_field: Option<String>,
    /// `identity`, `own`, `head_pattern` or `message_field` is not on disk yet.
    pub(super) identity_changed: bool,
    pub(super) first: i64,
    pub(super) next: i64,
    /// Number of the open block's first record; it ends at `next`.
    pub(super) open_first: i64,
    pub(super) open: RecordBatch,
    opened: Option<Instant>,
    open_max_time: i64,
    /// Sealed and not yet committed, by first number.
    pub(super) sealed: BTreeMap<i64, Arc<RecordBatch>>,
    /// By rising number; each stands between records, so there are few.
    pub(super) gaps: Vec<Gap>,
    gaps_changed: BTreeSet<i64>,
    pub(super) marks: VecDeque<(i64, Mark)>,
    /// Marks taken since the log was opened.
    pub(super) marks_taken: u64,
    pub(super) resume: Option<Arc<[u8]>>,
    resume_changed: bool,
    /// Records of the open block below this number are in the journal.
    journaled: i64,
    pub(super) stored: Stored,
    /// What stands for blocks that a transaction is just taking.
    taking: Option<Gap>,
    /// Since when the container is known to be gone.
    removed: Option<Instant>,
    /// The log is gone: nothing more may come.
    pub(super) forgotten: bool,
    /// Whether this log waits in the list of logs to commit.
    pub(super) listed: bool,
}

/// What of a log goes into a commit.
pub(super) struct Cut {
    pub(super) identity: Option<Arc<LogIdentity>>,
    /// These go with `identity`.
    pub(super) own: LogRetention,
    pub(super) head_pattern: Option<HeadPattern>,
    pub(super) message_field: Option<String>,
    pub(super) sealed: Vec<(i64, Arc<RecordBatch>)>,
    /// First number and records for the journal.
    pub(super) records: Option<(i64, RecordBatch)>,
    pub(super) resume: Option<Arc<[u8]>>,
    pub(super) gaps: Vec<Gap>,
    pub(super) marks: Vec<(i64, Mark)>,
    /// First number of the open block: records below it need no journal once this is committed.
    pub(super) open_first: i64,
    /// The journal has everything below this once this is committed.
    next: i64,
}

/// How raw bytes moved; the caller adds it to the store's totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) open: isize,
    pub(super) sealed: isize,
}

impl LogState {
    pub(super) fn new(identity: Arc<LogIdentity>) -> Self {
        let stored = Stored {
            records: 0,
            raw_bytes: 0,
            stored_bytes: 0,
            severities: [0; miniman_log::Severity::COUNT],
            first_timestamp: None,
            last_timestamp: None,
        };
        Self {
            identity,
            own: LogRetention::default(),
            head_pattern: None,
            message_field: None,
            identity_changed: false,
            first: 0,
            next: 0,
            open_first: 0,
            open: RecordBatch::new(),
            opened: None,
            open_max_time: i64::MIN,
            sealed: BTreeMap::new(),
            gaps: Vec::new(),
            gaps_changed: BTreeSet::new(),
            marks: VecDeque::new(),
            marks_taken: 0,
            resume: None,
            resume_changed: false,
            journaled: 0,
            stored,
            taking: None,
            removed: None,
            forgotten: false,
            listed: false,
        }
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds { first: self.first, next: self.next }
    }

    pub(super) fn set_resume(&mut self, resume: Option<Vec<u8>>) {
        if let Some(resume) = resume {
            self.resume = Some(resume.into());
            self.resume_changed = true;
        }
    }

    /// Appends at the live end; all of it or nothing.
    pub(super) fn append(&mut self, batch: &RecordBatch) -> Result<Moved, StoreError> {
        check_bodies(batch)?;
        let next = self.next.checked_add(batch.len() as i64).ok_or(StoreError::NumbersUsedUp)?;
        let mut moved = Moved { open: raw_bytes(batch) as isize, sealed: 0 };
        let mut start = 0;
        let mut body_start = 0;
        let mut raw = raw_bytes(&self.open);
        for (index, (time, end)) in batch.timestamps().iter().zip(batch.ends()).enumerate() {
            let held = self.open.len() + index - start;
            if held > 0 && *time < self.open_max_time.saturating_sub(TIME_STEP_BACK) {
                self.extend_open(batch, start..index);
                moved += self.seal();
                (start, raw) = (index, 0);
            }
            self.open_max_time = self.open_max_time.max(*time);
            raw += (*end - body_start) as usize + 1;
            body_start = *end;
            if raw >= BLOCK_RAW_BYTES || self.open.len() + index + 1 - start >= BLOCK_RECORDS_MAX {
                self.extend_open(batch, start..index + 1);
                moved += self.seal();
                (start, raw) = (index + 1, 0);
            }
        }
        self.extend_open(batch, start..batch.len());
        debug_assert_eq!(self.next, next);
        self.count(batch);
        Ok(moved)
    }

    fn extend_open(&mut self, batch: &RecordBatch, range: std::ops::Range<usize>) {
        self.next += range.len() as i64;
        self.open.extend_from(batch, range);
        if self.opened.is_none() && !self.open.is_empty() {
            self.opened = Some(Instant::now());
        }
    }

    fn count(&mut self, batch: &RecordBatch) {
        let stored = &mut self.stored;
        stored.records += batch.len() as u64;
        stored.raw_bytes += raw_bytes(batch) as u64;
        let counts = count_severities(batch.severities());
        stored.severities.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        if let (Some(first), Some(last)) = (batch.timestamps().first(), batch.timestamps().last()) {
            stored.first_timestamp.get_or_insert(Timestamp(*first));
            stored.last_timestamp = Some(Timestamp(*last));
        }
    }

    /// Ends the open block: it becomes a sealed one.
    pub(super) fn seal(&mut self) -> Moved {
        let batch = std::mem::take(&mut self.open);
        let first = std::mem::replace(&mut self.open_first, self.next);
        self.opened = None;
        self.open_max_time = i64::MIN;
        if batch.is_empty() {
            return Moved::default();
        }
        let raw = raw_bytes(&batch) as isize;
        self.sealed.insert(first, Arc::new(batch));
        Moved { open: -raw, sealed: raw }
    }

    /// Raw bytes and start of the open block; `None` when it is empty.
    pub(super) fn open_since(&self) -> Option<(usize, Instant)> {
        self.opened.map(|opened| (raw_bytes(&self.open), opened))
    }

    /// Puts history below the lowest number, as sealed blocks; all of it or nothing.
    pub(super) fn prepend(&mut self, batch: RecordBatch) -> Result<Moved, StoreError> {
        check_bodies(&batch)?;
        let first = self.first.checked_sub(batch.len() as i64).ok_or(StoreError::NumbersUsedUp)?;
        if batch.is_empty() {
            return Ok(Moved::default());
        }
        let raw = raw_bytes(&batch) as isize;
        let (had_records, last) = (self.stored.records > 0, self.stored.last_timestamp);
        self.count(&batch);
        self.stored.first_timestamp = Some(Timestamp(batch.timestamps()[0]));
        if had_records {
            self.stored.last_timestamp = last;
        }
        for range in block_ranges(&batch) {
            let from = first + range.start as i64;
            let block = if range.len() == batch.len() {
                batch.clone()
            } else {
                let mut block = RecordBatch::new();
                block.extend_from(&batch, range);
                block
            };
            self.sealed.insert(from, Arc::new(block));
        }
        self.first = first;
        Ok(Moved { open: 0, sealed: raw })
    }

    /// Skips numbers at the live end. A gap that continues the one before it, for the same reason, makes it longer.
    pub(super) fn append_gap(&mut self, mut gap: Gap, numbers: i64) -> Result<Moved, StoreError> {
        let next = self.next.checked_add(numbers).ok_or(StoreError::NumbersUsedUp)?;
        let moved = self.seal();
        (gap.from, gap.to) = (self.next, next - 1);
        match self.gaps.last_mut() {
            Some(last) if last.to + 1 == gap.from && last.reason == gap.reason => {
                last.to = gap.to;
                last.missed = last.missed.zip(gap.missed).map(|(a, b)| a.saturating_add(b));
                last.until = gap.until.or(last.until);
                self.gaps_changed.insert(last.from);
            }
            _ => {
                self.gaps.push(gap);
                self.gaps_changed.insert(gap.from);
            }
        }
        self.next = next;
        self.open_first = next;
        Ok(moved)
    }

    /// Skips numbers below the lowest one.
    pub(super) fn prepend_gap(&mut self, mut gap: Gap, numbers: i64) -> Result<(), StoreError> {
        let first = self.first.checked_sub(numbers).ok_or(StoreError::NumbersUsedUp)?;
        (gap.from, gap.to) = (first, self.first - 1);
        self.gaps.insert(0, gap);
        self.gaps_changed.insert(gap.from);
        self.first = first;
        Ok(())
    }

    /// The last record of the open block that is not later than `time`: what is told of a container comes behind the
    /// lines that it wrote meanwhile. Never far back, for a clock may have been set back.
    pub(super) fn last_before(&self, time: Timestamp) -> i64 {
        let later = self.open.timestamps().iter().rev().take_while(|at| **at > time.0);
        let (count, latest) = later.fold((0, time.0), |(count, latest), at| (count + 1, latest.max(*at)));
        if latest - time.0 > MARK_LATE_NANOS_MAX { self.next - 1 } else { self.next - 1 - count }
    }

    pub(super) fn add_mark(&mut self, id: i64, mark: Mark) -> Result<(), StoreError> {
        if self.marks.len() >= MARKS_WAITING_MAX {
            return Err(StoreError::MarksFull);
        }
        self.marks.push_back((id, mark));
        self.marks_taken += 1;
        Ok(())
    }

    /// The gap that covers `seq`.
    pub(super) fn gap_at(&self, seq: i64) -> Option<Gap> {
        let after = self.gaps.partition_point(|gap| gap.from <= seq);
        self.gaps[..after].last().filter(|gap| gap.to >= seq).copied()
    }

    /// The sealed block that covers `seq`, with its first number.
    pub(super) fn sealed_at(&self, seq: i64) -> Option<(i64, Arc<RecordBatch>)> {
        let (first, batch) = self.sealed.range(..=seq).next_back()?;
        (seq < first + batch.len() as i64).then(|| (*first, Arc::clone(batch)))
    }

    /// Takes what a commit needs. With `whole`, the journal gets the whole open block and the resume state again, changed
    /// or not: what compacting it needs.
    pub(super) fn cut(&mut self, whole: bool) -> Cut {
        self.listed = false;
        let from = if whole { self.open_first } else { self.journaled.max(self.open_first) };
        let records = (from < self.next).then(|| {
            let mut records = RecordBatch::new();
            records.extend_from(&self.open, (from - self.open_first) as usize..self.open.len());
            (from, records)
        });
        Cut {
            identity: self.identity_changed.then(|| Arc::clone(&self.identity)),
            own: self.own,
            head_pattern: self.head_pattern.clone(),
            message_field: self.message_field.clone(),
            sealed: self.sealed.iter().map(|(first, batch)| (*first, Arc::clone(batch))).collect(),
            records,
            resume: self.resume.clone().filter(|_| whole || self.resume_changed),
            gaps: self.gaps_changed.iter().filter_map(|from| self.gap_at(*from)).collect(),
            marks: self.marks.iter().cloned().collect(),
            open_first: self.open_first,
            next: self.next,
        }
    }

    /// `cut` is on disk: forgets what it made redundant.
    pub(super) fn committed(&mut self, cut: &Cut, stored_bytes: i64) {
        let same = |identity: &Arc<LogIdentity>| {
            Arc::ptr_eq(identity, &self.identity)
                && cut.own == self.own
                && cut.head_pattern == self.head_pattern
                && cut.message_field == self.message_field
        };
        if cut.identity.as_ref().is_some_and(same) {
            self.identity_changed = false;
        }
        for (first, _) in &cut.sealed {
            self.sealed.remove(first);
        }
        if let (Some(written), Some(now)) = (&cut.resume, &self.resume) {
            self.resume_changed &= !Arc::ptr_eq(written, now);
        }
        for gap in &cut.gaps {
            if self.gap_at(gap.from) == Some(*gap) {
                self.gaps_changed.remove(&gap.from);
            }
        }
        self.marks.drain(..cut.marks.len());
        self.journaled = self.journaled.max(cut.next);
        self.stored.stored_bytes = self.stored.stored_bytes.saturating_add_signed(stored_bytes);
    }

    /// Records came from the journal: they need not go there again.
    pub(super) fn set_journaled(&mut self) {
        self.journaled = self.next;
    }
}

impl std::ops::AddAssign for Moved {
    fn add_assign(&mut self, other: Self) {
        self.open += other.open;
        self.sealed += other.sealed;
    }
}

fn check_bodies(batch: &RecordBatch) -> Result<(), StoreError> {
    // Nearly always decided by the sum.
    if batch.body_bytes() > BODY_BYTES_MAX && batch.iter().any(|record| record.body.len() > BODY_BYTES_MAX) {
        return Err(StoreError::LineTooLong);
    }
    Ok(())
}

/// Where history is cut into blocks: from its upper end, so that only the lowest block may be small and what is put below
/// it later can join it.
fn block_ranges(batch: &RecordBatch) -> Vec<std::ops::Range<usize>> {
    let (times, ends) = (batch.timestamps(), batch.ends());
    let mut ranges = Vec::new();
    let mut end = batch.len();
    let (mut raw, mut min_time) = (0, i64::MAX);
    for index in (0..batch.len()).rev() {
        if index + 1 < end && times[index] > min_time.saturating_add(TIME_STEP_BACK) {
            ranges.push(index + 1..end);
            (end, raw, min_time) = (index + 1, 0, i64::MAX);
        }
        min_time = min_time.min(times[index]);
        raw += (ends[index] - if index == 0 { 0 } else { ends[index - 1] }) as usize + 1;
        if raw >= BLOCK_RAW_BYTES || end - index >= BLOCK_RECORDS_MAX {
            ranges.push(index..end);
            (end, raw, min_time) = (index, 0, i64::MAX);
        }
    }
    if end > 0 {
        ranges.push(0..end);
    }
    ranges
}
